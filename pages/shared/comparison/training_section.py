"""How the models that are compared learned, epoch by epoch."""

from html import escape

import pandas as pd
import streamlit as st

from pages.shared.comparison.models_view import PROTOCOLS, Rated, View
from pages.shared.comparison.reliability_section import narrowed
from pages.shared.ui import components, style
from ser_core.formatting import count_word
from ser_core.plots.comparison.training_curves import training_curves


def draw(view: View) -> None:
    """Draw the section.

    Args:
        view: what is compared.
    """
    parts = [(model, _history(model)) for model in view.pair]
    components.heading("How they learned")
    whole = " On all eight emotions and all clips." if narrowed(view) else ""
    components.note(
        f"Accuracy per epoch, a line per fold. Strong lines: validation. Faint: training.{whole}"
    )
    last = max((int(part["epoch"].max()) for _, part in parts if part is not None), default=1)
    sides = zip("ab", st.columns(2, gap="medium"), parts, strict=False)
    for side, column, (model, part) in sides:
        with column:
            components.heading(escape(model.title), level=3)
            if part is None:
                _missing(model)
            elif part["epoch"].max() == 1:
                components.note(_fitted_at_once(part))
            else:
                _chart(model, part, last, side)


def _history(model: Rated) -> pd.DataFrame | None:
    """The part of the model's protocol; None where it was not kept."""
    history = model.bundle.history
    if history is None:
        return None
    part = history[history["protocol"] == model.protocol]
    return None if part.empty else part


def _missing(model: Rated) -> None:
    components.empty(
        "Its history was not kept.",
        f"history.csv has no epochs on {PROTOCOLS[model.protocol].lower()}. Make it:",
        # no --protocol: only a run of all of them makes a new bundle
        command=f"python -m train fit {model.bundle.name}",
    )


def _chart(model: Rated, part: pd.DataFrame, last: int, side: str) -> None:
    gap = _gap(part)
    components.chart(
        training_curves(part, style.current_theme(), last),
        key=f"learning-{side}",
        alt=f"{model.title} ends {_worded(gap)}."
        if pd.notna(gap)
        else f"{model.title} was trained without validation.",
        data=part,
        name=f"history-{model.bundle.name}-{model.protocol}",
    )


def _fitted_at_once(part: pd.DataFrame) -> str:
    """A line in place of curves that would have one point."""
    text = "Fitted at once, so there are no epochs to draw."
    gap = _gap(part)
    if pd.isna(gap):
        return text
    return f"{text} It is {_worded(gap)}."


def _worded(gap: float) -> str:
    points = round(100 * abs(gap))
    if not points:
        return "as good in training as in validation"
    word = "better" if gap > 0 else "worse"
    return f"{count_word(points, 'point')} {word} in training than in validation"


def _gap(part: pd.DataFrame) -> float:
    """Accuracy, as a fraction, between training and validation at the end of the folds."""
    ends = part.sort_values("epoch").groupby("fold").last()
    return ends["train_accuracy"].mean() - ends["val_accuracy"].mean()
