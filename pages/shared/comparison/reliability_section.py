"""How sure two models are and how right: reliability, coverage, one class against the rest."""

import math
from html import escape

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared.comparison.models_view import Rated, View
from pages.shared.ui import components, style
from pages.shared.ui.terms import explained
from ser_core.bundles.metrics import Calibration
from ser_core.evaluation.curves import BINS, Roc, answered_above, coverage, reliability, roc
from ser_core.evaluation.label_sets import EMOTIONS, Grouping
from ser_core.formatting import NBSP, figure, percent
from ser_core.plots.comparison.curves import coverage_plot, group_dashes, reliability_plot, roc_plot
from ser_core.protocols import Protocol

SURE = "sure"
_FEW = 500  # clips, over 15 bins
_WIDTHS = (5, 7)  # words, then the chart: on a narrow screen it comes below them
_TABLE_WIDTHS = (4, 4, 4)
_LINES = {"solid": "solid", "dash": "dashed", "dot": "dotted"}  # in CSS


def narrowed(view: View) -> bool:
    """Whether the page shows other classes or clips than metrics.json and history.csv tell of."""
    return bool(view.clips.words) or view.grouping != EMOTIONS


def reliability_row(view: View, pair: tuple[Rated, ...]) -> None:
    """How often right over how sure, and the calibration error.

    Args:
        view: what is compared.
        pair: the models with clips.
    """
    components.heading("How sure, how right", mark=explained("Calibration error", "Temperature"))
    found = [(model, reliability(model.predictions)) for model in pair]
    words, chart = st.columns(_WIDTHS, gap="medium")
    with words:
        components.note(
            "A model that means what it says lies on the dotted line: of its answers that are "
            f"60{NBSP}% sure, 60{NBSP}% are right. Below the line it is too sure. Dots grow with "
            f"their clips; {BINS} bins of equal width.{_merged(view)} {_key(pair)}"
        )
        components.note(f"Calibration error, in percentage points.{_temperatures(view, pair)}")
        components.facts(
            {
                model.title: f"{figure(part.error)} after temperature scaling"
                f"{_before(view, model, part.error)}"
                for model, part in found
            }
        )
        if min(len(model.rows) for model in pair) < _FEW:
            components.note(f"With fewer than {_FEW} clips, much of the distance is chance.")
    with chart:
        components.chart(
            reliability_plot([(model.title, part) for model, part in found], style.current_theme()),
            key="reliability",
            alt="Calibration error in points: "
            + ", ".join(f"{model.title} {figure(part.error)}" for model, part in found)
            + ".",
            data=pd.concat(
                pd.DataFrame(
                    {
                        "model": model.title,
                        "confidence": part.confidence,
                        "accuracy": part.accuracy,
                        "clips": part.clips,
                    }
                )
                for model, part in found
            ),
            name="reliability",
        )


def _merged(view: View) -> str:
    if view.grouping == EMOTIONS:
        return ""
    return f" The answer is the class of the likeliest emotion, so it can be below 50{NBSP}% sure."


def _scaling(view: View, model: Rated) -> Calibration | None:
    """What temperature scaling brought; None where it was not measured on these clips."""
    if narrowed(view) or model.protocol != Protocol.SPEAKER_INDEPENDENT:
        return None
    return model.bundle.metrics and model.bundle.metrics.calibration


def _temperatures(view: View, pair: tuple[Rated, ...]) -> str:
    models = {m.bundle.name: m for m in pair if _scaling(view, m)}  # one, if beside itself
    if not models:
        return ""
    told = {
        m.title if len(models) > 1 else m.bundle.title: _scaling(view, m).temperature
        for m in models.values()
    }
    installed = ", ".join(f"{value:.2f} for {title}" for title, value in told.items())
    return f" Each fold has a temperature of its own; the installed model’s is {installed}."


def _before(view: View, model: Rated, after: float) -> str:
    """What was measured before scaling: predictions hold the scaled probabilities alone."""
    measured = _scaling(view, model)
    if measured is None:
        return ""
    useless = "; it did not help here" if after > measured.ece_before else ""
    return f", {figure(measured.ece_before)} before{useless}"


def coverage_row(pair: tuple[Rated, ...]) -> None:
    """Accuracy where only sure answers count, with the threshold that the visitor sets.

    Args:
        pair: the models with clips.
    """
    components.heading("Answering only when sure")
    words, chart = st.columns(_WIDTHS, gap="medium")
    with words:
        least = st.slider(
            "Answer only when at least so sure",
            0,
            95,
            0,
            5,
            format=f"%d{NBSP}%%",
            key=SURE,
            bind="query-params",
        )
        points = [answered_above(model.predictions, least / 100) for model in pair]
        finding = _answers(pair, points, least)
        components.note(finding)
        components.note(f"The marks show where the threshold puts each model. {_key(pair)}")
    curves = [coverage(model.predictions) for model in pair]
    with chart:
        components.chart(
            coverage_plot(
                [
                    (model.title, curve, point)
                    for model, curve, point in zip(pair, curves, points, strict=True)
                ],
                style.current_theme(),
            ),
            key="coverage",
            alt=finding,
            data=pd.concat(
                pd.DataFrame(
                    {
                        "model": model.title,
                        "at least so sure": curve.confidence,
                        "answered": curve.answered,
                        "accuracy": curve.accuracy,
                    }
                )
                for model, curve in zip(pair, curves, strict=True)
            ),
            name="coverage",
        )


def _answers(pair: tuple[Rated, ...], points: list[tuple[float, float]], least: int) -> str:
    """The sentence of a threshold in percent."""
    if not least:
        parts = [
            f"{model.title} is right in {percent(accuracy)}"
            for model, (_, accuracy) in zip(pair, points, strict=True)
        ]
        return f"Answering every clip, {' and '.join(parts)}."
    parts = [
        f"{model.title} answers no clip"
        if math.isnan(accuracy)
        else f"{model.title} answers {percent(answered)} of the clips and is right in "
        f"{percent(accuracy)}"
        for model, (answered, accuracy) in zip(pair, points, strict=True)
    ]
    return f"Answering only when at least {least}{NBSP}% sure, {'; '.join(parts)}."


def roc_row(view: View, pair: tuple[Rated, ...]) -> None:
    """Each class against the rest, with the areas in a table that is also the key.

    Args:
        view: what is compared.
        pair: the models with clips.
    """
    what = "emotion" if view.grouping == EMOTIONS else "class"
    components.heading(f"Telling one {what} from the rest", mark=explained("AUC"))
    labels = view.grouping.labels
    found = [[roc(model.predictions, i) for i in range(len(labels))] for model in pair]
    widths = _TABLE_WIDTHS if len(pair) > 1 else _WIDTHS
    words, *charts = st.columns(widths, gap="medium")
    areas = [_areas(curves) for curves in found]
    with words:
        components.note(f"AUC, in percent. The dotted line is chance, 50{NBSP}%.")
        st.html(_area_table(view.grouping, pair, areas))
        for model, curves in zip(pair, found, strict=True):
            without = [label for label, c in zip(labels, curves, strict=True) if c is None]
            if without:
                components.note(
                    f"No curve for {', '.join(without)}: {model.title} has no clip of it here, or "
                    "no other."
                )
    for side, column, model, curves in zip("ab", charts, pair, found, strict=False):
        with column:
            components.heading(escape(model.title), level=3)
            components.chart(
                roc_plot(curves, view.grouping, style.current_theme()),
                key=f"roc-{side}",
                alt=_best_area(model, view.grouping, curves),
                data=_points(labels, curves),
                name=f"roc-{model.bundle.name}",
            )


def _areas(curves: list[Roc | None]) -> list[float]:
    """AUC per class, then their mean; NaN where there is no curve."""
    each = [math.nan if curve is None else curve.area for curve in curves]
    known = [area for area in each if not math.isnan(area)]
    return [*each, float(np.mean(known)) if known else math.nan]


def _best_area(model: Rated, grouping: Grouping, curves: list[Roc | None]) -> str:
    areas = pd.Series(_areas(curves), [*grouping.labels, "mean"])
    known = areas.drop("mean").dropna()
    if known.empty:
        return f"{model.title}: only one class has clips, so there is no curve."
    if len(grouping.labels) == 2:
        one, other = grouping.labels
        return f"{model.title} tells {one} from {other}: AUC {percent(areas['mean'], 1)}."
    return (
        f"{model.title} tells {known.idxmax()} best from the rest (AUC {percent(known.max(), 1)}), "
        f"{known.idxmin()} worst ({percent(known.min(), 1)}); the mean is "
        f"{percent(areas['mean'], 1)}."
    )


def _area_table(grouping: Grouping, pair: tuple[Rated, ...], areas: list[list[float]]) -> str:
    """HTML: a line per class with its mark, a column per model, the means last.

    Of two classes both areas are the same, and so would be their mean.
    """
    dashes = group_dashes(grouping)
    head = "".join(f"<th>{escape(model.title)}</th>" for model in pair)
    body = ""
    names = [_named(grouping, label, dashes) for label in grouping.labels]
    if len(names) > 2:
        names.append("<b>mean</b>")
    for name, row in zip(names, zip(*areas, strict=True), strict=False):
        cells = "".join(f"<td>{_area(area)}</td>" for area in row)
        body += f"<tr><th>{name}</th>{cells}</tr>"
    return f'<table class="ser-areas"><tr><th>Class</th>{head}</tr>{body}</table>'


def _named(grouping: Grouping, label: str, dashes: dict[str, str]) -> str:
    """A class with its mark; a group has a piece of its line."""
    emotion = grouping.emotion(label)
    if emotion is not None:
        return f"{components.mark(emotion)} {label}"
    line = f"border-top:2px {_LINES[dashes[label]]} var(--ser-ink)"
    return f'<span class="ser-dash" style="{line}"></span> {label}'


def _area(area: float) -> str:
    return "\N{EN DASH}" if math.isnan(area) else figure(area)


def _points(labels: tuple[str, ...], curves: list[Roc | None]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"class": label, "false alarms": c.false_alarms, "found": c.found})
        for label, c in zip(labels, curves, strict=True)
        if c is not None
    ]
    return pd.concat(parts) if parts else pd.DataFrame()


def _key(pair: tuple[Rated, ...]) -> str:
    """Which line is whose."""
    if len(pair) == 1:
        return ""
    return f"Solid line and dots: {pair[0].title}. Dashed line and rings: {pair[1].title}."
