"""What rooms, microphones and lines do to a voice: training copies and the robustness table.

Every function takes and gives samples of shape (n,), float32, 16 kHz, and changes nothing in place.
Random ones take their generator.
"""

import io
from collections.abc import Callable

import av
import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import signal

from ser_core.audio.clip import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]
_OPUS_RATE_HZ = 48_000
_TELEPHONE_RATE_HZ = 8_000
_BABBLE_SHARE = 0.55  # of the copies that are not silent behind the voice
_PIECE_S = (0.5, 1.5)
_AMR_RATES, _OPUS_RATES = (4_750, 7_400, 12_200), (8_000, 12_000, 16_000, 24_000)


def gain(samples: Samples, change_db: float) -> Samples:
    """Louder or softer, without clipping."""
    return samples * np.float32(10 ** (change_db / 20))


def speed(samples: Samples, factor: float) -> Samples:
    """Played faster and higher (above 1) or slower and lower."""
    return soxr.resample(samples, SAMPLE_RATE_HZ * factor, SAMPLE_RATE_HZ)


def add_noise(samples: Samples, noise: Samples, snr_db: float) -> Samples:
    """Mix in noise of the same length at a signal-to-noise ratio in dB, over the whole sound."""
    power, noise_power = (float(np.mean(np.square(x, dtype=np.float64))) for x in (samples, noise))
    scale = np.sqrt(power / max(noise_power, 1e-20) / 10 ** (snr_db / 10))
    return samples + np.float32(scale) * noise


def white_noise(n: int, rng: np.random.Generator) -> Samples:
    """Equal power at every frequency."""
    return rng.standard_normal(n, np.float32)


def coloured_noise(n: int, exponent: float, rng: np.random.Generator) -> Samples:
    """Power falling as 1 / frequency ** exponent: 1 is pink, 2 brown."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    frequency = np.maximum(np.fft.rfftfreq(n, 1 / SAMPLE_RATE_HZ), 20.0)
    return np.fft.irfft(spectrum * frequency ** (-exponent / 2), n).astype(np.float32)


def babble(n: int, voices: list[Samples], rng: np.random.Generator, talkers: int = 6) -> Samples:
    """Several voices at once, each from a random place of a random recording, over and over."""
    mix = np.zeros(n, np.float32)
    for index in rng.integers(0, len(voices), talkers):
        voice = voices[index]
        start = int(rng.integers(0, voice.size))
        part = np.take(voice, np.arange(start, start + n), mode="wrap")
        mix += part / max(float(np.sqrt(np.mean(part**2))), 1e-6)
    return mix


def telephone(samples: Samples) -> Samples:
    """300 to 3400 Hz through an 8 kHz line."""
    narrow = soxr.resample(samples, SAMPLE_RATE_HZ, SAMPLE_RATE_HZ // 2)
    band = signal.butter(4, (300, 3400), "bandpass", fs=SAMPLE_RATE_HZ // 2, output="sos")
    heard = signal.sosfilt(band, narrow).astype(np.float32)
    return soxr.resample(heard, SAMPLE_RATE_HZ // 2, SAMPLE_RATE_HZ)


def opus(samples: Samples, bit_rate: int = 24_000) -> Samples:
    """Through the codec of web calls, by default at 24 kbit/s."""
    return _coded(samples, "libopus", "ogg", _OPUS_RATE_HZ, bit_rate)


def amr(samples: Samples, bit_rate: int = 7_400) -> Samples:
    """Through the codec of mobile telephones (narrow band), by default at 7.4 kbit/s."""
    return _coded(samples, "libopencore_amrnb", "amr", _TELEPHONE_RATE_HZ, bit_rate)


def mu_law(samples: Samples) -> Samples:
    """Through the codec of wired telephones: 8 bits on a logarithmic scale (ITU-T G.711)."""
    return _coded(samples, "pcm_mulaw", "wav", _TELEPHONE_RATE_HZ)


def _coded(
    samples: Samples, codec: str, container: str, rate_hz: int, bit_rate: int | None = None
) -> Samples:
    stream_bytes = io.BytesIO()
    sent = soxr.resample(samples, SAMPLE_RATE_HZ, rate_hz)
    with av.open(stream_bytes, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate_hz, layout="mono")
        if bit_rate is not None:
            stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(sent[None], "flt", "mono")
        frame.rate = rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    stream_bytes.seek(0)
    with av.open(stream_bytes) as source:
        to_float = av.AudioResampler(format="flt", layout="mono", rate=rate_hz)
        parts = [
            part.to_ndarray()[0]
            for decoded in source.decode(audio=0)
            for part in to_float.resample(decoded)
        ]
    return soxr.resample(np.concatenate(parts), rate_hz, SAMPLE_RATE_HZ)


def reverberate(samples: Samples, rt60_s: float, wet: float, rng: np.random.Generator) -> Samples:
    """A room: noise that decays by 60 dB in rt60_s, mixed with the direct sound.

    Args:
        samples: the voice.
        rt60_s: reverberation time in seconds.
        wet: power of the tail relative to the direct sound.
        rng: draws the room.
    """
    time = np.arange(round(rt60_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    tail = rng.standard_normal(time.size) * 10 ** (-3 * time / rt60_s)
    tail *= np.sqrt(wet / np.sum(tail**2))
    tail[0] += 1.0
    return signal.fftconvolve(samples, tail)[: samples.size].astype(np.float32)


def equalise(samples: Samples, rng: np.random.Generator, range_db: float = 8.0) -> Samples:
    """Another microphone: a smooth random frequency response."""
    knots = np.linspace(0, 1, 8)
    gains = 10 ** (rng.uniform(-range_db, range_db, knots.size) / 20)
    taps = signal.firwin2(129, knots, gains)
    return signal.fftconvolve(samples, taps, mode="same").astype(np.float32)


def disturbed(samples: Samples, rng: np.random.Generator) -> Samples:
    """A training copy: speed, microphone, room, line and noise, each with some probability."""
    steps: list[tuple[float, Callable[[Samples], Samples]]] = [
        (0.7, lambda x: speed(x, float(rng.uniform(0.9, 1.1)))),
        (0.6, lambda x: equalise(x, rng)),
        (0.4, lambda x: reverberate(x, float(rng.uniform(0.15, 0.6)), rng.uniform(0.1, 1.0), rng)),
        (0.15, telephone),
        (0.7, lambda x: _noisy(x, rng)),
    ]
    return _taken(steps, samples, rng)


def elsewhere(samples: Samples, rng: np.random.Generator, voices: list[Samples]) -> Samples:
    """A training copy as other people's recordings are: also with voices behind, and coded.

    Args:
        samples: the voice.
        rng: draws what happens to it.
        voices: who may be heard behind.
    """
    steps: list[tuple[float, Callable[[Samples], Samples]]] = [
        (0.5, lambda x: speed(x, float(rng.uniform(0.92, 1.08)))),
        (0.6, lambda x: equalise(x, rng)),
        (0.4, lambda x: reverberate(x, float(rng.uniform(0.15, 0.7)), rng.uniform(0.1, 1.0), rng)),
        (0.85, lambda x: _in_company(x, rng, voices)),
        (0.3, lambda x: _sent(x, rng)),
    ]
    return _taken(steps, samples, rng)


def piece(samples: Samples, rng: np.random.Generator) -> Samples:
    """A word or a few, from anywhere: half a second to one and a half."""
    size = int(rng.uniform(*_PIECE_S) * SAMPLE_RATE_HZ)
    if samples.size <= size:
        return samples
    start = int(rng.integers(0, samples.size - size + 1))
    return samples[start : start + size]


def _taken(
    steps: list[tuple[float, Callable[[Samples], Samples]]],
    samples: Samples,
    rng: np.random.Generator,
) -> Samples:
    for probability, step in steps:
        if rng.random() < probability:
            samples = step(samples)
    return samples


def _in_company(samples: Samples, rng: np.random.Generator, voices: list[Samples]) -> Samples:
    """One to six voices behind at 0 to 20 dB, or noise."""
    if voices and rng.random() < _BABBLE_SHARE:
        behind = babble(samples.size, voices, rng, int(rng.integers(1, 7)))
        return add_noise(samples, behind, float(rng.uniform(0, 20)))
    noise = coloured_noise(samples.size, float(rng.uniform(0, 2)), rng)
    return add_noise(samples, noise, float(rng.uniform(0, 30)))


def _sent(samples: Samples, rng: np.random.Generator) -> Samples:
    """Over one of the lines that a call may take."""
    lines: list[Callable[[Samples], Samples]] = [
        telephone,
        mu_law,
        lambda x: amr(x, int(rng.choice(_AMR_RATES))),
        lambda x: opus(x, int(rng.choice(_OPUS_RATES))),
    ]
    return lines[int(rng.integers(len(lines)))](samples)


def _noisy(samples: Samples, rng: np.random.Generator) -> Samples:
    noise = coloured_noise(samples.size, float(rng.uniform(0, 2)), rng)
    return add_noise(samples, noise, float(rng.uniform(5, 30)))
