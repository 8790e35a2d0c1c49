from html import escape

import pandas as pd
import streamlit as st

from pages.shared import cache, components, confusions, state, style, wording
from ser_core.comparison import CHANCE, PEOPLE, figures_table, majority_share
from ser_core.emotions import Emotion
from ser_core.plots.leaderboard import Score, leaderboard
from ser_core.plots.learning import recall_bars, training_curves
from ser_core.plots.text import NBSP, figure, interval, percent, thousands

PROTOCOLS = {
    "speaker_independent": "Unseen speakers",
    "random_split": "Random clips",
}
EXPLAINED = {
    "speaker_independent": "Balanced recall over eight emotions, six folds, every clip scored by a "
    f"model that never heard its speaker. Bars are 95{NBSP}% intervals over speakers.",
    "random_split": "Balanced recall over eight emotions on a fifth of the clips, drawn at random. "
    "The model has heard the same speakers in training, so these scores promise too much.",
}


def board(models: list[cache.Bundle], protocol: str) -> None:
    scores = []
    for model in models:
        part = model.scores(protocol)
        low, high = part.get("ci95", {}).get("ua", (None, None))
        scores.append(Score(model.title, part["ua"], low, high))
    scores.sort(key=lambda score: -score.value)
    order = ", ".join(f"{score.title} {percent(score.value, 1)}" for score in scores)
    components.chart(
        leaderboard(scores, [("chance", CHANCE), ("people", PEOPLE)], style.current_theme()),
        key="leaderboard",
        alt=f"Best first: {order}. Chance is {percent(CHANCE, 1)}, people {percent(PEOPLE, 1)}.",
    )


def all_figures(models: list[cache.Bundle], protocol: str) -> None:
    rows = next((r for m in models if (r := m.rows(protocol)) is not None), None)
    table = figures_table(
        [(m.title, m.metrics) for m in models],
        protocol,
        None if rows is None else majority_share(rows["emotion"]),
    )
    with st.expander("All figures"):
        shown = pd.DataFrame({"Model": table["model"]})
        for name, label in (("ua", "UA"), ("wa", "WA"), ("macro_f1", "F1")):
            shown[f"{label}, %"] = table[name]
            ends = zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
            shown[f"{label} interval"] = [
                None if pd.isna(low) else interval(low / 100, high / 100) for low, high in ends
            ]
        shown["Train WA, %"] = table["train_wa"]
        shown["Gap, points"] = table["gap"]
        shown["Parameters"] = [_thousands(n) for n in table["parameters"]]
        shown["Size, MB"] = table["size_bytes"] / 1e6
        shown["Latency, ms"] = table["latency_ms"]
        one, two = st.column_config.NumberColumn(format="%.1f"), "%.2f"
        st.dataframe(
            shown,
            hide_index=True,
            row_height=38,
            placeholder="",
            column_config={
                "UA, %": st.column_config.NumberColumn(
                    format="%.1f", help="Unweighted average recall: balanced over the emotions."
                ),
                "WA, %": st.column_config.NumberColumn(
                    format="%.1f", help="Weighted accuracy: the share of all clips."
                ),
                "F1, %": st.column_config.NumberColumn(
                    format="%.1f", help="Macro F1: mean over the emotions."
                ),
                "Train WA, %": one,
                "Gap, points": st.column_config.NumberColumn(
                    format="%.1f", help="Accuracy on training clips minus accuracy on unseen ones."
                ),
                "Size, MB": st.column_config.NumberColumn(format=two),
                "Latency, ms": st.column_config.NumberColumn(
                    format=two, help="Median of one window, features and network, one thread."
                ),
            },
        )
        components.note(
            f"Intervals: 95{NBSP}%, resampled over speakers. People: listeners who heard the sound "
            "alone (Livingstone and Russo 2018). Majority class: always the most frequent emotion. "
            "Latency was measured where the model was made."
        )
        st.download_button(
            "Download CSV",
            table.to_csv(index=False),
            f"models-{protocol}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
        )


def per_emotion(a: cache.Bundle, b: cache.Bundle | None, protocol: str) -> None:
    pairs = [
        (
            m.title,
            {Emotion(e): r for e, r in m.scores(protocol).get("per_class_recall", {}).items()},
        )
        for m in (a, b)
        if m is not None
    ]
    components.heading("Which emotion is recognised best")
    ring = "" if b is None else f" Ring: {b.title}."
    components.note(f"Recall on all clips. Bar: {a.title}.{ring}")
    first, recalls = pairs[0]
    best, worst = (f(recalls, key=recalls.get, default=None) for f in (max, min))
    if best is None:
        components.notice(f"{first} has no recall per emotion in its metrics.")
        return
    components.chart(
        recall_bars(*[*pairs, None][:2], style.current_theme()),
        key="per-class",
        alt=f"{first} recognises {best} best ({percent(recalls[best])}) and {worst} worst "
        f"({percent(recalls[worst])}).",
        data=pd.DataFrame(
            {"emotion": [e.value for e in Emotion]}
            | {title: [part.get(e) for e in Emotion] for title, part in pairs}
        ),
        name="recall-per-emotion",
    )


def learning(a: cache.Bundle, b: cache.Bundle | None, protocol: str) -> None:
    histories = [(m, cache.history(m.name)) for m in (a, b) if m is not None]
    parts = [
        (model, part)
        for model, history in histories
        if history is not None and not (part := history[history["protocol"] == protocol]).empty
    ]
    if not parts:
        return
    components.heading("How they learned")
    components.note("Accuracy per epoch, a line per fold. Dark: validation. Grey: training.")
    last = max(int(part["epoch"].max()) for _, part in parts)
    for column, (model, part) in zip(st.columns(2, gap="medium"), parts, strict=False):
        with column:
            components.heading(escape(model.title), level=3)
            if part["epoch"].max() == 1:
                components.note(_fitted_at_once(part))
            else:
                _learning_chart(model, part, protocol, last)


def _learning_chart(model: cache.Bundle, part: pd.DataFrame, protocol: str, last: int) -> None:
    gap = _gap(part)
    components.chart(
        training_curves(part, style.current_theme(), last),
        key=f"curves-{model.name}",
        alt=f"{model.title} ends {figure(gap, 0)} points better in training than in validation."
        if pd.notna(gap)
        else f"{model.title} was trained without validation.",
        data=part,
        name=f"history-{model.name}-{protocol}",
    )


def _fitted_at_once(part: pd.DataFrame) -> str:
    """A line in place of curves that would have one point."""
    text = "Fitted at once, so there are no epochs to draw."
    gap = _gap(part)
    if pd.isna(gap):
        return text
    return (
        f"{text} It is {figure(gap, 0)} points better on what it learned from than in validation."
    )


def _gap(part: pd.DataFrame) -> float:
    """Points of accuracy between training and validation at the end of the folds."""
    ends = part.sort_values("epoch").groupby("fold").last()
    return ends["train_accuracy"].mean() - ends["val_accuracy"].mean()


def _thousands(count: float | None) -> str | None:
    return None if count is None or pd.isna(count) else thousands(int(count))


row = components.title_row("Models")
bundles = cache.bundles()
if not bundles:
    components.no_model()
    st.stop()

with row:
    protocol = st.segmented_control(
        "Protocol",
        list(PROTOCOLS),
        default="speaker_independent",
        required=True,
        format_func=PROTOCOLS.get,
        key=state.PROTOCOL,
        label_visibility="collapsed",
        bind="query-params",
    )
components.lead(EXPLAINED[protocol])
for text in (text for bundle in bundles for text in bundle.problems):
    components.problem(text)

scored = [bundle for bundle in bundles if bundle.scores(protocol)]
if not scored:
    components.empty(
        f"No model was scored on {PROTOCOLS[protocol].lower()}.",
        "Score one:",
        # no --protocol: only a run of all of them makes a new bundle
        command=f"python -m train fit {bundles[0].name}",
    )
    st.stop()

board(scored, protocol)
learnt = f"{wording.LEARNT} " if protocol == "speaker_independent" else ""
silent = wording.whole_clips([bundle.scores(protocol) for bundle in scored])
components.note(f"{wording.LISTENERS} {learnt}{silent}")
all_figures(scored, protocol)
st.space("small")
chosen = confusions.section(
    [bundle for bundle in scored if bundle.rows(protocol) is not None], protocol
)
if chosen is not None:
    st.space("small")
    per_emotion(*chosen, protocol)
    st.space("small")
    learning(*chosen, protocol)
