"""THE feature code: training and serving call `extract` and nothing else.

Every window is scaled to unit power first, so the microphone's gain never reaches a model; loudness
would otherwise leak the label (RAVDESS classes lie up to 13 LU apart).
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Literal

import librosa
import numpy as np
from numpy.typing import NDArray

from ser_core import functionals
from ser_core.errors import AudioError

FEATURE_CODE_VERSION = 1  # raise it whenever this module, or functionals, changes its output
_MIN_FRAMES = 16  # deltas need 9 frames, a convolution with pooling a few more
_SILENCE_POWER = 1e-14
_WHISPER_LEVEL_DB = -23.0  # brings unit power to the level of ordinary recordings


Kind = Literal["series", "statistics", "log_mel", "functionals", "log_mel_functionals"]


@dataclass(frozen=True, slots=True)
class FeatureConfig:
    """Everything that changes the numbers.

    Attributes:
        kind: "series" gives MFCC frames over time, "statistics" their summary over the utterance,
            "log_mel" the mel bands themselves, scaled as Whisper's encoder expects them,
            "functionals" a vector of acoustic descriptors (`ser_core.functionals`), which needs
            frames 10 ms apart and takes neither n_mfcc nor deltas,
            "log_mel_functionals" that vector (settings: FUNCTIONALS), laid out in FUNCTIONAL_ROWS
            rows, above the frames of "log_mel".
        version: version of the feature code.
        sample_rate_hz: rate of the windows.
        n_fft: FFT length and Hann window in samples.
        hop_samples: distance of frames in samples.
        n_mels: mel bands up to half the sample rate.
        n_mfcc: cepstral coefficients, the 0th included.
        deltas: how many time derivatives are stacked below the coefficients, 0 to 2.
        top_db: dynamic range kept below the loudest band of the window, in dB.
    """

    kind: Kind = "series"
    version: int = FEATURE_CODE_VERSION
    sample_rate_hz: int = 16_000
    n_fft: int = 512
    hop_samples: int = 320
    n_mels: int = 64
    n_mfcc: int = 40
    deltas: int = 2
    top_db: float = 80.0

    def fingerprint(self) -> str:
        """Twelve hex digits that change with any setting."""
        payload = json.dumps(asdict(self), sort_keys=True).encode()
        return hashlib.sha256(payload).hexdigest()[:12]

    @property
    def width(self) -> int:
        """Numbers a frame, or a vector, holds."""
        if self.kind in ("log_mel", "log_mel_functionals"):
            return self.n_mels
        if self.kind == "functionals":
            return functionals.width(self.n_mels)
        frame = self.n_mfcc * (1 + self.deltas)
        return frame if self.kind == "series" else frame * len(_STATISTICS)


FUNCTIONALS = FeatureConfig(
    kind="functionals", hop_samples=160, n_mels=26, n_mfcc=0, deltas=0, top_db=60.0
)
WHISPER = FeatureConfig(  # 25 ms windows and 100 frames a second, as its encoder was trained
    kind="log_mel", n_fft=400, hop_samples=160, n_mels=80, n_mfcc=0, deltas=0
)
FUNCTIONAL_ROWS = -(-FUNCTIONALS.width // WHISPER.n_mels)

_STATISTICS = (
    lambda x: x.mean(axis=0),
    lambda x: x.std(axis=0),
    lambda x: np.percentile(x, 10, axis=0),
    lambda x: np.percentile(x, 90, axis=0),
)


def extract(samples: NDArray[np.float32], cfg: FeatureConfig) -> NDArray[np.float32]:
    """Features of one window.

    Args:
        samples: shape (n,), float32, at cfg.sample_rate_hz; short windows are padded with silence.
        cfg: the settings.

    Returns:
        float32. "series": shape (1 + n // hop, cfg.width), MFCC and their deltas, not normalised.
        "statistics": shape (cfg.width,), mean, deviation, 10th and 90th percentile over the frames.
        "log_mel": shape (1 + n // hop, cfg.width), about [-1, 1.5] (Radford et al. 2022).
        "functionals": shape (cfg.width,).
        "log_mel_functionals": shape (FUNCTIONAL_ROWS + 1 + n // hop, cfg.width); the rows above the
        frames end in zeros.
        No number depends on anything outside the window, nor on its gain.

    Raises:
        AudioError: if the samples are not a finite mono array.
    """
    if samples.ndim != 1 or not np.isfinite(samples).all():
        raise AudioError("Features need finite mono samples. Decode the file with ser_core first.")
    if cfg.kind == "log_mel_functionals":
        frames = extract(samples, replace(cfg, kind="log_mel"))
        return np.concatenate([_rows(extract(samples, FUNCTIONALS), cfg.width), frames])
    samples = _unit_power(_long_enough(samples, cfg))
    power = _power(samples, cfg)
    log_mel = librosa.power_to_db(_mel_basis(cfg) @ power, top_db=cfg.top_db)
    if cfg.kind == "functionals":
        return functionals.functionals(samples, power, log_mel)
    if cfg.kind == "log_mel":
        return _as_whisper(log_mel)
    frames = _mfcc_frames(log_mel, cfg)
    if cfg.kind == "statistics":
        return np.concatenate([statistic(frames) for statistic in _STATISTICS]).astype(np.float32)
    return frames


def _long_enough(samples: NDArray[np.float32], cfg: FeatureConfig) -> NDArray[np.float32]:
    missing = _MIN_FRAMES * cfg.hop_samples - samples.size
    return np.pad(samples, (0, missing)) if missing > 0 else samples


def _unit_power(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return samples if power < _SILENCE_POWER else samples / np.float32(np.sqrt(power))


def _power(samples: NDArray[np.float32], cfg: FeatureConfig) -> NDArray[np.float32]:
    spectrum = librosa.stft(samples, n_fft=cfg.n_fft, hop_length=cfg.hop_samples)
    return spectrum.real**2 + spectrum.imag**2


def _as_whisper(log_mel_db: NDArray[np.float32]) -> NDArray[np.float32]:
    frames = ((log_mel_db + _WHISPER_LEVEL_DB) / 10 + 4) / 4
    return np.ascontiguousarray(frames.T, dtype=np.float32)


def _rows(vector: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    return np.pad(vector, (0, -vector.size % width)).reshape(-1, width)


def _mfcc_frames(log_mel: NDArray[np.float32], cfg: FeatureConfig) -> NDArray[np.float32]:
    mfcc = librosa.feature.mfcc(S=log_mel, n_mfcc=cfg.n_mfcc)
    rows = [mfcc] + [librosa.feature.delta(mfcc, order=k) for k in range(1, cfg.deltas + 1)]
    return np.ascontiguousarray(np.concatenate(rows).T, dtype=np.float32)


@lru_cache(maxsize=8)
def _mel_basis(cfg: FeatureConfig) -> NDArray[np.float32]:
    return librosa.filters.mel(sr=cfg.sample_rate_hz, n_fft=cfg.n_fft, n_mels=cfg.n_mels)
