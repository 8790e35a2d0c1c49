"""Clips per emotion, and what oversampling makes of them."""

from pages.shared import components, corpus_words, state, style
from pages.shared.corpus_view import View
from ser_core.corpora.selection import counts
from ser_core.plots.counts import clips_per_emotion

SPLITS = {"intensity": "Intensity", "sex": "Sex"}


def draw(view: View) -> None:
    """Bars of clips per emotion."""
    with components.heading_row("Clips per emotion", 3):
        by = "sex"
        if len(view.info.intensities) > 1:
            by = components.switch("Split by", SPLITS, state.SPLIT_BY)
    components.chart(
        clips_per_emotion(view.clips, by, style.current_theme(), view.info.classes),
        key="counts",
        alt=corpus_words.counts_finding(view.clips),
    )
    note = f"{view.info.left_out_note()} {corpus_words.imbalance(view.index)}"
    components.note_and_data(
        note.strip(), counts(view.clips, by).reset_index(), "dataset-counts", "counts-data"
    )
