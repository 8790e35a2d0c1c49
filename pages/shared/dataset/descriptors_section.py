"""What the numbers of the clips say of the emotions, and what of the speakers."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.shared.dataset import descriptor_words as words
from pages.shared.dataset.corpus_view import View
from pages.shared.ui import components, style
from pages.shared.ui.terms import explained
from ser_core.acoustics.descriptors import MFCC_COLUMNS, Descriptor, catalogue
from ser_core.acoustics.display import N_MFCC
from ser_core.exploration.effect_sizes import cohens_d, eta_squared, summary, within_speakers
from ser_core.formatting import number
from ser_core.plots.dataset.distributions import distributions
from ser_core.plots.dataset.effect_sizes import effect_grid, variance_shares

DESCRIPTOR = "descriptor"
_MEASURES = explained("Pitch", "dBFS", "LUFS", "MFCC")
_EFFECT = explained("Cohen's d")
COMPARED = "compared"
_COMPARED = {"all": "Across speakers", "own": "Within speakers"}


def draw(view: View) -> None:
    """One descriptor per emotion, then what all of them tell of emotions and of speakers."""
    found = _catalogue(view)
    chosen = _distribution(view, found)
    st.space("small")
    known = catalogue(view.index.columns)
    _effects(view, known)
    st.space("small")
    _variance(view, known, chosen)


def _catalogue(view: View) -> dict[str, Descriptor]:
    """What can be chosen, by column: the descriptors, then the means of the MFCC."""
    means = [
        Descriptor(
            column,
            f"MFCC {i}",
            "",
            1,
            "Mean of a mel-frequency cepstral coefficient over the audible frames: "
            + ("the level." if i == 0 else "one of the shapes that make up the spectrum."),
        )
        for i, column in enumerate(MFCC_COLUMNS[:N_MFCC])
        if column in view.index
    ]
    return {d.column: d for d in (*catalogue(view.index.columns), *means)}


def _distribution(view: View, found: Mapping[str, Descriptor]) -> Descriptor:
    """How one descriptor is spread; returns the chosen one."""
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    title = row.container(width="content")  # names what is chosen beside it
    chosen = found[
        row.selectbox(
            "Descriptor",
            list(found),
            format_func=lambda column: words.start(found[column].name),
            key=DESCRIPTOR,
            label_visibility="collapsed",
            width=230,
            bind="query-params",
        )
    ]
    title.html(
        components.heading_html(f"How does {chosen.name} differ between emotions?", mark=_MEASURES)
    )
    clips = view.clips
    table = summary(clips[chosen.column], clips["emotion"], [str(e) for e in view.info.classes])
    if table.empty:
        components.empty(
            f"No clip here has a number for {chosen.name}.", "Choose another, or other filters."
        )
        return chosen
    told = words.spread_finding(table, chosen)
    components.lead(told)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        components.chart(
            distributions(clips, table, chosen, style.current_theme(), view.info.classes),
            key="spread",
            alt=told,
            data=clips[["clip", "emotion", "speaker", chosen.column]],
            name=f"dataset-{chosen.column}",
        )
    with right:
        _table(table, chosen)
        missing = len(clips) - int(table["clips"].sum())
        components.note(words.spread_note(table, chosen, missing))
    return chosen


def _table(table: pd.DataFrame, chosen: Descriptor) -> None:
    d = chosen.decimals
    column = st.column_config
    st.dataframe(
        pd.DataFrame(
            {
                "emotion": table.index,
                "median": table["median"].to_numpy(),
                "middle half": [
                    f"{number(low, d)} to {number(high, d)}"
                    for low, high in table[["low", "high"]].to_numpy()
                ],
                "mean": table["mean"].to_numpy(),
                "clips": table["clips"].to_numpy(),
            }
        ),
        hide_index=True,
        row_height=38,
        height=38 * (len(table) + 1) + 3,
        column_config={
            # so narrow that a phone shows them all
            "emotion": column.TextColumn(width=80),
            "median": column.NumberColumn(format=f"%.{d}f", width=60),
            "middle half": column.TextColumn(width=112),
            "mean": column.NumberColumn(format=f"%.{d}f", width=60),
            "clips": column.NumberColumn(width=50),
        },
        key="spread-table",
    )


def _effects(view: View, known: tuple[Descriptor, ...]) -> None:
    several = view.clips["speaker"].nunique() > 1
    with components.heading_row("Which descriptors tell the emotions apart?", mark=_EFFECT):
        against = components.switch("Compared", _COMPARED, COMPARED) if several else "all"
    effects = _ranked(view, known, against == "own")
    if effects.isna().all(axis=None):
        one = view.clips["emotion"].nunique() == 1
        components.empty(
            "There is nothing to tell apart.",
            "The filters leave one emotion." if one else "The filters leave too few clips.",
        )
        return
    figure = effect_grid(effects, style.current_theme())
    note = words.effects_note(view.clips, against == "own")
    _told("effects", words.effects_finding(effects), figure, effects, note)


def _told(key: str, finding: str, figure: go.Figure, table: pd.DataFrame, note: str) -> None:
    """A finding, the figure of a table of descriptors that shows it, and what that means."""
    components.lead(finding)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        components.chart(
            figure,
            key=key,
            alt=finding,
            data=table.rename_axis("descriptor").reset_index(),
            name=f"dataset-{key}",
        )
    with right:
        components.note(note)


def _ranked(view: View, known: tuple[Descriptor, ...], within: bool) -> pd.DataFrame:
    """Cohen's d, one row per descriptor by name, those that tell most first."""
    values = view.clips[[d.column for d in known]].to_numpy(float)
    if within:
        values = within_speakers(values, view.clips["speaker"])
    present = [str(e) for e in view.info.classes if (view.clips["emotion"] == e).any()]
    d = cohens_d(values, view.clips["emotion"], present)
    effects = pd.DataFrame(d.T, index=[each.name for each in known], columns=present)
    strength = effects.abs().mean(axis=1)
    return effects.loc[strength.sort_values(ascending=False, kind="stable").index]


def _variance(view: View, known: tuple[Descriptor, ...], chosen: Descriptor) -> None:
    components.heading("How much is the speaker instead?", mark=explained("Eta squared"))
    wanted = dict.fromkeys((*known, chosen))  # MFCC can be chosen, but are not compared below
    shares = _shares(view.clips, tuple(wanted))
    charted = shares.loc[[d.name for d in known]].dropna(how="all")
    if charted.empty:
        components.empty(
            "There are no groups to compare.",
            "It takes clips of several emotions or speakers, and more clips than those.",
        )
        return
    charted = charted.sort_values(["emotion", "speaker"], ascending=False)
    figure = variance_shares(charted, style.current_theme())
    told = words.variance_finding(charted, shares.loc[chosen.name])
    _told("variance", told, figure, charted, words.variance_note(view.clips))


def _shares(clips: pd.DataFrame, of: tuple[Descriptor, ...]) -> pd.DataFrame:
    """Eta squared of emotion and speaker, one row per descriptor by name."""
    values = clips[[d.column for d in of]].to_numpy(float)
    return pd.DataFrame(
        {label: eta_squared(values, clips[label]) for label in ("emotion", "speaker")},
        index=[d.name for d in of],
    )
