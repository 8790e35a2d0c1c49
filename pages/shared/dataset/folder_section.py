"""A visitor's own folder becomes a corpus: it is read in memory, and what was skipped is told."""

from collections.abc import Sequence
from pathlib import PurePosixPath

import pandas as pd
import streamlit as st

from pages.shared.dataset import corpus_choice
from pages.shared.dataset.corpus_choice import Uploaded
from pages.shared.dataset.corpus_view import View
from pages.shared.ui import components, state
from pages.shared.ui.recording import views
from pages.shared.ui.streamlit_internals import MOST_UPLOADED_MB, UploadedFile, was_refused
from ser_core.corpora import registry as corpora
from ser_core.corpora.folder.own import OwnCorpus, short_name
from ser_core.corpora.folder.reader import read_labels
from ser_core.corpora.folder.tables import tables_among
from ser_core.corpora.folder.words import accepted_words
from ser_core.corpora.index.building import index_folder
from ser_core.errors import SerError
from ser_core.formatting import NBSP, count_word, megabytes, thousands

_ROUND = "own_folder_round"  # a new uploader after each folder: the last one lets go of its files
_PROBLEM = "own_folder_problem"
_MOST_FILES, _MEGABYTES, _MOST_S = 1000, 300, 2 * 3600.0
_BY_FOLDER = "my_voices/\n  angry/anna/1.wav\n  angry/ben/1.wav\n  sad/anna/1.wav"
_BY_TABLE = "file,emotion,speaker\nrecordings/1.wav,angry,anna\nrecordings/2.wav,sad,ben"


def draw(_: View) -> None:
    """Explain, take and report a folder, whatever corpus is open."""
    components.heading("Your own folder as a corpus")
    components.note(
        "A folder per emotion, with a folder per speaker inside; or a table labels.csv at the top "
        "(or .xlsx, .jsonl) with the columns file and emotion and, where you know them, speaker, "
        "sex and statement. Copies of RAVDESS, EMO-DB, nEMO, CREMA-D, TESS, SAVEE and ESD are "
        "known by their files’ names."
    )
    with st.expander("Names of emotions that are understood", key="own_words"):
        for line in accepted_words().splitlines():
            components.note(line)
    left, right = st.columns(2, gap="medium")
    left.code(_BY_FOLDER, language=None, wrap_lines=True)
    right.code(_BY_TABLE, language=None, wrap_lines=True)
    attempt = st.session_state.setdefault(_ROUND, 0)
    files = st.file_uploader(
        f"Choose a folder, up to {thousands(_MOST_FILES)} files and {_MEGABYTES}{NBSP}MB",
        accept_multiple_files="directory",
        max_upload_size=_MEGABYTES,
        key=f"own_folder_{attempt}",
    )
    if files:
        _take(files)
        st.session_state[_ROUND] = attempt + 1
        st.rerun()
    if problem := st.session_state.get(_PROBLEM):
        components.problem(problem)
    own = corpus_choice.uploaded()
    if own is None:
        components.note(
            "The recordings stay in this server’s memory until you close the page or remove them; "
            "nobody else sees them."
        )
    else:
        _report(own)


def _take(files: Sequence[UploadedFile]) -> None:
    """Read what was uploaded, or remember why it cannot be read; an earlier folder stays then."""
    st.session_state[_PROBLEM] = None
    try:
        st.session_state[state.UPLOADED] = _read(files)
    except SerError as error:
        st.session_state[_PROBLEM] = str(error)


def _read(files: Sequence[UploadedFile]) -> Uploaded:
    size = sum(file.size for file in files)
    if len(files) > _MOST_FILES or size > _MEGABYTES * 1e6:
        raise SerError(
            f"The folder has {thousands(len(files))} files and {megabytes(size)}. Up to "
            f"{thousands(_MOST_FILES)} files and {_MEGABYTES} MB can be looked at here; "
            "for more use the command line: python -m train index FOLDER"
        )
    if any(map(was_refused, files)):
        raise SerError(
            f"The folder was not taken: {MOST_UPLOADED_MB} MB of files are kept at a time. Remove "
            "the files on the tab Upload, then choose it again."
        )
    name, by_path = _without_top([file.name for file in files], files)
    tables = {path: by_path[path].getvalue() for path in tables_among(by_path)}
    if name in corpora.names():
        name = f"own-{name}"
    understood = read_labels(name, by_path, tables)
    _understood(understood, "are now listened to")
    bar = st.progress(0.0, text="Reading the folder")
    found, index = index_folder(
        understood,
        lambda path: by_path[path].getvalue(),
        lambda done, total: bar.progress(done / total, text=f"Clip {done} of {total}"),
        _MOST_S,
    )
    bar.empty()
    contents = {r.clip: by_path[r.path].getvalue() for r in found.corpus.records.values()}
    return Uploaded(found, index, contents)


def _without_top(
    names: Sequence[str], files: Sequence[UploadedFile]
) -> tuple[str, dict[str, UploadedFile]]:
    """Name of the folder that all files are in, and the files by their path inside it."""
    paths = [PurePosixPath(name.replace("\\", "/")) for name in names]
    tops = {path.parts[0] for path in paths if len(path.parts) > 1}
    wrapped = len(tops) == 1 and all(len(path.parts) > 1 for path in paths)
    if not wrapped:
        return "own", {str(p): file for p, file in zip(paths, files, strict=True)}
    inside = {str(PurePosixPath(*p.parts[1:])): f for p, f in zip(paths, files, strict=True)}
    return short_name(tops.pop()), inside


def _report(own: Uploaded) -> None:
    info = own.found.corpus.info
    _understood(own.found, f"became the corpus “{info.name}”")
    with st.container(horizontal=True):
        st.button(
            "Explore it",
            type="primary",
            on_click=_explore,
            args=(info.name,),
            icon=":material/travel_explore:",
            key="own_explore",
        )
        st.button("Remove it", on_click=_remove, icon=":material/delete:", key="own_remove")
    components.note("To keep it on your own machine, and to train on it:")
    st.code(
        "python -m train index FOLDER\npython -m train fit cnn --corpus FOLDER",
        language=None,
        wrap_lines=True,
    )


def _understood(own: OwnCorpus, what: str) -> None:
    """Clips, people, columns and folders as they were understood, and what is left out."""
    info = own.corpus.info
    speakers = ", ".join(f"{number} = {name}" for number, name in info.speaker_names.items())
    st.html(
        f'<p class="ser-total" role="status"><b>{count_word(info.clips, "clip")}</b> of '
        f"{count_word(info.speakers, 'speaker')} {what}.</p>"
    )
    components.note(f"Speakers: {speakers}. Emotions: {', '.join(info.classes)}.")
    for note in own.notes:
        components.note(note)
    _skipped(own)


def _skipped(found: OwnCorpus) -> None:
    """What did not become a clip, and why."""
    if not found.skipped:
        components.note("No file was skipped.")
        return
    rows = pd.DataFrame([(s.file, s.why) for s in found.skipped], columns=["file", "why"])
    with st.expander(f"{count_word(len(rows), 'file')} skipped"):
        st.dataframe(rows, hide_index=True, row_height=38)


def _explore(name: str) -> None:
    corpus_choice.look_at(name)
    st.session_state[state.PART] = "Clips"


def _remove() -> None:
    del st.session_state[state.UPLOADED]
    views.clear()
