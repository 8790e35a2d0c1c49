"""Settings of a training run; each network's preset states what differs from the defaults."""

from dataclasses import dataclass, replace
from typing import Any

from ser_core.errors import SerError
from ser_core.features.config import FUNCTIONALS, WHISPER, FeatureConfig, Kind

TRANSFORMER = "transformer"
CLASSICAL = ("svm", "logistic", "boosting")


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything that a run depends on besides the data.

    Attributes:
        model: one of MODELS.
        max_epochs: upper bound of epochs.
        patience: epochs without a better validation loss before a run stops.
        batch_size: rows a step.
        learning_rate: of Adam.
        deltas: time derivatives stacked below the coefficients.
        hop_samples: distance of frames at 16 kHz.
        width: units of the hidden layers.
        dropout: share of units dropped where the network has such a layer.
        pool: neighbouring frames that the LSTM takes as one, by their mean.
        crop_frames: frames of a training row; longer rows are cropped, shorter ones repeated.
        copies: of every training row, see `train.data.rows`; each epoch takes one of them.
        extra_corpora: corpora learned from beside the scored one, in every fold.
        extra_weight: of their rows in the loss.
        label_smoothing: probability spread over all classes.
        distil: share of a better model's answers in the targets, see `train.learners.distil`;
            0 for none.
        mixup: parameter of the beta distribution that mixes pairs of rows; 0 turns it off.
        noise: Gaussian noise on features, in standard deviations.
        shift: one random offset per row and feature (another microphone), in standard deviations.
        mask_share: longest masked stretch of time and of features, as a share; 0 turns it off.
        averaging: momentum of the weights' moving average over epochs; 0 turns it off.
        refit: learn once more, with the chosen number of epochs, from training and validation rows.
        blocks: of the encoder, from 1, whose outputs a transformer's head sees.
        penalty: inverse strength of the weights' penalty in a transformer's head.
        components: principal ones of its input that the head learns from.
        seed: of weights, order and augmentation.
        max_folds: run so many folds only; 0 for all.
        max_per_class: learn from so many rows of each class only; 0 for all.
        robustness: every so many-th test clip of the speaker-independent folds is scored disturbed
            as well; 0 for none.
        elsewhere: test on corpora at hand that nothing was learned from.
        leave_out: fit once without each corpus that is learned from and once per left-out speaker,
            and take temperature and threshold from left-out corpora.
    """

    model: str
    max_epochs: int = 80
    patience: int = 15
    batch_size: int = 32
    learning_rate: float = 1e-3
    deltas: int = 0
    hop_samples: int = 320
    width: int = 64
    dropout: float = 0.1
    pool: int = 1
    crop_frames: int = 96
    copies: tuple[str, ...] = ("plain", "x0.9", "x1.1")
    extra_corpora: tuple[str, ...] = ()
    extra_weight: float = 0.5
    label_smoothing: float = 0.1
    distil: float = 0.0
    mixup: float = 0.0
    noise: float = 0.1
    shift: float = 0.2
    mask_share: float = 0.15
    averaging: float = 0.8
    refit: bool = False
    blocks: tuple[int, ...] = (1, 2, 3, 4)
    penalty: float = 0.02
    components: int = 512
    seed: int = 42
    max_folds: int = 0
    max_per_class: int = 0
    robustness: int = 3
    leave_out: bool = False
    elsewhere: bool = True

    @property
    def features(self) -> FeatureConfig:
        """Feature settings of this network."""
        if self.model == TRANSFORMER:
            return WHISPER
        if self.model in CLASSICAL:
            return FUNCTIONALS
        kind: Kind = "statistics" if self.model == "mlp" else "series"
        return FeatureConfig(kind=kind, deltas=self.deltas, hop_samples=self.hop_samples)


NETWORKS = ("mlp", "cnn", "lstm")  # weights start from nothing
MODELS = (*NETWORKS, TRANSFORMER, *CLASSICAL)
BUNDLED = (*NETWORKS, TRANSFORMER, "svm", "logistic")  # boosted trees serve the leak lab alone
LAB_MODELS = ("mlp", "cnn", "svm")  # of the leak lab, unless others are named
# Learning once more and leaving corpora out are left to models whose fits take seconds.
_SETTINGS: dict[str, dict[str, Any]] = {
    "mlp": {
        "refit": True,
        "deltas": 2,
        "width": 128,
        "dropout": 0.4,
        "copies": ("plain", "x0.84", "x0.9", "x1.1", "x1.16", "d0", "d1"),
        "label_smoothing": 0.0,
        "distil": 0.7,
    },
    "cnn": {
        "patience": 12,
        "width": 96,
        "copies": ("plain", "x0.9", "x1.1", "d0", "d1"),
        "label_smoothing": 0.0,
        "distil": 0.5,
    },
    "lstm": {
        "max_epochs": 60,
        "patience": 10,
        "batch_size": 64,
        "learning_rate": 2e-3,
        "deltas": 1,
        "dropout": 0.2,
        "pool": 4,
        "copies": ("plain", "x0.9", "x1.1", "d0", "d1"),
        "extra_corpora": ("emodb",),
        "label_smoothing": 0.0,
        "distil": 0.7,
    },
    TRANSFORMER: {
        "refit": True,
        "leave_out": True,
        "copies": ("plain", "e0", "e1", "e2", "s0", "s1"),
        "extra_corpora": ("emodb", "nemo"),
    },
    "svm": {
        "refit": True,
        "copies": ("plain", "x0.9", "x1.1", "d0", "d1"),
    },
    "logistic": {"copies": ("plain", "d0", "d1")},
    "boosting": {"copies": ("plain", "d0", "d1")},
}
PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "smoke": {
        "max_epochs": 1,
        "max_folds": 2,
        "max_per_class": 4,
        "copies": ("plain",),
        "extra_corpora": (),
        "distil": 0.0,
        "robustness": 0,
        "leave_out": False,
        "elsewhere": False,
    },
    # The recipe of a bootcamp that many tutorials copy: MFCC of the clips as they are, Adam, no
    # regularisation but dropout. Its networks saw 40 means over each clip; ours keep their own
    # shape and their frames or statistics, and rare classes are repeated after the split only.
    "blog": {
        "batch_size": 32,
        "learning_rate": 1e-3,
        "deltas": 0,
        "dropout": 0.1,
        "crop_frames": 160,  # 3.2 s, more than nearly every sentence, so that little is cut
        "copies": ("plain",),
        "extra_corpora": (),
        "label_smoothing": 0.0,
        "distil": 0.0,
        "noise": 0.0,
        "shift": 0.0,
        "mask_share": 0.0,
        "averaging": 0.0,
        "refit": False,
        "robustness": 0,
        "leave_out": False,
        "elsewhere": False,
    },
}


def configure(model: str, preset: str = "default", seed: int | None = None) -> TrainConfig:
    """The settings of a network.

    Raises:
        SerError: if there is no such network or preset.
    """
    if model not in MODELS:
        raise SerError(f"There is no network '{model}'. Choose from: {', '.join(MODELS)}.")
    if preset not in PRESETS:
        raise SerError(f"There is no preset '{preset}'. Choose from: {', '.join(PRESETS)}.")
    cfg = replace(TrainConfig(model=model), **(_SETTINGS[model] | PRESETS[preset]))
    return cfg if seed is None else replace(cfg, seed=seed)
