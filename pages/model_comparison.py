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
from pages.shared.ui import cache, components, state, tabs
from ser_core.bundles.store import Bundle
from ser_core.corpora.registry import SCORED
from ser_core.corpora.splits import folds
from ser_core.evaluation.label_sets import GROUPINGS, Grouping
from ser_core.formatting import NBSP, thousands
from ser_core.protocols import Protocol

SECTIONS = {
    "Mistakes": confusion_section.draw,
    "Curves": curves_section.draw,
    "Two models": model_pair_section.draw,
    "Leak lab": leak_lab_section.draw,
    "Other recordings": elsewhere_section.draw,
    "Robustness": robustness_section.draw,
    "Listen and guess": quiz_section.draw,
}
KEPT = (
    state.SHARE,
    state.ACTED,
    state.HEARD,
    state.SIDE,
    curves_section.PER_CLASS,
    reliability_section.SURE,
    model_pair_section.ONLY,
    leak_lab_section.SPLIT,
    leak_lab_section.COPIES,
    leak_lab_section.MODEL,
    robustness_section.NOISE,
)
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


def page() -> None:
    row = components.title_row("Models")
    bundles = cache.bundles()
    if not bundles:
        components.no_model()
        return
    with row, st.container(horizontal=True, width="content"):
        protocol = chosen_protocol()
        classes = chosen_classes()
        clips = clip_filter.popover(actors_of(bundles))
    explained = EXPLAINED[protocol].format(classes=CLASSES[classes], folds=len(folds(SCORED)))
    components.lead(explained)
    for text in (text for bundle in bundles for text in bundle.problems):
        components.problem(text)
    compared(bundles, protocol, GROUPINGS[classes], clips)


def compared(
    bundles: list[Bundle], protocol: Protocol, grouping: Grouping, clips: ClipFilter
) -> None:
    answered = [b for b in bundles if b.rows(protocol) is not None]
    scored_only = [b for b in bundles if b.scores(protocol) and b not in answered]
    if not answered and not scored_only:
        components.empty(
            f"No model was scored on {models_view.PROTOCOLS[protocol].lower()}.",
            "Score one:",
            # no --protocol: only a run of all of them makes a new bundle
            command=f"python -m train fit {bundles[0].name}",
        )
        return
    rated = [
        m for b in answered if len((m := models_view.rated(b, protocol, clips, grouping)).rows)
    ]
    if answered and not rated:
        box = components.empty("No clip matches these filters.", f"Chosen: {clips.words}.")
        box.button("Clear filters", on_click=clip_filter.clear)
        return
    if clips.words:
        of = len(rated[0].bundle.rows(protocol))
        with st.container(horizontal=True, vertical_alignment="center"):
            count = f"{thousands(len(rated[0].rows))} of {thousands(of)} clips"
            components.note(f"Filtered: {clips.words}, {count}.")
            st.button("Clear filters", on_click=clip_filter.clear, type="tertiary")
    leaderboard_section.draw(
        leaderboard_section.Board(rated, scored_only, protocol, grouping, bool(clips.words))
    )
    st.space("small")
    view = models_view.choose(rated, protocol, clips, grouping)
    if view is None:
        components.empty(
            "No model has its predictions beside it.",
            "Train one again to see its mistakes:",
            command=f"python -m train fit {scored_only[0].name}",
        )
        return
    tabs.draw(SECTIONS, view, state.SECTION, KEPT)


def chosen_protocol() -> Protocol:
    return components.switch("Protocol", models_view.PROTOCOLS, state.PROTOCOL)


def chosen_classes() -> str:
    titles = {name: grouping.title for name, grouping in GROUPINGS.items()}
    return st.selectbox(
        "Classes",
        list(titles),
        format_func=titles.get,
        key=state.CLASSES,
        label_visibility="collapsed",
        width=200,
        bind="query-params",
    )


def actors_of(bundles: list[Bundle]) -> list[int]:
    found = (b.predictions for b in bundles if b.predictions is not None)
    return sorted({n for rows in found for n in clip_filter.actor_numbers(rows)})


page()
