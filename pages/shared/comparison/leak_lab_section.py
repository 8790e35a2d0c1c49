"""The leak lab: switch the split and the order of copying, and see the accuracy move."""

import pandas as pd
import streamlit as st

from pages.shared.comparison import models_view
from pages.shared.ui import components, style
from pages.shared.ui.terms import explained
from ser_core.bundles.leak_lab import Cell, LeakLab, ModelLeak
from ser_core.bundles.store import models_dir
from ser_core.errors import ModelError
from ser_core.evaluation.baselines import PUBLISHED
from ser_core.evaluation.label_sets import EMOTIONS
from ser_core.formatting import figure, percent, thousands
from ser_core.glossary import meaning
from ser_core.plots.comparison.leak_lab import Row, leak_rows
from ser_core.protocols import Protocol

SPLIT, COPIES, MODEL = "lab_split", "lab_copies", "lab_model"
_SPLITS = {p: models_view.PROTOCOLS[p] for p in reversed(Protocol)}
_COPIES = {"before": "Before the split", "after": "After the split"}
_TITLES = {"logistic": "Logistic regression", "boosting": "Gradient boosting"}
_LESS = 0.0005  # a change that rounds to nothing


def draw(view: models_view.View) -> None:
    """Draw the section.

    Args:
        view: what is compared; the lab takes the models' titles from it.
    """
    components.heading("How a careless split flatters", mark=explained("Accuracy", "Oversampling"))
    try:
        lab = LeakLab.load(models_dir())
    except ModelError as error:
        components.problem(str(error))
        return
    titles = _TITLES | {m.bundle.name: m.bundle.title for m in view.models}
    titles = {name: titles.get(name, name.upper()) for name in lab.models}
    split, copies, name = _switches(titles)
    model = lab.models[name]
    cell = model.cell(split, copies)
    components.answer(
        f"{percent(cell.score.wa, 1)} right",
        f"{titles[name]}, {_way(cell)}. Heard in training: {_heard(cell)}.",
    )
    _chart(lab, titles, name, cell)
    st.html(f'<p class="ser-text">{" ".join(_explained(model))}</p>')
    _small_print(view, model, lab)


def _switches(titles: dict[str, str]) -> tuple[str, str, str]:
    """The chosen split, order and model."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="top"):
        split = components.switch("Split", _SPLITS, SPLIT, label_visibility="visible")
        copies = components.switch(
            "Copies made",
            _COPIES,
            COPIES,
            label_visibility="visible",
            help=meaning("Oversampling"),
        )
        name = st.selectbox(
            "Model of the lab",
            list(titles),
            # where the project behind this app has a figure of its own to compare with
            index=next((i for i, name in enumerate(titles) if name.upper() in PUBLISHED), 0),
            format_func=titles.get,
            key=MODEL,
            width=220,
            bind="query-params",
        )
    return split, copies, name


def _chart(lab: LeakLab, titles: dict[str, str], name: str, chosen: Cell) -> None:
    known = {title.lower(): share for title, share in PUBLISHED.items()}
    rows = [
        Row(
            titles[each],
            [(_way(cell), cell.score.wa) for cell in model.cells],
            model.cells.index(model.cell(chosen.protocol, chosen.oversampled)),
            each == name,
            known.get(each),
        )
        for each, model in lab.models.items()
    ]
    rings = any(row.published is not None for row in rows)
    told = ", ".join(f"{row.title} {percent(row.scores[row.chosen][1], 1)}" for row in rows)
    ring = (
        " Ring: what the bootcamp project behind this app published, from random clips with copies "
        "made before the split."
        if rings
        else ""
    )
    components.note(f"Accuracy. Large dots: as chosen. Small ones: the three other ways.{ring}")
    components.chart(
        leak_rows(rows, style.current_theme()),
        key="leak-lab",
        alt=f"Accuracy with {_way(chosen)}: {told}.",
        data=_table(lab, titles),
    )


def _explained(model: ModelLeak) -> list[str]:
    """Three sentences: what the split adds, what the copies add, what remains."""
    unseen, random = (model.cell(p, "after") for p in Protocol)
    leaky, kept = (model.cell(p, "before") for p in reversed(Protocol))
    return [
        f"Random clips put every speaker on both sides of the split, and that alone "
        f"{_change(random.score.wa - unseen.score.wa)}: {percent(random.score.wa, 1)} instead of "
        f"{percent(unseen.score.wa, 1)}.",
        f"Copies of rare clips that are made before such a split end up on both sides too, which "
        f"{_change(leaky.score.wa - random.score.wa)} on one test of {thousands(leaky.score.rows)} "
        f"rows, {_share_heard(leaky)} heard in training.",
        f"What remains honest is the accuracy for voices that were never heard, "
        f"{percent(unseen.score.wa, 1)}; there no copy of a tested clip can be in training, "
        f"and making the copies first {_change(kept.score.wa - unseen.score.wa)}.",
    ]


def _change(by: float) -> str:
    if abs(by) < _LESS:
        return "changes nothing"
    return f"{'adds' if by > 0 else 'takes away'} {figure(abs(by))} points"


def _way(cell: Cell) -> str:
    return f"{_SPLITS[cell.protocol].lower()}, copies made {_COPIES[cell.oversampled].lower()}"


def _heard(cell: Cell) -> str:
    rows = cell.score.rows
    if not cell.heard:
        return f"none of {thousands(rows)} test rows"
    return f"{thousands(cell.heard)} of {thousands(rows)} test rows ({percent(cell.heard / rows)})"


def _share_heard(cell: Cell) -> str:
    if not cell.heard:
        return "none of them"
    return f"{thousands(cell.heard)} of them ({percent(cell.heard / cell.score.rows)})"


def _small_print(view: models_view.View, model: ModelLeak, lab: LeakLab) -> None:
    components.note(
        "The lab trains plain models, without the extra training of those above, so its scores "
        "are lower: compare only within the lab."
    )
    if view.clips.words or view.grouping != EMOTIONS:
        components.note(
            "The lab was run beforehand, on all clips and eight emotions: filters and merged "
            "classes do not change it."
        )
    rows = [model.cell(Protocol.RANDOM_SPLIT, order).score.rows for order in ("after", "before")]
    components.note(
        f"Random clips test {' or '.join(map(thousands, dict.fromkeys(rows)))} rows, once: "
        "a difference of a few points there may be luck."
    )
    with st.expander("How it was done"):
        components.note(lab.method)
        st.code(model.command, language=None, wrap_lines=True)


def _table(lab: LeakLab, titles: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "model": titles[name],
                "split": cell.protocol,
                "copies": cell.oversampled,
                "wa": cell.score.wa,
                "ua": cell.score.ua,
                "test_rows": cell.score.rows,
                "heard_in_training": cell.heard,
                "wa_without_copies": cell.originals.wa,
            }
            for name, model in lab.models.items()
            for cell in model.cells
        ]
    )
