"""Fetches and checks a corpus for the whole server while the visitors go on using the page."""

import os

import streamlit as st

from pages.shared.ui import components
from pages.shared.ui.background import Job, Report, watch
from ser_core.corpora import playback
from ser_core.corpora import registry as corpora
from ser_core.corpora.base import CorpusInfo
from ser_core.corpora.fetch import archive
from ser_core.corpora.fetch.verification import Verification, verify
from ser_core.corpora.index.reading import default_root, how_to_get, require_root
from ser_core.formatting import megabytes, number, percent

_MISSING = "The clips are not on this machine. Everything but sound and spectra works."
_COPIED = (
    "The original recordings are not on this machine. What you hear are compressed copies, good to "
    "listen to; only the originals are checked and learned from."
)
_GONE = (
    "The recordings of this folder are no longer where they were. Everything but sound and spectra "
    "works."
)
_STOPPED = "Stopped. What has arrived is kept."
_CHECK_REST_S = 120.0  # it reads every file of the corpus, and every visitor may ask for it


@st.cache_resource(show_spinner=False)
def fetch_of(corpus: str) -> Job[Verification]:
    """The server's one download of a corpus: its disk is shared, so this is too."""

    def work(report: Report) -> Verification:
        report(0.0, "Connecting")
        root = archive.download(
            corpus, default_root(corpus), _downloading(report), _unpacking(report)
        )
        found = verify(corpus, root, progress=_checking(report))
        check_of(corpus).finish(found)
        found.raise_if_bad(corpus)
        return found

    failed = (
        "The recordings could not be fetched; the server’s log says why. Try again, or run: "
        f"python -m train download {corpus}"
    )
    return Job(f"fetch {corpus}", work, failed)


@st.cache_resource(show_spinner=False)
def check_of(corpus: str) -> Job[Verification]:
    """The server's one check of a corpus against its index; its result stays until the next."""

    def work(report: Report) -> Verification:
        report(0.0, "Looking for the recordings")
        return verify(corpus, require_root(corpus), progress=_checking(report))

    failed = (
        "The recordings could not be checked; the server’s log says why. Try again, or run: "
        f"python -m train verify {corpus}"
    )
    return Job(f"verify {corpus}", work, failed, _CHECK_REST_S)


def offer(corpus: str, key: str = "fetch") -> None:
    """Say that the sound is missing, and offer to fetch it or show how far that is.

    Args:
        corpus: its name; for a person's own folder there is nothing to fetch.
        key: of the button; another one for each offer on a page.
    """
    if corpora.is_own(corpus):
        components.notice(_GONE, icon=":material/volume_off:")
        return
    job = fetch_of(corpus)
    if job.running:
        watch(job, f"{key}-cancel")
        return
    if job.error:
        components.problem(job.error)
    else:
        components.notice(
            _STOPPED if job.cancelled else _COPIED if playback.has(corpus) else _MISSING,
            icon=":material/pause:" if job.cancelled else ":material/volume_off:",
        )
    info = corpora.get(corpus).info
    if not info.url:
        components.note(f"They are not offered for download. {how_to_get(corpus)}.")
        return
    if os.environ.get("SER_FETCH") == "off":
        components.note(f"Whoever runs this page can fetch them: python -m train download {corpus}")
        return
    st.button(_label(info), on_click=job.start, icon=":material/download:", key=key)
    if info.checksummed and info.md5 is None:
        components.note("No checksum of this archive is published; each recording is compared.")
    elif info.md5 is None:
        components.note("No checksum of this archive is published, so none can be compared.")


def _arrived(have: int, total: int | None) -> str:
    return f"{number(have / 1e6)} of {megabytes(total)}" if total else megabytes(have)


def _label(info: CorpusInfo) -> str:
    have = archive.arrived(info, default_root(info.name))
    if have:
        return f"Go on, {_arrived(have, info.bytes)} are here"
    return "Fetch the clips" if info.bytes is None else f"Fetch {megabytes(info.bytes)}"


def _downloading(report: Report) -> archive.Progress:
    def show(done: int, total: int) -> None:
        if not total:  # nobody tells it
            report(0.0, f"Fetching the recordings, {megabytes(done)} so far")
            return
        text = f"Fetching the recordings, {_arrived(done, total)}"
        report(done / total, text)

    return show


def _unpacking(report: Report) -> archive.Progress:
    def show(done: int, total: int) -> None:
        report(done / max(total, 1), f"Unpacking, {percent(done / max(total, 1))}")

    return show


def _checking(report: Report) -> archive.Progress:
    def show(done: int, total: int) -> None:
        report(done / max(total, 1), f"Checking recording {done} of {total}")

    return show
