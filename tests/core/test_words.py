"""Words: heard in real utterances, placed in time, fetched, and missed in a sentence."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from time import sleep
from types import SimpleNamespace

import jiwer
import numpy as np
import pytest

from ser_core import cli
from ser_core.analysis.said import transcribed
from ser_core.analysis.timeline import Timeline
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.corpora.registry import get
from ser_core.decoding.decode import decode
from ser_core.errors import CancelledError, WordsError
from ser_core.speech.segmenter import Utterance, find_utterances
from ser_core.speech.trimming import speech_span
from ser_core.words import transcriber, weights
from ser_core.words.transcriber import Transcriber, _placed, load
from ser_core.words.transcript import Transcript, Word, text_of
from ser_core.words.valence import valence
from tests.archives import serving
from tests.corpus import require, require_words

# of two speakers: neutral, happy, sad; both sentences
CLIPS = [f"03-01-{code}" for code in ("01-01-01-01-01", "03-01-02-01-02", "04-01-02-02-01")]
PAUSE_S = 2.0


@pytest.fixture(scope="module")
def whisper():
    return load(require_words())


@pytest.fixture(scope="module")
def spoken():
    """A recording of the clips with pauses, and what is said from when to when."""
    corpus, root = get("ravdess"), require("ravdess")
    parts, truth, at = [], [], 0
    for name in CLIPS:
        samples = decode(corpus.clip_path(name, root)).clip.samples
        onset_s, offset_s = speech_span(AudioClip(samples))
        sentence = corpus.info.statements[corpus.parse(f"{name}.wav").statement]
        truth.append((at / SAMPLE_RATE_HZ + onset_s, at / SAMPLE_RATE_HZ + offset_s, sentence))
        parts += [samples, np.zeros(round(PAUSE_S * SAMPLE_RATE_HZ), np.float32)]
        at += samples.size + parts[-1].size
    return AudioClip(np.concatenate(parts)), truth


@pytest.fixture(scope="module")
def written(whisper, spoken):
    """The transcript, and what was told meanwhile."""
    told = []
    return whisper.transcribe(find_utterances(spoken[0]), progress=told.append), told


def plain(text):
    return jiwer.RemovePunctuation()(text.lower())


def test_sentences_are_written_down_in_their_time(spoken, written):
    truth = spoken[1]
    found, told = written
    assert (found.language, found.probability > 0.9) == ("en", True)
    for onset_s, offset_s, sentence in truth:
        said = [w for w in found.words if onset_s <= w.middle_s <= offset_s]
        assert jiwer.wer(sentence.lower(), plain(text_of(said))) <= 1 / 6
        assert said[0].start_s == pytest.approx(onset_s, abs=0.35)
        assert said[-1].end_s == pytest.approx(offset_s, abs=0.6)
    said = [w for onset_s, offset_s, _ in truth for w in found.words if w.start_s >= onset_s - 0.1]
    assert {*found.words} == {*said}
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


def test_words_follow_each_other_and_have_a_length(written):
    words = written[0].words
    assert len(words) >= 3 * 5
    assert all(0 < word.probability <= 1 for word in words)
    assert all(word.start_s < word.end_s for word in words)
    assert all(a.end_s <= b.start_s for a, b in pairwise(words))


def test_a_language_is_chosen_or_refused(whisper, spoken):
    utterance = find_utterances(spoken[0])[:1]
    chosen = whisper.transcribe(utterance, "de")
    assert (chosen.language, chosen.probability) == ("de", 1.0)
    with pytest.raises(WordsError, match=r"no language 'xx'\. Give a code such as en"):
        whisper.transcribe(utterance, "xx")


def test_german_is_told_from_english(whisper):
    root = require("emodb")
    files = sorted(root.rglob("03a01*.wav")) or sorted(root.rglob("03a01*.flac"))
    clip = decode(files[0]).clip
    found = whisper.transcribe(find_utterances(clip))
    assert found.language == "de"
    assert "Lappen" in text_of(found.words)


def test_nothing_said_is_nothing_written(whisper):
    assert whisper.transcribe([]) == Transcript((), "", 1.0)
    noise = 0.01 * np.random.default_rng(0).standard_normal(3 * SAMPLE_RATE_HZ)
    assert whisper.hear(Utterance(5.0, 8.0, noise.astype(np.float32)), "en") == ()
    silent = AudioClip(np.zeros(SAMPLE_RATE_HZ, np.float32))
    assert transcribed(silent, Timeline("tiny", 1.0, (), (), ()), whisper).words == ()


def test_it_ends_where_it_is_cancelled(whisper, spoken):
    told = []

    def cancel(share):
        told.append(share)
        raise CancelledError

    with pytest.raises(CancelledError):
        whisper.transcribe(find_utterances(spoken[0]), "en", cancel)
    assert len(told) == 1
    assert 0 < told[0] < 1


def heard(*words):
    return [SimpleNamespace(word=w, start=a, end=b, probability=0.5) for w, a, b in words]


def test_times_in_the_silence_that_whisper_adds_are_drawn_into_the_utterance():
    utterance = Utterance(10.0, 11.0, np.zeros(SAMPLE_RATE_HZ, np.float32))
    words = list(_placed(heard((" a", 0.2, 0.2), (" b", 0.1, 0.9), (" c", 1.4, 29.9)), utterance))
    times = [time for word in words for time in (word.start_s, word.end_s)]
    assert times == pytest.approx([10.2, 10.22, 10.22, 10.9, 10.98, 11.0])
    crowd = list(_placed(heard(*[(" x", 5.0, 5.0)] * 200), utterance))
    assert all(10 <= word.start_s < word.end_s <= 11 + 1e-9 for word in crowd)


def test_text_keeps_the_spaces_of_its_script():
    english = list(_placed(heard((" It", 0, 1), (" is.", 1, 2)), Utterance(0, 2, None)))
    assert text_of(english) == "It is."
    chinese = list(_placed(heard((" 你", 0, 1), ("好。", 1, 2)), Utterance(0, 2, None)))
    assert text_of(chinese) == "你好。"
    assert text_of([]) == ""


def test_a_text_that_goes_round_in_circles_is_left_out():
    words = heard(*[(" so", 0.0, 0.1)] * 20)
    for ratio, length_s, left in ((5.0, 2.0, 0), (5.0, 3.0, 20), (1.2, 2.0, 20)):
        segments = [SimpleNamespace(compression_ratio=ratio, words=words)]
        said = transcriber._words(segments, Utterance(0.0, length_s, None))
        assert len(said) == left


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("I'm fine.", 1),
        ("This is wonderful!", 1),
        ("I hate this.", -1),
        ("Not good at all.", -1),
        ("Kids are talking by the door.", 0),
    ],
)
def test_valence_is_of_the_words_alone(text, sign):
    pytest.importorskip("vaderSentiment")
    assert np.sign(valence(text, "en")) == sign


def test_valence_is_english_only():
    assert valence("Das ist wunderbar.", "de") is None


def test_what_is_missing_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("SER_WORDS_DIR", str(tmp_path))
    monkeypatch.setattr(weights, "_LIBRARIES", ("json",))
    assert "python -m ser_core words" in weights.missing()
    assert "SER_WORDS_DIR" in weights.missing()
    with pytest.raises(WordsError, match="python -m ser_core words"):
        load()
    for name in ("config.json", "tokenizer.json", "model.bin"):
        (tmp_path / name).touch()
    assert weights.missing() == ""
    monkeypatch.setattr(weights, "_LIBRARIES", ("json", "no_such_library"))
    assert "pip install faster-whisper vaderSentiment" in weights.missing()


def test_two_who_ask_at_once_share_one_model(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(transcriber, "missing", lambda folder: "")
    monkeypatch.setattr(
        transcriber, "Transcriber", lambda folder: made.append(sleep(0.1)) or folder
    )
    with ThreadPoolExecutor() as threads:
        found = [*threads.map(load, [tmp_path] * 4)]
    transcriber._loaded.cache_clear()
    assert found == [tmp_path] * 4
    assert len(made) == 1


def test_a_folder_that_holds_something_else_is_told(tmp_path):
    pytest.importorskip("faster_whisper")
    for name in ("config.json", "tokenizer.json", "model.bin"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(WordsError, match="holds no model that faster-whisper reads") as refused:
        Transcriber(tmp_path)
    assert str(tmp_path) not in str(refused.value)  # visitors read it, too


@pytest.fixture
def offered(monkeypatch):
    """Two small files on a server of our own, in the place of the model."""
    with serving(bytes(range(256)) * 400) as server:
        file = weights._File(len(server.content), hashlib.sha256(server.content).hexdigest())
        monkeypatch.setattr(weights, "FILES", {"config.json": file, "model.bin": file})
        monkeypatch.setattr(weights, "SIZE", 2 * file.size)
        monkeypatch.setattr(weights, "_URL", server.url)
        yield server


def test_a_model_is_fetched_once(offered, tmp_path):
    told = []
    folder = weights.fetch(tmp_path / "new", lambda *step: told.append(step))
    assert [(folder / name).read_bytes() for name in weights.FILES] == [offered.content] * 2
    assert told == sorted(told)
    assert told[-1] == (weights.SIZE, weights.SIZE)
    asked = len(offered.asked)
    weights.fetch(folder)
    assert len(offered.asked) == asked


def test_the_command_line_fetches_it(offered, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(weights, "_LIBRARIES", ("json",))
    monkeypatch.setenv("SER_WORDS_DIR", str(tmp_path / "here"))
    assert cli.main(["words"]) == 0
    assert f"{tmp_path / 'here'} holds Whisper base" in capsys.readouterr().out
    assert (tmp_path / "here" / "model.bin").read_bytes() == offered.content
    monkeypatch.setattr(weights, "_LIBRARIES", ("no_such_library",))
    assert cli.main(["words"]) == 2
    assert "pip install" in capsys.readouterr().err


def test_a_download_that_broke_off_goes_on(offered, tmp_path):
    offered.cut = 50_000
    with pytest.raises(WordsError, match="what has arrived is kept"):
        weights.fetch(tmp_path)
    part = (tmp_path / "config.json.part").stat().st_size
    offered.cut = None
    weights.fetch(tmp_path)
    assert f"bytes={part}-" in offered.asked


def test_an_altered_model_is_thrown_away(offered, tmp_path):
    offered.content = offered.content[::-1]
    with pytest.raises(WordsError, match="wrong checksum"):
        weights.fetch(tmp_path)
    assert not list(tmp_path.glob("*.part"))
    assert not (tmp_path / "config.json").exists()


def test_two_do_not_fetch_at_once(offered, tmp_path):
    offered.cut, offered.silence = 1000, threading.Event()

    def broken_off():
        with pytest.raises(WordsError):
            weights.fetch(tmp_path)

    first = threading.Thread(target=broken_off)
    first.start()
    while first.is_alive() and not (tmp_path / "config.json.part").exists():
        pass
    with pytest.raises(WordsError, match="Another program"):
        weights.fetch(tmp_path)
    offered.silence.set()
    first.join()


def test_a_word_knows_its_middle():
    assert Word("a", 1.0, 2.0, 0.5).middle_s == 1.5
