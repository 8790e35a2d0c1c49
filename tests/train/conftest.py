"""One tiny corpus and, where TensorFlow is installed, one smoke fit for all tests of training."""

import os
from pathlib import Path

import pytest

from tests.corpus import make_corpus

# tests in folds 1 and 2, validation in 2 and 3; ten actors give every class to each random part
ACTORS = (1, 11, 4, 10, 8, 9, 3, 5, 2, 6)


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty made-up clips of ten actors; their features are cached beside them."""
    folder = tmp_path_factory.mktemp("corpus")
    os.environ["SER_CACHE_DIR"] = str(folder / "cache")
    yield make_corpus(folder / "ravdess", ACTORS)
    del os.environ["SER_CACHE_DIR"]


@pytest.fixture(scope="session")
def smoke_bundle(tiny_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CNN bundle made by the command line with the smoke preset."""
    pytest.importorskip("tensorflow")
    from train.__main__ import main

    out = tmp_path_factory.mktemp("bundles")
    arguments = ["fit", "cnn", "--root", str(tiny_corpus), "--preset", "smoke", "--out", str(out)]
    if main(arguments):
        pytest.fail("the smoke fit failed")
    return out / "cnn"
