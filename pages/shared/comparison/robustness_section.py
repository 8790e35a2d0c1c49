"""How models hold in noise, on bad lines and in rooms, and whether they hear both sexes alike."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared.comparison import models_view
from pages.shared.ui import components, style
from pages.shared.ui.terms import explained
from ser_core.bundles.robustness import (
    NOISES,
    OTHERS,
    SNRS_DB,
    changes,
    complete,
    measured,
    noise_curve,
)
from ser_core.bundles.store import Bundle
from ser_core.evaluation.intervals import Estimate, estimates
from ser_core.evaluation.predictions import Predictions
from ser_core.formatting import NBSP, figure, percent, signed
from ser_core.plots.comparison.marks import Model
from ser_core.plots.comparison.robustness import change_dots, noise_curves, sex_rows
from ser_core.protocols import Protocol

NOISE = "noise"
_WORDS = explained("Signal to noise", "Balanced recall")
_SEXES = ("female", "male")
_EXPLAINED = dict(zip(NOISES, ("white noise", "babble (many voices at once)"), strict=True))
_PLACES = ("clean", *(f"{snr}{NBSP}dB" for snr in SNRS_DB))


def draw(view: models_view.View) -> None:
    """Draw the section.

    Args:
        view: what is compared.
    """
    bundles = view.every
    found = {bundle.name: measured(bundle.metrics) for bundle in bundles}
    _noise(view, bundles, found)
    st.space("small")
    _other(view, bundles, found)
    st.space("small")
    _sexes(view)


def _noise(
    view: models_view.View, bundles: list[Bundle], found: dict[str, dict[str, float]]
) -> None:
    with components.heading_row("How they hold in noise", mark=_WORDS):
        noise = components.switch("Noise", {noise: noise.capitalize() for noise in NOISES}, NOISE)
    curves = [
        (view.marked(b), curve) for b in bundles if (curve := noise_curve(found[b.name], noise))
    ]
    if curves:
        finding = "; ".join(
            f"{model.title} goes from {percent(curve[0])} to {percent(curve[-1])}"
            for model, curve in _compared(curves)
        )
        finding = f"From clean sound to {_EXPLAINED[noise]} as loud as the voice: {finding}."
        only = ""
        if any(model.protocol != Protocol.SPEAKER_INDEPENDENT for model in view.pair):
            only = " Robustness was measured on unseen speakers only."
        components.note(
            f"{finding} {_key(curves, 'line')} Balanced recall, measured on every third tested "
            "clip of unseen speakers, so clean scores differ a little from those above; filters "
            f"and merged classes do not change it.{only}"
        )
        components.chart(
            noise_curves(curves, _PLACES, style.current_theme()),
            key="noise-curves",
            alt=finding,
            data=pd.DataFrame(
                [
                    {"model": model.title} | dict(zip(_PLACES, curve, strict=True))
                    for model, curve in curves
                ]
            ),
            name=f"ua-in-{noise.replace(' ', '-')}",
        )
    _tell_missing([b for b in bundles if not complete(found[b.name])])


def _other(
    view: models_view.View, bundles: list[Bundle], found: dict[str, dict[str, float]]
) -> None:
    changed = [(view.marked(b), each) for b in bundles if (each := changes(found[b.name]))]
    if not changed:
        return
    components.heading("Loudness, lines and rooms")
    finding = " ".join(_worst(model, each) for model, each in _compared(changed))
    components.note(
        f"{finding} {_key(changed, 'dot')} Measured on every third tested clip: differences of a "
        "few points may be chance; filters and merged classes do not change it."
    )
    components.chart(
        change_dots(changed, OTHERS, style.current_theme()),
        key="conditions",
        alt=finding,
        data=pd.DataFrame(
            [
                {"model": model.title} | {name: 100 * by for name, by in each.items()}
                for model, each in changed
            ]
        ),
        name="ua-change-in-points",
    )


def _worst(model: Model, each: dict[str, float]) -> str:
    name = min(each, key=each.get)
    if each[name] >= 0:
        return f"{model.title} loses nothing."
    return f"Hardest for {model.title}: {OTHERS[name]}, {signed(100 * each[name], 1)} points."


def _tell_missing(bundles: list[Bundle]) -> None:
    names = [bundle.name for bundle in bundles]
    if names:
        titles = ", ".join(bundle.title for bundle in bundles)
        components.notice(
            f"Not measured, or in an older form: {components.plain(titles)}. Measure it: "
            + ", ".join(f"`python -m train fit {name}`" for name in names)
        )


def _sexes(view: models_view.View) -> None:
    components.heading("Do they hear women and men alike?")
    there = [sex for sex in _SEXES if (view.a.rows["sex"] == sex).any()]
    if not there:
        components.note("The sex of these speakers is not known: there is no gap to show.")
        return
    if len(there) < 2:
        components.note(f"The filter leaves only {there[0]} speakers: there is no gap to show.")
        return
    split = [(m, _by_sex(view, m)) for m in _rated(view)]
    split = [(m, each) for m, each in split if len(each) == len(_SEXES)]
    first = split[0][1]
    better, worse = sorted(_SEXES, key=lambda sex: -first[sex].value)
    gap = first[better].value - first[worse].value
    if round(1000 * gap) == 0:
        finding = f"{view.a.title} hears both alike ({percent(first[better].value)})."
    else:
        finding = (
            f"{view.a.title} hears {better} speakers {figure(gap)} points better than {worse} ones "
            f"({percent(first[better].value)} against {percent(first[worse].value)})."
        )
    compared = {m.bundle.name for m in view.pair if m.protocol == view.protocol}
    models = [
        (
            view.marked(m.bundle) if m.bundle.name in compared else Model(m.bundle.title, "other"),
            each,
        )
        for m, each in split
    ]
    components.note(
        f"{finding} Circle: female speakers. Square: male. Lines: 95{NBSP}% intervals over "
        "speakers. Figures: female minus male."
    )
    components.chart(
        sex_rows(models, style.current_theme()),
        key="sex-gap",
        alt=finding,
        data=pd.DataFrame(
            [
                {"model": model.title, "sex": sex, "ua": e.value, "low": e.low, "high": e.high}
                for model, each in models
                for sex, e in each.items()
            ]
        ),
        name="ua-by-sex",
    )


def _rated(view: models_view.View) -> list[models_view.Rated]:
    """A, B where it is under the page's protocol, then the others."""
    pair = [m for m in view.pair if m.protocol == view.protocol]
    return list({m.bundle.name: m for m in (*pair, *view.models)}.values())


def _by_sex(view: models_view.View, model: models_view.Rated) -> dict[str, Estimate]:
    found = {}
    for sex in _SEXES:
        rows = model.rows[model.rows["sex"] == sex]
        if len(rows):
            found[sex] = estimates(Predictions.of(rows, view.grouping))["ua"]
    return found


def _compared(found: list[tuple[Model, Any]]) -> list[tuple[Model, Any]]:
    """A and B as far as they were measured; else whichever was."""
    return [item for item in found if item[0].part != "other"] or found[:1]


def _key(found: list[tuple[Model, Any]], mark: str) -> str:
    """What the marks mean."""
    looks = {"a": f"Solid {mark}", "b": "Dashed" if mark == "line" else "Ring"}
    told = [f"{looks[model.part]}: {model.title}." for model, _ in found if model.part in looks]
    others = " Grey: the others." if any(m.part == "other" for m, _ in found) else ""
    return " ".join(told) + others
