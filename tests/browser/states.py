"""The pages and their states, and how a visitor gets there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

from tests.voice import RATE_HZ, deep_and_high, silence, voice

# nothing is computed, on its way, faded or changing colour, and the page has stood still a moment
SETTLED = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  const busy = app?.dataset.testScriptState !== 'notRunning'
    || document.querySelector('[data-testid=stSkeleton], [data-stale=true]')
    || document.getAnimations().some(moving => moving instanceof CSSTransition);
  const size = busy ? -1 : document.querySelectorAll('*').length;
  window.stood = size > 0 && size === window.seen ? (window.stood ?? 0) + 1 : 0;
  window.seen = size;
  return window.stood >= 3;
}"""


@dataclass(frozen=True)
class State:
    """A page as a visitor may find it.

    Attributes:
        name: of the state.
        path: its address.
        act: what the visitor does there.
        bare: whether the server has no models and no corpora.
        sound: whether it needs the recordings of RAVDESS.
        about: CSS selector of what the state is about, and how much of it is seen at first.
    """

    name: str
    path: str
    act: Callable[[Any], None] = lambda page: None
    bare: bool = False
    sound: bool = False
    about: tuple[str, float] | None = None


def settle(page: Any) -> None:
    page.wait_for_function(SETTLED, polling=150)


def visit(page: Any, url: str, state: State) -> None:
    """Open a page and do what leads to the state."""
    page.goto(f"{url}/{state.path}")
    settle(page)
    state.act(page)
    settle(page)


def _press(name: str) -> Callable[[Any], None]:
    return lambda page: page.get_by_role("button", name=name).first.click()


def _upload(*names: str) -> Callable[[Any], None]:
    def act(page: Any) -> None:
        folder = page.folder
        page.locator("input[type=file]").set_input_files([folder / name for name in names])
        page.get_by_role("button", name="Download", exact=True).wait_for()

    return act


def _upload_and(press: Callable[[Any], None], *names: str) -> Callable[[Any], None]:
    def act(page: Any) -> None:
        _upload(*names)(page)
        settle(page)
        press(page)

    return act


def write_files(folder: Path) -> None:
    """The files that visitors bring: two with a voice, one with two, and one that is none."""
    first = [silence(0.7), voice(2.0), silence(1.0), voice(4.5, seed=5), silence(0.5)]
    sf.write(folder / "first.wav", np.concatenate(first), RATE_HZ)
    sf.write(folder / "second.wav", np.concatenate([silence(0.5), voice(3.0, seed=3)]), RATE_HZ)
    sf.write(folder / "talk.wav", deep_and_high(4), RATE_HZ)
    (folder / "notes.wav").write_text("no sound")


_DATASET = {
    "Clips": (".st-key-map_click", 1.0),
    "Counts": (".st-key-counts", 1.0),
    "Descriptors": (".st-key-spread", 1.0),
    "Two clips": ("[data-testid=stAudio] >> nth=1", 1.0),
    "Health": (".st-key-verify button", 1.0),
    "Corpora": (".stHtml table", 0.6),
    "Your folder": ("[data-testid=stFileUploaderDropzone]", 1.0),
}
_MODELS = {
    "Ranking": (".st-key-leaderboard", 1.0),
    "Mistakes": (".st-key-matrix-a table", 1.0),
    "Curves": (".st-key-per-class", 1.0),
    "Two models": (".st-key-agreement", 1.0),
    "Leak lab": (".st-key-leak-lab", 1.0),
    "Other recordings": (".st-key-elsewhere", 0.8),
    "Robustness": (".st-key-noise-curves", 1.0),
    "Listen and guess": (".st-key-start-guessing button", 1.0),
}
STATES = (
    State("home", ""),
    State("home, nothing installed", "", bare=True),
    *(
        State(f"dataset, {tab}", f"dataset_explorer?part={tab}", about=about)
        for tab, about in _DATASET.items()
    ),
    State("dataset, no clip left", "dataset_explorer?emotion=neutral&strength=Strong"),
    State("dataset, without sound", "dataset_explorer", bare=True),
    *(
        State(f"models, {tab}", f"model_comparison?section={tab}", about=about)
        for tab, about in _MODELS.items()
    ),
    State("models, open cell", "model_comparison?section=Mistakes&acted=sad&heard=calm"),
    State("models, data", "model_comparison?section=Mistakes", _press("Data")),
    State("models, random clips", "model_comparison?protocol=Random clips"),
    State(
        "models, guessing", "model_comparison?section=Listen and guess", _press("Start"), sound=True
    ),
    State("models, none installed", "model_comparison", bare=True),
    State("live, Speak", "live_demo"),
    State("live, Record", "live_demo?tab=Record"),
    State("live, Upload", "live_demo?tab=Upload"),
    State("live, example", "live_demo?example=14b02Wd"),
    State("live, why", "live_demo?example=14b02Wd", _press("Why")),
    State("live, result of a file", "live_demo?tab=Upload", _upload("first.wav")),
    State(
        "live, several files and an error",
        "live_demo?tab=Upload",
        _upload("second.wav", "first.wav", "notes.wav"),  # the shortest is shown
    ),
    State("live, two voices", "live_demo?tab=Upload&voices=2 voices", _upload("talk.wav")),
    State(
        "live, a voice is changed",
        "live_demo?tab=Upload&voices=2 voices",
        _upload_and(_press("Change Voice A"), "talk.wav"),
    ),
    State(
        "live, a border is moved",
        "live_demo?tab=Upload&voices=2 voices",
        _upload_and(_press("Borders"), "talk.wav"),
    ),
    State("live, no model", "live_demo?tab=Upload", bare=True),
    State("about", "about"),
)
