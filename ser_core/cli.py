"""The command line: score files and folders, list the models, start the app or the service."""

import argparse
import os
import runpy
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ser_core import __version__
from ser_core.analysis.analyser import Adapt
from ser_core.batch import command as batch
from ser_core.bundles import selftest
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import ModelStore
from ser_core.completion import script_of
from ser_core.errors import AudioError, ModelError, SerError
from ser_core.inputs import Input, Voices, inputs_of, speakers_of
from ser_core.locations import app_dir
from ser_core.output import write, write_annotations
from ser_core.reports.annotations import Format
from ser_core.reports.records import Record, model_record, segment_rows, summary_rows, voice_rows
from ser_core.scoring import Scored, Wanted, scored
from ser_core.service import client
from ser_core.service import command as service
from ser_core.speakers.clustering import MOST_VOICES
from ser_core.words import weights
from ser_core.words.transcriber import load as load_transcriber

_EXAMPLES = {
    "all": """examples:
  speech-emotion predict talk.m4a
  speech-emotion predict --help
  speech-emotion app
""",
    "predict": """examples:
  speech-emotion predict talk.m4a meeting.wav
  speech-emotion predict folder/ --format csv --out answers.csv
  speech-emotion predict talk.m4a --timeline
  speech-emotion predict day/*.wav --adapt session
  speech-emotion predict https://example.org/talk.m4a
  speech-emotion predict film.mp4 --face --timeline
  speech-emotion predict meeting.wav --voices auto --format srt --out meeting.srt
""",
    "models": """examples:
  speech-emotion models --format json
  speech-emotion models --check
""",
    "words": """examples:
  speech-emotion words
  speech-emotion predict talk.m4a --words auto --format json
""",
    "app": """examples:
  speech-emotion app
  speech-emotion app --server.port 8080 --server.headless true
""",
    "completion": """examples:
  speech-emotion completion bash > ~/.local/share/bash-completion/completions/speech-emotion
  speech-emotion completion zsh > ~/.zfunc/_speech-emotion
  speech-emotion completion fish > ~/.config/fish/completions/speech-emotion.fish
""",
}
EXIT_OK, EXIT_SOME_FAILED, EXIT_USAGE, EXIT_STOPPED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 if every file was scored, 1 if some were not, 2 for wrong usage, 130 where it was
        interrupted.
    """
    parser = build_parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.run is not _app:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.settings = rest
    try:
        return options.run(options)
    except SerError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return EXIT_STOPPED


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    as_module = Path(sys.argv[0]).name == "__main__.py"
    parser = argparse.ArgumentParser(
        prog="python -m ser_core" if as_module else "speech-emotion",
        description=__doc__,
        epilog=_EXAMPLES["all"],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"speech-emotion {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    _add_predict(commands)
    batch.add_to(commands)
    service.add_to(commands)
    models = _add(commands, "models", "list the installed models")
    models.add_argument("--format", choices=("table", "json", "csv"), default="table")
    models.add_argument("--out", type=Path, metavar="FILE", help="write there, not to the screen")
    models.add_argument("--check", action="store_true", help="run the self-test of each")
    models.set_defaults(run=_models)

    words = _add(commands, "words", "fetch the model that writes down words")
    words.set_defaults(run=_words)

    app = _add(commands, "app", "start the app; what follows goes to Streamlit")
    app.set_defaults(run=_app)

    completion = _add(commands, "completion", "print what makes a shell complete these commands")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    completion.set_defaults(run=_completion)
    return parser


def _add(commands: Any, name: str, what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=_EXAMPLES[name],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _add_predict(commands: Any) -> None:
    predict = _add(commands, "predict", "score sound files")
    predict.add_argument(
        "files", nargs="+", metavar="FILE", help="sound files, folders, or addresses"
    )
    predict.add_argument("--model", metavar="NAME", help="a model, or 'all'; default: the best")
    predict.add_argument("--timeline", action="store_true", help="a row per segment, not per file")
    predict.add_argument(
        "--format",
        choices=("table", "json", "csv", *Format),
        default="table",
        help="the last six are subtitles and annotations, of many files with --out FOLDER",
    )
    predict.add_argument(
        "--voices",
        type=_voices,
        metavar="N",
        help="tell voices apart: how many there are, 1 to 8, or 'auto' to find out",
    )
    predict.add_argument(
        "--words",
        metavar="LANGUAGE",
        help="write down what is said: a language such as en, or 'auto' to find it",
    )
    predict.add_argument("--face", action="store_true", help="look at the face in films as well")
    predict.add_argument("--out", type=Path, metavar="FILE", help="write there, not to the screen")
    predict.add_argument(
        "--adapt",
        choices=[*Adapt],
        default=Adapt.FILE,
        help="hear utterances against others of their voice, in their file (the default) or in all "
        "files before (session: one voice, in order), or by themselves",
    )
    predict.add_argument(
        "--speakers",
        type=Path,
        metavar="TABLE",
        help="a table with the columns file and speaker: each speaker's files are one session",
    )
    predict.add_argument(
        "--track", type=int, metavar="N", help="the sound track of files that have several"
    )
    predict.add_argument(
        "--channels",
        choices=("mix", "each"),
        default="mix",
        help="judge the voice of all channels together (the default), or a row per channel, as for "
        "recorded calls with one speaker on each",
    )
    predict.add_argument(
        "--server",
        metavar="URL",
        help=f"let a service judge, as http://localhost:8000; its key is read from {client.KEY}",
    )
    predict.set_defaults(run=_predict)


def _voices(text: str) -> int:
    """How many voices to tell apart; 0 to find out."""
    if text == "auto":
        return 0
    if text not in {str(count) for count in range(1, MOST_VOICES + 1)}:
        raise argparse.ArgumentTypeError(f"1 to {MOST_VOICES}, or auto")
    return int(text)


def _predict(options: argparse.Namespace) -> int:
    if options.out and not options.out.parent.is_dir():
        raise SerError(f"{options.out} cannot be written: its folder does not exist. Make it.")
    if options.voices is not None and (options.speakers or options.adapt == Adapt.SESSION):
        raise SerError("--voices tells voices apart in each file: leave out speakers and session.")
    inputs = [each for name in options.files for each in inputs_of(name)]
    if all(each.left_out or each.path.is_dir() for each in inputs):
        raise AudioError("The folder holds no sound files. Give a folder or files with sound.")
    if options.server:
        client.check(options)
        speakers = speakers_of(options.speakers, inputs)
        return _write_records(client.records_of(inputs, speakers, options), options)
    found = _scored(inputs, options)
    if options.format in [*Format]:
        write_annotations(found, Format(options.format), options.out)
        return _exit(each.record for each in found)
    return _write_records([each.record for each in found], options)


def _scored(inputs: Sequence[Input], options: argparse.Namespace) -> list[Scored]:
    models = _load_models(options.model)
    language = None if options.words in (None, "auto") else options.words
    transcriber = load_transcriber() if options.words else None
    if transcriber:
        transcriber.require(language)
    wanted = Wanted(
        models,
        Voices(options.adapt, speakers_of(options.speakers, inputs)),
        options.track,
        options.channels == "each",
        options.voices,
        transcriber,
        language,
        face=options.face,
    )
    quiet = not sys.stderr.isatty() or len(inputs) == 1
    return [
        each
        for given in tqdm(inputs, unit="file", disable=quiet, file=sys.stderr)
        for each in scored(given, wanted)
    ]


def _write_records(records: Sequence[Record], options: argparse.Namespace) -> int:
    rows = segment_rows if options.timeline else summary_rows
    if options.voices is not None and not options.timeline:
        rows = voice_rows
    write(records, rows(records), options.format, options.out)
    return _exit(records)


def _exit(records: Iterable[Record]) -> int:
    return EXIT_SOME_FAILED if any(record["error"] for record in records) else EXIT_OK


def _words(_: argparse.Namespace) -> int:
    if why := weights.without_library():
        raise SerError(why)
    with tqdm(total=weights.SIZE, unit="B", unit_scale=True, file=sys.stderr) as bar:
        folder = weights.fetch(progress=lambda done, _: bar.update(done - bar.n) and None)
    sys.stdout.write(f"{folder} holds Whisper base. Words: predict FILE --words auto\n")
    return EXIT_OK


def _load_models(name: str | None) -> list[EmotionModel]:
    store = ModelStore()
    names = store.names() if name == "all" else [name]
    return [store.load(each) for each in names or [None]]


def _models(options: argparse.Namespace) -> int:
    store = ModelStore()
    rows = [model_record(store.bundle(name)) for name in store.names()]
    if options.check:
        rows = [row | _checked(store.folder / row["model"]) for row in rows]
    write(rows, rows, options.format, options.out)
    return EXIT_SOME_FAILED if options.check and any(row["error"] for row in rows) else EXIT_OK


def _checked(folder: Path) -> Record:
    try:
        selftest.verify(folder)
    except ModelError as error:
        return {"error": str(error), "selftest": "failed"}
    return {"selftest": "passed"}


def _app(options: argparse.Namespace) -> int:
    if find_spec("streamlit") is None:
        raise SerError("The app needs Streamlit. Install it: pip install 'speech-emotion[app]'")
    os.chdir(app_dir())  # where its settings lie
    sys.argv = ["streamlit", "run", "app.py", *options.settings]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return EXIT_OK


def _completion(options: argparse.Namespace) -> int:
    sys.stdout.write(script_of(build_parser(), options.shell))
    return EXIT_OK
