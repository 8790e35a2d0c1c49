"""Spectra, mel bands and cepstra against librosa's, to the bit."""

import subprocess
import sys

import librosa
import numpy as np
import pytest

from ser_core.acoustics.display import log_mel_db
from ser_core.features import spectra
from tests.voice import voice

SETTINGS = [(512, 320, 64), (400, 160, 80), (512, 160, 26)]  # of the series, Whisper, functionals


@pytest.mark.parametrize(("n_fft", "hop", "n_mels"), SETTINGS)
@pytest.mark.parametrize("n", [2600, 5120, 16_000, 47_999, 123_456])
def test_spectra_are_librosas(n_fft, hop, n_mels, n):
    samples = voice(8.0)[:n]
    stft = librosa.stft(samples, n_fft=n_fft, hop_length=hop)
    power = spectra.power_spectra(samples, n_fft, hop)
    np.testing.assert_array_equal(power, stft.real**2 + stft.imag**2)

    basis = spectra.mel_basis(16_000, n_fft, n_mels)
    np.testing.assert_array_equal(basis, librosa.filters.mel(sr=16_000, n_fft=n_fft, n_mels=n_mels))

    level_db = spectra.decibels(basis @ power, 60.0)
    np.testing.assert_array_equal(level_db, librosa.power_to_db(basis @ power, top_db=60.0))


@pytest.mark.parametrize("deltas", [0, 1, 2])
def test_cepstra_are_librosas(deltas):
    level_db = spectra.decibels(spectra.power_spectra(voice(1.0), 512, 320)[:64], 80.0)
    mfcc = librosa.feature.mfcc(S=level_db, n_mfcc=40)
    slopes = [librosa.feature.delta(mfcc, order=k) for k in range(1, deltas + 1)]
    np.testing.assert_array_equal(
        spectra.cepstra(level_db, 40, deltas), np.concatenate([mfcc, *slopes])
    )


def test_the_spectrogram_that_is_shown_is_librosas():
    samples = voice(2.0)
    mel = librosa.feature.melspectrogram(
        y=samples, sr=16_000, n_fft=1024, hop_length=160, n_mels=80
    )
    want = librosa.power_to_db(mel, ref=np.max, top_db=80.0)
    np.testing.assert_allclose(log_mel_db(samples), want, atol=1e-4)


@pytest.mark.parametrize("hz", [0.0, 70.0, 999.0, 1000.0, 4000.0])
def test_mel_scale_is_librosas(hz):
    assert spectra.to_mel(hz) == pytest.approx(librosa.hz_to_mel(hz))


def test_an_answer_needs_no_compiler():
    """What scores and draws a file loads neither numba nor SciPy's filters: 180 MB a server."""
    code = (
        "import sys, numpy as np, ser_core, ser_core.warmup\n"
        "import ser_core.plots.result.timeline, ser_core.acoustics.descriptors\n"
        "ser_core.warmup.warm_up()\n"
        "ser_core.load().predict(np.ones(32_000, np.float32), 16_000)\n"
        "print(*{'numba', 'scipy.signal', 'librosa.util'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
