import streamlit as st

from pages.shared.ui import cache, components, examples, state, streamlit_internals, wording
from ser_core.bundles.store import Bundle
from ser_core.errors import CorpusError
from ser_core.evaluation.baselines import CHANCE, beside_people
from ser_core.formatting import NBSP, figure, number_word, percent, thousands
from ser_core.protocols import Protocol


def hero() -> None:
    words, picture = st.columns([5, 7], gap="large", vertical_alignment="center")
    with words:
        st.title("What does this voice sound like?", anchor=False)
        st.html(
            '<p class="ser-lead ser-large">Speak or upload a recording and see which of eight '
            "emotions it sounds like, second by second. When it cannot tell, it says so.</p>"
        )
        with st.container(horizontal=True):
            if st.button("Try your voice", type="primary", icon=":material/mic:"):
                st.switch_page("pages/live_demo.py")
            if st.button("Upload a file", icon=":material/upload_file:"):
                st.switch_page("pages/live_demo.py", query_params={state.TAB: "Upload"})
        components.note(wording.KEPT)
    with picture:
        examples.draw("hero-examples")


def score_card(best: Bundle | None) -> None:
    scores = best.scores(Protocol.SPEAKER_INDEPENDENT) if best else None
    if best is None or scores is None:
        components.no_model("No scored model is installed.")
        return
    low, high = scores.ci95["ua"]
    with st.container(border=True):
        st.html(
            f'<div class="ser-score"><span class="value">{percent(scores.ua, 1)}</span><span>'
            "of clips from speakers it had not heard, averaged over the eight emotions "
            f"(95{NBSP}% interval {figure(low)} to {figure(high)}).</span></div>"
        )
        st.html(_scale(scores.ua, low, high))
        _elsewhere(best)
        components.note(f"{_beside_people(best)} {wording.LEARNT}")


def _scale(value: float, low: float, high: float) -> str:
    """HTML of a scale from 0 to 100 % with a score, its interval and chance.

    Not a figure: the library that draws those would be all that Home loads it for.
    """
    told = (
        f"This app scores {percent(value, 1)} on unseen speakers, chance is {percent(CHANCE, 1)}."
    )
    return (
        f'<div class="ser-scale" role="img" aria-label="{told}">'
        '<span class="track"></span>'
        f'<span class="range" style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></span>'
        f'<span class="ring" style="left:{100 * CHANCE:.1f}%"></span>'
        f'<span class="dot" style="left:{100 * value:.1f}%"></span>'
        f'<b style="left:{100 * value:.1f}%">this app {figure(value)}</b>'
        f'<i style="left:0">0</i><i style="left:{100 * CHANCE:.1f}%">chance {figure(CHANCE)}</i>'
        f'<i style="left:100%">100{NBSP}%</i></div>'
    )


def _elsewhere(best: Bundle) -> None:
    """The second figure: what a visitor with another room and language may expect."""
    metrics = best.metrics
    alone = metrics.elsewhere() if metrics else None
    if metrics is None or alone is None:
        return
    later = metrics.elsewhere(wording.SESSION)
    adapted = (
        ""
        if later is None
        else f" After eight sentences of the same voice it is {percent(later, 1)}."
    )
    st.html(
        f'<div class="ser-score"><span class="value">{percent(alone, 1)}</span><span>'
        "on recordings made elsewhere, each sentence by itself: the mean over "
        f"{wording.corpora(metrics)}, none of which was learned from when it was tested."
        f"{adapted}</span></div>"
    )


def _beside_people(best: Bundle) -> str:
    rows = best.rows(Protocol.SPEAKER_INDEPENDENT)
    named = None if rows is None else beside_people(rows)
    if named is None:
        return f"{wording.LISTENERS}."
    return f"{wording.LISTENERS}; counted like them, this app names {percent(named.value, 1)}."


def door(title: str, text: str, label: str, page: str) -> None:
    with st.container(border=True, height="stretch"):
        components.heading(title, small=True)
        components.lead(text)
        if st.button(
            label, type="tertiary", icon=":material/arrow_forward:", icon_position="right"
        ):
            st.switch_page(page)


streamlit_internals.ensure_frame()
try:
    clips = cache.clip_index()
except CorpusError:
    clips = None  # the Dataset page says what to do

models = cache.bundles()
hero()
st.space("small")
score_card(cache.best())
st.space("small")

live, dataset, comparison = st.columns(3, gap="medium")
with live:
    door(
        "Live demo",
        "Microphone, recording or file. One answer, its timeline, and how sure it is.",
        "Open the live demo",
        "pages/live_demo.py",
    )
with dataset:
    what = (
        f"{thousands(len(clips))} acted clips by {clips['speaker'].nunique()} speakers."
        if clips is not None
        else "Acted clips by many speakers."
    )
    door(
        "Dataset",
        f"{what} Filter them, see them, hear them.",
        "Explore the clips",
        "pages/dataset_explorer.py",
    )
with comparison:
    who = number_word(len(models), "model").capitalize() if models else "Models"
    door(
        "Models",
        f"{who} on the same unseen voices. Click a mistake and listen to it.",
        "Compare the models",
        "pages/model_comparison.py",
    )

st.space("small")
components.note(
    "Learned from acted speech in English, German and Polish. Not for decisions about people: "
    "inferring emotions at work or in education is barred in the EU."
)
