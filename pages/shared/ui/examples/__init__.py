"""Eight recordings to hear with one click and to have judged with another.

Drawn in the page itself. A sound is fetched when it is played for the first time, not before, and
one plays at a time.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages.shared.ui import cache, components, state, streamlit_internals
from ser_core.corpora.examples import CORPUS, ONE_VOICE, OTHERS, Example
from ser_core.errors import CorpusError

LIVE = "live_demo"
ABOUT = (
    "Acted in German, from EMO-DB. These voices were in training: how the app does on unseen ones "
    "is on Models."
)
_GROUPS = {"One voice, one sentence": ONE_VOICE, "Four other speakers": OTHERS}
_MARGIN_S = 0.08  # of quiet around the speech, so that no outline starts with an edge
_HERE = Path(__file__).parent


def draw(key: str) -> None:
    """Draw the section; Judge it opens the Live demo with the result.

    Args:
        key: of the element.
    """
    try:
        clips = cache.clip_index(CORPUS).set_index("clip")
    except CorpusError:
        return  # the Dataset page says what to do
    components.heading("Try an example", small=True)
    groups = [
        {"title": title, "cards": [_card(each, clips.loc[each.clip]) for each in group]}
        for title, group in _GROUPS.items()
    ]
    chosen = _component()(key=key, data={"groups": groups}, on_judge_change=lambda: None)
    components.note(ABOUT)
    if chosen.judge:
        st.switch_page("pages/live_demo.py", query_params={state.EXAMPLE: chosen.judge})


def _card(example: Example, clip: pd.Series) -> dict[str, Any]:
    """What the browser draws of a recording."""
    return {
        "id": example.clip,
        "emotion": clip["emotion"],
        "who": example.who,
        "said": f"“{example.english}”",
        "peaks": _outline(clip),
        "sound": streamlit_internals.media_address(
            cache.copied_wav(example.clip, CORPUS), "audio/wav", f"example-{example.clip}"
        ),
        "result": f"{LIVE}?{state.EXAMPLE}={example.clip}",
    }


def _outline(clip: pd.Series) -> list[int]:
    """The part of a clip's peaks, 0 to 255, in which there is speech."""
    peaks: Iterable[int] = clip["envelope"]
    per_s = len(clip["envelope"]) / clip["duration_s"]
    first = max(int((clip["onset_s"] - _MARGIN_S) * per_s), 0)
    return [int(peak) for peak in peaks][first : int((clip["offset_s"] + _MARGIN_S) * per_s) + 1]


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "examples",
        html="<div class='ser-examples'></div><audio preload='none'></audio>",
        css=(_HERE / "examples.css").read_text(encoding="utf-8"),
        js=(_HERE / "examples.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )
