"""The curves of two models: what each is good at, how sure it is, whom it cannot read."""

import pandas as pd
import streamlit as st

from pages.shared.comparison import reliability_section, training_section
from pages.shared.comparison.clip_filter import actor_numbers
from pages.shared.comparison.models_view import Rated, View
from pages.shared.ui import components, style
from pages.shared.ui.terms import explained
from ser_core.emotions import Emotion
from ser_core.evaluation.curves import GroupScore, group_scores, speaker_scores
from ser_core.evaluation.intervals import Estimate
from ser_core.evaluation.label_sets import EMOTIONS
from ser_core.evaluation.scores import f1, recall
from ser_core.formatting import NBSP, count_word, percent, thousands
from ser_core.glossary import meaning
from ser_core.plots.comparison.score_rows import class_bars, group_dots

PER_CLASS = "per_class"
_MEASURES = {
    "Recall": recall,
    "F1": f1,
}
_NOTHING = Estimate(float("nan"))


def draw(view: View) -> None:
    """Draw the section.

    Args:
        view: what is compared.
    """
    pair = tuple(model for model in view.pair if len(model.rows))
    if len(pair) < len(view.pair):
        components.note(f"{view.b.title} has no clip that passes the filter.")
    elif len({len(model.rows) for model in pair}) > 1:
        a, b = (len(model.rows) for model in pair)
        components.note(f"A is scored on {count_word(a, 'clip')}, B on {thousands(b)}.")
    _per_class(view, pair)
    st.space("small")
    reliability_section.reliability_row(view, pair)
    st.space("small")
    reliability_section.coverage_row(pair)
    st.space("small")
    reliability_section.roc_row(view, pair)
    st.space("small")
    _by_speaker(pair)
    st.space("small")
    _by_intensity(pair)
    st.space("small")
    training_section.draw(view)


def _per_class(view: View, pair: tuple[Rated, ...]) -> None:
    what = "emotion" if view.grouping == EMOTIONS else "class"
    mark = explained("Recall", "F1")
    with components.heading_row(f"Which {what} is recognised best?", mark=mark):
        shown = components.switch("Score per class", {name: name for name in _MEASURES}, PER_CLASS)
    scored = [(model.title, _MEASURES[shown](model.predictions.confusion)) for model in pair]
    table = pd.DataFrame(
        {"class": view.grouping.labels} | {title: values for title, values in scored}
    )
    first = pair[0].title
    known = pd.Series(scored[0][1], list(view.grouping.labels)).dropna()
    finding = f"{first} is best at {known.idxmax()}, {percent(known.max())}"
    if len(known) > 1:
        finding += f", and worst at {known.idxmin()}, {percent(known.min())}"
    absent = [label for label in view.grouping.labels if label not in known.index]
    without = f" No clip was acted {', '.join(absent)}." if absent else ""
    components.note(f"{meaning(shown)} {finding}.{without} {_key('Bar', pair)}")
    components.chart(
        class_bars(*[*scored, None][:2], view.grouping, style.current_theme()),
        key="per-class",
        alt=f"{shown}: {finding}.",
        data=table,
        name=f"{shown.lower()}-per-class",
    )


def _by_speaker(pair: tuple[Rated, ...]) -> None:
    components.heading("Who is hard to read?")
    people = _people(pair)
    found = [speaker_scores(model.predictions) for model in pair]
    hardest_first = sorted(found[0], key=lambda s: found[0][s].accuracy.value)
    order = hardest_first + sorted(set(people) - set(hardest_first))
    title = pair[0].title
    ends = [
        f"{people[s]}, {percent(found[0][s].accuracy.value)}"
        for s in (hardest_first[0], hardest_first[-1])
    ]
    finding = f"{title} names speaker {ends[0]} of the clips rightly"
    if len(hardest_first) > 1:
        finding = (
            f"Hardest for {title} is speaker {ends[0]} of the clips right; easiest is speaker "
            f"{ends[1]}"
        )
    components.note(
        f"{finding}. Lines: 95{NBSP}% intervals, as if a speaker's clips were drawn one by one. "
        f"{_key('Dot', pair)}"
    )
    components.chart(
        _dots(pair, found, order, [people[s] for s in order]),
        key="per-speaker",
        alt=f"{finding}.",
        data=_table(pair, found, order, "speaker"),
        name="accuracy-per-speaker",
    )


def _by_intensity(pair: tuple[Rated, ...]) -> None:
    components.heading("Does it help to act strongly?")
    found = [group_scores(model.predictions, model.rows["intensity"]) for model in pair]
    order = sorted(set().union(*found))
    finding = "; ".join(
        f"{model.title}: "
        + ", ".join(f"{name} {percent(each.accuracy.value)}" for name, each in part.items())
        for model, part in zip(pair, found, strict=True)
    )
    lines = ""
    if pair[0].rows["speaker"].nunique() > 1:
        lines = f" Lines: 95{NBSP}% intervals over speakers."
    components.note(
        f"Share of clips named rightly. {finding}.{_unspoken(pair[0].rows)}{lines} "
        f"{_key('Dot', pair)}"
    )
    components.chart(
        _dots(pair, found, order, order),
        key="per-intensity",
        alt=f"Share of clips named rightly. {finding}.",
        data=_table(pair, found, order, "intensity"),
        name="accuracy-per-intensity",
    )


def _dots(
    pair: tuple[Rated, ...],
    found: list[dict[str, GroupScore]],
    order: list[str],
    names: list[str],
) -> object:
    parts = [
        (model.title, [part[key].accuracy if key in part else _NOTHING for key in order])
        for model, part in zip(pair, found, strict=True)
    ]
    return group_dots(*[*parts, None][:2], names, style.current_theme())


def _table(
    pair: tuple[Rated, ...], found: list[dict[str, GroupScore]], order: list[str], of: str
) -> pd.DataFrame:
    rows = [
        {
            "model": model.title,
            of: key,
            "clips": part[key].clips,
            "accuracy": part[key].accuracy.value,
            "low": part[key].accuracy.low,
            "high": part[key].accuracy.high,
        }
        for model, part in zip(pair, found, strict=True)
        for key in order
        if key in part
    ]
    return pd.DataFrame(rows)


def _people(pair: tuple[Rated, ...]) -> dict[str, str]:
    """Such as "12, female" per speaker."""
    rows = pd.concat([model.rows for model in pair]).drop_duplicates("speaker")
    numbers = actor_numbers(rows)
    return {
        speaker: f"{number}, {sex}"
        for speaker, number, sex in zip(rows["speaker"], numbers, rows["sex"], strict=True)
    }


def _unspoken(rows: pd.DataFrame) -> str:
    """Which emotions lack an intensity: a class less makes the rest easier or harder."""
    spoken = rows.groupby("intensity")["emotion"].unique()
    acted = [e for e in Emotion if e in set(rows["emotion"])]
    missing = {
        intensity: [e.value for e in acted if e.value not in there]
        for intensity, there in spoken.items()
    }
    return "".join(
        f" No {intensity} clip is {' or '.join(emotions)}."
        for intensity, emotions in missing.items()
        if emotions
    )


def _key(shape: str, pair: tuple[Rated, ...]) -> str:
    """Which shape and figure are whose."""
    if len(pair) == 1:
        return f"{shape}: {pair[0].title}, on {count_word(len(pair[0].rows), 'clip')}."
    return f"{shape} and bold figure: {pair[0].title}. Ring: {pair[1].title}."
