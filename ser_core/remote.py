"""Files behind addresses: https://, s3:// and whatever else fsspec knows, where it is installed."""

import io
import re
from typing import Any

from ser_core.errors import AudioError, SerError
from ser_core.formatting import megabytes

MOST_BYTES = 400_000_000  # as of an upload: half an hour of 48 kHz stereo WAV has 346 MB
_SILENCE_S = 20.0  # of a server that was asked
_PART_BYTES = 1 << 20
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def is_address(name: object) -> bool:
    """Whether a name is one of a file elsewhere."""
    return isinstance(name, str) and _ADDRESS.match(name) is not None


def name_at(address: str) -> str:
    """The name of the file itself."""
    return re.split(r"[?#]", address)[0].rstrip("/").rpartition("/")[2] or address


def addresses_at(address: str) -> list[str]:
    """An address itself; of a folder, which ends with /, or a pattern with *, all files in it.

    Raises:
        SerError: if it cannot be listed or holds nothing, or the extra for addresses is missing.
    """
    files, path = _files_at(address)
    if not address.endswith("/") and "*" not in address:
        return [address]
    try:
        names = files.glob(path) if "*" in path else files.find(path)
        if not names and "*" not in path:
            files.ls(path)  # which says what `find` is silent about
    except Exception as error:  # each kind of storage has errors of its own
        raise SerError(f"{address} cannot be listed ({_reason(error)}). Check it.") from error
    if not names:
        raise SerError(f"{address} holds no files. Check the address.")
    return sorted(files.unstrip_protocol(name) for name in names)


def content_of(address: str) -> bytes:
    """What lies there.

    Raises:
        AudioError: if it cannot be fetched or is larger than what is read.
        SerError: if the extra for addresses is missing.
    """
    files, path = _files_at(address)
    content = io.BytesIO()
    try:
        with files.open(path, "rb") as file:
            _within_limit(address, getattr(file, "size", None) or 0)
            while part := file.read(_PART_BYTES):
                content.write(part)
                _within_limit(address, content.tell())
    except AudioError:
        raise
    except Exception as error:  # each kind of storage has errors of its own
        raise AudioError(
            f"{name_at(address)} cannot be fetched ({_reason(error)}). Check the address."
        ) from error
    return content.getvalue()


def _files_at(address: str) -> tuple[Any, str]:
    """The storage that an address names, and the path in it."""
    options: dict[str, Any] = {}
    try:
        from fsspec.core import url_to_fs

        if address.lower().startswith("http"):
            from aiohttp import ClientTimeout

            silence = ClientTimeout(total=None, sock_connect=_SILENCE_S, sock_read=_SILENCE_S)
            options = {"client_kwargs": {"timeout": silence}}
        files, path = url_to_fs(address, **options)
    except ImportError as error:
        raise SerError(
            f"{address} needs an extra. Install it: pip install 'speech-emotion[remote]'"
        ) from error
    except ValueError as error:
        raise SerError(f"{address} is no address that can be read. Check it.") from error
    return files, path


def _within_limit(address: str, size: int) -> None:
    if size > MOST_BYTES:
        raise AudioError(
            f"{name_at(address)} has more than {megabytes(MOST_BYTES)}, the most that is fetched. "
            "Save it in a smaller format."
        )


def _reason(error: Exception) -> str:
    """In a few words, without the address, which may hold a signature."""
    if isinstance(error, FileNotFoundError):
        if isinstance(error.__cause__, Exception):  # of whatever it was, over HTTP
            return _reason(error.__cause__)
        return "there is no such file"
    if isinstance(error, TimeoutError):
        return "the server is silent"
    if status := getattr(error, "status", None):
        return f"{status} {getattr(error, 'message', '')}".strip()
    return (str(error).splitlines() or [""])[0] or type(error).__name__
