"""Progress bars on stderr, so that stdout stays for results."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

_Item = TypeVar("_Item")


def track(items: Iterable[_Item], label: str) -> Iterable[_Item]:
    """Iterate with a progress bar."""
    return tqdm(items, desc=label, file=sys.stderr, dynamic_ncols=True, leave=False, mininterval=1)


@contextmanager
def counter(label: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A bar moved by a callback of (done, total)."""
    with tqdm(desc=label, unit=unit, unit_scale=unit == "B", file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show
