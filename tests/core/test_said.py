"""Words beside the voice: whose they are, where the two disagree, and on the command line."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
import srt

from ser_core import cli
from ser_core.analysis.conversation import converse_apart
from ser_core.analysis.said import said_in, transcribed_apart, words_of_segments
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.bundles.model import EmotionModel
from ser_core.corpora.registry import get
from ser_core.decoding.decode import decode
from ser_core.emotions import Emotion
from ser_core.words.transcriber import Transcriber, load
from ser_core.words.transcript import Transcript, Word, text_of
from tests.bundles import make_bundle
from tests.corpus import require, require_words


def segment(start_s, end_s, voice=None, **probabilities):
    shares = {Emotion(name): share for name, share in probabilities.items()}
    rest = (1 - sum(shares.values())) / (len(Emotion) - len(shares))
    return Segment(start_s, end_s, None, {e: shares.get(e, rest) for e in Emotion}, voice)


def timeline(*segments):
    utterances = tuple((s.start_s, s.end_s) for s in segments)
    return Timeline("tiny", 100.0, utterances, (), segments, abstain_threshold=0.35)


def words(text, start_s, end_s, channel=None):
    parts = text.split()
    step = (end_s - start_s) / len(parts)
    times = [(start_s + i * step, start_s + (i + 1) * step) for i in range(len(parts))]
    return [Word(t, *ends, 0.9, channel=channel) for t, ends in zip(parts, times, strict=True)]


def heard(*segments, text, language="en"):
    spoken = tuple(words(text, segments[0].start_s, segments[-1].end_s))
    return said_in(timeline(*segments), Transcript(spoken, language, 1.0))


@pytest.mark.parametrize(
    ("text", "probabilities", "disagrees"),
    [
        ("I am fine.", {"sad": 0.61}, True),
        ("I am fine.", {"sad": 0.4, "fearful": 0.21}, True),
        ("I am fine.", {"sad": 0.34, "fearful": 0.33, "angry": 0.33}, False),  # not sure
        ("I am fine.", {"sad": 0.4, "angry": 0.1, "happy": 0.3, "calm": 0.19}, False),
        ("I am fine.", {"happy": 0.7}, False),
        ("I am fine.", {"neutral": 0.45, "sad": 0.2, "angry": 0.3}, False),  # not on top
        ("I hate this.", {"happy": 0.7}, True),
        ("I hate this.", {"sad": 0.7}, False),
        ("I hate this.", {"calm": 0.9}, False),
        ("Kids are talking by the door.", {"sad": 0.9}, False),
    ],
)
def test_words_and_voice_disagree_where_both_have_a_sign(text, probabilities, disagrees):
    pytest.importorskip("vaderSentiment")
    (said,) = heard(segment(0.0, 2.0, **probabilities), text=text)
    assert said.text == text
    assert said.disagrees is disagrees


def test_what_vader_cannot_read_agrees_with_everything():
    (said,) = heard(segment(0.0, 2.0, sad=0.9), text="Alles wunderbar, great!", language="de")
    assert (said.valence, said.disagrees, said.emotion) == (None, False, Emotion.SAD)
    silent = said_in(timeline(segment(0.0, 2.0, sad=0.9)), Transcript((), "en", 1.0))
    assert [(each.text, each.valence) for each in silent] == [("", None)]


def test_an_utterance_is_one_voice_without_a_pause():
    pytest.importorskip("vaderSentiment")
    spoken = (
        segment(0.0, 1.0, "A", sad=0.9),
        segment(0.5, 1.4, "B", happy=0.9),
        segment(1.0, 2.0, "A", sad=0.6, happy=0.2),
        segment(2.5, 3.0, "A", happy=0.9),
    )
    transcript = Transcript(tuple(words("It is really fine now.", 0.0, 2.0, channel=0)), "en", 1.0)
    said = said_in(timeline(*spoken), transcript, ("A", "B"))
    assert [(s.start_s, s.end_s, s.voice, s.text) for s in said] == [
        (0.0, 2.0, "A", "It is really fine now."),
        (0.5, 1.4, "B", ""),
        (2.5, 3.0, "A", ""),
    ]
    assert [s.disagrees for s in said] == [True, False, False]
    assert said[0].probabilities[Emotion.SAD] == pytest.approx(0.75)


def test_a_word_belongs_to_the_segment_of_its_middle_or_the_nearest():
    spoken = timeline(segment(1.0, 2.0, "A"), segment(2.0, 3.0, "B"), segment(5.0, 6.0, "A"))
    times = [(0.5, 0.7), (1.7, 2.2), (1.9, 2.2), (3.0, 3.4), (4.2, 4.6)]
    said = [Word(str(i), *ends, 0.9) for i, ends in enumerate(times)]
    assert [[w.text for w in each] for each in words_of_segments(spoken, said)] == [
        ["0", "1"],
        ["2", "3"],
        ["4"],
    ]
    assert words_of_segments(timeline(), said) == ()


def test_a_word_of_a_channel_stays_with_its_voice():
    spoken = timeline(segment(1.0, 3.0, "Ann"), segment(1.5, 2.0, "Bob"))
    said = [Word("a", 1.6, 1.8, 0.9, channel=0), Word("b", 2.4, 2.6, 0.9, channel=1)]
    assert [text_of(each) for each in words_of_segments(spoken, said, ("Ann", "Bob"))] == ["a", "b"]


def clip_of(name):
    corpus = get("ravdess")
    return decode(corpus.clip_path(name, require("ravdess"))).clip


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    """Two channels: kids on one, dogs on the other, which begins before the first has ended."""
    left, right = (clip_of(f"03-01-01-01-{n}") for n in ("01-01-01", "02-01-02"))
    gap = SAMPLE_RATE_HZ
    size = gap + max(left.samples.size, right.samples.size)
    channels = [np.zeros(size, np.float32), np.zeros(size, np.float32)]
    channels[0][: left.samples.size] = left.samples
    channels[1][gap : gap + right.samples.size] = right.samples
    return [AudioClip(channel) for channel in channels]


def test_the_sides_of_a_call_keep_their_words(call, tmp_path):
    model = EmotionModel(make_bundle(tmp_path))
    conversation = converse_apart(call, model)
    told = []
    found = transcribed_apart(call, conversation, load(require_words()), progress=told.append)
    assert (found.language, told[-1]) == ("en", pytest.approx(1))
    said = said_in(conversation.timeline, found, tuple(conversation.timelines))
    texts = {s.voice: s.text for s in said}
    assert "ids are talking" in texts["A"]
    assert "ogs are sitting" in texts["B"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    make_bundle(tmp_path / "models", "tiny")
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path / "models"))

    def command(*arguments):
        status = cli.main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command


@pytest.fixture
def kids(tmp_path, monkeypatch):
    """A file in which kids are talking, and the model to write it down."""
    monkeypatch.setenv("SER_WORDS_DIR", str(require_words()))
    sf.write(tmp_path / "kids.wav", clip_of("03-01-01-01-01-01-01").samples, SAMPLE_RATE_HZ)
    (tmp_path / "broken.wav").write_text("not sound")
    return tmp_path / "kids.wav"


def test_json_has_words_with_their_times(run, kids):
    _, plain, _ = run("predict", kids, "--format", "json")
    status, out, _ = run("predict", kids, "--words", "auto", "--format", "json")
    (record,), (without,) = json.loads(out), json.loads(plain)
    assert (status, record["language"]) == (0, "en")
    assert " ".join(s["text"] for s in record["segments"]) == "Kids are talking by the door."
    said = [word for s in record["segments"] for word in s["words"]]
    assert [word["text"] for word in said][:3] == ["Kids", "are", "talking"]
    assert all(word["start_s"] < word["end_s"] for word in said)
    (utterance,) = record["utterances"]
    assert utterance["words_valence"] == 0.0
    assert utterance["words_and_voice_disagree"] is False
    for segment_ in record["segments"]:
        del segment_["text"], segment_["words"]
    assert {key: record[key] for key in without} == without  # words change no answer


def test_tables_have_a_column_of_text(run, kids):
    files = (kids.with_name("broken.wav"), kids)
    for extra in ((), ("--timeline",), ("--voices", 1)):
        status, out, _ = run("predict", *files, "--words", "en", "--format", "csv", *extra)
        broken, *rows = csv.DictReader(io.StringIO(out))
        assert (status, bool(broken["error"]), broken["text"]) == (1, True, "")
        assert " ".join(row["text"] for row in rows) == "Kids are talking by the door."


def test_subtitles_tell_words(run, kids):
    _, out, _ = run("predict", kids, "--words", "en", "--format", "srt")
    lines = [cue.content.splitlines()[1] for cue in srt.parse(out)]
    assert " ".join(lines) == "Kids are talking by the door."


def test_all_models_share_the_words(run, kids, monkeypatch):
    make_bundle(kids.parent / "models", "second")
    heard_ones, hear = [], Transcriber.hear

    def counted(self, utterance, language):
        heard_ones.append(utterance.onset_s)
        return hear(self, utterance, language)

    monkeypatch.setattr(Transcriber, "hear", counted)
    _, out, _ = run("predict", kids, "--model", "all", "--words", "en", "--format", "csv")
    texts = [row["text"] for row in csv.DictReader(io.StringIO(out))]
    assert texts == ["Kids are talking by the door."] * 2
    assert len(heard_ones) == 1


def test_a_language_that_nobody_knows_is_wrong_usage(run, kids):
    status, _, err = run("predict", kids, "--words", "klingon")
    assert (status, "no language 'klingon'" in err) == (2, True)


def test_without_the_model_it_says_how_to_get_it(run, kids, tmp_path, monkeypatch):
    monkeypatch.setenv("SER_WORDS_DIR", str(tmp_path))
    status, _, err = run("predict", kids, "--words", "auto")
    assert (status, "python -m ser_core words" in err) == (2, True)


def test_a_replaced_voice_takes_its_words_along():
    spoken = timeline(segment(0.0, 2.0, "A", sad=0.9))
    transcript = Transcript(tuple(words("I am here", 0.0, 2.0)), "en", 1.0)
    renamed = replace(spoken, segments=tuple(replace(s, voice="Ann") for s in spoken.segments))
    (said,) = said_in(renamed, transcript)
    assert (said.voice, said.text) == ("Ann", "I am here")
