"""Models that are quick, for all servers of a test."""

import pytest

from tests.bundles import make_adapting_bundle, make_bundle
from tests.service.server import Gate, serving


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    make_adapting_bundle(folder, "adapting")
    make_bundle(folder, "tiny")
    return folder


@pytest.fixture(autouse=True)
def _installed(models, monkeypatch):
    monkeypatch.setenv("SER_MODELS_DIR", str(models))


@pytest.fixture
def server():
    with serving() as running:
        yield running


@pytest.fixture
def gate(monkeypatch):
    gate = Gate(monkeypatch)
    yield gate
    gate.open()
