"""Which corpus the dataset page looks at: a published, an indexed or an uploaded one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from pages.shared.dataset.corpus_filters import clear
from pages.shared.ui import cache, components, corpus_words, state
from pages.shared.ui.recording import Recording, recording
from pages.shared.ui.streamlit_internals import DeltaGenerator
from ser_core.corpora import registry as corpora
from ser_core.corpora.base import CorpusInfo
from ser_core.corpora.folder import store
from ser_core.corpora.folder.own import OwnCorpus
from ser_core.corpora.index.building import SOUND_COLUMNS
from ser_core.errors import CorpusError, SerError

_LOST = "corpus_lost"  # whether the address names one that is not here


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A folder that a visitor has brought; it lives as long as the session.

    Attributes:
        found: its labels and what was skipped.
        index: its clips.
        files: the recordings, by clip.
    """

    found: OwnCorpus
    index: pd.DataFrame
    files: dict[str, bytes]

    def sound(self, clip: str) -> Recording:
        """The recording of a clip."""
        try:
            return Recording(cache.as_wav(self.files[clip]))
        except SerError as error:
            return Recording(None, str(error))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The corpus that is looked at.

    Attributes:
        info: its facts.
        index: its clips; read-only.
        sound: reads the recording of a clip.
    """

    info: CorpusInfo
    index: pd.DataFrame
    sound: Callable[[str], Recording]


def uploaded() -> Uploaded | None:
    """The folder that this visitor has brought."""
    return st.session_state.get(state.UPLOADED)


def choose(row: DeltaGenerator) -> Chosen:
    """Draw the choice of the corpus; its name is kept in the URL.

    Raises:
        CorpusError: if the index of the chosen one cannot be read, or lacks descriptors.
    """
    titles = {n: corpus_words.corpus_name(_info(n)) for n in corpora.names() + _own_names()}
    names, own = list(titles), uploaded()
    first = names[0]
    if state.CORPUS not in st.session_state:
        wanted = st.query_params.get(state.CORPUS, first)
        st.session_state[state.CORPUS] = wanted if wanted in names else first
        st.session_state[_LOST] = wanted not in names
    elif st.session_state[state.CORPUS] not in names:
        look_at(first)  # an own one was removed
    chosen = row.selectbox(
        "Corpus",
        names,
        format_func=titles.get,
        key=state.CORPUS,
        on_change=_chosen,
        args=(names,),
        label_visibility="collapsed",
        width=290,
    )
    if st.session_state.get(_LOST):
        components.notice(
            "The corpus of this address is not here. A folder that was uploaded is gone once the "
            "page is loaded again: choose it anew in the tab “Your folder”."
        )
    if chosen != first:
        st.query_params[state.CORPUS] = chosen
    elif state.CORPUS in st.query_params:
        del st.query_params[state.CORPUS]
    if own and chosen == own.found.corpus.info.name:
        return Chosen(own.found.corpus.info, own.index, own.sound)
    index = cache.clip_index(chosen)
    if not {*SOUND_COLUMNS} <= {*index.columns}:
        raise CorpusError(
            f"The index of '{chosen}' was made by another version of this program. Make it again: "
            "python -m train index FOLDER"
        )
    return Chosen(_info(chosen), index, partial(recording, corpus=chosen))


def _chosen(names: Sequence[str]) -> None:
    wanted = st.session_state[state.CORPUS]
    look_at(wanted if wanted in names else names[0])  # a browser may say anything


def look_at(name: str) -> None:
    """Open a corpus; for the callback of a button."""
    st.session_state[state.CORPUS] = name
    st.session_state[_LOST] = False
    clear(_info(name))


def _own_names() -> list[str]:
    """Readable indexed folders, then what was uploaded; a name counts once."""
    names = []
    for name in corpora.own_names():
        try:
            store.load(name)
        except CorpusError:
            continue  # `python -m train index` says what is wrong with it
        names.append(name)
    own = uploaded()
    if own and own.found.corpus.info.name not in names:
        names.append(own.found.corpus.info.name)
    return names


def _info(name: str) -> CorpusInfo:
    own = uploaded()
    if own and own.found.corpus.info.name == name:
        return own.found.corpus.info
    return corpora.get(name).info
