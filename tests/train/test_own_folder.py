"""A person's own folder goes through the commands that published corpora go through."""

import numpy as np
import pytest

from ser_core.bundles.card import ModelCard
from ser_core.bundles.metrics import Metrics
from ser_core.bundles.predictions import load_predictions
from ser_core.bundles.store import models_dir
from ser_core.corpora import registry as corpora
from ser_core.corpora.index.reading import load_index
from ser_core.errors import CorpusError
from ser_core.protocols import Protocol
from tests.own_folder import SPEAKERS, make_folder
from train import __main__ as command
from train.corpus.maps import flat_map
from train.protocol.run import MIN_CLIPS, random_splits

pytest.importorskip("tensorflow")


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    """Nothing is written outside the test's folder."""
    monkeypatch.setenv("SER_OWN_DIR", str(tmp_path / "own"))
    monkeypatch.setattr(corpora, "_OPENED", {})
    (tmp_path / "models").symlink_to(models_dir())  # trials lie beside it
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path / "models"))


def test_a_network_learns_from_twenty_clips_of_four_speakers(tmp_path, capsys):
    root = make_folder(tmp_path / "voices")
    (root / "odd.wav").write_bytes(b"x")
    assert command.main(["fit", "cnn", "--corpus", str(root), "--preset", "smoke"]) == 0
    told = capsys.readouterr().out
    assert "voices: 20 clips of 4 speakers (1 = anna, 2 = ben, 3 = cleo, 4 = dan)" in told
    assert "odd.wav: no folder names its emotion" in told
    assert "Opened: 20 clips" in told
    bundle = tmp_path / "trials" / "cnn"
    assert f"Wrote {bundle}" in told
    scores, rows = Metrics.load(bundle), load_predictions(bundle)
    assert set(scores.protocols) == set(Protocol)
    for fold in scores.protocols[Protocol.SPEAKER_INDEPENDENT].folds:
        tested = rows[(rows.protocol == Protocol.SPEAKER_INDEPENDENT) & (rows.fold == fold.fold)]
        assert tuple(sorted(set(tested.speaker))) == fold.test_speakers
    card = ModelCard.load(bundle)
    assert "labelled by whoever made them" in card.limits
    assert "without a stated licence" in card.licence
    text = (bundle / "README.md").read_text("utf-8")
    assert "actors" not in text
    assert "Speaker-independent (2 folds, unseen speakers)" in text
    assert "listeners" not in text + told


def test_clips_that_nobody_is_named_for_are_never_tested(tmp_path):
    root = make_folder(tmp_path / "voices")
    for file in root.glob("*/dan/take.wav"):
        file.rename(file.parents[1] / "take.wav")
    options = ["fit", "mlp", "--corpus", str(root), "--preset", "smoke"]
    assert command.main([*options, "--protocol", Protocol.SPEAKER_INDEPENDENT]) == 0
    bundle = tmp_path / "trials" / "mlp"
    (scores,) = Metrics.load(bundle).protocols.values()
    tested = {speaker for fold in scores.folds for speaker in fold.test_speakers}
    assert tested == set(load_predictions(bundle).speaker) <= {f"voices/0{i}" for i in (1, 2, 3)}
    names = corpora.own_folder("voices").corpus.info.speaker_names
    assert names[4] == "unknown"


def test_one_unnamed_speaker_is_scored_at_random_and_it_says_so(tmp_path, capsys, caplog):
    root = tmp_path / "alone"
    made = make_folder(tmp_path / "made", tuple("abcdefg"), ("sad", "angry"))
    for file in made.rglob("*.wav"):  # out of their speakers' folders
        (root / file.parts[-3]).mkdir(parents=True, exist_ok=True)
        file.rename(root / file.parts[-3] / f"{file.parts[-2]}.wav")
    options = ["fit", "mlp", "--corpus", str(root), "--preset", "smoke"]
    assert command.main([*options, "--protocol", Protocol.SPEAKER_INDEPENDENT]) == 1
    assert "names 1 speaker." in capsys.readouterr().err
    assert command.main(options) == 0
    assert "Scored without it: random_split" in caplog.text
    scores = Metrics.load(tmp_path / "trials" / "mlp")
    assert set(scores.protocols) == {Protocol.RANDOM_SPLIT}


def test_the_whole_recipe_runs_on_a_folder_in_which_nobody_is_neutral(tmp_path, capsys):
    root = make_folder(tmp_path / "voices", SPEAKERS[:3], ("sad", "angry", "happy", "fearful"))
    assert command.main(["fit", "svm", "--corpus", str(root)]) == 0
    scores = Metrics.load(tmp_path / "trials" / "svm")
    assert set(scores.protocols) == set(Protocol)
    assert "babble 10 dB" in scores.robustness
    assert not scores.other_recordings
    assert "listeners" not in capsys.readouterr().out


def test_a_folder_of_one_emotion_is_refused(tmp_path, capsys):
    root = make_folder(tmp_path / "sad", SPEAKERS, ("sad",))
    assert command.main(["fit", "cnn", "--corpus", str(root), "--preset", "smoke"]) == 1
    assert "holds one emotion" in capsys.readouterr().err


def test_a_folder_is_indexed_for_the_page(tmp_path, capsys):
    root = make_folder(tmp_path / "voices", SPEAKERS[:2])
    assert command.main(["index", str(root)]) == 0
    assert f"Wrote {tmp_path / 'own' / 'voices.parquet'}" in capsys.readouterr().out
    index = load_index("voices")
    assert len(index) == 10
    assert np.isfinite(index[["map_x", "map_y", "heard_x", "heard_y"]]).all(axis=None)
    assert index["f0_hz"].between(80, 300).all()
    assert command.main(["index", "voices"]) == 0  # by its name, from now on


def test_a_folder_that_has_changed_is_read_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = make_folder(tmp_path / "voices", SPEAKERS[:2])
    assert command.main(["index", "voices"]) == 0
    (root / "sad/anna/more.wav").write_bytes((root / "sad/ben/take.wav").read_bytes())
    assert command.main(["index", "voices"]) == 0
    assert len(load_index("voices")) == 11


def test_nine_clips_are_scored_on_unseen_speakers_alone(tmp_path, caplog):
    root = make_folder(tmp_path / "few", SPEAKERS[:3], ("sad", "angry", "happy"))
    assert command.main(["fit", "mlp", "--corpus", str(root), "--preset", "smoke"]) == 0
    assert "9 clips are too few" in caplog.text
    assert set(Metrics.load(tmp_path / "trials" / "mlp").protocols) == {
        Protocol.SPEAKER_INDEPENDENT
    }


@pytest.mark.parametrize(
    ("corpus", "message"),
    [("nowhere", "neither a folder nor one of: ravdess, emodb"), (".", "has a label")],
)
def test_what_is_no_corpus_is_told(tmp_path, monkeypatch, capsys, corpus, message):
    monkeypatch.chdir(tmp_path)
    assert command.main(["fit", "cnn", "--corpus", corpus]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_maps_of_few_and_of_identical_clips(count):
    spread = np.random.default_rng(0).normal(size=(count, 7)).astype(np.float32)
    for vectors in (spread, np.ones((count, 7), np.float32)):
        flat = flat_map(vectors)
        assert flat.shape == (count, 2)
        assert np.isfinite(flat).all()


def test_a_random_split_of_few_clips_leaves_no_clip_out():
    truth = np.arange(20) % 8  # too few to give each part one clip of every class
    (split,) = random_splits(truth)
    parts = [split.train, split.validation, split.test]
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(20))
    assert all(part.size for part in parts)
    with pytest.raises(CorpusError, match="too few"):
        random_splits(truth[: MIN_CLIPS - 1])
