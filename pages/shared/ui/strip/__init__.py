"""The live strip: buttons, level, the answer and the last half minute, in the page itself.

All of its parts have their place whatever is told in them, so nothing moves from Start to the
result. The page draws the strip once; what is heard meanwhile travels to it by `feed`, which is
small enough for a fragment that runs several times a second.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import msgspec
import streamlit as st

from pages.shared.ui.strip.words import MESSAGES, STEPS, TROUBLE

_HERE = Path(__file__).parent
KEY = "live-strip"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a moment.

    Attributes:
        headline: in large type.
        detail: the line below.
        emotion: whose mark stands before the headline; "" for none.
        quiet: whether there is nothing to say yet.
        until: where the sound ends that it rests on, for who measures how late it comes.
        top: name, width in percent and figure of the most probable emotions.
        rest: what the others share.
        voice: how far the model knows the voice.
        who: whose voice it is, where several people take turns; "" where that is not known.
    """

    headline: str
    detail: str = ""
    emotion: str = ""
    quiet: bool = False
    until: str = ""
    top: Sequence[tuple[str, float, str]] = ()
    rest: str = ""
    voice: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """What the strip shows now.

    Attributes:
        session: name of the session; the browser sees by it that the server knows the last one no
            longer.
        turn: microseconds of a clock that nobody sets; an earlier moment of a session never
            replaces a later one.
        key: of the component that will open the microphone when Start is pressed.
        phase: of the session: off, connecting, live, paused or ending.
        state: what the microphone hears, in words.
        kind: how its lamp looks: off, listening, speech or trouble.
        clock: seconds listened to; None without a session.
        levels: the level since the last moment, 20 a second, in percent of the meter.
        message: a key of `words.MESSAGES`, "" for none.
        answer: the answer.
        at: the time at the right edge of the last half minute, in seconds.
        history: start and end of each answer in seconds, its probabilities in per mille, and whose
            voice it is.
        recent_alt: the finding of the last half minute.
        plane_alt: the finding of the plane.
        several: whether it is told whose voice it is.
    """

    session: str
    turn: int
    key: str
    phase: str
    state: str
    kind: str
    clock: int | None
    message: str
    answer: Answer
    levels: Sequence[int] = ()
    at: float = 0.0
    history: Sequence[tuple[float, float, Sequence[int], str]] = field(default=())
    recent_alt: str = ""
    plane_alt: str = ""
    several: bool = False


def draw(
    now: Moment,
    emotions: Sequence[Mapping[str, Any]],
    on_act: Callable[[str], None],
) -> None:
    """Draw the strip.

    Args:
        now: what it shows until the next `feed`.
        emotions: name and place (x, y, left) of each emotion on the plane, in the order of the
            probabilities.
        on_act: called before the page runs with what the visitor wants: start, stop, pause or
            resume.
    """

    def acted() -> None:
        if wanted := st.session_state[KEY].get("act"):
            on_act(wanted)

    _strip()(key=KEY, data={"emotions": emotions, "now": asdict(now)}, on_act_change=acted)


def feed(now: Moment) -> None:
    """Bring the strip up to date; takes no room.

    As bytes, because Streamlit looks through other data for tables and writes it twice.
    """
    _feed()(key=f"{KEY}-feed", data=msgspec.json.encode(now), height=0)


@st.cache_resource(show_spinner=False)
def _strip() -> Callable[..., Any]:
    messages = "".join(
        f'<p data-about="{about}"{" class=trouble" if about in TROUBLE else ""}>{escape(text)}</p>'
        for about, text in MESSAGES.items()
    )
    steps = "".join(f"<li><span>{escape(step)}</span></li>" for step in STEPS)
    return st.components.v2.component(
        "live_strip",
        html=Template(_text("strip.html")).substitute(messages=messages, steps=steps),
        css=_text("strip.css"),
        js=_text("figures.js") + _text("strip.js"),
        isolate_styles=False,
    )


@st.cache_resource(show_spinner=False)
def _feed() -> Callable[..., Any]:
    return st.components.v2.component("live_feed", js=_text("feed.js"), isolate_styles=False)


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
