"""Settings of the feature code: everything that changes the numbers."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Literal

from ser_core.features import functionals

FEATURE_CODE_VERSION = 1  # raise it whenever this package changes its output
N_STATISTICS = 4  # mean, deviation, 10th and 90th percentile

Kind = Literal["series", "statistics", "log_mel", "functionals", "log_mel_functionals"]


@dataclass(frozen=True, slots=True)
class FeatureConfig:
    """Everything that changes the numbers.

    Attributes:
        kind: "series" gives MFCC frames over time, "statistics" their summary over the utterance,
            "log_mel" the mel bands themselves, scaled as Whisper's encoder expects them,
            "functionals" a vector of acoustic descriptors (`ser_core.features.functionals`), which
            needs frames 10 ms apart and takes neither n_mfcc nor deltas,
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
        return frame if self.kind == "series" else frame * N_STATISTICS


FUNCTIONALS = FeatureConfig(
    kind="functionals", hop_samples=160, n_mels=26, n_mfcc=0, deltas=0, top_db=60.0
)
WHISPER = FeatureConfig(  # 25 ms windows and 100 frames a second, as its encoder was trained
    kind="log_mel", n_fft=400, hop_samples=160, n_mels=80, n_mfcc=0, deltas=0
)
FUNCTIONAL_ROWS = -(-FUNCTIONALS.width // WHISPER.n_mels)
