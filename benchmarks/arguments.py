"""What the command lines of the benchmarks share."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ser_core.errors import SerError


def positive(text: str) -> int:
    """A whole number, at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def show(
    benchmark: Callable[[], Any], as_text: Callable[[Any], str] = str, as_json: bool = False
) -> int:
    """Measure, and write the outcome as text or as one JSON object.

    Returns:
        The exit status: 1 if the measurement failed, which is told on stderr.
    """
    try:
        outcome = benchmark()
    except SerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{json.dumps(asdict(outcome)) if as_json else as_text(outcome)}\n")
    return 0
