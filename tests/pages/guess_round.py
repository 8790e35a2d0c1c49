"""A round of listening and guessing, as its tests play it."""

from streamlit.testing.v1 import AppTest

from ser_core.corpora.index.reading import load_index
from tests.pages.models_page import page

SECTION = "Listen and guess"
ACTED = load_index("ravdess").set_index("clip")["emotion"]


def opened(**query: str) -> AppTest:
    return page(section=SECTION, **query)


def started(**query: str) -> AppTest:
    return press(opened(**query), "Start")


def press(at: AppTest, label: str) -> AppTest:
    next(b for b in at.button if b.label == label).click().run()
    return at


def now(at: AppTest) -> str:
    """Name of the clip that is played; nothing on the page says it."""
    return at.session_state["guess_round"].waiting[0].name


def guessed(at: AppTest, guesses: list[str | None]) -> list[str]:
    """Press a button per clip, None for the right one; the clips."""
    clips = []
    for guess in guesses:
        clips.append(now(at))
        press(at, guess or ACTED[clips[-1]])
    return clips
