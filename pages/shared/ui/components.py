"""Small pieces of HTML and layout that several pages show."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.shared.ui import streamlit_internals
from pages.shared.ui.streamlit_internals import DeltaGenerator
from ser_core.emotions import Emotion
from ser_core.formatting import percent, spelled

ALL = "all"
HOW_TO_TRAIN = (
    "Install requirements-train.txt, fetch the corpus, then train one; a small network takes "
    "minutes."
)
TRAIN_COMMAND = "python -m train download ravdess && python -m train fit cnn"
# axes are fixed: a double click has no meaning, and two quick clicks are two clicks
_CHART_CONFIG = {"displayModeBar": False, "doubleClick": False, "doubleClickDelay": 1}
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def mark(emotion: Emotion | str | None) -> str:
    """HTML of an emotion's mark: its colour and its shape. Nothing for None."""
    return "" if emotion is None else f'<span class="ser-mark {Emotion(emotion)}"></span>'


def plain(text: str) -> str:
    """Text for a place that reads Markdown, such as a label: it is shown as it is.

    File names and titles of models come from outside: as Markdown they could load pictures.
    """
    return _PUNCTUATION.sub(r"\\\g<0>", " ".join(text.split()))


def title_row(text: str) -> DeltaGenerator:
    """Page title; use the returned container to set controls at the right end of its row."""
    streamlit_internals.ensure_frame()
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    )
    row.title(text, anchor=False, width="content")
    return row


def heading_html(html: str, level: int = 2, small: bool = False, mark: str = "") -> str:
    """HTML of a heading, one level below that it stands under; `small` changes its size alone.

    `html` and `mark`, which stands behind it, are trusted: escape what comes from outside.
    """
    made = f'<h{level} class="ser-h{" small" if small else ""}">{html}</h{level}>'
    return f'<div class="ser-marked">{made} {mark}</div>' if mark else made


def heading(html: str, level: int = 2, small: bool = False, mark: str = "") -> None:
    """Heading of a section; see `heading_html`."""
    st.html(heading_html(html, level, small, mark))


def heading_row(html: str, level: int = 2, small: bool = False, mark: str = "") -> DeltaGenerator:
    """Heading with room for controls at the right end of its row, in the returned container."""
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    row.html(heading_html(html, level, small, mark), width="content")
    return row


def lead(text: str) -> None:
    """The sentence below a title."""
    st.html(f'<p class="ser-lead">{escape(text)}</p>')


def note(text: str) -> None:
    """A remark in small type."""
    st.html(f'<p class="ser-note">{escape(text)}</p>')


def answer(
    headline: str,
    detail: str = "",
    emotion: Emotion | None = None,
    quiet: bool = False,
    until_s: float | None = None,
) -> None:
    """The answer in large type, such as "Sounds angry" over "63 % sure, for the last 3 seconds".

    Args:
        headline: the answer.
        detail: the line below.
        emotion: whose mark stands before the answer, if any.
        quiet: sets the answer in muted type, for "No speech yet".
        until_s: where the sound ends that it rests on, for who measures how late it comes.
    """
    until = "" if until_s is None else f' data-until="{until_s:.2f}"'
    tone = ' style="color: var(--ser-muted)"' if quiet else ""
    st.html(
        f'<div class="ser-answer" role="status"{until}>'
        f'<div class="ser-answer-head{" long" * (len(headline) > 20)}" role="heading" '
        f'aria-level="2"{tone}>{mark(emotion)}{escape(headline)}</div>'
        f'<div class="ser-answer-detail">{escape(detail)}</div></div>'
    )


def bars(probabilities: Mapping[Emotion, float], count: int = 3, rest: bool = True) -> None:
    """Draw the most probable emotions as bars, and say what the others share."""
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])
    rows = "".join(
        f'<span class="name">{mark(e)}{e}</span><span class="track"><span class="fill" '
        f'style="width:{100 * p:.1f}%;background:var(--ser-{e})"></span></span>'
        f'<span class="value">{percent(p)}</span>'
        for e, p in ranked[:count]
    )
    html = f'<div class="ser-bars">{rows}</div>'
    if others := others_share(ranked, count) if rest else "":
        html += f'<p class="ser-note" style="padding-top:.5rem">{others}</p>'
    st.html(html)


def others_share(ranked: Sequence[tuple[Emotion, float]], count: int) -> str:
    """What all but the first emotions share, as a sentence; "" where there are no others."""
    others = ranked[count:]
    if not others:
        return ""
    return f"The other {spelled(len(others))} share {percent(sum(p for _, p in others))}."


def key_strip(emotions: Iterable[Emotion] = Emotion) -> None:
    """One line of marks and names in fixed order: the legend below a chart."""
    chosen = set(emotions)
    items = "".join(f'<span class="item">{mark(e)}{e}</span>' for e in Emotion if e in chosen)
    st.html(f'<div class="ser-key">{items}</div>')


def chip_html(text: str, filled: bool = False, dot: bool = True) -> str:
    """HTML of a state chip; "Off" has no dot, "Speech" is filled."""
    return (
        f'<span class="ser-chip{" filled" if filled else ""}">'
        f"{'<span class=dot></span>' if dot else ''}{escape(text)}</span>"
    )


def chips(chips_html: Iterable[str]) -> None:
    """Several chips in a row that wraps."""
    st.html(f'<div class="ser-chips">{"".join(chips_html)}</div>')


def steps(parts: Iterable[tuple[str, str]]) -> None:
    """Numbered cards beside each other: name and sentence of each step."""
    cards = "".join(
        f'<li><b>{escape(name)}</b><span class="ser-light">{escape(text)}</span></li>'
        for name, text in parts
    )
    st.html(f'<ol class="ser-steps">{cards}</ol>')


def facts(pairs: Mapping[str, str]) -> None:
    """A list of names and what is to be said of them."""
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in pairs.items())
    st.html(f'<dl class="ser-facts">{rows}</dl>')


def notice(text: str, icon: str = ":material/info:") -> None:
    """Something to know; nothing is wrong. The text is trusted Markdown."""
    st.info(text, icon=icon)


def caution(text: str, icon: str = ":material/graphic_eq:") -> None:
    """The result may be off. The text is shown as it is."""
    st.warning(plain(text), icon=icon)


def problem(text: str) -> None:
    """Something did not work: what happened, then what to do. The text is shown as it is."""
    st.error(plain(text), icon=":material/error:")


def empty(headline: str, reason: str = "", command: str | None = None) -> DeltaGenerator:
    """An empty state: what is not here and what to do. Put a button into the returned container.

    Args:
        headline: such as "No clip matches these filters."
        reason: a sentence below it, if there is one.
        command: line to type, if that is what to do.
    """
    box = st.container(border=True)
    box.html(
        f'<div class="ser-empty"><b>{escape(headline)}</b><br>'
        f'<span class="ser-light">{escape(reason)}</span></div>'
    )
    if command:
        box.code(command, language=None, wrap_lines=True)
    return box


def no_model(headline: str = "No model is installed.") -> None:
    """The empty state of pages that need a model."""
    empty(headline, HOW_TO_TRAIN, command=TRAIN_COMMAND)


def chart(
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    data: pd.DataFrame | None = None,
    name: str | None = None,
    **plotly: object,
) -> object:
    """Draw a figure, with its numbers in a popover below it.

    Args:
        figure: with a template of `ser_core.plots.theme`.
        key: of the element.
        alt: the finding in words, read to those who do not see the figure.
        data: the numbers behind the figure; no popover without them.
        name: of the CSV file, without its suffix; the key by default.
        **plotly: further arguments of st.plotly_chart.

    Returns:
        What st.plotly_chart returns: the selection, if it was asked for.
    """
    result = st.plotly_chart(figure, key=key, alt=alt, theme=None, config=_CHART_CONFIG, **plotly)
    if data is not None:
        data_popover(data, name or key, key=f"{key}-data")
    return result


def note_and_data(text: str, data: pd.DataFrame, name: str, key: str) -> None:
    """A remark below a figure, and the figure's numbers right below it."""
    with st.container(gap="xsmall"):
        note(text)
        data_popover(data, name, key)


def data_popover(data: pd.DataFrame, name: str, key: str) -> None:
    """A button that opens the numbers as a table and as a CSV file; closed, it costs nothing."""
    popover = st.popover(
        "Data", type="tertiary", icon=":material/table_rows:", key=key, on_change="rerun"
    )
    if not popover.open:
        return
    with popover:
        rows = min(len(data) + 1, 10)
        st.dataframe(data, hide_index=True, row_height=38, height=38 * rows + 3)
        st.download_button(
            "Download CSV",
            data.to_csv(index=False),
            f"{name}.csv",
            "text/csv",
            key=f"{key}-csv",
            on_click="ignore",
            icon=":material/download:",
        )


def switch(
    label: str,
    options: Mapping[str, str],
    key: str,
    *,
    label_visibility: str = "collapsed",
    help: str | None = None,
) -> str:
    """Two to four choices side by side, the first by default, kept in the URL.

    Args:
        label: what is chosen.
        options: text of each choice.
        key: of the widget, and name of the URL's parameter.
        label_visibility: "visible" shows the label above; else it is for screen readers.
        help: behind a question mark beside the label.
    """
    chosen = st.segmented_control(
        label,
        list(options),
        default=next(iter(options)),
        required=True,
        format_func=options.get,
        key=key,
        label_visibility=label_visibility,
        help=help,
        bind="query-params",
    )
    return chosen if chosen in options else next(iter(options))  # a browser may say anything


def one_of(label: str, values: Sequence[str], key: str) -> str | None:
    """A filter: all values or one of them, kept in the URL; None for all."""
    names = {value: value.capitalize() for value in (ALL, *values)}
    chosen = switch(label, names, key, label_visibility="visible")
    return None if chosen == ALL else chosen
