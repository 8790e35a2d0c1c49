"""The leak lab: what a score gains from shared speakers and from copies made before the split.

`python -m train leaklab` writes the file, `python -m train report` shows it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from ser_core.bundles.checks import is_number
from ser_core.bundles.store import MODELS_DIR
from ser_core.errors import ModelError

SCHEMA = 1
FILE = "leak_lab.json"
Protocol = Literal["random_split", "speaker_independent"]
Oversampled = Literal["before", "after"]  # the split
_AGAIN = "Run it: python -m train leaklab"
_WAYS = {(p, o) for p in get_args(Protocol) for o in get_args(Oversampled)}


@dataclass(frozen=True, slots=True)
class Score:
    """UA and WA, as fractions, on a number of test rows."""

    ua: float
    wa: float
    rows: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One way to split and to oversample.

    Attributes:
        protocol: clips at random, or whole speakers.
        oversampled: on which side of the split the copies were made.
        score: on all test rows, copies included, as a project without suspicion counts.
        originals: on each test recording once, copies left out.
        heard: test rows whose very recording is among the training rows.
    """

    protocol: Protocol
    oversampled: Oversampled
    score: Score
    originals: Score
    heard: int


@dataclass(frozen=True, slots=True)
class ModelLeak:
    """The cells of one model.

    Attributes:
        command: the line that runs them again.
        settings: of the training runs.
        cells: all four.
    """

    command: str
    settings: dict[str, Any]
    cells: tuple[Cell, ...]

    def cell(self, protocol: Protocol, oversampled: Oversampled) -> Cell:
        """One of the four."""
        return next(c for c in self.cells if (c.protocol, c.oversampled) == (protocol, oversampled))


@dataclass(frozen=True, slots=True)
class LeakLab:
    """What the lab found.

    Attributes:
        corpus: name of the corpus.
        method: how it was done, in sentences.
        models: per name of a model.
    """

    corpus: str
    method: str
    models: dict[str, ModelLeak]

    def save(self, models_dir: Path) -> Path:
        """Write leak_lab.json beside the bundles; returns the file."""
        models_dir.mkdir(parents=True, exist_ok=True)
        path = models_dir / FILE
        text = json.dumps({"schema": SCHEMA, **asdict(self)}, indent=2, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")
        return path


def load_leak_lab(models_dir: Path = MODELS_DIR) -> LeakLab:
    """Read leak_lab.json.

    Args:
        models_dir: folder of the bundles.

    Raises:
        ModelError: if it is missing, of an unknown schema or incomplete.
    """
    try:
        content = json.loads((models_dir / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"The leak lab has not been run here. {_AGAIN}") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{FILE} cannot be read. {_AGAIN}") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise ModelError(f"{FILE} has an unknown form. {_AGAIN}")
    try:
        models = {name: _model(entry) for name, entry in content["models"].items()}
        if not models:
            raise KeyError("models")
        return LeakLab(content["corpus"], content["method"], models)
    except (AttributeError, KeyError, TypeError) as error:
        raise ModelError(f"{FILE} is incomplete ({error}). {_AGAIN}") from error


def _model(entry: dict[str, Any]) -> ModelLeak:
    cells = tuple(_cell(**cell) for cell in entry["cells"])
    if {(c.protocol, c.oversampled) for c in cells} != _WAYS:
        raise KeyError("cells")
    return ModelLeak(entry["command"], entry["settings"], cells)


def _cell(score: dict[str, Any], originals: dict[str, Any], **facts: Any) -> Cell:
    cell = Cell(score=Score(**score), originals=Score(**originals), **facts)
    for found in (cell.score, cell.originals):
        if not (is_number(found.ua) and is_number(found.wa)):
            raise TypeError("a score is not a number")
        if type(found.rows) is not int or found.rows < 1:
            raise TypeError("a number of rows is not one")
    if type(cell.heard) is not int:
        raise TypeError("'heard' is not a number of rows")
    return cell
