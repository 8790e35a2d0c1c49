"""What a long upload takes: `python -m benchmarks.upload`, on a quiet machine."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from benchmarks.arguments import show
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.bundles.store import ModelStore, models_dir
from ser_core.corpora.folder.files import no_sound
from ser_core.decoding.decode import decode
from ser_core.decoding.folding import MAX_DURATION_S
from ser_core.errors import AudioError, ModelError
from tests.voice import voice
from train.protocol.evaluate import machine
from train.publish.tables import Cells, as_columns, as_markdown

_ROOT = Path(__file__).parents[1]
_PAUSE_S = 1.0
# -60 dBFS beneath a made-up voice, as beneath any recorded one: in silence of zeros the detector
# hears the noise of each codec instead
_ROOM = 0.001
_PHRASES_S = (2.0, 3.5, 5.0, 8.0)
_SCORED_S = 600.0  # the budget is for ten minutes
_WAV_RATE_HZ = 48_000  # what phones and recorders write, in stereo: the largest usual file
_LIBSNDFILE = {"wav": 2, "flac": 1}  # channels
# codec, container, options; MP3 without the frame that tells its length, WebM without a duration
_FFMPEG: dict[str, tuple[str, str, dict[str, str]]] = {
    "mp3": ("libmp3lame", "mp3", {"write_xing": "0"}),
    "m4a": ("aac", "ipod", {}),
    "webm": ("libopus", "webm", {"live": "1"}),
    "opus": ("libopus", "ogg", {}),
}
_HEADER = (
    "model",
    "file",
    "MB",
    "decode s",
    "score s",
    "draw s",
    "s per 10 min",
    "loaded MB",
    "peak MB",
    "off ms: median, most",
)
_NOTE = (
    "{minutes:g} minutes of {what} with pauses of {pause:g} s, one thread, each in a fresh process "
    "that loads the page and the model (loaded MB), then the file. Peak MB is the most memory of "
    "that process, with Python, its libraries and the uploaded file itself. Off ms is how far the "
    "onsets and offsets of utterances lie from those in the first file. Machine: {machine}."
)
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}

Samples = NDArray[np.float32]
Results = dict[str, dict[str, dict[str, Any]]]  # per model and format


def main(arguments: list[str] | None = None) -> int:
    """Measure, and show a table or one JSON object; the exit status is 1 if that failed."""
    options = _parser().parse_args(arguments)
    what = "recorded speech" if options.clip or options.folder else "made-up voice"

    def measured() -> Results:
        phrases = _phrases(options.clip, options.folder)
        room = 0.0 if options.clip or options.folder else _ROOM
        seconds = 60 * options.minutes
        return benchmark(options.models, options.model, phrases, seconds, options.formats, room)

    return show(measured, lambda results: _text(results, options, what))


def benchmark(
    models_dir: Path,
    names: list[str] | None,
    phrases: list[Samples],
    duration_s: float,
    formats: list[str],
    room: float = 0.0,
) -> Results:
    """Measure models on one long recording.

    Args:
        models_dir: folder of the bundles.
        names: of the models; all by default.
        phrases: what the recording repeats, 16 kHz.
        duration_s: of the recording.
        formats: what it is encoded as.
        room: level of noise beneath it, as in `recording`.

    Returns:
        What `benchmarks.long_file.measured` gives, per model and format.

    Raises:
        ModelError: if a model is missing or cannot be measured.
    """
    installed = ModelStore(models_dir).names()
    missing = sorted(set(names or ()) - set(installed))
    if missing or not installed:
        raise ModelError(
            f"There is no model '{(missing or ['at all'])[0]}' in {models_dir}. "
            f"Choose from: {', '.join(installed) or 'none'}."
        )
    results: Results = {name: {} for name in names or installed}
    with tempfile.TemporaryDirectory() as folder:
        for form in formats:
            file = Path(folder) / f"long.{form}"
            encode(file, recording(phrases, duration_s, room))
            for name, found in results.items():
                found[form] = _measured((models_dir / name).resolve(), file)
            file.unlink()
    return results


def recording(phrases: list[Samples], duration_s: float, room: float = 0.0) -> Iterator[Samples]:
    """Phrases with pauses between them, over and over.

    Args:
        phrases: shape (n,), float32, 16 kHz each.
        duration_s: of all.
        room: RMS level of white noise beneath them, 1 being full scale.

    Yields:
        Parts of it, shape (n,), float32, 16 kHz.
    """
    left, noise = round(duration_s * SAMPLE_RATE_HZ), np.random.default_rng(0)
    pause = np.zeros(round(_PAUSE_S * SAMPLE_RATE_HZ), np.float32)
    for phrase in cycle(phrases):
        for part in (phrase, pause):
            part = part[:left]
            yield part + np.float32(room) * noise.standard_normal(part.size, np.float32)
            left -= part.size
        if not left:
            return


def encode(file: Path, parts: Iterator[Samples]) -> None:
    """Write a 48 kHz sound file, its format by its ending: WAV in stereo, the others mono."""
    form, wide = file.suffix[1:], _at_48_khz(parts)
    if channels := _LIBSNDFILE.get(form):
        with sf.SoundFile(file, "w", _WAV_RATE_HZ, channels, "PCM_16") as out:
            for part in wide:
                out.write(np.stack([part] * channels, axis=1))
        return
    codec, container, settings = _FFMPEG[form]
    with av.open(str(file), "w", format=container, options=settings) as out:
        stream = out.add_stream(codec, rate=_WAV_RATE_HZ, layout="mono", bit_rate=64_000)
        written = 0
        for part in filter(len, wide):
            frame = av.AudioFrame.from_ndarray(part[None], format="fltp", layout="mono")
            # without times the file would not tell what its encoder puts before the sound
            frame.sample_rate, frame.pts = _WAV_RATE_HZ, written
            frame.time_base = Fraction(1, _WAV_RATE_HZ)
            written += part.size
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _at_48_khz(parts: Iterator[Samples]) -> Iterator[Samples]:
    """The same sound for every format: what lies above 8 kHz, a codec would spend its bits on."""
    stream = soxr.ResampleStream(SAMPLE_RATE_HZ, _WAV_RATE_HZ, 1)
    for part in parts:
        yield stream.resample_chunk(part)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.upload", description=__doc__)
    parser.add_argument("--models", type=Path, default=models_dir(), help="folder of the bundles")
    parser.add_argument("--model", action="append", help="measure this one; may be repeated")
    parser.add_argument("--minutes", type=_minutes, default=30.0, help="at most 30")
    parser.add_argument(
        "--formats",
        nargs="+",
        choices=(*_LIBSNDFILE, *_FFMPEG),
        default=["wav", "flac", "mp3", "m4a", "webm"],
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--clip", type=Path, help="repeat this file instead of a made-up voice")
    source.add_argument("--folder", type=Path, help="repeat the files of this folder")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--markdown", action="store_true", help="as a Markdown table")
    shown.add_argument("--json", action="store_true", help="as one JSON object")
    return parser


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes <= MAX_DURATION_S / 60:
        raise argparse.ArgumentTypeError(f"more than 0, at most {MAX_DURATION_S // 60}")
    return minutes


def _phrases(clip: Path | None, folder: Path | None) -> list[Samples]:
    if clip:
        return [decode(clip).clip.samples]
    if not folder:
        return [voice(s, 110 + 30 * i, i) for i, s in enumerate(_PHRASES_S)]
    files = sorted(f for f in folder.rglob("*") if f.is_file() and not no_sound(f.name))
    if not files:
        raise AudioError(f"There is no sound file in {folder}. Choose another folder.")
    clips: list[AudioClip] = [decode(file).clip for file in files[:50]]
    return [found.samples for found in clips]


def _measured(folder: Path, file: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.long_file", str(folder), str(file)]
    environment = os.environ | _ENVIRONMENT
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        cause = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(f"Measuring '{folder.name}' failed: {cause} Try another model.")
    return json.loads(done.stdout.splitlines()[-1])


def _text(results: Results, options: argparse.Namespace, what: str) -> str:
    facts = {"minutes": options.minutes, "what": what, "machine": machine()}
    if options.json:
        return json.dumps({**facts, "models": results})
    rows = [_HEADER]
    for name, found in results.items():
        first = next(iter(found.values()))["utterances"]
        rows += [_row(name, form, m, _off_ms(m["utterances"], first)) for form, m in found.items()]
    table = (as_markdown if options.markdown else as_columns)(rows)
    return f"{table}\n\n{_NOTE.format(pause=_PAUSE_S, **facts)}"


def _off_ms(utterances: list[list[float]], first: list[list[float]]) -> str:
    """Median and greatest distance of utterances' times; how many there are if that differs."""
    if len(utterances) != len(first):
        return f"{len(utterances)} for {len(first)} utterances"
    distances_ms = 1000 * np.abs(np.subtract(utterances, first))
    return f"{np.median(distances_ms):.0f}, {distances_ms.max(initial=0):.0f}"


def _row(name: str, form: str, m: dict[str, Any], off_ms: str) -> Cells:
    working_s = m["decode_s"] + m["score_s"] + m["draw_s"]
    return (
        name,
        form,
        f"{m['file_mb']:.0f}",
        *(f"{m[step]:.2f}" for step in ("decode_s", "score_s", "draw_s")),
        f"{working_s * _SCORED_S / m['duration_s']:.1f}",
        f"{m['loaded_mb']:.0f}",
        f"{m['drawn_mb']:.0f}",
        off_ms,
    )


if __name__ == "__main__":
    sys.exit(main())
