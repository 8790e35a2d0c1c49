"""A clip of a corpus to hear and to see, as far as its recording is on this machine."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.shared.ui import cache, components, corpus_words, style
from ser_core.acoustics.tracks import Ghost, Views
from ser_core.decoding.decode import decode
from ser_core.errors import SerError
from ser_core.plots.dataset.clip import CURVES, clip_envelope, clip_views, envelope_table


@dataclass(frozen=True, slots=True)
class Recording:
    """The sound of a clip.

    Attributes:
        wav: a WAV file; None where there is none.
        problem: why not, where the file is there and cannot be used.
    """

    wav: bytes | None
    problem: str | None = None


def recording(clip: str, corpus: str) -> Recording:
    """Read the sound of a clip."""
    try:
        return Recording(cache.clip_wav(clip, corpus))
    except SerError as error:
        return Recording(None, str(error))


def drawing(
    clip: pd.Series,
    wav: bytes | None,
    key: str,
    rows: tuple[str, ...] = CURVES,
    ghost: Ghost | None = None,
) -> None:
    """What there is to see of a clip; without sound the outline that the index holds.

    Args:
        clip: its row of the corpus index.
        wav: its sound, where there is one.
        key: of the chart.
        rows: views that are drawn, of `ser_core.plots.dataset.clip.ROWS_PX`.
        ghost: what stands behind pitch and energy.
    """
    theme = style.current_theme()
    if wav is None:
        figure = clip_envelope(clip["envelope"], clip["duration_s"], clip["emotion"], theme)
        table = envelope_table(clip["envelope"], clip["duration_s"])
    else:
        seen = views(wav, clip["clip"])
        figure = clip_views(seen, clip["emotion"], theme, rows, ghost)
        table = seen.table() if ghost is None else ghost.beside(seen.table())
    components.chart(
        figure, key=key, alt=corpus_words.clip_finding(clip), data=table, name=clip["clip"]
    )


@st.cache_resource(show_spinner=False, max_entries=8, scope="session")
def views(wav: bytes, name: str) -> Views:
    """What a recording shows; kept for this visitor alone, whose own it may be."""
    return Views.of(decode(wav, name).clip)
