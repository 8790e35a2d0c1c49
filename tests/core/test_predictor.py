"""The library as its users meet it."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import ser_core
from ser_core.audio.clip import AudioClip, to_wav
from ser_core.bundles import selftest
from ser_core.bundles.store import ModelStore, models_dir
from ser_core.errors import AudioError, ModelError, SerError
from tests.bundles import make_bundle
from tests.voice import silence, voice

ROOT = Path(__file__).parents[2]
TALK = np.concatenate([voice(2.0), silence(1.0), voice(4.0, seed=5)])


@pytest.fixture
def model(tmp_path):
    return ser_core.load(make_bundle(tmp_path))


def test_every_kind_of_source_gives_the_same_answer(model, tmp_path):
    wav = to_wav(AudioClip(TALK))
    path = tmp_path / "talk.wav"
    path.write_bytes(wav)
    samples, rate = sf.read(io.BytesIO(wav), dtype="int16")
    want = model.predict(path)
    assert want.segments
    stereo = np.stack([samples, samples], axis=1)
    sources = [str(path), wav, io.BytesIO(wav), ser_core.decode(path).clip]
    arrays = [samples, samples / np.float32(32768), stereo]
    assert [model.predict(source) == want for source in sources] == [True] * 4
    assert [model.predict(array, rate) == want for array in arrays] == [True] * 3
    unsigned = (samples.astype(np.int32) + 32768).astype(np.uint16)
    assert [model.predict(pair) == want for pair in ((samples, rate), (unsigned, rate))] == [
        True
    ] * 2
    at_48_khz = np.repeat(samples, 3)
    assert model.predict(at_48_khz, 48_000).verdict.kind == want.verdict.kind


@pytest.mark.parametrize(
    ("source", "rate", "message"),
    [
        (TALK, None, "need their rate"),
        (TALK.reshape(2, -1), 16_000, "a row per frame"),
        (TALK.reshape(1, 1, -1), 16_000, "shape"),
        (TALK[:0], 16_000, "no sound"),
        (TALK, 0, "0 samples a second"),
        (TALK + 0j, 16_000, "complex"),
        (TALK.tolist(), 16_000, "from a list"),
        (io.StringIO("text"), None, "binary mode"),
        (b"no sound", None, "not audio"),
        ("gone.wav", None, "gone.wav"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(model, source, rate, message):
    with pytest.raises(AudioError, match=message):
        model.predict(source, rate)


def test_a_batch_keeps_its_order_and_its_errors(model):
    wav = to_wav(AudioClip(TALK))
    first, *bad, last = model.predict_batch([wav, b"", None, (silence(2.0), 16_000)])
    assert first == model.predict(wav)
    assert [isinstance(error, SerError) for error in bad] == [True, True]
    assert last.verdict.kind == "no_speech"


def test_a_frame_has_a_row_per_segment(model):
    result = model.predict(TALK, 16_000)
    frame = result.to_frame()
    assert len(frame) == len(result.segments)
    assert frame["end_s"].tolist() == [s.end_s for s in result.segments]
    np.testing.assert_allclose(frame.filter(like="p_").sum(axis=1), 1)
    assert model.predict(silence(2.0), 16_000).to_frame().empty


def test_an_embedding_is_the_mean_over_the_speech(tmp_path):
    model = ser_core.load(models_dir() / "mlp")
    once, twice = voice(2.5), np.concatenate([voice(2.5), silence(1.0), voice(2.5)])
    # the edges of the second utterance fall elsewhere
    one, both = (model.embed(sound, 16_000) for sound in (once, twice))
    assert one.dtype == np.float32
    np.testing.assert_allclose(both, one, atol=0.35 * np.abs(one).max())
    with pytest.raises(AudioError, match="No speech"):
        model.embed(silence(1.0), 16_000)
    with pytest.raises(ModelError, match="gives no embedding"):
        ser_core.load(make_bundle(tmp_path)).embed(once, 16_000)


def test_models_are_loaded_by_name_by_folder_or_the_best(tmp_path, monkeypatch):
    assert ser_core.load().card.name == ModelStore().names()[0]
    assert ser_core.load("mlp").card.name == "mlp"
    with pytest.raises(ModelError, match="There is no model 'huge'"):
        ser_core.load("huge")


def test_a_model_verifies_itself(model, tmp_path):
    with pytest.raises(ModelError, match="has no self-test"):
        model.verify()
    selftest.write(tmp_path / "tiny", selftest.ATOL)
    model.verify()


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, ser_core; dir(ser_core); print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"pandas", "numpy", "librosa", "onnxruntime", "av", "scipy"}
