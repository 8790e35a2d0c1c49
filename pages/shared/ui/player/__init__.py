"""Sound to hear and to see on one time axis: click, tap, walk by arrow keys, hear it read aloud.

It lives in the page itself. A click sounds without waiting for the server, which is told which
segment was chosen and may say more about it. The sound and the picture are fetched from addresses
of their own, in parts: half an hour is 58 MB of one and half a megabyte of the other.

A drawing of our own, not a library's: the envelope is there already, while the libraries decode the
whole sound in the browser for one, and none colours it by segment or puts probabilities,
explanation and spectrogram below it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.ui import style
from pages.shared.ui.streamlit_internals import media_address
from ser_core.emotions import Emotion
from ser_core.plots.result.player import Curve, Spectrogram
from ser_core.plots.theme import Theme

_HERE = Path(__file__).parent
# parts of one module, in the order in which they build upon each other
_SCRIPTS = ("axis.js", "paint.js", "build.js", "player.js")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the time axis: a segment with an answer, a word, a turn of a voice.

    Attributes:
        start: in seconds.
        end: in seconds.
        text: its name.
        emotion: whose colour and mark it has; None without.
        sure: how sure its answer is, such as "62 %".
        note: what else there is to say.
        words: all of it, for who does not see it.
        voice: who says it, where voices were told apart.
    """

    start: float
    end: float
    text: str
    emotion: Emotion | None = None
    sure: str = ""
    note: str = ""
    words: str = ""
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces side by side in a row of their own.

    Attributes:
        name: beside the row.
        items: below the waveform, such as words; of a voice, where it speaks at once with others.
        segments: of a voice, whose row stands above the waveform: which of the player's it says.
        bars: whether its items are drawn as segments are: bars in the colour of their emotion.
    """

    name: str
    items: Sequence[Piece] = ()
    segments: Sequence[int] | None = None
    bars: bool = False


@dataclass(frozen=True, slots=True)
class Views:
    """What is shown on demand, on the same axis.

    Attributes:
        offers: label of each view that can be asked for, by "why" or "spectrogram".
        shown: those that were asked for.
        why: None while it is not known.
        spectrogram: None while it is not known.
    """

    offers: Mapping[str, str] = field(default_factory=dict)
    shown: Sequence[str] = ()
    why: Curve | None = None
    spectrogram: Spectrogram | None = None


def draw(
    sound: bytes,
    picture: bytes,
    duration_s: float,
    *,
    key: str,
    alt: str,
    emotion: Emotion | None = None,
    small: bool = False,
    segments: Sequence[Piece] = (),
    rows: Sequence[Row] = (),
    chosen: int = 0,
    views: Views | None = None,
    on_choose: Callable[[int], None] | None = None,
    on_show: Callable[[Sequence[str]], None] | None = None,
) -> None:
    """Draw a player.

    Args:
        sound: a WAV file, or whatever else every browser plays.
        picture: what `ser_core.plots.result.player.picture` gives for it.
        duration_s: its length.
        key: of the element.
        alt: what there is to hear, for who does not see it.
        emotion: in whose colour a waveform without segments is drawn.
        small: a button, the waveform and the time in one row, and nothing else.
        segments: by time; choosing one sounds it.
        rows: further rows on the same axis.
        chosen: index of the segment that is chosen at first.
        views: what can be shown besides.
        on_choose: called before the page runs with the index of a segment that was chosen.
        on_show: called before the page runs with the names of the views that are wanted.
    """
    views, theme = views or Views(), style.current_theme()

    def told(name: str, tell: Callable[[Any], None] | None) -> None:
        value = st.session_state[key].get(name)
        if value is not None and tell:
            tell(value)

    data = {
        "alt": alt,
        "sound": media_address(sound, "audio/wav", f"{key}-sound"),
        "picture": media_address(picture, "application/json", f"{key}-picture"),
        "duration": max(duration_s, 1e-3),
        "small": small,
        "emotion": emotion,
        "segments": [asdict(piece) | {"emotion": piece.emotion or ""} for piece in segments],
        "rows": [asdict(row) for row in rows],
        "chosen": chosen,
        "offers": dict(views.offers),
        "shown": list(views.shown),
        "views": _views(views, theme, key),
        "colours": _colours(theme),
        "on": {e: theme.text_on(theme.colour(e)) for e in Emotion},
    }
    _component()(
        key=key,
        data=data,
        on_chosen_change=lambda: told("chosen", on_choose),
        on_shown_change=lambda: told("shown", on_show),
    )


def _views(views: Views, theme: Theme, key: str) -> dict[str, object]:
    found: dict[str, object] = {}
    if views.why:
        found["why"] = asdict(views.why)
    if views.spectrogram:
        seen = asdict(views.spectrogram)
        levels = seen.pop("levels")
        address = media_address(levels, "application/octet-stream", f"{key}-spectrogram")
        found["spectrogram"] = seen | {"address": address, "scale": theme.sequential}
    return found


def _colours(theme: Theme) -> dict[str, str]:
    """Colours by the name of an emotion, "" for not sure, and of what surrounds it."""
    around = ("faint", "muted", "background")
    return {e.value: theme.colour(e) for e in Emotion} | {
        "": theme.not_sure,
        **{name: getattr(theme, name) for name in around},
    }


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "player",
        html="<div class='ser-player' role='group'></div>",
        css=(_HERE / "player.css").read_text(encoding="utf-8"),
        js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
        isolate_styles=False,
    )
