"""A synthetic voice that the speech detector takes for speech: pulses through moving formants."""

import numpy as np
from scipy.signal import lfilter, resample

RATE_HZ = 16_000
_FRAME = 80  # samples with one filter: 5 ms
_SYLLABLE_S = 0.2
# First three formants in Hz of vowels, after Peterson & Barney (1952), men.
_VOWELS = np.array(
    [(730, 1090, 2440), (530, 1840, 2480), (270, 2290, 3010), (570, 840, 2410), (300, 870, 2240)]
)
_BANDWIDTHS_HZ = (60, 90, 150)


def voice(duration_s: float, f0_hz: float = 120.0, seed: int = 0) -> np.ndarray:
    """Consonant-vowel syllables, five a second, with a wandering pitch.

    Returns:
        Shape (n,), float32, 16 kHz, peak 0.5.
    """
    rng = np.random.default_rng(seed)
    n = round(duration_s * RATE_HZ)
    syllables = int(np.ceil(duration_s / _SYLLABLE_S)) + 1
    time = np.arange(n) / RATE_HZ
    knots = np.arange(syllables) * _SYLLABLE_S
    pitch = f0_hz * np.interp(time, knots, rng.uniform(0.8, 1.3, syllables))
    vowels = _VOWELS[rng.integers(len(_VOWELS), size=syllables)]
    formants = np.stack([np.interp(time[::_FRAME], knots, f) for f in vowels.T], axis=1)
    within = (time % _SYLLABLE_S) / _SYLLABLE_S
    voicing = np.clip((within - 0.2) * 10, 0, 1) * np.clip((1 - within) * 6, 0, 1)
    friction = np.clip(1 - np.abs(within - 0.1) * 12, 0, 1)
    phase = np.cumsum(pitch) / RATE_HZ % 1
    glottal = np.diff(np.where(phase < 0.6, np.sin(np.pi * phase / 0.6) ** 2, 0), prepend=0.0)
    source = voicing * (glottal + 0.003 * rng.normal(size=n))
    spoken = _filter(source, formants) + 0.02 * friction * np.diff(rng.normal(size=n), prepend=0.0)
    return (0.5 * spoken / np.abs(spoken).max()).astype(np.float32)


def _filter(source: np.ndarray, formants: np.ndarray) -> np.ndarray:
    for column, bandwidth in enumerate(_BANDWIDTHS_HZ):
        radius, state, parts = np.exp(-np.pi * bandwidth / RATE_HZ), np.zeros(2), []
        for frame, hz in enumerate(formants[:, column]):
            poles = [1, -2 * radius * np.cos(2 * np.pi * hz / RATE_HZ), radius**2]
            block = source[frame * _FRAME : (frame + 1) * _FRAME]
            out, state = lfilter([sum(poles)], poles, block, zi=state)
            parts.append(out)
        source = np.concatenate(parts)
    return source


def silence(duration_s: float) -> np.ndarray:
    """Digital silence, shape (n,), float32."""
    return np.zeros(round(duration_s * RATE_HZ), np.float32)


def deep_and_high(turns: int = 6, turn_s: float = 3.0, pause_s: float = 0.7) -> np.ndarray:
    """Two voices in turns, the deep one first: shape (n,), float32, 16 kHz."""
    parts = [silence(pause_s)]
    for turn in range(turns):
        spoken = _as_tall(1.3, 230, turn_s, turn) if turn % 2 else _as_tall(0.75, 90, turn_s, turn)
        parts += [spoken, silence(pause_s)]
    return np.concatenate(parts)


def _as_tall(ratio: float, f0_hz: float, duration_s: float, seed: int) -> np.ndarray:
    """A voice whose formants lie higher by a ratio."""
    spoken = voice(duration_s * ratio, f0_hz, seed)
    return resample(spoken, round(duration_s * RATE_HZ)).astype(np.float32)
