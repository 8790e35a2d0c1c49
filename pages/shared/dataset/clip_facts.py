"""What is known of a corpus clip beside its sound: descriptors, listeners, models."""

import re
from html import escape
from typing import NamedTuple

import pandas as pd
import streamlit as st

from pages.shared.ui import cache, components
from pages.shared.ui.terms import explained
from ser_core.acoustics.descriptors import Descriptor, catalogue
from ser_core.corpora.base import CorpusInfo
from ser_core.exploration.clip_difference import difference, unit_of
from ser_core.exploration.reference_clip import Neutral
from ser_core.formatting import NBSP, count_word, number, percent, quantity, signed, spelled
from ser_core.protocols import Protocol

_SHOWN = ("f0_hz", "f0_range_st", "loudness_dbfs", "centroid_hz", "hnr_db", "speech_s")
_TIMES = ("speech_s", "duration_s")


def figures(clip: pd.Series, neutral: Neutral | None) -> None:
    """Six descriptors of a clip, each beside the speaker's own neutral."""
    cells = "".join(
        f'<div><div class="ser-note">{each.name}</div>'
        f'<div class="ser-figure">{measured(each, clip[each.column])}</div>'
        f'<div class="ser-note">{_beside(each, clip, neutral)}</div></div>'
        for each in catalogue(clip.index)
        if each.column in _SHOWN
    )
    if not cells:
        return
    if neutral is None:
        components.note("This speaker has no other neutral clip to set these figures beside.")
    else:
        several = neutral.clips > 1
        middle = "the median of the" if several else "the"
        st.html(
            f'<p class="ser-note">Beside {middle} speaker’s own neutral '
            f"({count_word(neutral.clips, 'clip')}) {explained('Pitch', 'dBFS')}</p>"
        )
    st.html(
        '<div class="ser-figures" style="grid-template-columns: repeat(auto-fit, minmax(8.5rem, '
        f'1fr))">{cells}</div>'
    )


def measured(descriptor: Descriptor, value: float, unit: bool = True) -> str:
    """A value such as "269 Hz", or without its unit "269"; an en dash where there is none."""
    if pd.isna(value):
        return "\N{EN DASH}"
    if unit and descriptor.unit:
        return quantity(value, descriptor.unit, descriptor.decimals)
    return number(value, descriptor.decimals)


def apart(descriptor: Descriptor, by: float) -> str:
    """A difference in words, such as "7.9 semitones higher"; "" where there is none to tell."""
    if pd.isna(by):
        return ""
    number = signed(by, decimals_apart(descriptor)).lstrip("+\N{MINUS SIGN}")
    if float(number) == 0:
        return "the same"
    more, less = ("longer", "shorter") if descriptor.column in _TIMES else ("higher", "lower")
    unit = unit_of(descriptor)
    amount = f"{number}{NBSP}{unit}" if unit else number
    return f"{amount} {more if by > 0 else less}"


def decimals_apart(descriptor: Descriptor) -> int:
    """Decimals of a difference: semitones have one, though Hz have none."""
    return 1 if descriptor.column == "f0_hz" else descriptor.decimals


def _beside(descriptor: Descriptor, clip: pd.Series, neutral: Neutral | None) -> str:
    if neutral is None:
        return ""
    column = descriptor.column
    return apart(descriptor, difference(descriptor, clip[column], neutral.medians[column]))


def listeners(clip: pd.Series, info: CorpusInfo) -> None:
    """How people heard the clip, where the corpus tells."""
    told = []
    for column, what in (("recognised", "heard this emotion"), ("natural", "found it natural")):
        share = clip.get(column)
        if share is not None and not pd.isna(share):
            whose = "" if told else " of the listeners"
            told.append(f"{percent(share)}{whose} {what}")
    if told:
        components.note(f"{', '.join(told)}{_cited(info.citation)}.")


def _cited(citation: str) -> str:
    """First author and year in brackets, such as " (Burkhardt et al. 2005)"."""
    year = re.search(r"\((\d{4})\)", citation)
    if year is None:
        return ""
    authors = citation[: year.start()]
    others = " et al." if "," in authors else ""
    return f" ({authors.split()[0].rstrip(',')}{others} {year[1]})"


class Heard(NamedTuple):
    """What one model heard in a clip whose speaker it had not met.

    Attributes:
        title: of the model.
        emotion: the one it gave most.
        share: how sure it was, in [0, 1].
    """

    title: str
    emotion: str
    share: float


def heard(clip: pd.Series) -> list[Heard]:
    """What each model heard when this clip's speaker was not among those it had learned from."""
    found = []
    for bundle in cache.bundles():
        rows = bundle.rows(Protocol.SPEAKER_INDEPENDENT)
        if rows is None:
            continue
        own = rows[(rows["clip"] == clip["clip"]) & (rows["speaker"] == clip["speaker"])]
        if not own.empty:
            answer = own.iloc[0]
            emotion = answer["predicted"]
            found.append(Heard(bundle.title, emotion, float(answer[f"p_{emotion}"])))
    return found


def opinions(clip: pd.Series) -> None:
    """What the models heard, in words and a chip for each."""
    found = heard(clip)
    if not found:
        if cache.bundles():
            components.note("No model was scored on the clips of this corpus one by one.")
        return
    components.note(
        "What the models heard, without having met this speaker: "
        f"{agreement([each.emotion for each in found], clip['emotion'])}."
    )
    components.chips(
        f'<span class="ser-chip">{escape(each.title)} {components.mark(each.emotion)}'
        f'<span class="ser-light">{each.emotion} {percent(each.share)}</span></span>'
        for each in found
    )


def agreement(heard_as: list[str], acted: str) -> str:
    """How many of some answers are the acted emotion, such as "two of five heard angry"."""
    right, whole = (spelled(number) for number in (heard_as.count(acted), len(heard_as)))
    if len(heard_as) == 1:
        return f"the one model {'heard' if acted in heard_as else 'did not hear'} {acted}"
    if acted not in heard_as:
        return f"none of {whole} heard {acted}"
    return f"{f'all {whole}' if right == whole else f'{right} of {whole}'} heard {acted}"
