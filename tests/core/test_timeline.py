"""How windows become segments, and segments an answer."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ser_core.analysis.timeline import Timeline, Window, segments_of, top_of
from ser_core.bundles.temperature import tempered
from ser_core.emotions import Emotion
from ser_core.reports.records import failed_record, segment_rows, summary_rows, to_record

ANGRY, SAD, CALM = Emotion.ANGRY, Emotion.SAD, Emotion.CALM


def mix(**shares: float) -> dict[Emotion, float]:
    rest = (1 - sum(shares.values())) / (len(Emotion) - len(shares))
    return {e: shares.get(e.value, rest) for e in Emotion}


def timeline(*parts: tuple[float, float, dict[Emotion, float]], threshold: float = 0.4) -> Timeline:
    """One utterance per part, each one window."""
    windows = [Window(*part) for part in parts]
    segments = [s for w in windows for s in segments_of([w], w.start_s, w.end_s, threshold)]
    utterances = tuple((w.start_s, w.end_s) for w in windows)
    result = Timeline("tiny", 20.0, utterances, tuple(windows), tuple(segments))
    return replace(result, abstain_threshold=threshold)


def test_windows_speak_for_the_time_around_their_middle():
    windows = [
        Window(0, 3, mix(angry=0.8)),
        Window(1, 4, mix(angry=0.6)),
        Window(2, 5, mix(sad=0.7)),
        Window(3, 6, mix(sad=0.3)),
    ]
    segments = segments_of(windows, 0.0, 6.0, threshold=0.4)
    assert [(s.start_s, s.end_s, s.emotion) for s in segments] == [
        (0.0, 3.0, ANGRY),
        (3.0, 4.0, SAD),
        (4.0, 6.0, None),
    ]
    # 2 s at 0.8 and 1 s at 0.6
    assert segments[0].confidence == pytest.approx((2 * 0.8 + 0.6) / 3)
    assert sum(segments[0].probabilities.values()) == pytest.approx(1)


def test_one_emotion_for_most_of_the_speech_is_the_answer():
    verdict = timeline((0, 3, mix(angry=0.8)), (4, 6, mix(sad=0.5))).verdict
    assert (verdict.kind, verdict.emotion) == ("sounds", ANGRY)
    assert verdict.confidence == pytest.approx((3 * 0.8 + 2 * 0.5 / 7) / 5)


def test_changing_emotions_are_mixed():
    result = timeline((0, 3, mix(angry=0.8)), (4, 7, mix(sad=0.9)), (8, 9, mix(calm=0.2)))
    assert (result.verdict.kind, result.verdict.emotion) == ("mixed", None)
    assert result.seconds_per_answer() == {ANGRY: 3, SAD: 3, None: 1}
    assert result.speech_s == 7


def test_a_long_faint_emotion_does_not_outvote_a_short_clear_one():
    """Most of the seconds sound happy, most of the probability is angry: neither stands for all."""
    result = timeline((0, 3.1, mix(happy=0.40)), (3.1, 5, mix(angry=0.95)), threshold=0.3)
    verdict = result.verdict
    assert top_of(verdict.probabilities) == ANGRY
    assert (verdict.kind, verdict.emotion) == ("mixed", None)
    assert to_record(result, "a.wav")["emotion"] is None


@st.composite
def results(draw):
    shares = st.lists(st.floats(0.01, 1.0), min_size=8, max_size=8)
    parts, start = [], 0.0
    for row in draw(st.lists(shares, max_size=6)):
        seconds = draw(st.floats(0.3, 6.0))
        total = sum(row)
        probabilities = {e: share / total for e, share in zip(Emotion, row, strict=True)}
        parts.append((start, start + seconds, probabilities))
        start += seconds
    result = timeline(*parts, threshold=draw(st.floats(0.0, 0.9)))
    return replace(result, temperature=draw(st.floats(0.5, 3.0)))


@given(results())
def test_what_is_named_is_what_the_bars_show_first(result):
    verdict = result.verdict
    if verdict.kind == "no_speech":
        assert not result.segments
        return
    first = max(verdict.probabilities.values())
    assert verdict.confidence == first
    assert sum(verdict.probabilities.values()) == pytest.approx(1)
    if verdict.kind == "sounds":
        assert verdict.probabilities[verdict.emotion] == first >= result.abstain_threshold
    else:
        assert verdict.emotion is None


def test_the_answer_is_tempered_once_as_it_is_scored():
    """Scores temper the mean of what the network itself says of the windows."""
    raw = np.random.default_rng(5).dirichlet(np.ones(len(Emotion)), size=4)
    starts, temperature = (0.0, 1.0, 2.0, 3.0), 2.5
    windows = [
        Window(start, start + 3, dict(zip(Emotion, row, strict=True)))
        for start, row in zip(starts, tempered(raw, temperature).tolist(), strict=True)
    ]
    segments = segments_of(windows, 0.0, 6.0, 0.2, temperature)
    result = Timeline("tiny", 6.0, ((0.0, 6.0),), tuple(windows), tuple(segments), temperature)
    want = tempered(np.average(raw, axis=0, weights=[2, 1, 1, 2]), temperature)
    np.testing.assert_allclose(list(result.verdict.probabilities.values()), want, atol=1e-9)


def test_low_confidence_is_not_sure():
    verdict = timeline((0, 3, mix(angry=0.3))).verdict
    assert (verdict.kind, verdict.emotion) == ("not_sure", None)
    assert verdict.confidence == pytest.approx(0.3)


def test_no_utterance_is_no_speech():
    verdict = timeline().verdict
    assert (verdict.kind, verdict.confidence, verdict.probabilities) == ("no_speech", None, {})


def test_record_has_the_documented_keys_and_is_json():
    record = json.loads(
        json.dumps(to_record(timeline((0, 3, mix(angry=0.8))), "a.wav", ["Short."]))
    )
    assert record["emotion"] == "angry"
    assert record["probabilities"]["angry"] == 0.8
    assert list(record["probabilities"]) == [e.value for e in Emotion]
    assert record["segments"][0]["end_s"] == 3.0
    assert record["warnings"] == ["Short."]
    assert record["error"] is None
    documented = {"file", "model", "duration_s", "speech_s", "emotion", "confidence"}
    documented |= {"probabilities", "segments", "warnings", "error"}
    assert documented <= record.keys()
    assert failed_record("b.wav", "tiny", "broken").keys() == record.keys()


def test_rows_keep_every_file():
    good = to_record(timeline((0, 3, mix(angry=0.8)), (4, 6, mix(sad=0.9))), "a.wav")
    silent = to_record(timeline(), "b.wav")
    bad = failed_record("c.wav", "tiny", "broken")
    assert [r["file"] for r in summary_rows([good, silent, bad])] == ["a.wav", "b.wav", "c.wav"]
    rows = segment_rows([good, silent, bad])
    assert [r["file"] for r in rows] == ["a.wav", "a.wav", "b.wav", "c.wav"]
    assert {tuple(row) for row in rows} == {tuple(rows[0])}
    assert rows[1]["p_sad"] == 0.9
    assert rows[3]["error"] == "broken"
