"""What reading a file found out, and how its owner is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ser_core.formatting import part_s, seconds

_SHORTFALL_S = 0.5  # lengths are rounded; a smaller gap says nothing
_EXACT_SHORTFALL_S = 0.02


@dataclass(slots=True)
class Findings:
    """What reading a track found out, complete once all of it is read.

    Attributes:
        read_s: seconds of sound and silence on the file's clock.
        damaged_s: where something could not be read, in seconds.
        ends_damaged: whether nothing could be read after the last of these.
        declared_s: seconds that the file tells; 0 if it tells none.
        exact: whether that is true to the sample.
    """

    read_s: float = 0.0
    damaged_s: list[float] = field(default_factory=list)
    ends_damaged: bool = False
    declared_s: float = 0.0
    exact: bool = False


def ends_early(found: Sequence[Findings]) -> Iterator[str]:
    """A sentence if a file, part by part, holds less than it tells."""
    read_s = sum(part.read_s for part in found)
    missing_s = sum(max(part.declared_s - part.read_s, 0.0) for part in found)
    exact = all(part.exact for part in found)
    if missing_s > (_EXACT_SHORTFALL_S if exact else _SHORTFALL_S):
        yield f"Decoded {part_s(read_s, read_s + missing_s)}; the file ends early."


def damage(found: Sequence[Findings]) -> Iterator[str]:
    """A sentence if something in a file could not be read."""
    start_s, times, ends = 0.0, [], False
    for part in found:
        times += [start_s + t for t in part.damaged_s]
        start_s, ends = start_s + part.read_s, part.ends_damaged
    if len(times) == 1:
        what = "only the part before was read" if ends else "the rest was read"
        yield f"The file is damaged after {seconds(times[0])}; {what}."
    elif times:
        first = seconds(times[0])
        yield f"The file is damaged in {len(times)} places, first after {first}; the rest was read."
