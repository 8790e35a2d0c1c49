"""Downloads of large files: they go on where they stopped, and can be cancelled."""

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import requests

from ser_core.errors import DownloadError
from ser_core.formatting import megabytes

Progress = Callable[[int, int], None]

_CHUNK_BYTES = 1 << 14  # small: a slow server can be cancelled, too
_SILENCE_S = 5  # so late a visitor who cancels is heard where the server is silent
_MAX_BYTES = 1 << 30  # of a file whose size is not published; none that is fetched comes near it


def limit_of(size: int | None) -> int:
    """The most bytes that a file of a published size, or of none, may have."""
    return size or _MAX_BYTES


def receive(url: str, part: Path, size: int | None, progress: Progress | None) -> None:
    """Download to a file, going on where an earlier attempt stopped.

    Args:
        url: of the file.
        part: where to write.
        size: bytes of the file; the server's word where it is None.
        progress: called with (done, total) bytes; total is 0 where nobody tells it.

    Raises:
        DownloadError: if more arrives than the file has.
        requests.RequestException: without network.
        OSError: if it cannot be written.
    """
    have, limit = part.stat().st_size if part.exists() else 0, limit_of(size)
    if have == size:
        return  # cancelled after the last byte; the checksum decides
    if have > limit:
        part.unlink()
        have = 0

    total = size or 0
    # so that Content-Length counts what is written
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=_SILENCE_S) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            part.unlink()  # the file has become shorter; the next attempt starts anew
        response.raise_for_status()
        if response.status_code != requests.codes.partial_content:
            have = 0  # the server sends everything
        length = response.headers.get("Content-Length", "")
        total = size or (have + int(length) if length.isdigit() else 0)
        if total - have > shutil.disk_usage(part.parent).free:
            raise OSError(errno.ENOSPC, "no space left")
        with part.open("ab" if have else "wb") as file:
            for chunk in response.iter_content(_CHUNK_BYTES):
                file.write(chunk)
                have += len(chunk)
                if have > limit:
                    raise DownloadError(
                        f"{urlsplit(url).hostname} sends over {megabytes(limit)}, "
                        "more than the file has. Do not trust it."
                    )
                if progress:
                    progress(have, max(total, have) if total else 0)
    if have < total:
        raise requests.ConnectionError(f"{have} of {total} bytes arrived")
