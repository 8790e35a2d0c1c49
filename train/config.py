"""Settings of a training run; each network's preset states what differs from the defaults."""

from dataclasses import dataclass, replace

from ser_core.errors import SerError
from ser_core.features import FeatureConfig

TRANSFORMER = "transformer"
# as the encoder was trained: 25 ms windows, 100 frames a second
WHISPER_FEATURES = FeatureConfig(
    kind="log_mel", n_fft=400, hop_samples=160, n_mels=80, n_mfcc=0, deltas=0
)


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything that a run depends on besides the data.

    Attributes:
        model: mlp, cnn, lstm or transformer.
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
        copies: of every training row, see `train.data`; each epoch takes one of them.
        extra_corpora: corpora learned from beside the scored one, in every fold.
        extra_weight: of their rows in the loss.
        label_smoothing: probability spread over all classes.
        distil: share of a better model's answers in the targets, see `train.distil`; 0 for none.
        mixup: parameter of the beta distribution that mixes pairs of rows; 0 turns it off.
        noise: Gaussian noise on features, in standard deviations.
        shift: one random offset per row and feature (another microphone), in standard deviations.
        mask_share: longest masked stretch of time and of features, as a share; 0 turns it off.
        averaging: momentum of the weights' moving average over epochs; 0 turns it off.
        refit: learn once more, with the chosen number of epochs, from training and validation rows.
        blocks: of the encoder, from 1, whose outputs a transformer's head sees.
        seed: of weights, order and augmentation.
        max_folds: run so many folds only; 0 for all.
        max_per_class: learn from so many rows of each class only; 0 for all.
        robustness: score the test clips of the speaker-independent folds disturbed as well.
        cross_corpus: train on one corpus and test on each other one, where both are there.
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
    refit: bool = True
    blocks: tuple[int, ...] = (2, 3, 4)
    seed: int = 42
    max_folds: int = 0
    max_per_class: int = 0
    robustness: bool = True
    cross_corpus: bool = True

    @property
    def features(self) -> FeatureConfig:
        """Feature settings of this network."""
        if self.model == TRANSFORMER:
            return WHISPER_FEATURES
        kind = "statistics" if self.model == "mlp" else "series"
        return FeatureConfig(kind=kind, deltas=self.deltas, hop_samples=self.hop_samples)


SPEAKER_INDEPENDENT = "speaker_independent"
RANDOM_SPLIT = "random_split"
PROTOCOLS = (SPEAKER_INDEPENDENT, RANDOM_SPLIT)  # the first one is the headline

NETWORKS = ("mlp", "cnn", "lstm")  # trained from nothing
MODELS = (*NETWORKS, TRANSFORMER)
LAB_MODELS = ("mlp", "cnn", "svm")  # of the leak lab, unless others are named
_SETTINGS = {
    "mlp": {
        "deltas": 2,
        "width": 128,
        "dropout": 0.4,
        "copies": ("plain", "x0.84", "x0.92", "x1.08", "x1.16"),
    },
    "cnn": {},
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
        "distil": 0.5,
    },
    TRANSFORMER: {
        "max_epochs": 60,
        "batch_size": 64,
        "dropout": 0.3,
        "copies": ("plain", "x0.9", "x1.1", "d0", "d1", "d2"),
        "extra_corpora": ("emodb",),
    },
}
PRESETS = {
    "default": {},
    "smoke": {
        "max_epochs": 1,
        "max_folds": 2,
        "max_per_class": 4,
        "copies": ("plain",),
        "extra_corpora": (),
        "distil": 0.0,
        "robustness": False,
        "cross_corpus": False,
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
