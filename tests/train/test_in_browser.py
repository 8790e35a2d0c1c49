import io
import json
import re
import tarfile

import numpy as np
import onnxruntime as ort
import pytest

from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import ModelStore
from ser_core.errors import ModelError
from ser_core.features.extraction import extract
from ser_core.runtime import one_thread_session
from tests.bundles import make_bundle
from tests.voice import voice
from train.in_browser.export import export_browser
from train.in_browser.front_end import front_end
from train.in_browser.halves import halves

RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")


@pytest.fixture(scope="module")
def model() -> EmotionModel:
    store = ModelStore()
    if "transformer" not in store.names():
        pytest.skip("needs the transformer: python -m train fit transformer")
    return store.load("transformer")


@pytest.fixture
def package(tmp_path):
    """What `npm pack` gives, with other bytes."""
    file = tmp_path / "onnxruntime-web-1.2.3.tgz"
    content = {f"dist/{name}": name.encode() for name in RUNTIME}
    content["package.json"] = b'{"version": "1.2.3"}'
    with tarfile.open(file, "w:gz") as archive:
        for name, data in content.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return file


@pytest.mark.parametrize(
    "samples",
    [
        voice(3.0),
        voice(2.345)[:37_001],
        voice(0.05)[:700],
        0.001 * np.random.default_rng(1).standard_normal(16_000),
        np.zeros(5000),
    ],
    ids=["window", "odd", "short", "quiet noise", "silence"],
)
def test_features_are_those_of_the_app(model, samples):
    samples = samples.astype(np.float32)
    network = ort.InferenceSession(front_end(model.card.features))
    (found,) = network.run(None, {"samples": samples})
    expected = extract(samples, model.card.features)
    assert found.shape == (1, *expected.shape)
    np.testing.assert_allclose(found[0], expected, atol=5e-5)


def test_features_of_another_kind_have_no_network():
    with pytest.raises(ModelError, match="have no network"):
        front_end(EmotionModel(ModelStore().folder / "mlp").card.features)


def test_both_halves_answer_as_the_whole(model, tmp_path):
    encoder, head = (tmp_path / f"{name}.onnx" for name in ("encoder", "head"))
    for file, network in zip((encoder, head), halves(model.folder / "model.onnx"), strict=True):
        file.write_bytes(network)
    encoder, head = map(one_thread_session, (encoder, head))
    features = extract(voice(3.0), model.card.features)[None]
    (vectors,) = encoder.run(None, {encoder.get_inputs()[0].name: features})
    np.testing.assert_allclose(vectors[0], model.hear(voice(3.0)).vector, atol=1e-5)
    several = np.concatenate([vectors, 0.5 * vectors, -vectors])
    baseline = (0.3 * vectors).astype(np.float32)
    (raw,) = head.run(None, {"vectors": several, "baseline": baseline})
    raised = raw ** (1 / model.card.temperature)
    expected = model.again(several, baseline)
    np.testing.assert_allclose(raised / raised.sum(axis=1, keepdims=True), expected, atol=1e-6)


def test_the_folder_holds_all_that_the_page_asks_for(model, package, tmp_path):
    out = tmp_path / "page"
    written = {str(file.relative_to(out)) for file in export_browser(package, model.folder, out)}
    assert written == {str(f.relative_to(out)) for f in out.rglob("*") if f.is_file()}
    texts = [f.read_text(encoding="utf-8") for f in out.glob("*.js")]
    asked = {name for text in texts for name in re.findall(r'"(?:\./)?([\w./-]+\.\w+)"', text)}
    asked |= set(re.findall(r'(?:href|src)="([\w.]+)"', (out / "index.html").read_text()))
    assert asked <= written
    assert {f"runtime/{name}" for name in RUNTIME} <= written
    assert "1.2.3" in (out / "NOTICE.md").read_text()


def test_settings_hold_every_name_that_the_code_reads(model, package, tmp_path):
    export_browser(package, model.folder, tmp_path)
    settings = json.loads((tmp_path / "settings.json").read_text())
    code = "".join(f.read_text(encoding="utf-8") for f in tmp_path.glob("*.js"))
    for group in ("segmenter", "voice", "answer", "doubt"):
        assert [name for name in settings[group] if name not in code] == []
    assert settings["labels"] == list(model.card.labels)


def test_another_package_is_refused(model, tmp_path):
    file = tmp_path / "other.tgz"
    with tarfile.open(file, "w:gz"):
        pass
    with pytest.raises(ModelError, match=r"holds no package/dist/ort.wasm.min.mjs"):
        export_browser(file, model.folder, tmp_path / "page")
    assert not (tmp_path / "page").exists()


def test_a_model_that_does_not_adapt_is_refused(package, tmp_path):
    bundle = make_bundle(tmp_path / "models", "plain")
    with pytest.raises(ModelError, match="does not adapt"):
        export_browser(package, bundle, tmp_path / "page")
