"""Two models on the same clips: where they agree, who is better, what they are together."""

import pandas as pd
import streamlit as st

from pages.shared.comparison import clip_list, models_view
from pages.shared.ui import components, style
from pages.shared.ui.terms import explained
from ser_core.evaluation.intervals import Estimate, difference, estimates
from ser_core.evaluation.model_pair import Pair, mcnemar
from ser_core.evaluation.predictions import Predictions
from ser_core.formatting import NBSP, count_word, figure, percent, signed
from ser_core.plots.comparison.agreement import agreement
from ser_core.plots.comparison.leaderboard import Score, leaderboard
from ser_core.protocols import Protocol

_WORDS = explained("Balanced recall", "McNemar's test", "Interval")
ONLY = "only_right"  # which of the two named the listed clips rightly
_ONLY = {"a": "Only A right", "b": "Only B right"}
_TOGETHER = "A and B together"
_ANOTHER = ("svm", "cnn")  # recipes; one of them is not the model that is there
_SURE, _CHANCE = 0.001, 0.05


def draw(view: models_view.View) -> None:
    """Draw the section.

    Args:
        view: what is compared.
    """
    if view.b is None:
        name = next(name for name in _ANOTHER if name != view.a.bundle.name)
        components.empty(
            "It takes two models to compare.", "Train another:", f"python -m train fit {name}"
        )
        return
    pair = Pair.of(view.a.rows, view.b.rows, view.grouping)
    if not len(pair.rows_a):
        components.empty(
            "No clip was tested on both models.",
            "Choose another model or other filters: the two were tested on different clips.",
        )
        return
    _agreement(view, pair)
    st.space("small")
    _together(view, pair)
    st.space("small")
    _disagreements(view, pair)


def _agreement(view: models_view.View, pair: Pair) -> None:
    components.heading("Where they agree")
    a, b = view.a.title, view.b.title
    counts = pair.agreement
    whole = len(pair.rows_a)
    (both, only_a), (only_b, neither) = counts.tolist()
    finding = (
        f"{a} (A) and {b} (B) name the same class for {percent(pair.same_class)} of "
        f"{count_word(whole, 'clip')}"
    )
    components.lead(f"{finding}.")
    if {len(view.a.rows), len(view.b.rows)} != {whole}:
        components.note(
            f"A was tested on {count_word(len(view.a.rows), 'clip')}, B on "
            f"{count_word(len(view.b.rows), 'clip')}; {count_word(whole, 'clip')} are shared."
        )
    left, right = st.columns([5, 7], gap="large")
    with left:
        components.chart(
            agreement(counts, style.current_theme()),
            key="agreement",
            alt=f"{finding}. Both are right on {both}, only {a} on {only_a}, only {b} on {only_b}, "
            f"neither on {neither}.",
            data=pd.DataFrame(
                {
                    "clips": ["both right", "only A right", "only B right", "both wrong"],
                    "count": counts.ravel(),
                    "share": counts.ravel() / whole,
                }
            ),
            name=f"agreement-{view.a.bundle.name}-{view.b.bundle.name}",
        )
    with right:
        components.heading("Is the difference chance?", level=3, mark=_WORDS)
        gap = _gap(difference(pair.a, pair.b))
        if [model.protocol for model in view.pair].count(Protocol.RANDOM_SPLIT) == 1:
            gap += " One of them knew these speakers: this shows the leak, not a better model."
        st.html(f'<p class="ser-text">{gap}</p><p class="ser-text">{_test(only_a, only_b)}</p>')
        components.note(
            "McNemar’s exact test (McNemar 1947) looks only at the clips that one of the two names "
            "rightly. It takes clips as independent, which those of one speaker are not: the "
            "interval, which resamples whole speakers, is the safer of the two."
        )


def _gap(gap: Estimate) -> str:
    """The difference in balanced recall in words, as HTML."""
    same = round(1000 * gap.value) == 0
    if same:
        text = "A and B have the same balanced recall"
    else:
        better, worse = ("A", "B") if gap.value > 0 else ("B", "A")
        text = (
            f"<b>{better} is {figure(abs(gap.value))} points better</b> than {worse} in balanced "
            "recall"
        )
    if gap.low is None or gap.high is None:
        return f"{text}. With one speaker there is no interval."
    if same:
        low, high = signed(100 * gap.low, 1), signed(100 * gap.high, 1)
        return f"{text} (95{NBSP}% interval of A minus B: {low} to {high})."
    ends = (gap.low, gap.high) if gap.value >= 0 else (-gap.high, -gap.low)
    through = ", which includes no difference" if ends[0] <= 0 <= ends[1] else ""
    low, high = (figure(end) for end in ends)
    return f"{text} (95{NBSP}% interval: {low} to {high}{through})."


def _test(only_a: int, only_b: int) -> str:
    """McNemar's test in words, as HTML."""
    n = only_a + only_b
    if not n:
        return "Both are right and wrong on the same clips: there is nothing to test."
    p = mcnemar(only_a, only_b)
    of = f"Of the {count_word(n, 'clip')} that only one of them names rightly, A has {only_a}"
    if n == 1:
        of = f"Only one clip is named rightly by just one of them, by {'A' if only_a else 'B'}"
    if p < _SURE:
        chance = f"in fewer than 1 of 1{NBSP}000 cases (p{NBSP}&lt;{NBSP}.001)"
    else:
        chance = f"in {percent(p, 0 if p >= 0.01 else 1)} of cases"
    if p >= _CHANCE:
        told = f"p{NBSP}={NBSP}{p:.2f}".replace("0.", ".")
        return f"{of}. A split this uneven could be chance ({told})."
    return f"{of}. If both were equally good, a split this uneven would come up {chance}."


def _together(view: models_view.View, pair: Pair) -> None:
    components.heading("Both together")
    mean = pair.together()
    parts = {view.a.title: pair.a, view.b.title: pair.b, _TOGETHER: mean}
    if view.a.title == view.b.title:
        parts = {f"{view.a.title} (A)": pair.a, f"{view.b.title} (B)": pair.b, _TOGETHER: mean}
    found = {title: estimates(answers) for title, answers in parts.items()}
    ranked = sorted(found, key=lambda title: -found[title]["ua"].value)
    rows = [Score(title, *_ends(found[title]["ua"])) for title in ranked]
    finding = _gain(pair, mean, found)
    components.note(f"{finding} {_honesty(view)}")
    components.chart(
        leaderboard(rows, [("chance", view.grouping.chance)], style.current_theme()),
        key="together",
        alt="Balanced recall, best first: "
        + ", ".join(f"{row.title} {percent(row.value, 1)}" for row in rows)
        + ".",
        data=pd.DataFrame(
            [
                (title, name, *_ends(score))
                for title, each in found.items()
                for name, score in each.items()
            ],
            columns=["model", "score", "value", "low", "high"],
        ),
    )


def _ends(score: Estimate) -> tuple[float, float | None, float | None]:
    return score.value, score.low, score.high


def _gain(pair: Pair, mean: Predictions, found: dict[str, dict[str, Estimate]]) -> str:
    """What the mean adds to the better of the two."""
    a, b, both = (each["ua"].value for each in found.values())
    better, name = (pair.a, "A") if a >= b else (pair.b, "B")
    gain = difference(mean, better)
    if round(1000 * gain.value) == 0:
        return f"Together they reach a balanced recall of {percent(both, 1)}, as {name} does alone."
    word = "more" if gain.value > 0 else "less"
    text = (
        f"Together they reach a balanced recall of {percent(both, 1)}, {figure(abs(gain.value))} "
        f"points {word} than {name} alone"
    )
    if gain.low is None or gain.high is None:
        return f"{text}."
    low, high = signed(100 * gain.low, 1), signed(100 * gain.high, 1)
    luck = ", so it may be chance" if gain.low <= 0 <= gain.high else ""
    return f"{text} (95{NBSP}% interval of the change: {low} to {high}{luck})."


def _honesty(view: models_view.View) -> str:
    how = (
        "Both models' probabilities are averaged, each counting the same: no weight was tuned on "
        "these clips."
    )
    if {view.a.protocol, view.b.protocol} == {Protocol.SPEAKER_INDEPENDENT}:
        return f"{how} Out of fold: no clip’s speaker was heard in training."
    return (
        f"{how} At least one of the two had heard these speakers in training, so the score "
        "promises too much."
    )


def _disagreements(view: models_view.View, pair: Pair) -> None:
    with components.heading_row("Clips that only one names rightly"):
        side = components.switch("Who is right", _ONLY, ONLY)
    if side == "a":
        rows, right, wrong, where = pair.rows_b, pair.a, pair.b, pair.only_a
        winner, loser = view.a.title, view.b.title
    else:
        rows, right, wrong, where = pair.rows_a, pair.b, pair.a, pair.only_b
        winner, loser = view.b.title, view.a.title
    at = wrong.surest(where)
    if not at.size:
        components.note(f"There is no clip that {winner} alone names rightly.")
        return
    clips = rows.iloc[at]
    told = (
        f"{count_word(at.size, 'clip')} that {winner} names rightly and {loser} does not; first "
        f"those of which {loser} was surest."
    )
    components.note(told)
    other = "B" if side == "a" else "A"
    table, columns = _table(clips, right, wrong, at, side.upper(), other)
    clip_list.browse(clips, table, columns, view, key="divide", name=f"only-{side}-right", alt=told)


def _table(
    clips: pd.DataFrame, right: Predictions, wrong: Predictions, at: object, winner: str, loser: str
) -> tuple[pd.DataFrame, dict[str, object]]:
    labels = right.labels
    sure = (100 * right.confidence[at]).round().astype(int)
    missed = (100 * wrong.confidence[at]).round().astype(int)
    heard = f"{loser} heard"
    table = pd.DataFrame(
        {
            "acted": [labels[i] for i in right.truth[at]],
            heard: [labels[i] for i in wrong.predicted[at]],
            f"{loser} sure": missed,
            f"{winner} sure": sure,
            "speaker": clips["speaker"].str.rpartition("/")[2].astype(int).to_numpy(),
        }
    )
    for name in ("sex", "intensity", "statement"):
        table[name] = clips[name].to_numpy()
    ink = style.current_theme().ink
    share = {"format": "%d %%", "min_value": 0, "max_value": 100, "color": ink, "width": 100}
    columns: dict[str, object] = {
        f"{who} sure": st.column_config.ProgressColumn(**share) for who in (loser, winner)
    }
    columns |= {name: st.column_config.TextColumn(width=88) for name in ("acted", heard)}
    columns["speaker"] = st.column_config.NumberColumn(width=68)
    return table, columns
