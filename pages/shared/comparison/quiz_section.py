"""Listen and guess: the visitor names ten clips and sees how that compares with a model."""

import secrets
from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages.shared.comparison.models_view import Rated, View
from pages.shared.ui import components, style, wording
from pages.shared.ui import matrix as matrix_table
from pages.shared.ui.recording import recording
from ser_core.evaluation.baselines import PEOPLE, PEOPLE_CLASSES
from ser_core.evaluation.intervals import wilson
from ser_core.evaluation.label_sets import Grouping
from ser_core.evaluation.quiz import CLIPS, Clip, Round, drawn
from ser_core.evaluation.scores import confusion
from ser_core.formatting import NBSP, count_word, figure, number_word, percent
from ser_core.plots.comparison.confusion import matrix
from ser_core.protocols import Protocol

_ROUND = "guess_round"
_BUTTONS_WIDTH = 664  # four in a row
_BUTTON_WIDTH = 154
_NO_SOUND = "The clips are not on this machine."


@st.fragment
def draw(view: View) -> None:
    """Draw the round: its start, the clip to guess, or how it went."""
    played = st.session_state.get(_ROUND)
    if played is None or played.labels != view.grouping.labels:
        _begin(view, interrupted=played is not None)
        return
    if not played.finished:
        played = _ask(played, view.grouping)
    if played.finished:
        _result(played, view)


def _begin(view: View, interrupted: bool) -> None:
    rows = view.a.rows
    if interrupted:
        components.notice(
            "The classes have changed since your round began. Change them back to see it, or "
            "start another."
        )
    if not _has_sound(rows):
        _no_sound(rows)
        return
    clips = min(CLIPS, len(rows))
    one = clips == 1
    filtered = f" Only {count_word(clips, 'clip')} pass the filter." if clips < CLIPS else ""
    components.note(
        f"Listen to {number_word(clips, 'clip')}, say what {'it' if one else 'each'} "
        f"sounds like, and see how {view.a.bundle.title} did on the same.{filtered} Your guesses "
        "are kept in this browser session only and are gone when you reload or close the page."
    )
    _start_button("Start", view, "start-guessing")


def _start_button(label: str, view: View, key: str) -> None:
    st.button(
        label,
        type="primary",
        icon=":material/play_arrow:",
        on_click=_start,
        args=(view.a.rows, view.grouping.labels),
        key=key,
    )


def _start(rows: pd.DataFrame, labels: tuple[str, ...]) -> None:
    st.session_state[_ROUND] = drawn(rows, labels, secrets.randbits(32))


def _guess(number: int, label: str) -> None:
    """Take a guess; a second click on a clip that was already guessed does not count."""
    played = st.session_state[_ROUND]
    if number == len(played.guesses):
        st.session_state[_ROUND] = played.guess(label)


def _has_sound(rows: pd.DataFrame) -> bool:
    """Whether recordings are here, as far as three clips tell; one alone may be missing."""
    some = rows.iloc[sorted({0, len(rows) // 2, len(rows) - 1})]
    found = (
        recording(clip, speaker.partition("/")[0])
        for clip, speaker in zip(some["clip"], some["speaker"], strict=True)
    )
    return any(sound.wav is not None or sound.problem for sound in found)


def _no_sound(rows: pd.DataFrame) -> None:
    components.empty(
        _NO_SOUND,
        "Fetch them on the Dataset page, or with:",
        command=f"python -m train download {rows.iloc[0]['speaker'].partition('/')[0]}",
    )


def _ask(played: Round, grouping: Grouping) -> Round:
    """Draw the next clip that can be played and the buttons; returns the round without others."""
    problems = []
    while played.waiting and not played.finished:
        sound = recording(played.waiting[0].name, played.waiting[0].corpus)
        if sound.wav is not None:
            break
        problems.append(sound.problem or "A recording is not on this machine.")
        played = played.skip()
    st.session_state[_ROUND] = played
    if problems:
        components.caution(
            f"{count_word(len(problems), 'recording')} could not be played and made room for "
            f"others. {problems[0]}"
        )
    if played.finished:
        return played
    number = len(played.guesses)
    with st.container(width=_BUTTONS_WIDTH, key="guess"):
        components.heading("What does it sound like?")
        st.progress(number / played.total, text=f"{number + 1} of {played.total}")
        st.audio(sound.wav, format="audio/wav", autoplay=True, alt=f"Clip {number + 1}")
        _buttons(number, played.labels)
        if number:
            _last(played, grouping)
        else:
            components.note("Keys 1, 2, 3 and so on press the buttons.")
    return played


def _buttons(number: int, labels: Sequence[str]) -> None:
    with st.container(horizontal=True):
        for position, label in enumerate(labels, 1):
            st.button(
                label,
                key=f"guess-{label}",  # the style sheet puts the emotion's mark before it
                width=_BUTTON_WIDTH,
                shortcut=str(position),
                on_click=_guess,
                args=(number, label),
            )


def _last(played: Round, grouping: Grouping) -> None:
    """What the clip before was."""
    acted, said = _acted(played.heard, grouping), played.guesses
    right = sum(a == b for a, b in zip(acted, said, strict=True))
    told = f"Acted {_named(acted[-1], grouping)}, and so you said."
    if acted[-1] != said[-1]:
        told = f"Acted {_named(acted[-1], grouping)}. You said {_named(said[-1], grouping)}."
    st.html(
        f'<p class="ser-last" role="status">{told} <span class="ser-light">{right} of {len(said)} '
        "right so far.</span></p>"
    )


def _named(label: str, grouping: Grouping) -> str:
    return f"{components.mark(grouping.emotion(label))}{escape(label)}"


def _acted(clips: Sequence[Clip], grouping: Grouping) -> list[str]:
    return [grouping.labels[grouping.class_of[clip.emotion]] for clip in clips]


def _result(played: Round, view: View) -> None:
    if not played.heard:
        del st.session_state[_ROUND]  # the next visit asks again whether there is sound
        _no_sound(view.a.rows)
        return
    table = pd.DataFrame(
        {"Acted": _acted(played.heard, view.grouping), "You": played.guesses}
        | {"Model A": _model_answers(played.heard, view.a, view.grouping)}
    )
    scored, clips = table.dropna(), len(table)
    labels = view.grouping.labels
    own = _confusion(table["Acted"], table["You"], labels)
    theirs = _confusion(scored["Acted"], scored["Model A"], labels)
    right = int(own.trace())
    components.answer(
        f"You got {right} of {clips} right",
        _model_score(view.a.bundle.title, int(theirs.trace()), len(scored), clips),
    )
    _in_words(right, clips, view)
    again = "Another ten" if len(view.a.rows) >= CLIPS else "Once more"
    _start_button(again, view, "guess_again")
    darkest = max(int(own.max()), int(theirs.max()))
    columns = st.columns(2, gap="medium")
    with columns[0]:
        _matrix("You", own, labels, darkest, "confusion-own")
    with columns[1]:
        if len(scored):
            _matrix(view.a.bundle.title, theirs, labels, darkest, "confusion-model")
    components.note("Rows: acted. Columns: heard, same order. Cells: clips.")
    _replay(table, played, view.a.bundle.title)


def _model_answers(clips: Sequence[Clip], model: Rated, grouping: Grouping) -> list[str | None]:
    """What a model heard in each clip; None where it was not asked."""
    rows = model.bundle.rows(model.protocol)
    heard = dict(zip(rows["clip"], rows["predicted"], strict=True))
    answers = [heard.get(clip.name) for clip in clips]
    return [None if e is None else grouping.labels[grouping.class_of[e]] for e in answers]


def _model_score(title: str, right: int, asked: int, clips: int) -> str:
    if not asked:
        return f"{title} was not asked about these clips. Choose another model, or another ten."
    if asked < clips:
        return f"{title} got {right} of the {asked} among them that it was asked about."
    return f"{title} got {right} of the same {clips}."


def _in_words(right: int, clips: int, view: View) -> None:
    """How little ten clips tell, and what many would."""
    low, high = wilson(right, clips)
    texts = [
        f"So few clips tell little. Someone who names anywhere from {figure(low, 0)} to "
        f"{figure(high, 0)}{NBSP}% of all clips rightly could get {right} of {clips} "
        f"(95{NBSP}% Wilson interval)."
    ]
    met = "had never heard the speakers"
    if view.a.protocol == Protocol.RANDOM_SPLIT:
        met = "had heard the same speakers in training"
    which = "that pass the filter" if view.clips.words else "it was asked about"
    answers = view.a.predictions
    texts.append(
        f"Of the {count_word(answers.truth.size, 'clip')} {which}, {view.a.bundle.title} names "
        f"{percent(answers.right.mean(), 1)} rightly; it {met}."
    )
    people = f"{wording.LISTENERS} (Livingstone and Russo 2018)"
    if view.grouping is not PEOPLE_CLASSES:
        texts.append(f"{people}.")
    elif low <= PEOPLE <= high:
        texts.append(f"{people}: your round does not set you apart from them.")
    else:
        texts.append(f"{people}: you are {'above' if low > PEOPLE else 'below'} that.")
    components.note(" ".join(texts))


def _confusion(acted: pd.Series, named: pd.Series, labels: Sequence[str]) -> NDArray[np.int64]:
    at = {label: i for i, label in enumerate(labels)}
    return confusion(acted.map(at), named.map(at), len(labels))


def _matrix(
    title: str, counts: NDArray[np.int64], labels: Sequence[str], darkest: int, key: str
) -> None:
    components.heading(escape(title), level=3)
    data = pd.DataFrame(counts, columns=[f"heard {label}" for label in labels])
    data.insert(0, "acted", labels)
    matrix_table.draw(
        matrix(counts, "counts", style.current_theme(), labels, darkest),
        key=key,
        alt=f"{title}: {counts.trace()} of {counts.sum()} clips are named rightly.",
    )
    components.data_popover(data, key, key=f"{key}-data")


def _replay(table: pd.DataFrame, played: Round, title: str) -> None:
    """The clips of the round; the chosen one can be heard again."""
    components.heading("Hear them again", level=3)
    left, right = st.columns(2, gap="medium")
    with left:
        event = st.dataframe(
            table,
            hide_index=True,
            row_height=38,
            height=38 * (len(table) + 1) + 3,
            placeholder="not asked",
            column_config={"Model A": title},
            on_select="rerun",
            selection_mode="single-row",
            selection_default={"selection": {"rows": [0]}},
            key=f"round-{played.seed}",
            alt="The clips of the round: acted, your guess, and what the model heard.",
        )
    chosen = event["selection"]["rows"]
    clip = played.heard[chosen[0] if chosen else 0]
    with right:
        sound = recording(clip.name, clip.corpus)
        if sound.wav is None:
            components.problem(sound.problem or _NO_SOUND)
        else:
            st.audio(sound.wav, format="audio/wav", alt=f"The clip that was acted {clip.emotion}")
