"""The result of an example, in the place of the Live demo's tabs."""

import streamlit as st

from pages.shared.live import result_view, settings
from pages.shared.ui import cache, components, state
from ser_core.analysis.result import Result, result_of
from ser_core.corpora import playback
from ser_core.corpora.examples import CORPUS, Example, example
from ser_core.decoding.decode import decode
from ser_core.errors import SerError

_BACK = "All examples"
_NO_EXAMPLE = "There is no example of this name. Those that there are stand below."


def result() -> bool:
    """Draw the result of the example that the address names.

    Returns:
        Whether there is one; if not, the page goes on as usual.
    """
    clip = st.query_params.get(state.EXAMPLE)
    if clip is None:
        return False
    chosen = example(clip)
    if chosen is None:
        components.problem(_NO_EXAMPLE)
        return False
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    with row:
        components.lead(
            f"Acted {chosen.record.emotion} by {chosen.speaker}: “{chosen.english}”, in German."
        )
        model = settings.model_choice()
    try:
        found = None if model is None else _result(chosen, model)
    except SerError as error:
        found = components.problem(str(error))
    if found is None:  # the reason stands above
        st.button(_BACK, on_click=_back)
    else:
        components.note(_learned())
        result_view.show(found, f"example-{chosen.clip}-{model}", _BACK, _back)
    return True


def _back() -> None:
    del st.query_params[state.EXAMPLE]


def _result(chosen: Example, model: str) -> Result:
    """Judged once, from the copy that comes with the code: a link to it leads to the same."""
    wanted = chosen.clip, model
    kept: tuple[tuple[str, str], Result] | None = st.session_state.get(state.EXAMPLE_RESULT)
    if kept is None or kept[0] != wanted:
        name = f"{chosen.clip}{playback.SUFFIX}"
        decoded = decode(playback.sound(CORPUS, chosen.clip) or b"", name)
        found = result_of(decoded, name, cache.model(model))
        kept = st.session_state[state.EXAMPLE_RESULT] = wanted, found
    return kept[1]


def _learned() -> str:
    """Which models learned from the voice: what the others say is the fair test."""
    cards = [bundle.card for bundle in cache.bundles() if bundle.card]
    learned = [card.title for card in cards if CORPUS in {c.name for c in card.corpora}]
    if not learned:
        return "No installed model learned from this voice."
    others = "" if len(learned) == len(cards) else "; the other models did not"
    return (
        f"{' and '.join(learned)} learned from this voice{others}. "
        "How they do on unseen ones is on Models."
    )
