"""Variations of training rows, in numpy with an explicit generator; never of other parts."""

import numpy as np
from numpy.typing import NDArray

from train.config import TrainConfig
from train.learners.networks import moments
from train.learners.types import Part


class Augmenter:
    """Makes one epoch of training rows after another, each a little different."""

    def __init__(self, part: Part, cfg: TrainConfig) -> None:
        """Take the training part and the settings."""
        self._features = list(part.features.values())
        self._targets = part.targets
        self._cfg = cfg
        self._rng = np.random.default_rng(cfg.seed)
        self._mean, self._deviation = moments(part.plain)  # of all rows at hand

    def epoch(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Inputs and soft targets of one epoch, in the order of the rows."""
        rng, cfg = self._rng, self._cfg
        copies = rng.integers(0, len(self._features), len(self._targets))
        x = np.stack([self._cut(self._features[c][i]) for i, c in enumerate(copies)])
        x += cfg.noise * self._deviation * rng.standard_normal(x.shape, np.float32)
        if x.ndim == 3:
            offsets = rng.standard_normal((len(x), 1, x.shape[2]), np.float32)
            x += cfg.shift * self._deviation * offsets
            self._mask(x)
        return self._mix(x)

    def _cut(self, row: NDArray[np.float32]) -> NDArray[np.float32]:
        if row.ndim == 1:
            return row.copy()
        length = self._cfg.crop_frames
        if len(row) > length:
            start = self._rng.integers(0, len(row) - length + 1)
            return row[start : start + length]
        # start anywhere and repeat: a zero-padded end would be a class cue in itself
        start = self._rng.integers(0, len(row))
        return np.take(row, np.arange(start, start + length), axis=0, mode="wrap")

    def _mask(self, x: NDArray[np.float32]) -> None:
        for row in x:
            for axis in (0, 1):
                longest = int(self._cfg.mask_share * row.shape[axis])
                width = self._rng.integers(0, longest + 1)
                start = self._rng.integers(0, row.shape[axis] - width + 1)
                if axis == 0:
                    row[start : start + width] = self._mean
                else:
                    row[:, start : start + width] = self._mean[start : start + width]

    def _mix(self, x: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if not self._cfg.mixup:
            return x, self._targets
        share = self._rng.beta(self._cfg.mixup, self._cfg.mixup, len(x)).astype(np.float32)
        share = np.maximum(share, 1 - share)
        other = self._rng.permutation(len(x))
        weight = share.reshape(-1, *[1] * (x.ndim - 1))
        targets = share[:, None] * self._targets + (1 - share[:, None]) * self._targets[other]
        return weight * x + (1 - weight) * x[other], targets
