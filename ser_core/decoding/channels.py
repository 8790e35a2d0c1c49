"""Which channels of a recording hold the voice.

A plain average loses a voice that arrives inverted in the second channel (a balanced microphone in
a stereo jack), and buries one beside a channel of noise (an input with nothing plugged in).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.audio.levels import dbfs, levels_dbfs, rms
from ser_core.decoding.container import Block
from ser_core.speech.segmenter import find_utterances

_SAMPLE_S = 120.0  # so much of a long recording decides, in pieces from all of it
_MOST_CHANNELS = 16
_DEAD = 100.0  # times below the loudest channel
_SILENT = 1e-5
_ALIKE = 0.01  # of the level: so much differs by rounding and coding
_REMEMBERED_S = 1.0  # of a stream
_CANCELLED = 0.5  # level of the average to that of the channels; unrelated ones have 0.7
_LESS_SPEECH = 0.25  # of the channel with the most
_NOISY_DB = 10.0  # so much further does the voice stand out of the best channel
_CALL_OVERLAP = 0.4  # of the shorter voice's speech; people on the telephone take turns
# Halfway between two people in a room (the nearer one up to 6 dB louder) and an echo (-14 dB).
_BLEED_DB = 10.0
_STRETCH_S = 0.2  # a syllable
APART = (
    "Each channel holds a voice of its own, as in a recorded call. They were judged "
    "together; they can be judged one by one."
)

Channels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Choice:
    """What to make of several channels.

    Attributes:
        use: the channels to average, from 0; None for all.
        note: a sentence for the person who brought the recording; empty if all is well.
        apart: whether each channel holds a voice of its own, as in a recorded call.
    """

    use: tuple[int, ...] | None = None
    note: str = ""
    apart: bool = False


def choose(blocks: Iterable[Block]) -> Choice:
    """Listen to the channels of a recording and say which to average.

    Args:
        blocks: all of it; where the count of channels changes, the first one counts.
    """
    return choice_of(_sampled(blocks))


def choice_of(sound: Channels) -> Choice:
    """As `choose`.

    Args:
        sound: shape (channels, n), float32, 16 kHz, or empty.
    """
    if len(sound) < 2 or not sound.shape[1]:
        return Choice()
    sound = sound - sound.mean(axis=1, keepdims=True)
    levels = np.array([rms(channel) for channel in sound])
    alive = _alive(levels)
    if not alive.any() or _alike(sound):
        return Choice()
    if alive.sum() == 1:
        return _only(alive, "silent")
    if rms(sound[alive].mean(axis=0)) < _CANCELLED * levels[alive].mean():
        return _only(_loudest(levels), "its opposite, so that the two cancel each other")
    return _by_speech(sound, alive)


class LiveChannels:
    """Which channels of a stream to average, by the levels of its last second alone.

    Listening for speech in each would cost more than a thread has that carries everybody's sound.
    """

    def __init__(self) -> None:
        self._powers: NDArray[np.float64] | None = None  # of each channel, and of their average
        self._power = self._apart = 0.0  # of the first channel, of the greatest difference to it

    @property
    def alike(self) -> bool:
        """Whether all channels were the same so far: one microphone, sent twice."""
        return self._apart <= _ALIKE**2 * self._power

    def hear(self, block: Channels, rate_hz: int) -> tuple[int, ...] | None:
        """Take the next samples.

        Args:
            block: shape (n, channels), float32.
            rate_hz: samples a second.

        Returns:
            The channels to average from here on, from 0; None for all.
        """
        if block.shape[1] < 2 or not len(block):
            return None
        self._power += float(np.square(block[:, 0]).sum())
        self._apart += float(np.square(block - block[:, :1]).sum(axis=0).max())
        both = np.column_stack([block, block.mean(axis=1)]).astype(np.float64)
        powers = np.square(both).mean(axis=0)
        if self._powers is None or len(self._powers) != len(powers):
            self._powers = powers
        share = min(len(block) / rate_hz / _REMEMBERED_S, 1.0)
        self._powers += share * (powers - self._powers)
        levels, mean = np.sqrt(self._powers[:-1]), float(np.sqrt(self._powers[-1]))
        alive = _alive(levels)
        if not alive.any():
            return None
        if alive.sum() > 1 and not mean < _CANCELLED * levels[alive].mean():
            return None
        return (int(_loudest(levels).argmax()),)


def _alive(levels: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (levels > levels.max() / _DEAD) & (levels > _SILENT)


def _loudest(levels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The loudest channel; the first one of nearly equal ones."""
    return np.arange(len(levels)) == int((levels > 0.9 * levels.max()).argmax())


def name_of(channel: int, channels: int) -> str:
    """What people call a channel, counted from 0."""
    return ("left", "right")[channel] if channels == 2 else f"number {channel + 1}"


def _by_speech(sound: Channels, alive: NDArray[np.bool_]) -> Choice:
    masks = np.stack([_speech(channel) for channel in sound]) & alive[:, None]
    speech = masks.sum(axis=1)
    best = int(speech.argmax())
    if not speech[best]:
        return Choice()
    speaking = speech >= _LESS_SPEECH * speech[best]
    if speaking.sum() == 2 and len(sound) == 2 and _is_call(sound, masks):
        return Choice(None, APART, apart=True)
    contrast = _contrast(sound, masks[best])
    clear = speaking & (contrast >= contrast[best] - _NOISY_DB)
    return _only(clear, "without a clear voice")


def _only(use: NDArray[np.bool_], what: str) -> Choice:
    """The choice of some channels, and what is wrong with the others."""
    chosen = tuple(int(i) for i in np.flatnonzero(use))
    if use.sum() == len(use):
        return Choice()
    if len(use) == 2:
        kept, other = (name_of(i, 2) for i in (chosen[0], 1 - chosen[0]))
        return Choice(chosen, f"The {other} channel is {what}; the {kept} one was judged.")
    names = ", ".join(str(i + 1) for i in chosen)
    return Choice(chosen, f"Of {len(use)} channels, those with the voice were judged: {names}.")


def _alike(sound: Channels) -> bool:
    """Whether all channels are the same but for rounding."""
    difference = max(rms(channel - sound[0]) for channel in sound[1:])
    return difference <= _ALIKE * rms(sound[0])


def _speech(channel: Channels) -> NDArray[np.bool_]:
    """Where a channel holds speech, shape (n,)."""
    found = np.zeros(channel.size, bool)
    for utterance in find_utterances(AudioClip(_loud(channel))):
        start, end = (round(t * SAMPLE_RATE_HZ) for t in (utterance.onset_s, utterance.offset_s))
        found[start:end] = True
    return found


def _loud(channel: Channels) -> Channels:
    """With a level that the speech detector can work with."""
    peak = np.abs(channel).max(initial=0)
    return channel if peak == 0 else (channel * np.float32(0.5 / peak))


def _is_call(sound: Channels, masks: NDArray[np.bool_]) -> bool:
    """Whether two channels hold a voice each, apart from what each lets through of the other."""
    if _take_turns(masks):
        return True
    bleed = _bleed(sound)
    if not (masks & bleed[::-1]).any(axis=1).all():
        return False  # one of them is never the louder
    # What is left may be noise in the pauses of a single voice.
    return _take_turns(np.stack([_speech(channel) for channel in np.where(bleed, 0, sound)]))


def _bleed(sound: Channels) -> NDArray[np.bool_]:
    """Where a channel is so much quieter than another that it has its sound from there."""
    levels = np.array([levels_dbfs(channel, _STRETCH_S) for channel in sound])
    before = np.pad(levels, ((0, 0), (1, 0)), mode="edge")[:, :-1]  # an echo comes later
    bleed = levels < np.maximum(levels, before).max(axis=0) - _BLEED_DB
    stretch = np.linspace(0, bleed.shape[1], sound.shape[1], endpoint=False).astype(int)
    return np.asarray(bleed[:, stretch])


def _take_turns(masks: NDArray[np.bool_]) -> bool:
    both, shorter = (masks[0] & masks[1]).sum(), masks.sum(axis=1).min()
    return bool(both < _CALL_OVERLAP * shorter)


def _contrast(sound: Channels, speech: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How far each channel's level in the speech lies above its level in the pauses, in dB."""
    if speech.all() or not speech.any():
        return np.zeros(len(sound))
    return np.array([dbfs(rms(c[speech])) - dbfs(rms(c[~speech])) for c in sound])


def _sampled(blocks: Iterable[Block]) -> Channels:
    """Evenly spaced pieces of a recording at 16 kHz, at most two minutes: (channels, n)."""
    kept: list[Channels] = []
    step, channels = 1, 0
    for i, block in enumerate(blocks):
        channels = channels or block.samples.shape[1]
        if i % step or block.samples.shape[1] != channels:
            continue
        usable = np.nan_to_num(block.samples[:, :_MOST_CHANNELS], posinf=0, neginf=0)
        kept.append(soxr.resample(usable, block.rate_hz, SAMPLE_RATE_HZ))
        if sum(map(len, kept)) > _SAMPLE_S * SAMPLE_RATE_HZ:
            kept, step = kept[::2], 2 * step
    return np.concatenate(kept).T if kept else np.zeros((0, 0), np.float32)
