"""Models that are quick, and a server that most tests of a file share."""

import pytest

from tests.bundles import make_adapting_bundle, make_bundle
from tests.service.server import Gate, serving


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    make_adapting_bundle(folder, "adapting")
    make_bundle(folder, "tiny")
    return folder


@pytest.fixture(scope="module", autouse=True)
def _installed(models):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SER_MODELS_DIR", str(models))
        yield


@pytest.fixture(scope="module")
def server(_installed):
    with serving() as running:
        yield running


@pytest.fixture
def gate(monkeypatch):
    gate = Gate(monkeypatch)
    yield gate
    gate.open()
