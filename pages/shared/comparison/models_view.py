"""What the comparison of models looks at: two models, some of the clips, some classes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from pages.shared.comparison.clip_filter import ClipFilter
from pages.shared.ui import state
from ser_core.bundles.store import Bundle
from ser_core.evaluation.label_sets import Grouping
from ser_core.evaluation.predictions import Predictions
from ser_core.plots.comparison.marks import Model
from ser_core.protocols import Protocol

PROTOCOLS = {
    Protocol.SPEAKER_INDEPENDENT: "Unseen speakers",
    Protocol.RANDOM_SPLIT: "Random clips",
}


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    """A model under a protocol, on the clips that pass the filter.

    Attributes:
        bundle: the model.
        protocol: of the answers.
        rows: its predictions of those clips.
        predictions: the same as arrays, in the classes of the page.
        title: for people; it names the protocol where that is not the page's.
    """

    bundle: Bundle
    protocol: Protocol
    rows: pd.DataFrame
    predictions: Predictions
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What the sections of the page draw.

    Attributes:
        protocol: of the page.
        models: every model with predictions under it, best first.
        a: the first of the two that are compared.
        b: the second; None where there is only one model.
        grouping: the classes.
        clips: what passes the filter.
    """

    protocol: Protocol
    models: tuple[Rated, ...]
    a: Rated
    b: Rated | None
    grouping: Grouping
    clips: ClipFilter

    @property
    def pair(self) -> tuple[Rated, ...]:
        """A, and B where there is one."""
        return (self.a,) if self.b is None else (self.a, self.b)

    def marked(self, bundle: Bundle) -> Model:
        """A model as figures mark it: the first of the pair, the second, or none of them."""
        names = [model.bundle.name for model in self.pair]
        at = names.index(bundle.name) if bundle.name in names else len(names)
        return Model(bundle.title, "a" if at == 0 else "b" if at < len(names) else "other")

    @property
    def every(self) -> list[Bundle]:
        """Every model once: A, then B, then the others."""
        return list({m.bundle.name: m.bundle for m in (*self.pair, *self.models)}.values())

    @property
    def raters(self) -> tuple[Rated, ...]:
        """Every model, and B where it is under the other protocol."""
        if self.b is None or self.b.protocol == self.protocol:
            return self.models
        return (*self.models, self.b)


def rated(
    bundle: Bundle, protocol: Protocol, clips: ClipFilter, grouping: Grouping, title: str = ""
) -> Rated:
    """A model on the clips that pass.

    Args:
        bundle: with predictions under the protocol.
        protocol: of the answers.
        clips: the filter.
        grouping: the classes.
        title: for people; the model's by default.
    """
    rows = clips.apply(bundle.rows(protocol))
    return Rated(bundle, protocol, rows, Predictions.of(rows, grouping), title or bundle.title)


def choose(
    models: Sequence[Rated], protocol: Protocol, clips: ClipFilter, grouping: Grouping
) -> View | None:
    """Draw the two lists of models and return what was chosen; None where no model has clips.

    Args:
        models: those with predictions under the protocol, best first.
        protocol: of the page.
        clips: the filter.
        grouping: the classes.
    """
    if not models:
        return None
    by_name = {m.bundle.name: m for m in models}
    other = next(p for p in PROTOCOLS if p != protocol)
    elsewhere = {
        f"{name}@{other}": (f"{m.title}, {PROTOCOLS[other].lower()}", m.bundle)
        for name, m in by_name.items()
        if m.bundle.rows(other) is not None
    }
    titles = {name: m.title for name, m in by_name.items()}
    titles |= {name: title for name, (title, _) in elsewhere.items()}
    first = _list("Model A", list(by_name), titles, state.MODEL_A, 0)
    second = None
    if len(titles) > 1:
        at = next(i for i, name in enumerate(titles) if name != first)
        second = _list("Model B", list(titles), titles, state.MODEL_B, at)
    a, b = by_name[first], by_name.get(second)
    if second in elsewhere:
        title, bundle = elsewhere[second]
        b = rated(bundle, other, clips, grouping, title)
    if b is not None and a.title == b.title:
        a, b = replace(a, title=f"{a.title} (A)"), replace(b, title=f"{b.title} (B)")
    return View(protocol, tuple(models), a, b, grouping, clips)


def _list(label: str, options: list[str], titles: dict[str, str], key: str, first: int) -> str:
    return st.selectbox(
        label,
        options,
        index=first,
        format_func=titles.get,
        key=key,
        width=156,
        bind="query-params",
    )
