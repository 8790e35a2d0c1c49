"""How good every model is: the leaderboard, and the table of all figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared.comparison import models_view
from pages.shared.ui import components, state, style, wording
from pages.shared.ui.terms import explained
from ser_core.bundles.store import Bundle
from ser_core.evaluation.baselines import (
    PEOPLE,
    PEOPLE_CLASSES,
    PUBLISHED,
    Entry,
    beside_people,
    figures_table,
    majority,
)
from ser_core.evaluation.intervals import Estimate, estimates
from ser_core.evaluation.label_sets import EMOTIONS, Grouping
from ser_core.evaluation.scores import SCORES
from ser_core.formatting import NBSP, figure, interval, percent
from ser_core.glossary import meaning
from ser_core.plots.comparison.leaderboard import Score, leaderboard
from ser_core.protocols import Protocol

SHORT = {"ua": "UA", "wa": "WA", "macro_f1": "F1"}
NAMES = {"ua": "Balanced recall", "wa": "Accuracy", "macro_f1": "F1"}
_BOOTCAMP = "Bootcamp project"
_ROW_PX = 38


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """What is ranked.

    Attributes:
        rated: models with predictions of the clips that pass.
        scored_only: models that have scores but no predictions.
        protocol: of the scores.
        grouping: the classes.
        filtered: whether only some clips count.
    """

    rated: Sequence[models_view.Rated]
    scored_only: Sequence[Bundle]
    protocol: Protocol
    grouping: Grouping
    filtered: bool

    @property
    def whole(self) -> bool:
        """Whether everything counts as it was published: all clips, the eight emotions."""
        return not self.filtered and self.grouping is EMOTIONS

    @property
    def beside_people(self) -> bool:
        """Whether everything counts as it did for people: all clips, neutral and calm as one."""
        if self.filtered or self.grouping is not PEOPLE_CLASSES:
            return False
        return all(beside_people(model.rows) for model in self.rated)

    def entries(self) -> list[Entry]:
        """The models' figures, in no order."""
        found = [self._entry(m.bundle, estimates(m.predictions)) for m in self.rated]
        if self.whole:
            found += [self._entry(b, self._told(b)) for b in self.scored_only]
        return found

    def _told(self, bundle: Bundle) -> dict[str, Estimate]:
        told = bundle.scores(self.protocol)
        return {n: Estimate(value, *told.ci95.get(n, ())) for n, value in told.named.items()}

    def _entry(self, bundle: Bundle, found: dict[str, Estimate]) -> Entry:
        told = bundle.scores(self.protocol)
        # it was measured on all clips and emotions: it says nothing of a part
        train_wa = told.train_wa if told and self.whole else None
        return Entry(bundle.title, found, train_wa, bundle.metrics)

    def floors(self) -> dict[str, dict[str, float]]:
        """Whom the models are compared with, as far as their scores are of the same clips."""
        chance = self.grouping.chance
        found = {"Chance": {"ua": chance, "wa": chance}}
        if self.rated:
            answers = self.rated[0].predictions
            found = {"Majority class": majority(answers.truth)} | found
        if self.whole:
            published = {f"{_BOOTCAMP}, {name}": {"wa": wa} for name, wa in PUBLISHED.items()}
            found = found | published
        if self.beside_people:
            found = {"People": {"wa": PEOPLE}} | found
        return found


def draw(board: Board, how: str) -> None:
    """Draw the leaderboard and the table below it.

    Args:
        board: what is ranked.
        how: how the scores came about.
    """
    mark = explained(*NAMES.values(), "Interval")
    with components.heading_row("How often they are right", mark=mark):
        by = components.switch("Score", NAMES, state.SCORE)
    components.lead(how)
    entries = [entry for entry in board.entries() if by in entry.scores]
    entries.sort(key=lambda entry: -entry.scores[by].value)
    floors = board.floors()
    _chart(board, entries, floors, by)
    components.note(_caption(board, by))
    with st.expander("All figures"):
        _all_figures(figures_table(entries, floors), board.protocol)
        components.note(_footnotes(board))


def _chart(
    board: Board, entries: list[Entry], floors: dict[str, dict[str, float]], by: str
) -> None:
    ranked = [Score(e.title, s.value, s.low, s.high) for e in entries for s in [e.scores[by]]]
    lines = []
    if by == "ua":
        lines.append(("chance", board.grouping.chance))
    elif "Majority class" in floors:
        lines.append(("majority", floors["Majority class"][by]))
    published = board.whole and by != "macro_f1"
    if board.beside_people and by == "wa":
        lines.append(("people", PEOPLE))
    order = ", ".join(f"{score.title} {percent(score.value, 1)}" for score in ranked)
    beside = " ".join(f"{name.capitalize()} is {percent(value, 1)}." for name, value in lines)
    components.chart(
        leaderboard(
            ranked, lines, style.current_theme(), (_BOOTCAMP, PUBLISHED) if published else None
        ),
        key="leaderboard",
        alt=f"Best first: {order}. {beside}",
    )


def _caption(board: Board, by: str) -> str:
    told = f"{NAMES[by]}. {meaning(NAMES[by])}"
    if board.beside_people:
        return f"{told} {wording.LISTENERS}: a share of all ratings, as accuracy is."
    if not board.whole:
        speakers = np.unique(board.rated[0].predictions.speakers).size if board.rated else 0
        few = "With one speaker there are no intervals." if speakers == 1 else ""
        return f"{told} How people do on this part is not known. {few}".strip()
    if by == "macro_f1":
        return told
    published = ", ".join(f"{name} {figure(wa, 0)}" for name, wa in PUBLISHED.items())
    return (
        f"{told} {wording.LISTENERS}: classes “{PEOPLE_CLASSES.title}” and score “Accuracy” "
        f"put models beside them. {_BOOTCAMP}: the accuracies it published ({published}), from "
        "clips split at random after copies were made, so they promise too much; the tab Leak lab "
        "shows by how much."
    )


def _footnotes(board: Board) -> str:
    learnt = wording.LEARNT if board.protocol == Protocol.SPEAKER_INDEPENDENT else ""
    parts = [model.bundle.scores(board.protocol) for model in board.rated]
    silent = wording.whole_clips([part for part in parts if part])
    return (
        f"Intervals: 95{NBSP}%, resampled over speakers. {learnt} {silent} Majority class: always "
        "the most frequent one. Latency was measured where the model was made. A click on a "
        "column's name sorts."
    )


def _all_figures(table: pd.DataFrame, protocol: str) -> None:
    shown = pd.DataFrame({"Model": table["model"]})
    for name, label in SHORT.items():
        shown[f"{label}, %"] = table[name]
        ends = zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
        shown[f"{label} interval"] = [
            None if pd.isna(low) else interval(low / 100, high / 100) for low, high in ends
        ]
    shown["Train WA, %"] = table["train_wa"]
    shown["Gap, points"] = table["gap"]
    shown["Parameters"] = table["parameters"]
    shown["Size, MB"] = table["size_bytes"] / 1e6
    shown["Latency, ms"] = table["latency_ms"]
    st.dataframe(
        shown,
        hide_index=True,
        row_height=_ROW_PX,
        height=_ROW_PX * (len(shown) + 1) + 3,
        placeholder="",
        column_config=_columns(),
    )
    st.download_button(
        "Download CSV",
        table.to_csv(index=False),
        f"models-{protocol}.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    scores_ = {f"{SHORT[n]}, %": number(format="%.1f", help=meaning(NAMES[n])) for n in SCORES}
    return scores_ | {
        "Train WA, %": number(format="%.1f"),
        "Gap, points": number(format="%.1f", help=meaning("Gap")),
        "Parameters": number(format="localized"),
        "Size, MB": number(format="%.2f"),
        "Latency, ms": number(format="%.2f", help=meaning("Latency")),
    }
