import numpy as np
import pytest

from ser_core.analysis.analyser import analyse
from ser_core.analysis.timeline import top_of
from ser_core.bundles.model import EmotionModel
from ser_core.features.config import FeatureConfig
from ser_core.features.extraction import extract
from tests.bundles import make_bundle
from train.data import cache
from train.data.rows import LABELS, load_rows
from train.protocol.evaluate import served_probabilities, verdict_of

SERIES = FeatureConfig(deltas=0)


@pytest.fixture
def row(tiny_corpus):
    return load_rows("ravdess", tiny_corpus)[0]


def test_training_features_are_the_serving_features_of_the_utterance(row):
    (utterance,) = row.utterances()
    np.testing.assert_array_equal(row.features(SERIES), extract(utterance.samples, SERIES))


def test_features_come_from_the_cache_the_second_time(row, monkeypatch):
    first = row.features(SERIES, "x1.1")
    monkeypatch.setattr("train.data.rows.extract", lambda *_: pytest.fail("computed again"))
    np.testing.assert_array_equal(row.features(SERIES, "x1.1"), first)


def test_other_settings_and_other_sound_are_other_entries(row, tiny_corpus):
    faster = row.features(SERIES, "x1.25")
    assert len(faster) == pytest.approx(len(row.features(SERIES)) / 1.25, abs=1)
    assert row.features(FeatureConfig(deltas=1)).shape[1] == 80
    other = load_rows("ravdess", tiny_corpus)[1]
    assert not np.array_equal(other.features(SERIES), row.features(SERIES))


def test_a_damaged_cache_entry_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv("SER_CACHE_DIR", str(tmp_path))
    cache.cached("kind", "key", lambda: np.arange(3))
    (file,) = tmp_path.rglob("*.npy")
    file.write_bytes(file.read_bytes()[:20])
    np.testing.assert_array_equal(cache.cached("kind", "key", lambda: np.arange(3)), range(3))


def test_scoring_gives_what_serving_gives(tiny_corpus, tmp_path):
    model = EmotionModel(make_bundle(tmp_path))
    rows = load_rows("ravdess", tiny_corpus)[:6]
    got, unvoiced = served_probabilities(rows, model, "test")
    assert unvoiced == []
    for row, p in zip(rows, got, strict=True):
        want = analyse(row.clip(), model).verdict.probabilities
        np.testing.assert_array_equal(p, [want[e] for e in LABELS])  # not the card's order
        assert LABELS[p.argmax()] == top_of(want)


def test_long_clips_are_replayed_like_analysed(two_utterances, tmp_path):
    from ser_core.speech.segmenter import find_utterances

    model = EmotionModel(make_bundle(tmp_path))
    want = analyse(two_utterances, model).verdict
    assert verdict_of(find_utterances(two_utterances), model) == want


def test_a_clip_without_speech_is_scored_as_one_window(row, tmp_path, monkeypatch):
    model = EmotionModel(make_bundle(tmp_path))
    monkeypatch.setattr(type(row), "utterances", lambda _: [])
    got, unvoiced = served_probabilities([row], model, "test")
    assert unvoiced == [row.record.clip]
    window = model.probabilities(row.clip().samples)
    assert dict(zip(LABELS, got[0], strict=True)) == dict(
        zip(model.card.labels, window, strict=True)
    )
    np.testing.assert_array_equal(row.speech(), row.clip().samples)
