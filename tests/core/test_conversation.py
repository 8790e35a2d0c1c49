"""A conversation from sound to table: each voice against itself, overlaps left alone."""

import csv
import io
import json

import numpy as np
import pytest
import soundfile as sf
import srt

from ser_core import cli
from ser_core.analysis.analyser import Adapt, Analyser
from ser_core.analysis.conversation import alone, converse, converse_apart, judged
from ser_core.analysis.voice import Voice
from ser_core.audio.clip import AudioClip
from ser_core.bundles.model import EmotionModel
from ser_core.plots.result.stack import knots, stack
from ser_core.speakers.diarisation import Diarisation, Turn
from ser_core.speech.segmenter import Utterance
from tests.bundles import make_adapting_bundle, make_bundle
from tests.voice import deep_and_high, voice

CLIP = AudioClip(deep_and_high(4))
TURNS = tuple(Turn(0.7 + 3.7 * i, 3.7 + 3.7 * i, i % 2) for i in range(4))


@pytest.fixture
def model(tmp_path):
    return EmotionModel(make_adapting_bundle(tmp_path))


def test_a_voice_is_heard_against_itself_alone(model):
    found = judged(CLIP, Diarisation(TURNS, 2), model)
    for number, name in enumerate("AB"):
        by_itself = Analyser(model, voice=Voice())
        for turn in TURNS[number::2]:
            samples = CLIP.cut(turn.onset_s, turn.offset_s).samples
            by_itself.score(Utterance(turn.onset_s, turn.offset_s, samples))
        by_itself.hear_again()
        timeline, expected = found.timelines[name], by_itself.timeline()
        assert timeline.windows == expected.windows
        assert timeline.utterances == tuple((t.onset_s, t.offset_s) for t in TURNS[number::2])
        assert {segment.voice for segment in timeline.segments} == {name}
        assert timeline.duration_s == CLIP.duration_s


def test_baselines_change_answers_and_can_be_left_out(model):
    diarisation = Diarisation(TURNS, 2)
    with_them = judged(CLIP, diarisation, model).timeline
    without = judged(CLIP, diarisation, model, adapt=Adapt.NONE).timeline
    assert [w.start_s for w in with_them.windows] == [w.start_s for w in without.windows]
    assert [w.probabilities for w in with_them.windows] != [
        w.probabilities for w in without.windows
    ]
    assert (without.adapted_to, with_them.adapted_to) == (0, 2)


def test_the_timeline_holds_all_voices_by_time(model):
    told = []
    found = converse(CLIP, model, progress=told.append)
    names = list(dict.fromkeys(segment.voice for segment in found.timeline.segments))
    assert names == list(found.timelines) == ["A", "B"]
    starts = [segment.start_s for segment in found.timeline.segments]
    assert starts == sorted(starts)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(CLIP.duration_s)
    parts = list(found.timelines.values())
    assert found.timeline.speech_s == pytest.approx(sum(part.speech_s for part in parts))
    assert found.timeline.distance is not None


def test_what_is_said_at_once_is_not_judged():
    turns = (Turn(0.0, 5.0, 0), Turn(1.0, 2.0, 1), Turn(4.0, 7.0, 1), Turn(6.9, 9.0, 0))
    assert alone(Diarisation(turns, 2)) == [
        Turn(0.0, 1.0, 0),
        Turn(2.0, 4.0, 0),
        Turn(5.0, 6.9, 1),
        Turn(7.0, 9.0, 0),
    ]


def test_silence_is_a_conversation_of_nobody(model):
    found = converse(AudioClip(np.zeros(16_000, np.float32)), model)
    assert dict(found.timelines) == {}
    assert found.timeline.verdict.kind == "no_speech"


def test_the_sides_of_a_call_are_judged_also_where_both_speak(model):
    sides = [AudioClip(voice(3.0)), AudioClip(voice(3.0, 200, seed=5))]
    found = converse_apart(sides, model)
    for name, side in zip("AB", sides, strict=True):
        assert found.timelines[name].speech_s == pytest.approx(side.duration_s, abs=0.5)
    assert found.diarisation.overlaps
    drawn = stack(knots(found.timeline))
    assert (np.diff(drawn.time) >= 0).all()  # a curve that goes on, not back


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    make_bundle(tmp_path / "models", "tiny")
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path / "models"))
    sf.write(tmp_path / "talk.wav", CLIP.samples, 16_000)

    def command(*arguments):
        status = cli.main(["predict", *(str(a) for a in arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command


def test_json_tells_who(run, tmp_path):
    status, out, _ = run(tmp_path / "talk.wav", "--voices", "auto", "--format", "json")
    (record,) = json.loads(out)
    assert status == 0
    assert [each["voice"] for each in record["voices"]] == ["A", "B"]
    assert sum(each["share"] for each in record["voices"]) == pytest.approx(1, abs=1e-3)
    assert {segment["voice"] for segment in record["segments"]} == {"A", "B"}
    assert record["overlaps"] == []
    _, plain, _ = run(tmp_path / "talk.wav", "--format", "json")
    (record,) = json.loads(plain)
    assert not {"voices", "overlaps"} & set(record)
    assert "voice" not in record["segments"][0]


def test_tables_have_a_row_a_voice_or_a_column(run, tmp_path):
    (tmp_path / "broken.wav").write_text("not sound")
    files = (tmp_path / "talk.wav", tmp_path / "broken.wav")
    status, out, _ = run(*files, "--voices", 2, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 1
    assert [row["voice"] for row in rows] == ["A", "B", ""]
    assert rows[2]["error"]
    _, out, _ = run(files[0], "--voices", 2, "--format", "csv", "--timeline")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["voice"] for row in rows} == {"A", "B"}
    starts = [float(row["start_s"]) for row in rows]
    assert starts == sorted(starts)


def test_a_call_needs_no_telling_apart(run, tmp_path):
    left = np.concatenate([voice(3.0), np.zeros(48_000, np.float32)])
    right = np.concatenate([np.zeros(48_000, np.float32), voice(3.0)])
    sf.write(tmp_path / "call.wav", np.stack([left, right], axis=1), 16_000)
    _, out, _ = run(tmp_path / "call.wav", "--voices", "auto", "--format", "json")
    (record,) = json.loads(out)
    onsets = {s["voice"]: s["start_s"] for s in reversed(record["segments"])}
    assert onsets["A"] < 0.2
    assert 2.8 < onsets["B"] < 3.2


def test_subtitles_of_one_file_or_a_folder_of_them(run, tmp_path):
    talk = tmp_path / "talk.wav"
    status, out, _ = run(talk, "--voices", 2, "--format", "srt")
    assert status == 0
    assert {cue.content[0] for cue in srt.parse(out)} == {"A", "B"}
    status, _, err = run(talk, talk, "--format", "srt")
    assert (status, "--out FOLDER" in err) == (2, True)
    (tmp_path / "out").mkdir()
    status, _, _ = run(talk, talk, "--format", "textgrid", "--out", tmp_path / "out")
    assert status == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "talk-2.TextGrid",
        "talk.TextGrid",
    ]


@pytest.mark.parametrize("wrong", [["--voices", "9"], ["--voices", "none"]])
def test_a_number_of_voices_is_one_to_eight(run, tmp_path, wrong):
    with pytest.raises(SystemExit) as stopped:
        run(tmp_path / "talk.wav", *wrong)
    assert stopped.value.code == 2


def test_a_session_is_one_voice(run, tmp_path):
    status, _, err = run(tmp_path / "talk.wav", "--voices", 2, "--adapt", "session")
    assert (status, "leave out" in err) == (2, True)
