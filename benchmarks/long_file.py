"""Measures one upload for one model; `benchmarks.upload` starts a fresh process for each.

Everything that the page needs is loaded first, so that memory is that of the app, and the file's
bytes stay in memory throughout, as an uploaded file's do.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.process import peak_mb
from ser_core.analysis.result import result_of
from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.bundles.model import EmotionModel
from ser_core.decoding.decode import decode
from ser_core.plots.result.player import picture
from ser_core.warmup import warm_up


def measured(folder: Path, file: Path) -> dict[str, Any]:
    """What scoring and drawing an uploaded file takes.

    Args:
        folder: of the bundle.
        file: a sound file of any format.

    Returns:
        duration_s of the sound; file_mb; decode_s, score_s and draw_s of computing; segments that
        were found; loaded_mb, decoded_mb, scored_mb, drawn_mb: the peak of this process after each
        step, in MB; utterances: onset and offset of each, in seconds.
    """
    model = EmotionModel(folder)
    _warm_up(model)
    loaded_mb = peak_mb()
    uploaded = file.read_bytes()
    start = time.perf_counter()
    decoded = decode(uploaded, file.name)
    decode_s, decoded_mb = time.perf_counter() - start, peak_mb()
    duration_s, start = decoded.clip.duration_s, time.perf_counter()
    result = result_of(decoded, file.name, model, lambda done_s: done_s / duration_s)
    score_s, scored_mb = time.perf_counter() - start, peak_mb()
    del decoded  # as the page does: it keeps the result alone
    start = time.perf_counter()
    picture(result.clip, result.timeline)
    return {
        "duration_s": duration_s,
        "file_mb": len(uploaded) / 1e6,
        "segments": len(result.timeline.segments),
        "decode_s": decode_s,
        "score_s": score_s,
        "draw_s": time.perf_counter() - start,
        "loaded_mb": loaded_mb,
        "decoded_mb": decoded_mb,
        "scored_mb": scored_mb,
        "drawn_mb": peak_mb(),
        "utterances": result.timeline.utterances,
    }


def _warm_up(model: EmotionModel) -> None:
    """What the app has done before anyone uploads."""
    warm_up()
    model.probabilities(np.zeros(round(model.card.window_s * SAMPLE_RATE_HZ), np.float32))


if __name__ == "__main__":
    _folder, _file = map(Path, sys.argv[1:])
    sys.stdout.write(json.dumps(measured(_folder, _file)) + "\n")
