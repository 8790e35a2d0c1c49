"""How often a pause is taken for the end: `python -m benchmarks.early_ends`, needs RAVDESS.

Live, a short pause already scores what was said as if it had ended. Where speech goes on, that was
a wrong end: an answer for the whole utterance is told too early, and scored in vain.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.arguments import positive, show
from ser_core.analysis.analyser import EARLY_PAUSE_S
from ser_core.audio.clip import AudioClip
from ser_core.corpora.index.reading import find_root, recordings
from ser_core.decoding.decode import decode
from ser_core.errors import CorpusError
from ser_core.speech.detector import CHUNK_SAMPLES
from ser_core.speech.segmenter import Segmenter
from train.publish.tables import as_columns

PAUSES_S = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
_SEED = 0


def main(arguments: list[str] | None = None) -> int:
    """Count and show a table; the exit status is 1 if that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.early_ends", description=__doc__)
    parser.add_argument("--clips", type=positive, default=200, help="how many, drawn at random")
    options = parser.parse_args(arguments)
    return show(lambda: benchmark(options.clips), str)


def benchmark(clips: int) -> str:
    """The table, as text.

    Raises:
        CorpusError: if RAVDESS is not on this machine.
    """
    root = find_root("ravdess")
    if root is None:
        raise CorpusError("RAVDESS is not here. Fetch it: python -m train download ravdess")
    files = np.array(sorted(recordings("ravdess", root)), object)
    chosen = np.random.default_rng(_SEED).choice(files, min(clips, len(files)), replace=False)
    pauses = [pauses_inside(decode(Path(file).read_bytes()).clip) for file in chosen]
    inside = [pause for found in pauses for pause in found]
    rows: list[Sequence[str]] = [("pause s", "wrong ends", "per 100 clips")]
    for limit in PAUSES_S:
        wrong = sum(pause >= limit for pause in inside)
        rows.append((f"{limit:g}", f"{wrong}", f"{100 * wrong / len(chosen):.0f}"))
    return f"{as_columns(rows)}\n\n{len(chosen)} clips of RAVDESS; live, it is {EARLY_PAUSE_S:g} s."


def pauses_inside(clip: AudioClip) -> list[float]:
    """Seconds of each pause inside an utterance, after which it went on."""
    segmenter, found, pause_s = Segmenter(), [], 0.0
    for start in range(0, clip.samples.size - CHUNK_SAMPLES, CHUNK_SAMPLES):
        ended = segmenter.push(clip.samples[start : start + CHUNK_SAMPLES])
        now_s = segmenter.pause_s
        if not ended and now_s < pause_s and segmenter.in_speech:
            found.append(pause_s)
        pause_s = 0.0 if ended else now_s
    return found


if __name__ == "__main__":
    sys.exit(main())
