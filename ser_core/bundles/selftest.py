"""A bundle's self-test: what its model answered, and saw, on made sounds when it was exported."""

import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ser_core.bundles.model import EmotionModel
from ser_core.errors import ModelError
from ser_core.features.extraction import extract

FILE = "selftest.npz"
_DAMAGE = (OSError, ValueError, TypeError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)
_RATE_HZ = 16_000
_LENGTHS_S = (0.7, 1.6, 3.0)
_STEP = 7  # of the feature values that are kept
# Other processors and builds of the libraries round differently: noise of the size of a float32's
# last digit moves these features by up to 3e-4. What changed code does to decibels, semitones or
# answers is larger.
_FEATURE_ATOL = 3e-3
ATOL, ROUNDED_ATOL = 1e-3, 0.03  # of probabilities; where weights are 8-bit, a step is coarser


def sounds() -> list[NDArray[np.float32]]:
    """Gliding harmonics with a little noise, a pause in the middle: float32, 16 kHz."""
    made = []
    for seed, length_s in enumerate(_LENGTHS_S):
        rng = np.random.default_rng(seed)
        time_s = np.arange(round(length_s * _RATE_HZ)) / _RATE_HZ
        f0_hz = 110 * (1 + seed) + 30 * np.sin(2 * np.pi * time_s)
        phase = 2 * np.pi * np.cumsum(f0_hz) / _RATE_HZ
        tone = np.sum([np.sin(k * phase) / k for k in range(1, 9)], axis=0)
        tone[time_s.size * 2 // 5 : time_s.size // 2] = 0
        made.append((0.1 * tone + 0.002 * rng.standard_normal(time_s.size)).astype(np.float32))
    return made


def write(folder: Path, atol: float) -> None:
    """Record what a bundle does on this machine, in its folder.

    Args:
        folder: of the bundle.
        atol: by which probabilities may differ elsewhere, ATOL or ROUNDED_ATOL.

    Raises:
        ModelError: if the bundle cannot be loaded.
    """
    seen = _seen(EmotionModel(folder))
    np.savez_compressed(folder / FILE, allow_pickle=False, atol=np.array(atol), **seen)


def verify(folder: Path) -> None:
    """Check that a bundle does on this machine what it did when it was exported.

    Raises:
        ModelError: if it does not, has no self-test or cannot be loaded.
    """
    model = EmotionModel(folder)
    name, seen = model.card.name, _seen(model)
    try:
        with np.load(folder / FILE, allow_pickle=False) as file:
            recorded = {key: file[key].astype(np.float64) for key in file}
        answers_atol = recorded.pop("atol", np.empty(0)).item()
        if recorded.keys() != seen.keys():
            raise ValueError("other entries")
    except _DAMAGE as error:
        raise ModelError(
            f"Model '{name}' has no self-test. Write it where its answers are known to be right: "
            f"python -m train seal {name}"
        ) from error
    for key, value in seen.items():
        heard = key.startswith("features")
        atol = _FEATURE_ATOL if heard else answers_atol
        known = recorded[key]
        if known.shape != value.shape or not np.abs(known - value).max() <= atol:
            what = "hears" if heard else "answers"
            raise ModelError(
                f"Model '{name}' {what} otherwise than when it was exported. Install the versions "
                f"in requirements.txt, restore ser_core, or train it again: "
                f"python -m train fit {name}"
            )


def _seen(model: EmotionModel) -> dict[str, NDArray[np.floating]]:
    seen: dict[str, NDArray[np.floating]] = {}
    for index, sound in enumerate(sounds()):
        features = extract(sound, model.card.features)
        seen[f"features_{index}"] = features.ravel()[::_STEP]
        seen[f"probabilities_{index}"] = model.score(features[None])[0]
    return seen
