"""Two clips of a corpus beside each other, by default one speaker in two emotions."""

from html import escape

import pandas as pd
import streamlit as st

from pages.shared.dataset import clip_card, clip_facts, corpus_fetch
from pages.shared.dataset import two_clips_words as words
from pages.shared.dataset.corpus_view import View
from pages.shared.ui import components, corpus_words, state, style
from pages.shared.ui.recording import Recording, views
from ser_core.corpora.folder.words import UNKNOWN
from ser_core.exploration.clip_difference import contrasts
from ser_core.exploration.reference_clip import partner_of
from ser_core.plots.dataset.two_clips import Side, two_clips, two_clips_table

WITH = "with"  # key of the list of second clips, and its name in the URL
POOL = "pairs"  # key of the switch of what that list holds
_POOLS = {"same": "Same speaker and sentence", "any": "Any clip"}
_PROPOSED = "pair_proposed"  # the second clip, where nobody chose it


def draw(view: View) -> None:
    """The open clip and another: to hear, to see, in figures."""
    a = view.chosen
    proposed = partner_of(a, view.index, view.info.intensities[-1])
    if proposed is None:
        components.empty("It takes two clips to compare.", "This corpus holds one.")
        return
    b = _choice(view, proposed)
    components.note(words.in_common(a, b, view.info))
    sounds = [view.sound(clip["clip"]) for clip in (a, b)]
    for column, letter, clip, sound in zip(
        st.columns(2, gap="medium"), "AB", (a, b), sounds, strict=True
    ):
        with column:
            _player(view, letter, clip, sound)
    if Recording(None) in sounds:
        corpus_fetch.offer(view.info.name)
    _figure(view, a, b, sounds)
    _descriptors(view, a, b)


def _choice(view: View, proposed: pd.Series) -> pd.Series:
    """Draw what chooses the two clips; the second of them."""
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    pools = _POOLS
    if view.chosen["statement"] == UNKNOWN:
        pools = {**_POOLS, "same": "Same speaker"}
    with row:
        pool = _pool(view, components.switch("Second clip from", pools, POOL), proposed)
    b = _second(pool, proposed)
    names = corpus_words.clip_names(view.clips, view.info)
    hidden = b["clip"] not in names
    row.button(
        "Swap A and B",
        icon=":material/swap_horiz:",
        on_click=_swap,
        args=(view.chosen, b),
        disabled=hidden,
        help="The filters hide B, so it cannot be A." if hidden else None,
        key="swap",
    )
    left, right = st.columns(2, gap="medium")
    left.selectbox("A", list(names), format_func=names.get, key=state.CLIP)
    others = corpus_words.clip_names(pool, view.info)
    right.selectbox("B", list(others), format_func=others.get, key=WITH)
    return b


def _pool(view: View, kind: str, proposed: pd.Series) -> pd.DataFrame:
    """What the second clip is chosen from; what the page proposes is always among it."""
    a, index = view.chosen, view.index
    if kind == "same":
        fits = (index["speaker"] == a["speaker"]) & (index["statement"] == a["statement"])
    else:
        fits = index["clip"].isin(view.clips["clip"])
    return index[(fits | (index["clip"] == proposed["clip"])) & (index["clip"] != a["clip"])]


def _second(pool: pd.DataFrame, proposed: pd.Series) -> pd.Series:
    """The clip that the visitor or the link chose, where it fits the first; else the proposed."""
    wanted = st.session_state.get(WITH, st.query_params.get(WITH))
    if wanted == st.session_state.get(_PROPOSED):
        wanted = None
    own = pool[pool["clip"] == wanted]
    b = proposed if own.empty else own.iloc[0]
    st.session_state[WITH] = b["clip"]
    if b["clip"] != proposed["clip"]:
        st.query_params[WITH] = b["clip"]
        st.session_state[_PROPOSED] = None
    else:
        st.query_params.pop(WITH, None)
        st.session_state[_PROPOSED] = b["clip"]
    return b


def _swap(a: pd.Series, b: pd.Series) -> None:
    st.session_state[state.CLIP], st.session_state[WITH] = b["clip"], a["clip"]
    st.session_state[_PROPOSED] = None  # whoever swaps wants this pair
    if a["speaker"] != b["speaker"] or a["statement"] != b["statement"]:
        st.session_state[POOL] = "any"  # else the list of second clips would lack it


def _player(view: View, letter: str, clip: pd.Series, sound: Recording) -> None:
    st.html(clip_card.headline(clip, view.info, f"{letter}&ensp;"))
    if sound.wav is not None:
        st.audio(sound.wav, alt=f"Player of clip {letter}")
    if sound.problem:
        components.problem(sound.problem)
    clip_facts.opinions(clip)


def _figure(view: View, a: pd.Series, b: pd.Series, sounds: list[Recording]) -> None:
    heard = [sound.wav for sound in sounds]
    with_sound = None not in heard
    sides = [
        Side(
            f"{letter}: {escape(corpus_words.clip_acted(clip, view.info))}",
            clip["emotion"],
            float(clip["onset_s"]),
            float(clip["duration_s"]),
            clip["envelope"],
            views(wav, clip["clip"]) if with_sound and wav is not None else None,
        )
        for letter, clip, wav in zip("AB", (a, b), heard, strict=True)
    ]
    components.chart(
        two_clips(*sides, style.current_theme()),
        key="two_clips",
        alt=f"A: {corpus_words.clip_finding(a)} B: {corpus_words.clip_finding(b)}",
        data=two_clips_table(*sides),
        name=f"{a['clip']}-{b['clip']}",
    )
    components.note(
        "Both voices begin at 0 s. Each waveform fills its row: the energy tells which is louder."
        if with_sound
        else "Both voices begin at 0 s. Each outline fills its row, however loud the clip is."
    )


def _descriptors(view: View, a: pd.Series, b: pd.Series) -> None:
    alone = a["speaker"] == b["speaker"]
    clips = view.index[view.index["speaker"] == a["speaker"]] if alone else view.index
    found = contrasts(a, b, clips)
    if not found:
        return
    components.heading("What differs most", small=True)
    told = words.finding(found, "this speaker’s" if alone else "the corpus’")
    st.html(f'<p class="ser-text" role="status">{escape(told)}</p>')
    table = words.table(found)
    st.dataframe(
        table,
        hide_index=True,
        row_height=38,
        height=38 * (len(table) + 1) + 3,
        width="content",
        column_config=words.columns(found),
        key="pair_table",
        alt=told,
    )
    components.data_popover(
        words.numbers(found), f"{a['clip']}-{b['clip']}-descriptors", key="pair-data"
    )
