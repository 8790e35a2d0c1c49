"""Progress bars on stderr, so that stdout stays for results."""

import sys
from collections.abc import Callable, Iterable

from tqdm import tqdm


def track(items: Iterable, label: str, total: int | None = None) -> Iterable:
    """Iterate with a progress bar on stderr."""
    return tqdm(items, desc=label, total=total, file=sys.stderr, dynamic_ncols=True, leave=False)


def bytes_bar(label: str) -> Callable[[int, int], None]:
    """A progress callback of (done, total) bytes that draws a bar on stderr."""
    bar = tqdm(desc=label, unit="B", unit_scale=True, unit_divisor=1024, file=sys.stderr)

    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return show
