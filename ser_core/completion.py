"""What makes a shell complete the commands."""

import argparse
from pathlib import Path

import shtab


def script_of(parser: argparse.ArgumentParser, shell: str) -> str:
    """A script for bash, zsh or fish that completes commands, options, choices and paths."""
    parser.prog = "speech-emotion"
    _with_paths(parser)
    return f"{shtab.complete(parser, shell)}\n"


def _with_paths(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:  # shtab reads them here, too
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _with_paths(command)
        elif action.type is Path or action.dest == "files":
            kind = shtab.DIRECTORY if action.metavar == "FOLDER" else shtab.FILE
            action.complete = kind  # type: ignore[attr-defined]
