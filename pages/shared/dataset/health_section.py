"""Whether a corpus is complete and well recorded, and what in it gives the answer away."""

import hashlib
from datetime import UTC, datetime
from html import escape

import pandas as pd
import streamlit as st

from pages.shared.dataset import corpus_fetch, health_words
from pages.shared.dataset.corpus_view import View
from pages.shared.dataset.health_words import Finding
from pages.shared.ui import components, corpus_words, state, style
from pages.shared.ui.background import watch
from pages.shared.ui.terms import explained
from ser_core.corpora import registry as corpora
from ser_core.corpora.fetch.verification import Verification
from ser_core.corpora.index.reading import find_root
from ser_core.evaluation.intervals import Estimate
from ser_core.exploration import health
from ser_core.plots.comparison.leaderboard import Score, leaderboard
from ser_core.plots.dataset.health import level_per_emotion, level_table

NAMED = "health"  # what the table of clips names
_ROW_PX, _VISIBLE_ROWS = 38, 8


def draw(view: View) -> None:
    """Draw the section."""
    _complete(view)
    st.space("small")
    _recorded(view)
    st.space("small")
    _leaks(view)


def _complete(view: View) -> None:
    name = view.info.name
    row = components.heading_row("Are the recordings complete?")
    if name not in corpora.names():
        components.note("These are your own files: there is no official copy to compare them with.")
        return
    job = corpus_fetch.check_of(name)
    if job.running:
        watch(job, "verify-cancel")
    elif find_root(name) is None:
        corpus_fetch.offer(name, "fetch-health")
        return
    else:
        again = "Verify" if job.result is None else "Verify again"
        row.button(
            again,
            on_click=job.start,
            icon=":material/fact_check:",
            key="verify",
            disabled=job.resting,
            help="It was checked a moment ago." if job.resting else None,
        )
    if job.error:
        components.problem(job.error)
    elif job.cancelled:
        components.note("The check was cancelled.")
    if job.result is None:
        components.note(
            "Verify compares every file on this machine with the official one, by its checksum "
            "where one is known, and finds files that sound the same. It takes seconds to minutes."
        )
        return
    _verified(name, job.result, job.ended_at)


def _verified(name: str, found: Verification, ended_at: float) -> None:
    when = datetime.fromtimestamp(ended_at, UTC)
    components.lead(health_words.verified(found))
    components.note(f"Checked on {when.day} {when:%B %Y at %H:%M} UTC.")
    table = health_words.verified_table(found)
    if table.empty:
        return
    st.dataframe(
        table,
        hide_index=True,
        row_height=_ROW_PX,
        height=_ROW_PX * (min(len(table), _VISIBLE_ROWS) + 1) + 3,
        column_config={"finding": st.column_config.TextColumn(width=110)},
        key="verified",
    )
    components.data_popover(table, f"{name}-verify", key="verified-data")


def _recorded(view: View) -> None:
    components.heading("Are they well recorded?", mark=explained("dBFS"))
    found = health_words.findings(view.clips)
    left, right = st.columns([6, 6], gap="large")
    with left:
        st.html(
            "".join(
                f'<p class="ser-text"><b>{escape(f.title)}</b><br>{escape(f.verdict)}</p>'
                for f in found.values()
            )
        )
    with right:
        chosen = st.selectbox(
            "Name the clips",
            list(found),
            format_func=lambda key: found[key].title,  # it is also what the URL holds
            key=NAMED,
            bind="query-params",
        )
        _named(view, found[chosen], chosen)


def _named(view: View, finding: Finding, key: str) -> None:
    if finding.table.empty:
        components.note(f"{finding.named}: there is none.")
        return
    components.note(f"{finding.named}. Choose a row to open its clip.")
    table = _readable(view, finding)
    names = finding.table["clip"].tolist()
    content = hashlib.sha1("".join(names).encode(), usedforsecurity=False).hexdigest()[:8]
    widget = f"health-{key}-{content}"

    def choose() -> None:
        rows = st.session_state[widget]["selection"]["rows"]
        if rows and rows[0] < len(names):
            st.session_state[state.CLIP] = names[rows[0]]

    formats = {title: number for title, number in finding.measures.values()}
    chosen = st.dataframe(
        table,
        hide_index=True,
        row_height=_ROW_PX,
        height=_ROW_PX * (min(len(table), _VISIBLE_ROWS) + 1) + 3,
        column_config={t: st.column_config.NumberColumn(format=f) for t, f in formats.items()}
        | {"emotion": st.column_config.TextColumn(width=88)},
        on_select=choose,
        selection_mode="single-row",
        key=widget,
        alt=f"{finding.named}: {', '.join(names[:3])}",
    )
    components.data_popover(finding.table, f"{view.info.name}-{key}", key=f"{widget}-data")
    if chosen["selection"]["rows"]:
        _opened(view)


def _readable(view: View, finding: Finding) -> pd.DataFrame:
    """Who it is, then the measures, then the file."""
    rows = view.clips.set_index("clip").loc[finding.table["clip"]]
    names = view.info.speaker_names
    who = rows["actor"].map(names) if names else rows["actor"]
    table = pd.DataFrame({"emotion": rows["emotion"], "speaker": who}).reset_index()
    for column, (title, _) in finding.measures.items():
        table[title] = finding.table[column].to_numpy(float) * finding.scale.get(column, 1)
    return table[[*table.columns[1:], "clip"]]


def _opened(view: View) -> None:
    clip = view.chosen
    acted, details = (
        corpus_words.clip_acted(clip, view.info),
        corpus_words.clip_details(clip, view.info),
    )
    components.note(f"Open: {acted}, {details}. Its drawings are in Clips.")
    sound = view.sound(clip["clip"])
    if sound.wav is not None:
        st.audio(sound.wav, alt="Player of the chosen clip")
    elif sound.problem:
        components.problem(sound.problem)


def _leaks(view: View) -> None:
    components.heading("What gives the answer away?")
    st.html(f'<p class="ser-text">{escape(health_words.twins(view.index))}</p>')
    found = {column: health.recall_by(view.clips, column) for column in health_words.MEASURES}
    found = {column: estimate for column, estimate in found.items() if estimate is not None}
    levels = level_table(view.clips)
    left, right = st.columns([6, 6], gap="large")
    with left:
        _told(view, found)
    with right:
        if not levels.empty:
            _levels(view, levels)


def _told(view: View, found: dict[str, Estimate]) -> None:
    components.heading("How far one number gets", 3, mark=explained("Balanced recall"))
    if not found:
        components.note(
            "It cannot be told: that takes two speakers and two emotions, so that a speaker can "
            "be left out."
        )
        return
    found = dict(sorted(found.items(), key=lambda item: -item[1].value))
    chance = 1 / view.clips["emotion"].nunique()
    st.html(f'<p class="ser-text">{escape(health_words.told_apart(found, chance))}</p>')
    rows = [Score(health_words.MEASURES[c], e.value, e.low, e.high) for c, e in found.items()]
    components.chart(
        leaderboard(rows, [("chance", chance)], style.current_theme()),
        key="told",
        alt=health_words.estimates_told(found, chance),
        data=health_words.estimates_table(found, chance),
        name=f"{view.info.name}-one-number",
    )
    components.note(
        "Each speaker in turn is left out; their clips get the emotion whose mean over the other "
        "speakers lies nearest."
    )


def _levels(view: View, levels: pd.DataFrame) -> None:
    components.heading("Level of each emotion", 3)
    means = health.class_means(view.clips, "loudness_dbfs")
    text = health_words.loudest(means) if len(means) > 1 else "Only one emotion is shown."
    st.html(f'<p class="ser-text">{escape(text)}</p>')
    components.chart(
        level_per_emotion(levels, style.current_theme()),
        key="levels",
        alt=text,
        data=levels,
        name=f"{view.info.name}-levels",
    )
    components.note("Box: the middle half of the clips and their median. Ends: the extremes.")
