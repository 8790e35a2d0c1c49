"""A live session as the strip shows it."""

import time

from pages.shared.live.live_session import LiveSession
from pages.shared.live.phase import Phase
from pages.shared.live.voice_words import called
from pages.shared.ui import cache, components, strip, wording
from ser_core.analysis.timeline import Window
from ser_core.emotions import Emotion
from ser_core.formatting import percent, seconds
from ser_core.live.listener import Listener, State
from ser_core.plots.result.live import NAME_LEFT, VALENCE_AROUSAL, plane_alt, recent_alt

_QUIETEST_DBFS = -70.0  # left end of the level meter
_TOP = 3
_LAMPS = {
    State.OFF: "off",
    State.SPEECH: "speech",
    State.TOO_QUIET: "trouble",
    State.CLIPPING: "trouble",
    State.BEHIND: "trouble",
}
_PHASES = {Phase.CONNECTING: "Connecting", Phase.ENDING: "Stopping"}
_BEFORE = strip.Answer("No speech yet", "The answer appears here while you speak.", quiet=True)
_AFTER = strip.Answer("Stopped", "The result of the whole session is below.", quiet=True)
EMOTIONS = [
    {"name": e.value, "x": x, "y": y, "left": e in NAME_LEFT}
    for e, (x, y) in sorted(VALENCE_AROUSAL.items(), key=lambda item: list(Emotion).index(item[0]))
]


def moment(session: LiveSession) -> strip.Moment:
    """What is to be shown of a session now."""
    listener = session.listener
    windows = session.history
    heard = listener.state if listener else State.OFF
    words = _state_words(session.phase, heard, listener)
    return strip.Moment(
        session=session.name,
        turn=time.monotonic_ns() // 1000,
        key=session.next_key,
        phase=session.phase,
        state=words,
        kind=_LAMPS.get(heard, "listening"),
        clock=round(listener.duration_s) if listener else None,
        message=session.message,
        answer=_answer(listener) if listener else _BEFORE if session.result is None else _AFTER,
        levels=[_meter(level) for level in session.levels],
        at=round(listener.duration_s, 2) if listener else 0.0,
        history=[
            (
                round(w.start_s, 2),
                round(w.end_s, 2),
                [round(1000 * w.probabilities.get(e, 0.0)) for e in Emotion],
                _who(listener, w),
            )
            for w in windows
        ],
        recent_alt=recent_alt(windows),
        plane_alt=plane_alt(windows),
        several=session.several,
    )


def _state_words(phase: Phase, heard: State, listener: Listener | None) -> str:
    if phase in _PHASES:
        return _PHASES[phase]
    if listener and heard is State.BEHIND:
        return f"{seconds(listener.behind_s)} behind"
    return heard.value


def _meter(level_dbfs: float) -> int:
    """A level as percent of the meter."""
    return round(100 * min(max(1 - level_dbfs / _QUIETEST_DBFS, 0.0), 1.0))


def _answer(listener: Listener) -> strip.Answer:
    window = listener.answer
    if window is None:
        words = wording.of_moment(None, None, 0, 0)
        return strip.Answer(words.headline, words.detail, quiet=words.quiet)
    words = wording.of_moment(
        listener.emotion,
        window.probabilities,
        window.end_s - window.start_s,
        listener.duration_s - window.end_s,
    )
    ranked = sorted(window.probabilities.items(), key=lambda item: -item[1])
    return strip.Answer(
        words.headline,
        words.detail,
        words.emotion or "",
        until=f"{window.end_s:.2f}",
        top=[(e.value, round(100 * p, 1), percent(p)) for e, p in ranked[:_TOP]],
        rest=components.others_share(ranked, _TOP),
        voice=_whose(listener),
        who=_who(listener, listener.history[-1]) if listener.history else "",
    )


def _who(listener: Listener | None, window: Window) -> str:
    """The voice of an answer as people read it; "" where it is not known."""
    name = listener.voice_of(window) if listener else None
    return called(name) if name else ""


def _whose(listener: Listener) -> str:
    """Which model answers, and how far it knows the voice."""
    titles = {name: cache.title(name) for _, name in listener.models}
    answering = wording.answering(listener.models, titles)
    if not listener.adapts:
        return answering
    turns = listener.turns
    voice = called(turns.current.name) if turns and turns.current else wording.THIS_VOICE
    return f"{answering} {wording.adapted_to(listener.adapted_to, voice)}."
