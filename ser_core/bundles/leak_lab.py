"""The leak lab: what a score gains from shared speakers and from copies made before the split.

`python -m train leaklab` writes the file, `python -m train report` shows it.
"""

from typing import Annotated, ClassVar, Literal, get_args

from msgspec import Meta

from ser_core.bundles.files import BundleFile, Count, Part, Setting, Share
from ser_core.protocols import Protocol

Oversampled = Literal["before", "after"]  # the split


class Score(Part, frozen=True):
    """UA and WA, as fractions, on a number of test rows."""

    ua: Share
    wa: Share
    rows: Annotated[int, Meta(ge=1)]


class Cell(Part, frozen=True):
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
    heard: Count


class ModelLeak(Part, frozen=True):
    """The cells of one model.

    Attributes:
        command: the line that runs them again.
        settings: of the training runs.
        cells: all four.
    """

    command: str
    settings: dict[str, Setting]
    cells: tuple[Cell, ...]

    def __post_init__(self) -> None:
        """Refuse a lab that was not run to its end."""
        ways = [(p, o) for p in Protocol for o in get_args(Oversampled)]
        if sorted((c.protocol, c.oversampled) for c in self.cells) != sorted(ways):
            raise ValueError("a way to split and to oversample is missing")

    def cell(self, protocol: Protocol, oversampled: Oversampled) -> Cell:
        """One of the four."""
        return next(c for c in self.cells if (c.protocol, c.oversampled) == (protocol, oversampled))


class LeakLab(BundleFile, frozen=True):
    """What the lab found.

    Attributes:
        corpus: name of the corpus.
        method: how it was done, in sentences.
        models: per name of a model.
    """

    FILE: ClassVar[str] = "leak_lab.json"
    COMMAND: ClassVar[str] = "python -m train leaklab"

    corpus: str
    method: str
    models: Annotated[dict[str, ModelLeak], Meta(min_length=1)]
