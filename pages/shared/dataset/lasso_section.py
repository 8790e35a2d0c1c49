"""The clips drawn around on the map: what they share, and what sets them apart."""

import io
import zipfile
from functools import partial

import pandas as pd
import streamlit as st

from pages.shared.dataset import map_section
from pages.shared.dataset.corpus_view import View
from pages.shared.ui import components, corpus_words, style
from ser_core.corpora import playback
from ser_core.corpora.base import CorpusInfo
from ser_core.corpora.index.reading import find_root
from ser_core.exploration.neighbours import label_shares, medians
from ser_core.formatting import count_word, minutes, percent, quantity, thousands

_LABELS = ("emotion", "sex", "intensity", "statement", "actor")
_NOT_IN_CSV = ["path", "envelope"]
_MAX_CLIPS, _MAX_S = 60, 1500.0  # in one zip: 48 MB as 16-bit WAV at 16 kHz
_ROW_PX, _VISIBLE_ROWS = 38, 8


def draw(view: View) -> None:
    """The panel of the drawn group; without one, of all clips that the filters leave."""
    names = map_section.picked(view.clips)
    if names is None:
        group, rest = view.clips, view.index[~view.index["clip"].isin(view.clips["clip"])]
        title, other = "All clips shown", "clips that the filters hide"
    else:
        held = view.clips["clip"].isin(names)
        group, rest = view.clips[held], view.clips[~held]
        title, other = "Selected clips", "other clips shown"
    with st.container(border=True, key="selection"):
        with components.heading_row(title, small=True):
            if names is not None:
                st.button("Clear the selection", on_click=map_section.clear, key="unpick")
        apart = medians(group, rest)
        told = _finding(group, rest, apart, other, view.info)
        st.html(f'<p class="ser-text" role="status">{told}</p>')
        left, right = st.columns([5, 6], gap="medium")
        with left:
            _shares(group, rest)
        with right:
            _medians(apart)
        _downloads(group, view, "shown" if names is None else "selected")


def _most(emotions: pd.Series) -> str:
    """Which emotion there is most of, by clips per emotion, most first."""
    leading = emotions.index[emotions == emotions.iloc[0]]
    if len(leading) > 1:
        return f"{len(leading)} emotions are equally frequent."
    return f"Most often {leading[0]}: {percent(emotions.iloc[0] / emotions.sum())}."


def _finding(
    group: pd.DataFrame, rest: pd.DataFrame, apart: pd.DataFrame, other: str, info: CorpusInfo
) -> str:
    """The group in a sentence or two, as HTML."""
    emotions = group["emotion"].value_counts()
    most = _most(emotions)
    if len(emotions) == 1:
        most = f"{'All' if len(group) > 1 else 'It is'} {emotions.index[0]}."
    told = f"<b>{count_word(len(group), 'clip')}</b>, {corpus_words.extent(group)}. {most}"
    gaps = apart["difference_sd"].dropna()
    if rest.empty or gaps.empty:
        return told
    widest = gaps.abs().idxmax()
    name = apart["descriptor"][widest].partition(",")[0]
    way = "higher" if gaps[widest] > 0 else "lower"
    return (
        f"{told} Against the {thousands(len(rest))} {other}, what differs most is the {name}: its "
        f"median is {quantity(abs(gaps[widest]), 'standard deviations', 1)} {way}."
    )


def _shares(group: pd.DataFrame, rest: pd.DataFrame) -> None:
    labels = [label for label in _LABELS if pd.concat([group, rest])[label].nunique() > 1]
    table = label_shares(group, rest, labels or _LABELS[:1])
    table["label"] = table["label"].replace("actor", "speaker")
    percents = 100 * table[["share", "rest_share"]].dropna(axis=1, how="all")
    ink = style.current_theme().ink
    _table(
        table.drop(columns=["share", "rest_share"]).join(percents),
        {
            "label": st.column_config.TextColumn("label", width=80),
            "value": st.column_config.TextColumn("value", width=84),
            "clips": st.column_config.NumberColumn("clips", width=50),
            "share": st.column_config.ProgressColumn(
                "share", format="%.0f %%", min_value=0, max_value=100, color=ink, width=110
            ),
            "rest_share": st.column_config.NumberColumn("others", format="%.0f %%", width=60),
        },
        key="selection-shares",
        alt="How often each label occurs among these clips and among the others.",
    )


def _medians(apart: pd.DataFrame) -> None:
    table = apart.assign(difference_sd=apart["difference_sd"].round(1) + 0.0)  # no -0.0
    known = table[["rest", "difference_sd"]].dropna(axis=1, how="all")
    _table(
        table[["descriptor", "group", *known]],
        {
            "descriptor": st.column_config.TextColumn("median of", width=150),
            "group": st.column_config.NumberColumn("these", format="%.4g", width=70),
            "rest": st.column_config.NumberColumn("others", format="%.4g", width=70),
            "difference_sd": st.column_config.NumberColumn(
                "apart, SD",
                format="%+.1f",
                width=80,
                help="These minus others, in standard deviations of all of them.",
            ),
        },
        key="selection-medians",
        alt="Medians of the descriptors among these clips and among the others.",
    )


def _table(table: pd.DataFrame, columns: dict[str, object], key: str, alt: str) -> None:
    height = _ROW_PX * (min(len(table), _VISIBLE_ROWS) + 1) + 3
    st.dataframe(
        table,
        hide_index=True,
        row_height=_ROW_PX,
        height=height,
        column_config=columns,
        key=key,
        alt=alt,
    )


def _downloads(group: pd.DataFrame, view: View, name: str) -> None:
    """Everything known of the clips, and their sound where it is on this machine."""
    table = group.drop(columns=_NOT_IN_CSV)
    why_not = _why_no_sound(group, view)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download CSV",
            partial(table.to_csv, index=False),
            f"{view.info.name}-{name}.csv",
            "text/csv",
            key="selection-csv",
            on_click="ignore",
            icon=":material/download:",
        )
        if why_not is None:
            st.download_button(
                "Download WAV",
                partial(_zipped, group["clip"].tolist(), view),
                f"{view.info.name}-{name}.zip",
                "application/zip",
                key="selection-wav",
                on_click="ignore",
                icon=":material/download:",
            )
        else:
            components.note(why_not)


def _why_no_sound(group: pd.DataFrame, view: View) -> str | None:
    if len(group) > _MAX_CLIPS or group["duration_s"].sum() > _MAX_S:
        return (
            f"Up to {_MAX_CLIPS} clips and {minutes(_MAX_S)} can be downloaded as WAV: "
            "draw around fewer."
        )
    copied = playback.has(view.info.name) and find_root(view.info.name) is None
    if copied or not any(view.sound(clip).wav for clip in group["clip"].head(3)):
        # copies for the ear are not given away as recordings
        return "Their original sound is not on this machine."
    return None


def _zipped(clips: list[str], view: View) -> bytes:
    """A zip archive of WAV files; what cannot be read is listed in it."""
    buffer, lost = io.BytesIO(), []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for clip in clips:
            wav = view.sound(clip).wav
            if wav is None:
                lost.append(clip)
            else:
                archive.writestr(f"{clip.replace('/', '_')}.wav", wav)
        if lost:
            archive.writestr("not-readable.txt", "\n".join(lost))
    return buffer.getvalue()
