"""Fetches a corpus from its official archive and unpacks it without trusting the archive."""

import errno
import logging
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pooch
import requests

from ser_core.corpora import get
from ser_core.corpora.index import default_root
from ser_core.corpora.records import CorpusInfo
from ser_core.errors import CorpusError

Progress = Callable[[int, int], None]

_CHUNK_BYTES = 1 << 16
_TIMEOUT_S = 30
_MAX_UNPACKED_RATIO = 20  # sound compresses far less; more is a decompression bomb
_MAX_BYTES = 1 << 30  # of an archive whose size is not published; no corpus here comes near it
_LOG = logging.getLogger(__name__)


def download(name: str, root: Path | None = None, progress: Progress | None = None) -> Path:
    """Fetch the official archive of a corpus, check it, and unpack it.

    A download that broke off goes on where it stopped when it is started again. The archive is
    removed after unpacking.

    Args:
        name: of the corpus.
        root: folder to unpack into; `default_root` by default.
        progress: called with (done, total) bytes of the archive; total is 0 where nobody tells it.

    Returns:
        The folder of the corpus.

    Raises:
        CorpusError: without network, on a wrong checksum, a full disk or an unsafe archive.
    """
    info = get(name).info
    root = Path(root) if root is not None else default_root(name)
    try:
        root.mkdir(parents=True, exist_ok=True)
        archive = fetch(info, root, progress)
        try:
            unpack(archive, root)
        except CorpusError:
            if info.md5 is None:  # nothing else would tell the next attempt that it is damaged
                archive.unlink()
            raise
        archive.unlink()
    except OSError as error:
        raise _disk_error(error, root) from error
    return root


def fetch(info: CorpusInfo, folder: Path, progress: Progress | None = None) -> Path:
    """Download the archive of a corpus into a folder and check its MD5.

    Where none is published a warning says so; the zip's own sums are checked on unpacking.

    Raises:
        CorpusError: without network, or on a wrong checksum.
    """

    def resume(url: str, output_file: str, _: object) -> None:
        part = folder / f"{info.archive}.part"
        _get(url, part, info.bytes, progress)
        part.replace(output_file)

    if info.md5 is None:
        _LOG.warning(
            "No checksum of %s is published: what arrives cannot be compared with the official "
            "archive.",
            info.archive,
        )
    try:
        return Path(
            pooch.retrieve(
                info.url,
                known_hash=f"md5:{info.md5}" if info.md5 else None,
                fname=info.archive,
                path=folder,
                downloader=resume,
            )
        )
    except requests.RequestException as error:
        raise CorpusError(
            f"{info.archive} could not be fetched ({type(error).__name__}). Check the network and "
            "run it again: what has arrived is kept. Or download the file by hand from "
            f"{info.homepage} and put it into {folder}."
        ) from error
    except ValueError as error:
        if "hash" not in str(error):
            raise
        raise CorpusError(
            f"{info.archive} has a wrong checksum, so it was thrown away. Run the download again; "
            f"if it happens twice, compare with {info.homepage}."
        ) from error


def unpack(archive: Path, root: Path) -> list[Path]:
    """Unpack a zip archive below a folder; each file appears complete or not at all.

    Args:
        archive: the zip file.
        root: folder to unpack into.

    Returns:
        The files, in the order of the archive.

    Raises:
        CorpusError: if the archive is damaged or too large, or if a member is a link or would land
            outside the folder.
    """
    try:
        with zipfile.ZipFile(archive) as bundle:
            members = [m for m in bundle.infolist() if not m.is_dir()]
            targets = [_safe_target(m, root) for m in members]
            unpacked = sum(m.file_size for m in members)
            if unpacked > _MAX_UNPACKED_RATIO * max(archive.stat().st_size, 1):
                raise CorpusError(f"{archive.name} unpacks to {unpacked} bytes. Do not trust it.")
            if unpacked > shutil.disk_usage(root).free:
                raise CorpusError(
                    f"{archive.name} needs {unpacked / 1e6:.0f} MB in {root}, which are not free. "
                    "Make room, or choose another folder with --root."
                )
            for member, target in zip(members, targets, strict=True):
                target.parent.mkdir(parents=True, exist_ok=True)
                part = target.with_name(f"{target.name}.part")
                with bundle.open(member) as source, part.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
                part.replace(target)
    except zipfile.BadZipFile as error:
        raise CorpusError(
            f"{archive.name} is not a readable zip archive ({error}). Download it again."
        ) from error
    return targets


def _safe_target(member: zipfile.ZipInfo, root: Path) -> Path:
    path = PurePosixPath(member.filename)
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or ":" in member.filename or is_link:
        raise CorpusError(
            f"The archive holds '{member.filename}', which would be written outside {root} or is a "
            "link. Nothing was unpacked; do not trust this archive."
        )
    return root.joinpath(*path.parts)


def _get(url: str, part: Path, size: int | None, progress: Progress | None) -> None:
    """Download to a file, going on where an earlier attempt stopped.

    The size is the server's word where `size` is None.
    """
    have = part.stat().st_size if part.exists() else 0
    if have >= (size or _MAX_BYTES):
        part.unlink()
        have = 0
    headers = {"Accept-Encoding": "identity"}  # so that Content-Length counts what is written
    if have:
        headers["Range"] = f"bytes={have}-"
    with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT_S) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            part.unlink()  # the archive has become shorter; the next attempt starts anew
        response.raise_for_status()
        if response.status_code != requests.codes.partial_content:
            have = 0  # the server sends everything
        told = int(response.headers.get("Content-Length", 0))
        total = size or (have + told if told else 0)
        if total - have > shutil.disk_usage(part.parent).free:
            raise OSError(errno.ENOSPC, "no space left")
        with part.open("ab" if have else "wb") as file:
            for chunk in response.iter_content(_CHUNK_BYTES):
                file.write(chunk)
                have += len(chunk)
                if size is None and have > _MAX_BYTES:
                    raise CorpusError(f"{url} sends over {_MAX_BYTES} bytes. Do not trust it.")
                if progress:
                    progress(have, max(total, have) if total else 0)
    if have < total:
        raise requests.ConnectionError(f"{have} of {total} bytes arrived")


def _disk_error(error: OSError, root: Path) -> CorpusError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CorpusError(f"The disk of {root} is full. Make room and run the download again.")
    return CorpusError(
        f"{root} cannot be written ({error.strerror or error}). Choose another folder with --root."
    )
