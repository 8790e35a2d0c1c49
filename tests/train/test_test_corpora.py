"""Corpora for tests alone: no bundle learns from them, and what is not at hand is indexed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

pytest.importorskip("tensorflow")

from ser_core.bundles.card import TrainingCorpus
from ser_core.corpora import published
from ser_core.corpora.index import reading
from ser_core.corpora.registry import get, names
from ser_core.errors import CorpusError
from tests.bundles import make_bundle
from tests.voice import RATE_HZ, silence, voice
from train import __main__ as command
from train.config import configure
from train.corpus.indexing import build_index
from train.experiment import Experiment
from train.protocol.other_recordings import other_recordings
from train.publish.fit import fit, require_trainable

TESTED = [name for name in names() if not get(name).info.trains]


@pytest.mark.parametrize("name", TESTED)
def test_no_bundle_learns_from_a_corpus_for_tests(name, tmp_path, monkeypatch):
    monkeypatch.setattr(Experiment, "load", lambda *_: pytest.fail("it was read"))
    cfg = configure("mlp", "smoke")
    with pytest.raises(CorpusError, match=f"{get(name).info.label} is for tests alone"):
        fit(cfg, name, out_dir=tmp_path)
    with pytest.raises(CorpusError, match="no bundle may learn from it"):
        fit(replace(cfg, extra_corpora=("emodb", name)), out_dir=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_command_refuses_it_in_one_sentence_and_no_preset_asks_for_one(capsys):
    assert command.main(["fit", "mlp", "--corpus", "turev"]) == 1
    assert "licence: CC BY-NC-ND 4.0" in capsys.readouterr().err
    assert command.main(["download", "ased"]) == 1
    assert "ASED is not offered for download" in capsys.readouterr().err
    for model in ("transformer", "lstm"):
        require_trainable("ravdess", *configure(model).extra_corpora)


def test_it_is_tested_on_and_never_learnt_from(tmp_path, monkeypatch):
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path))
    (tmp_path / "turev").mkdir()
    for place, emotion in enumerate(("sk", "mt", "hl", "kz")):
        sound = np.concatenate([silence(0.3), voice(0.8, 150 + 20 * place), silence(0.3)])
        sf.write(tmp_path / "turev" / f"1157_{emotion}_acik.wav", sound, RATE_HZ)
    learned = (TrainingCorpus("ravdess", "R", "free", 10, 2),)
    found = other_recordings(make_bundle(tmp_path / "models", corpora=learned))
    assert list(found) == ["turev"]
    assert found["turev"].clips == 4
    assert found["turev"].learned_from == ("ravdess",)


def test_recordings_that_are_not_here_keep_labels_and_checksum(tmp_path, monkeypatch):
    root = tmp_path / "nemo"
    (root / "samples").mkdir(parents=True)
    sound = np.concatenate([silence(0.3), voice(0.8, 150), silence(0.3)])
    sf.write(root / "samples" / "EB0_anger_2.flac", sound, RATE_HZ)
    (tmp_path / "nemo.sha256.tsv").write_text(
        "".join(f"{number:064x}\t1\tEB0_anger_{number}.wav\n" for number in (1, 2, 10))
    )
    file = build_index("nemo", root, tmp_path)
    table = pd.read_parquet(file)
    assert table["clip"].tolist() == ["EB0_anger_1", "EB0_anger_10", "EB0_anger_2"]
    assert [int(checksum, 16) for checksum in table["sha256"]] == [1, 10, 2]
    assert table["actor"].tolist() == [1, 1, 1]
    assert table["duration_s"].isna().tolist() == [True, True, False]

    monkeypatch.setattr(published, "INDEXES_DIR", tmp_path)
    assert reading.load_index("nemo")["clip"].tolist() == ["EB0_anger_2"]
    assert len(reading.load_official("nemo")) == 3
    (tmp_path / "nemo.sha256.tsv").unlink()  # from now on the index itself is the list
    assert pd.read_parquet(build_index("nemo", root))["sha256"].equals(table["sha256"])
