"""The style block of the app and what follows from the visitor's theme."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from ser_core.emotions import Emotion
from ser_core.plots.theme import DARK, LIGHT, THEMES, Theme

_WORDMARK = Path(__file__).with_name("wordmark.svg")
_ICON = Path(__file__).with_name("icon.svg")
_RULES = Path(__file__).with_name("style.css")
_UI = ("background", "surface", "text", "muted", "faint", "line", "ink", "track")

# outlines of the eight marks; Streamlit strips inline SVG, clip-path survives
_STAR = "50% 2%, 61% 36%, 98% 36%, 68% 57%, 79% 92%, 50% 71%, 21% 92%, 32% 57%, 2% 36%, 39% 36%"
_SHAPES = {
    Emotion.NEUTRAL: "inset(9%)",
    Emotion.CALM: "circle(46%)",
    Emotion.HAPPY: "polygon(50% 7%, 100% 93%, 0 93%)",
    Emotion.SAD: "polygon(0 7%, 100% 7%, 50% 93%)",
    Emotion.ANGRY: "polygon(50% 0, 100% 50%, 50% 100%, 0 50%)",
    Emotion.FEARFUL: (
        "polygon(22% 4%, 50% 32%, 78% 4%, 96% 22%, 68% 50%, 96% 78%, 78% 96%, 50% 68%, 22% 96%, "
        "4% 78%, 32% 50%, 4% 22%)"
    ),
    Emotion.DISGUST: (
        "polygon(35% 3%, 65% 3%, 65% 35%, 97% 35%, 97% 65%, 65% 65%, 65% 97%, 35% 97%, 35% 65%, "
        "3% 65%, 3% 35%, 35% 35%)"
    ),
    Emotion.SURPRISED: f"polygon({_STAR})",
}


@lru_cache(maxsize=1)
def css() -> str:
    """The whole style sheet; every colour follows the theme without a rerun."""
    variables = [
        f"--ser-{name}: light-dark({getattr(LIGHT, name)}, {getattr(DARK, name)});" for name in _UI
    ]
    variables.append(f"--ser-not-sure: light-dark({LIGHT.not_sure}, {DARK.not_sure});")
    variables += [f"--ser-{e}: light-dark({LIGHT.colour(e)}, {DARK.colour(e)});" for e in Emotion]
    # neutral's grey is too light to read
    variables += [
        f"--ser-{e}-text: light-dark({LIGHT.text_colour(e)}, {DARK.text_colour(e)});"
        for e in Emotion
    ]
    marks = [
        f".ser-mark.{e}, .st-key-guess-{e} button::before, "
        f"[class*='st-key-near-{e}-'] button::before {{ background: var(--ser-{e}); "
        f"clip-path: {shape}; }}"
        for e, shape in _SHAPES.items()
    ]
    return f":root {{ {' '.join(variables)} }}\n{_RULES.read_text(encoding='utf-8')}\n" + "\n".join(
        marks
    )


def apply() -> None:
    """Put the style sheet on the page; it takes no room."""
    st.html(f"<style>{css()}</style>")


def follow_theme() -> None:
    """Figures carry their colours: run the page again when the visitor switches the theme.

    The browser tells of it by itself, so nobody has to ask: a colour that follows the theme moves.
    """
    _theme_watch()(on_switched_change=lambda: None, key="theme", height=0)


@st.cache_resource(show_spinner=False)
def _theme_watch() -> Callable[..., Any]:
    return st.components.v2.component(
        "theme_watch",
        html="<i></i>",
        css="i { color: light-dark(black, white); transition: color 1ms; }",
        js="""export default ({ parentElement, setTriggerValue }) => {
            const watch = parentElement.querySelector("i");
            watch.ontransitionend = () => setTriggerValue("switched", true);
        }""",
    )


def current_theme() -> Theme:
    """The visitor's theme; light where the browser has not told yet."""
    return THEMES.get(st.context.theme.type or "light", LIGHT)


def wordmark() -> str:
    """The logo as SVG in the theme's ink."""
    return _WORDMARK.read_text(encoding="utf-8").replace("INK", current_theme().text)


def icon() -> str:
    """The browser tab's icon as SVG; an icon by name would be fetched from another server."""
    return _ICON.read_text(encoding="utf-8")
