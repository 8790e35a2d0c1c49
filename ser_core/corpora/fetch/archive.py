"""Fetches a corpus from its official archive and unpacks it without trusting the archive."""

import errno
import hashlib
import logging
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import requests
from filelock import FileLock, Timeout

from ser_core.corpora.base import CorpusInfo
from ser_core.corpora.index.reading import default_root, find_root, how_to_get
from ser_core.corpora.published import short
from ser_core.corpora.registry import get
from ser_core.download import Progress, limit_of, receive
from ser_core.errors import CorpusError, DownloadError
from ser_core.formatting import megabytes

_PIECE_BYTES = 1 << 20
_MAX_UNPACKED_RATIO = 20  # sound compresses far less; more is a decompression bomb
_STAGE = ".unpacking"
# a zip that is cut, altered, encrypted or packed in a way that this Python does not know
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
_LOG = logging.getLogger(__name__)


def download(
    name: str,
    root: Path | None = None,
    progress: Progress | None = None,
    unpacking: Progress | None = None,
) -> Path:
    """Fetch the official archive of a corpus, check it, and unpack it.

    A download that broke off goes on where it stopped when it is started again; a server that says
    nothing for five seconds counts as gone. The archive is removed after unpacking. The recordings
    appear when all of them are complete. A callback may raise `CancelledError`.

    Args:
        name: of the corpus.
        root: folder to unpack into; `default_root` by default.
        progress: called with (done, total) bytes of the archive; total is 0 where nobody tells it.
        unpacking: called with (done, total) bytes of the recordings.

    Returns:
        The folder of the corpus.

    Raises:
        CorpusError: if no archive is offered, without network, on a wrong checksum, a full disk or
            an unsafe archive, or while another process fetches it.
        CancelledError: by a callback.
    """
    info = get(name).info
    if not info.url:
        raise CorpusError(f"{info.label} is not offered for download. {how_to_get(name)}.")
    root = Path(root) if root is not None else default_root(name)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root.with_name(f".{root.name}.fetching"), timeout=0):
            archive = fetch(info, root, progress)
            try:
                unpack(archive, root, unpacking)
            except CorpusError:
                if info.md5 is None:  # nothing else would tell the next attempt of the damage
                    archive.unlink()
                raise
            archive.unlink()
    except Timeout as error:
        raise CorpusError(
            f"Another program is filling {short(root)} right now. Wait until it has finished."
        ) from error
    except OSError as error:
        raise _disk_error(error, root) from error
    return find_root(name, root) or root


def arrived(info: CorpusInfo, folder: Path) -> int:
    """Bytes of a corpus's archive that an earlier attempt left in a folder."""
    for file in (folder / info.archive, _part(info, folder)):
        if file.is_file():
            size = file.stat().st_size
            return size if size <= limit_of(info.bytes) else 0
    return 0


def fetch(info: CorpusInfo, folder: Path, progress: Progress | None = None) -> Path:
    """Download the archive of a corpus into a folder and check its MD5.

    Where no checksum at all is published a warning says so; the zip's own sums are checked on
    unpacking.

    Raises:
        CorpusError: without network, or on a wrong checksum.
    """
    if info.md5 is None and not info.checksummed:
        _LOG.warning(
            "No checksum of %s is published: what arrives cannot be compared with the official "
            "archive.",
            info.archive,
        )
    archive, part = folder / info.archive, _part(info, folder)
    if archive.is_file() and _is_official(archive, info):
        return archive
    try:
        receive(info.url, part, info.bytes, progress)
    except DownloadError as error:
        raise CorpusError(str(error)) from error
    except requests.RequestException as error:
        raise _network_error(error, info, folder) from error
    if not _is_official(part, info):
        part.unlink()
        raise CorpusError(
            f"{info.archive} has a wrong checksum, so it was thrown away. Fetch it again; if it "
            f"happens twice, compare with {info.homepage}."
        )
    return part.replace(archive)


def _is_official(file: Path, info: CorpusInfo) -> bool:
    if info.md5 is None:
        return True
    with file.open("rb") as content:
        return hashlib.file_digest(content, "md5").hexdigest() == info.md5


def unpack(archive: Path, root: Path, progress: Progress | None = None) -> list[Path]:
    """Unpack a zip archive below a folder; its files appear when all of them are complete.

    Args:
        archive: the zip file.
        root: folder to unpack into.
        progress: called with (done, total) bytes of the files.

    Returns:
        The files, in the order of the archive.

    Raises:
        CorpusError: if the archive is damaged or too large, or if a member is a link or would land
            outside the folder.
    """
    stage = root / _STAGE
    shutil.rmtree(stage, ignore_errors=True)  # of a process that was killed
    try:
        with zipfile.ZipFile(archive) as bundle:
            members = [m for m in bundle.infolist() if not m.is_dir()]
            places = [_safe_place(m) for m in members]
            _require_room(sum(m.file_size for m in members), archive, root)
            _extract(bundle, members, [stage / place for place in places], progress)
        for place in places:
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (stage / place).replace(root / place)
    except _UNREADABLE as error:
        raise CorpusError(
            f"{archive.name} is not a readable zip archive ({error}). Nothing was unpacked; fetch "
            "it again."
        ) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return [root / place for place in places]


def _extract(
    bundle: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    targets: list[Path],
    progress: Progress | None,
) -> None:
    done, total = 0, sum(m.file_size for m in members)
    for member, target in zip(members, targets, strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        with bundle.open(member) as source, target.open("wb") as copy:
            while piece := source.read(_PIECE_BYTES):
                copy.write(piece)
                done += len(piece)
                if progress:
                    progress(done, total)


def _require_room(unpacked: int, archive: Path, root: Path) -> None:
    if unpacked > _MAX_UNPACKED_RATIO * max(archive.stat().st_size, 1):
        raise CorpusError(
            f"{archive.name} would unpack to {megabytes(unpacked)}, far more "
            "than sound does. Nothing was unpacked; do not trust this archive."
        )
    if unpacked > shutil.disk_usage(root).free:
        raise OSError(errno.ENOSPC, "no space left")


def _safe_place(member: zipfile.ZipInfo) -> Path:
    """Where a member belongs below the root."""
    path = PurePosixPath(member.filename)
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or ":" in member.filename or is_link:
        raise CorpusError(
            f"The archive holds '{member.filename[:80]}', which would be written outside the "
            "folder of the corpus or is a link. Nothing was unpacked; do not trust this archive."
        )
    return Path(*path.parts)


def _part(info: CorpusInfo, folder: Path) -> Path:
    return folder / f"{info.archive}.part"


def _network_error(error: requests.RequestException, info: CorpusInfo, folder: Path) -> CorpusError:
    host = urlsplit(info.url).hostname
    by_hand = f"download the file by hand from {info.homepage} and put it into {short(folder)}."
    if isinstance(error, requests.HTTPError):
        answer = f"{error.response.status_code} {error.response.reason}".strip()
        return CorpusError(
            f"{info.archive} could not be fetched: {host} answered “{answer}”. Try again later, "
            f"or {by_hand}"
        )
    return CorpusError(
        f"{info.archive} could not be fetched: the connection to {host} failed. Check the network "
        f"and start it again: what has arrived is kept, and it goes on there. Or {by_hand}"
    )


def _disk_error(error: OSError, root: Path) -> CorpusError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CorpusError(
            f"The disk is full: {short(root)} has no room for the recordings. Make room and start "
            "it again: what has arrived is kept."
        )
    return CorpusError(
        f"{short(root)} cannot be written ({error.strerror or error}). Let this program write "
        "there, or choose another folder with SER_DATA_DIR (on the command line: --root)."
    )
