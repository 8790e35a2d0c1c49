"""Finds recordings with the same sound, whatever their level, format, rate, start and end."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip, to_int16

_HOP = 160  # samples: 10 ms
_FFT = 512
_LOWEST_HZ, _HIGHEST_HZ, _BANDS = 150.0, 3600.0, 12  # what a telephone leaves
_SMOOTHED = 15  # frames
_CELL, _CELLS = 4, 24  # frames that a cell averages, and cells: 0.96 s around a peak
_RANGE_DB = 40.0  # below the loudest frame; what is quieter, noise fills
_PEAKS, _APART = 3, 30  # places that are looked at, and frames between them
_SAME = 0.965  # correlation of a place in two copies; another take may reach it once, not twice
_CERTAIN = 0.995  # what one place of a longer recording must reach alone
_TABLES, _NEIGHBOURS = 12, 4  # of random half-spaces: places that are alike share one of the tables
_BLOCK = 4096  # places


class _Match(NamedTuple):
    """Two places that are alike, and whose they are."""

    owner: int
    other_owner: int
    place: int
    other_place: int
    alike: float


class Sounds:
    """The sounds of a folder, as little of each as tells it from others: about 2 kB."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._group: list[int] = []
        self._first: dict[bytes, int] = {}
        self._places: list[NDArray[np.float16]] = []
        self._owners: list[int] = []

    def add(self, path: str, clip: AudioClip) -> None:
        """Remember a recording."""
        number = len(self._paths)
        self._paths.append(path)
        whole = to_int16(clip.samples)  # so that files of other formats are the same
        first = self._first.setdefault(hashlib.sha256(whole.tobytes()).digest(), number)
        self._group.append(first)
        if first == number:
            places = list(_places(clip))
            self._places += places
            self._owners += [number] * len(places)

    def groups(self) -> list[list[str]]:
        """Paths of recordings with the same sound, two or more each, in the order they came."""
        group = list(self._group)

        def top(number: int) -> int:
            while group[number] != number:
                group[number] = number = group[group[number]]
            return number

        for one, other in _copies(self._similar(), Counter(self._owners)):
            low, high = sorted((top(one), top(other)))
            group[high] = low
        members = defaultdict(list)
        for number, path in enumerate(self._paths):
            members[top(number)].append(path)
        return [paths for paths in members.values() if len(paths) > 1]

    def _similar(self) -> Iterator[_Match]:
        """Places that are alike, in time linear in the number of recordings."""
        if not self._places:
            return
        places, owners = np.stack(self._places), np.array(self._owners)
        bits, rng = len(places).bit_length() + 2, np.random.default_rng(0)
        for _ in range(_TABLES):
            planes = rng.normal(size=(places.shape[1], bits)).astype(np.float32)
            keys = np.concatenate(
                [
                    (places[start : start + _BLOCK].astype(np.float32) @ planes > 0)
                    @ (1 << np.arange(bits))
                    for start in range(0, len(places), _BLOCK)
                ]
            )
            order = np.argsort(keys, kind="stable")
            for near in range(1, _NEIGHBOURS + 1):
                one, other = order[:-near], order[near:]
                likely = (keys[one] == keys[other]) & (owners[one] != owners[other])
                for i, j in zip(one[likely].tolist(), other[likely].tolist(), strict=True):
                    alike = float(places[i].astype(np.float32) @ places[j].astype(np.float32))
                    if alike > _SAME:
                        yield _Match(self._owners[i], self._owners[j], i, j, alike)


def _copies(matches: Iterable[_Match], places: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Pairs of recordings that are alike in two places, or in one beyond doubt."""
    pairs: defaultdict[tuple[int, int], list[_Match]] = defaultdict(list)
    for match in matches:
        pairs[match.owner, match.other_owner].append(match)
    for pair, found in pairs.items():
        twice = min(len({m.place for m in found}), len({m.other_place for m in found}))
        enough = min(2, *(places[owner] for owner in pair))
        if twice >= enough or max(m.alike for m in found) > _CERTAIN:
            yield pair


def _places(clip: AudioClip) -> Iterator[NDArray[np.float16]]:
    """The spectrum's course around the loudest moments, each of norm 1."""
    level = _levels(clip.samples)
    smooth = np.convolve(level.mean(axis=1), np.hanning(_SMOOTHED + 2)[1:-1])
    smooth = smooth[_SMOOTHED // 2 : -(_SMOOTHED // 2)]
    padded = np.pad(level, ((_CELLS * _CELL // 2,) * 2, (0, 0)))
    for _ in range(_PEAKS):
        peak = int(smooth.argmax())
        if smooth[peak] <= 0:
            return
        around = padded[peak : peak + _CELLS * _CELL]
        cells = around.reshape(_CELLS, _CELL, -1).mean(axis=1)
        course = cells - cells.mean(axis=0)  # what stays is the line's and the room's
        if norm := float(np.linalg.norm(course)):
            yield (course / norm).astype(np.float16).ravel()
        smooth[max(peak - _APART, 0) : peak + _APART + 1] = 0


def _levels(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Level per frame and band in dB above what is too faint, shape (frames, bands)."""
    padded = np.pad(samples, (_FFT // 2, _FFT))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_FFT).astype(np.float32))) ** 2
    edges = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, _BANDS + 1) * _FFT / SAMPLE_RATE_HZ
    bands = np.add.reduceat(power, np.round(edges).astype(int), axis=1)[:, :-1]
    decibels = 10 * np.log10(bands + 1e-12)
    return np.maximum(decibels - decibels.max() + _RANGE_DB, 0).astype(np.float32)
