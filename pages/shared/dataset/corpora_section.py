"""The corpora side by side, and a card of each."""

from dataclasses import replace
from html import escape

import pandas as pd
import streamlit as st

from pages.shared.dataset import corpus_fetch
from pages.shared.dataset.corpus_view import View
from pages.shared.ui import cache, components, style
from ser_core.acoustics.descriptors import DESCRIPTORS
from ser_core.corpora import registry as corpora
from ser_core.corpora.base import CorpusInfo
from ser_core.corpora.index.reading import find_root
from ser_core.errors import CorpusError
from ser_core.formatting import NBSP, megabytes, number, thousands
from ser_core.plots.dataset.corpora import clips_per_corpus, counts_table, medians_table

DESCRIPTOR = "medians"  # what the emotions are compared by
_MAIN = ("f0_hz", "loudness_dbfs", "centroid_hz", "speech_s")
_NONE = "\N{EN DASH}"
_LEARNT = {True: "may learn from it", False: "never learn from it: for tests alone"}


def draw(view: View) -> None:
    """Draw the section; filters do not apply to it."""
    infos, indexes, missing = _known(view)
    components.heading("The corpora side by side")
    components.note("Whole corpora: the filters above do not apply here.")
    for name in missing:
        components.empty(
            f"{corpora.get(name).info.label} has no index.",
            "Its recordings are needed once to build it:",
            f"python -m train index {name}",
        )
    if infos:
        labels = {name: info.label for name, info in infos.items()}
        _facts(infos, indexes)
        st.space("small")
        left, right = st.columns([6, 6], gap="large")
        with left:
            _counts({labels[name]: index for name, index in indexes.items()})
        with right:
            _medians({labels[name]: index for name, index in indexes.items()})
    st.space("small")
    components.heading("Where they come from")
    everyone = {name: corpora.get(name).info for name in corpora.names()}
    for place, (name, info) in enumerate(everyone.items()):
        if place % 2 == 0:
            row = st.columns(2, gap="medium")
        with row[place % 2].container(border=True, height="stretch", key=f"card-{name}"):
            _card(info)


def _known(view: View) -> tuple[dict[str, CorpusInfo], dict[str, pd.DataFrame], list[str]]:
    """Facts and index of each corpus, the open one among them; names of those without an index."""
    infos, indexes, missing = {}, {}, []
    for name in corpora.names():
        try:
            indexes[name] = cache.clip_index(name)
        except CorpusError:
            missing.append(name)
        else:
            infos[name] = corpora.get(name).info
    if view.info.name not in corpora.names():
        own = replace(view.info, label=f"{view.info.label} (your folder)")
        infos[own.name], indexes[own.name] = own, view.index
    return infos, indexes, missing


def facts_table(infos: dict[str, CorpusInfo], indexes: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """What there is to know of each corpus: a row per fact, a column per corpus."""
    columns = {infos[name].label: _of(infos[name], index) for name, index in indexes.items()}
    return pd.DataFrame(columns).rename_axis("fact").reset_index()


def _of(info: CorpusInfo, index: pd.DataFrame) -> dict[str, str]:
    sexes = index.drop_duplicates("speaker")["sex"].value_counts()
    left_out = ", ".join(f"{name} ({clips} clips)" for name, clips in info.left_out.items())
    return {
        "Language": info.language or _NONE,
        "Speakers": str(index["speaker"].nunique()),
        "Sexes": ", ".join(
            f"{sexes[sex]}{NBSP}{sex}" for sex in ("female", "male", "unknown") if sex in sexes
        ),
        "Clips": _described(info, index),
        "Minutes": number(index["duration_s"].sum() / 60),
        "Emotions": f"{len(info.classes)}: {', '.join(info.classes)}",
        "Intensities": ", ".join(info.intensities) if len(info.intensities) > 1 else "one",
        "Statements": str(index["statement"].nunique()),
        "Left out": left_out or "nothing",
        "Licence": info.licence,
        "Models here": _LEARNT[info.trains],
    }


def _described(info: CorpusInfo, index: pd.DataFrame) -> str:
    """How many clips an index describes, and of how many where not all of them were at hand."""
    of = f" described of {thousands(info.clips)}" if len(index) < info.clips else ""
    return f"{thousands(len(index))}{of}"


def _facts(infos: dict[str, CorpusInfo], indexes: dict[str, pd.DataFrame]) -> None:
    table = facts_table(infos, indexes)
    _html_table(table, "Corpus")
    components.data_popover(table, "corpora", key="corpora-data")


def _html_table(table: pd.DataFrame, corner: str) -> None:
    """A table whose first column names the rows; it wraps where the screen is narrow."""
    cell = (
        "border:0;border-bottom:1px solid var(--ser-line);padding:.35rem 1rem .35rem 0;"
        "text-align:left;vertical-align:top;overflow-wrap:anywhere;font-weight:"
    )
    first, *others = table.columns
    head = "".join(f'<th style="{cell}600">{escape(name)}</th>' for name in others)
    rows = "".join(
        f'<tr><th class="ser-light" style="{cell}400;white-space:nowrap" scope="row">'
        f"{escape(str(name))}</th>"
        + "".join(f'<td style="{cell}400">{escape(str(value))}</td>' for value in values)
        + "</tr>"
        for name, *values in table[[first, *others]].itertuples(index=False)
    )
    st.html(
        '<table style="border-collapse:collapse;max-width:60rem;width:100%;line-height:1.4;'
        'font-variant-numeric:tabular-nums">'
        f'<tr><th style="{cell}400">{escape(corner)}</th>{head}</tr>{rows}</table>'
    )


def _counts(indexes: dict[str, pd.DataFrame]) -> None:
    components.heading("Clips per emotion", 3)
    table = counts_table(indexes)
    told = "; ".join(
        f"{name}: " + ", ".join(f"{emotion} {number}" for emotion, number in table[name].items())
        for name in table
    )
    components.chart(
        clips_per_corpus(table, style.current_theme()),
        key="corpora-counts",
        alt=f"Clips per emotion. {told}.",
        data=table.reset_index(),
    )


def _medians(indexes: dict[str, pd.DataFrame]) -> None:
    components.heading("How the emotions they share sound", 3)
    descriptors = {d.column: d for d in DESCRIPTORS if d.column in _MAIN}
    chosen = components.switch(
        "Descriptor", {column: d.name.capitalize() for column, d in descriptors.items()}, DESCRIPTOR
    )
    descriptor, table = descriptors[chosen], medians_table(indexes, chosen)
    if table.empty:
        components.note("They share no emotion.")
        return
    components.note(
        f"Median {descriptor.title} of each emotion. {descriptor.meaning} Other speakers, rooms "
        "and sentences: compare the order of the emotions rather than the numbers."
    )
    shown = table.map(lambda value: _number(value, descriptor.decimals)).reset_index()
    _html_table(shown, descriptor.title)
    components.data_popover(table.reset_index(), f"medians-{chosen}", key="medians-data")


def _number(value: float, decimals: int) -> str:
    if pd.isna(value):
        return _NONE
    return number(value, decimals)


def _card(info: CorpusInfo) -> None:
    components.heading(escape(info.label), 3)
    components.facts(
        {
            "Title": info.title,
            "Citation": info.citation,
            "Licence": info.licence,
            **_archive(info),
            "Looked for in": f"$SER_DATA_DIR/{info.name}, else data/{info.name} of this app",
        }
    )
    st.link_button("Official source", info.homepage, icon=":material/open_in_new:")
    if find_root(info.name) is None:
        corpus_fetch.offer(info.name, key=f"fetch-{info.name}")
    else:
        components.note("Its sound is on this machine.")


def _archive(info: CorpusInfo) -> dict[str, str]:
    if not info.url:
        return {"Archive": "not offered here", "Models here": _LEARNT[info.trains]}
    size, checksum = "not published", "no checksum is published"
    if info.bytes is not None:
        size = f"{megabytes(info.bytes)} ({thousands(info.bytes)} bytes)"
    if info.checksummed:
        checksum = "none of the archive; each recording’s SHA-256 is known"
    return {"Archive": info.archive, "Size": size, "MD5": info.md5 or checksum}
