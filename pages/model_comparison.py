from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.shared.comparison import (
    clip_filter,
    confusion_section,
    curves_section,
    elsewhere_section,
    leaderboard_section,
    leak_lab_section,
    model_pair_section,
    models_view,
    quiz_section,
    reliability_section,
    robustness_section,
)
from pages.shared.comparison.clip_filter import ClipFilter
from pages.shared.comparison.leaderboard_section import Board
from pages.shared.comparison.models_view import View
from pages.shared.ui import cache, components, controls, state, tabs
from pages.shared.ui.tabs import Section
from ser_core.bundles.store import Bundle
from ser_core.corpora.registry import SCORED
from ser_core.corpora.splits import folds
from ser_core.evaluation.label_sets import GROUPINGS
from ser_core.formatting import NBSP, thousands
from ser_core.protocols import Protocol

CONTROLS = (state.PROTOCOL, state.CLASSES, *clip_filter.KEYS)
CLASSES = {
    "emotions": "eight emotions",
    "quiet": "seven classes, calm and neutral as one",
    "valence": "three classes (negative: sad, angry, fearful, disgust; positive: calm, happy, "
    "surprised; neutral)",
    "arousal": "two classes (low arousal: neutral, calm, sad; high: the other five)",
}
EXPLAINED = {
    Protocol.SPEAKER_INDEPENDENT: "Scored on {classes}, in {folds} folds: every clip by a model "
    f"that never heard its speaker. Bars are 95{NBSP}% intervals over speakers.",
    Protocol.RANDOM_SPLIT: "Scored on {classes}, on a fifth of the clips, drawn at random. The "
    "model has heard the same speakers in training, so these scores promise too much.",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """What the tabs draw from.

    Attributes:
        board: what is ranked.
        view: two models; None where none has its predictions beside it.
    """

    board: Board
    view: View | None


def page() -> None:
    row = components.title_row("Models")
    bundles = cache.bundles()
    if not bundles:
        components.no_model()
        return
    with controls.folded(row, "What is compared", CONTROLS) as strip:
        pair = strip.container(horizontal=True, width="content")
        protocol = chosen_protocol()
        classes = chosen_classes()
        clips = clip_filter.popover(actors_of(bundles))
    for text in (text for bundle in bundles for text in bundle.problems):
        components.problem(text)
    answered = [b for b in bundles if b.rows(protocol) is not None]
    scored_only = [b for b in bundles if b.scores(protocol) and b not in answered]
    if not answered and not scored_only:
        not_scored(protocol, bundles[0])
        return
    grouping = GROUPINGS[classes]
    rated = [
        m for b in answered if len((m := models_view.rated(b, protocol, clips, grouping)).rows)
    ]
    if answered and not rated:
        box = components.empty("No clip matches these filters.", f"Chosen: {clips.words}.")
        box.button("Clear filters", on_click=clip_filter.clear)
        return
    if clips.words:
        filtered(clips, len(rated[0].rows), len(rated[0].bundle.rows(protocol)))
    with pair:
        view = models_view.choose(rated, protocol, clips, grouping)
    board = Board(rated, scored_only, protocol, grouping, bool(clips.words))
    tabs.draw(SECTIONS, Compared(board, view), state.SECTION)


def not_scored(protocol: Protocol, bundle: Bundle) -> None:
    components.empty(
        f"No model was scored on {models_view.PROTOCOLS[protocol].lower()}.",
        "Score one:",
        # no --protocol: only a run of all of them makes a new bundle
        command=f"python -m train fit {bundle.name}",
    )


def filtered(clips: ClipFilter, count: int, of: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        components.note(f"Filtered: {clips.words}, {thousands(count)} of {thousands(of)} clips.")
        st.button("Clear filters", on_click=clip_filter.clear, type="tertiary")


def ranking(compared: Compared) -> None:
    board = compared.board
    explained = EXPLAINED[board.protocol]
    what = next(name for name, grouping in GROUPINGS.items() if grouping is board.grouping)
    leaderboard_section.draw(
        board, explained.format(classes=CLASSES[what], folds=len(folds(SCORED)))
    )


def pair_section(title: str, draw: Callable[[View], None], *keys: str) -> Section[Compared]:
    """A tab that compares two models."""

    def drawn(compared: Compared) -> None:
        if compared.view is None:
            components.empty(
                "No model has its predictions beside it.",
                "Train one again to see its mistakes:",
                command=f"python -m train fit {compared.board.scored_only[0].name}",
            )
        else:
            draw(compared.view)

    return Section(title, drawn, keys)


SECTIONS = (
    Section("Ranking", ranking, (state.SCORE,)),
    pair_section(
        "Mistakes",
        confusion_section.draw,
        state.SHARE,
        state.ACTED,
        state.HEARD,
        state.SIDE,
        state.LISTEN,
    ),
    pair_section("Curves", curves_section.draw, curves_section.PER_CLASS, reliability_section.SURE),
    pair_section("Two models", model_pair_section.draw, model_pair_section.ONLY),
    pair_section(
        "Leak lab",
        leak_lab_section.draw,
        leak_lab_section.SPLIT,
        leak_lab_section.COPIES,
        leak_lab_section.MODEL,
    ),
    pair_section("Other recordings", elsewhere_section.draw),
    pair_section("Robustness", robustness_section.draw, robustness_section.NOISE),
    pair_section("Listen and guess", quiz_section.draw),
)


def chosen_protocol() -> Protocol:
    return components.switch(
        "Scored on",
        models_view.PROTOCOLS,
        state.PROTOCOL,
        label_visibility="visible",
        help="Unseen speakers: each clip is judged by a model that never heard its speaker. "
        "Random clips: the model knows the voices, so the scores promise too much.",
    )


def chosen_classes() -> str:
    titles = {name: grouping.title for name, grouping in GROUPINGS.items()}
    return st.selectbox(
        "Classes",
        list(titles),
        format_func=titles.get,
        key=state.CLASSES,
        width=190,
        bind="query-params",
    )


def actors_of(bundles: list[Bundle]) -> list[int]:
    found = (b.predictions for b in bundles if b.predictions is not None)
    return sorted({n for rows in found for n in clip_filter.actor_numbers(rows)})


page()
