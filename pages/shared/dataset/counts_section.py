"""Clips per emotion, and what oversampling makes of them."""

from collections.abc import Hashable, Iterable

import pandas as pd
import streamlit as st

from pages.shared.dataset.corpus_view import View
from pages.shared.ui import components, state, style
from pages.shared.ui.terms import explained
from ser_core.exploration.filters import balanced, counts
from ser_core.formatting import NBSP, count_word, thousands
from ser_core.plots.dataset.counts import clips_per_emotion, emotion_grid

ROWS = "rows"  # the clips as they are, or as a model is trained on them
SPLITS = {"intensity": "Intensity", "sex": "Sex", "statement": "Statement", "actor": "Speaker"}
_ROWS = {"recorded": "As recorded", "oversampled": "Oversampled"}
_BARS = ("intensity", "sex")  # few levels; the others make a grid


def draw(view: View) -> None:
    """Clips per emotion and one other label: bars for few levels, else a grid."""
    levels = _levels(view)
    with components.heading_row("Clips per emotion", mark=explained("Oversampling")):
        by = _split_by(levels)
    if by in _BARS:
        _bars(view, by, levels[by])
    else:
        _grid(view, by, levels[by], SPLITS[by].lower())


def _levels(view: View) -> dict[str, list[Hashable]]:
    """Per label its values in the whole corpus, in display order."""
    known = {"intensity": view.info.intensities, "statement": view.info.statements}
    return {by: _ordered(known.get(by, ()), view.index[by].unique()) for by in SPLITS}


def _ordered(known: Iterable[Hashable], present: Iterable[Hashable]) -> list[Hashable]:
    first = [value for value in known if value in set(present)]
    return first + sorted(set(present) - set(first))


def _split_by(levels: dict[str, list[Hashable]]) -> str:
    offered = {by: title for by, title in SPLITS.items() if len(levels[by]) > 1}
    if not any(by in offered for by in _BARS):
        offered = {"sex": "Together"} | offered  # one value: the bars have no parts
    if len(offered) < 2:
        return next(iter(offered))
    if st.session_state.get(state.SPLIT_BY) not in offered:
        st.session_state.pop(state.SPLIT_BY, None)  # of another corpus; the address would say None
    return components.switch("Split by", offered, state.SPLIT_BY)


def _bars(view: View, by: str, levels: list[Hashable]) -> None:
    oversampled = components.switch("Rows", _ROWS, ROWS) == "oversampled"
    table = counts(view.clips, by).loc[lambda rows: rows.sum(axis=1) > 0]
    own, full = table.sum(axis=1), balanced(view.clips)
    components.chart(
        clips_per_emotion(
            view.clips, by, levels, style.current_theme(), view.info.classes, oversampled
        ),
        key="counts",
        alt=drawn_again(own, full) if oversampled else finding(own, full),
    )
    if oversampled:
        table = table.assign(**{"drawn again": full - own, "rows in training": full})
        told = drawn_again(own, full)
    else:
        rare = imbalance(view.index)
        if rare and len(view.clips) < len(view.index):
            rare = f"In the whole corpus: {rare}"
        told = rare
    components.note_and_data(told, table.reset_index(), "dataset-counts", "counts-data")


def _grid(view: View, by: str, levels: list[Hashable], label: str) -> None:
    table = counts(view.clips, by).loc[lambda rows: rows.sum(axis=1) > 0]
    told = grid_finding(table, label)
    components.chart(
        emotion_grid(view.clips, by, levels, style.current_theme(), view.info.classes),
        key="counts",
        alt=told,
    )
    table.columns = [str(level) for level in table.columns]
    components.note_and_data(
        told,
        table.reset_index(),
        "dataset-counts",
        "counts-data",
    )


def finding(own: pd.Series, full: pd.Series) -> str:
    """What the bars show, for those who do not see them.

    Args:
        own: clips per emotion.
        full: rows per emotion after oversampling.
    """
    numbers = ", ".join(f"{emotion} {own[emotion]}" for emotion in full.index)
    rare = [emotion for emotion in full.index if own[emotion] < full[emotion]]
    have = "have" if len(rare) > 1 else "has"
    few = f"{', '.join(rare).capitalize()} {have} fewer clips"
    return f"{few if rare else 'All have as many clips'}: {numbers}."


def drawn_again(own: pd.Series, full: pd.Series) -> str:
    """What random oversampling does to some clips.

    Args:
        own: clips per emotion.
        full: rows per emotion after oversampling.
    """
    if len(full) == 1:
        return "There is one emotion: nothing is drawn again."
    if (own == full).all():
        return "All emotions have as many clips: nothing is drawn again."
    changes = [f"{e}{NBSP}{own[e]}{NBSP}→{NBSP}{full[e]}" for e in full.index if own[e] < full[e]]
    return (
        "Clips of the rarer emotions are drawn again at random, with replacement, until every "
        f"emotion counts {thousands(int(full.max()))} rows: {', '.join(changes)}; together "
        f"{thousands(int(own.sum()))} → {thousands(int(full.sum()))} rows. No new sound comes in."
    )


def grid_finding(table: pd.DataFrame, label: str) -> str:
    """What a grid of counts shows.

    Args:
        table: clips per emotion (row) and value of another label (column).
        label: what the columns are, such as "speaker".
    """
    numbers = table.to_numpy().ravel()
    filled = numbers[numbers > 0]
    low, high = int(filled.min()), int(filled.max())
    amount = count_word(high, "clip") if low == high else f"{low} to {count_word(high, 'clip')}"
    if filled.size == numbers.size:
        return f"Each pair of emotion and {label} has {amount}."
    blank = numbers.size - filled.size
    return (
        f"{thousands(blank)} of the {thousands(numbers.size)} pairs of emotion and {label} "
        f"{'has' if blank == 1 else 'have'} no clip; the others have {amount}."
    )


def imbalance(corpus: pd.DataFrame) -> str:
    """What is rare in a whole corpus, and what oversampling makes of it; "" where nothing is."""
    table = counts(corpus, "intensity")
    own, full = table.sum(axis=1), balanced(corpus)
    rare = [emotion for emotion in full.index if own[emotion] < full[emotion]]
    if not rare:
        return ""
    scarcest = min(rare, key=lambda emotion: own[emotion])
    others = (own[rare] == own[scarcest]).sum() - 1
    also = f", like {others} more" if others else ""
    one_level = (table.loc[scarcest] > 0).sum() == 1 < len(table.columns)
    why = "was acted at one intensity only" if one_level else "is rare"
    return (
        f"{scarcest.capitalize()} {why}{also}: {count_word(int(own[scarcest]), 'clip')} against "
        f"{full[scarcest]}. The "
        "small networks draw clips of the rarer emotions again at random until all count the same "
        f"({own[scarcest]} → {full[scarcest]} {scarcest}, {thousands(int(own.sum()))} → "
        f"{thousands(int(full.sum()))} rows when every speaker trains). Only the training part is "
        "resampled, after the split, so no copy of a clip that scores a model was learned from."
    )
