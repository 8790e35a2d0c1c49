"""How the dataset page speaks of two clips and of what is between them."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.shared.dataset.clip_facts import apart, decimals_apart, measured
from ser_core.corpora.base import CorpusInfo
from ser_core.exploration.clip_difference import Contrast, largest
from ser_core.exploration.reference_clip import shared
from ser_core.formatting import NBSP, quantity, signed

_LESS = "A \N{MINUS SIGN} B"


def in_common(a: pd.Series, b: pd.Series, info: CorpusInfo) -> str:
    """What two clips share, such as "The two have the same speaker and sentence."."""
    alike = shared(a, b)
    names = {"speaker": "speaker", "statement": "sentence", "emotion": "emotion"}
    if len(info.intensities) > 1:
        names["intensity"] = "intensity"
    if {"speaker", "statement"} <= set(alike):  # takes of others are not each other's
        names["repetition"] = "take number"
    told = [name for label, name in names.items() if label in alike]
    if told:
        return f"The two have the same {_listed(told)}."
    return "The two have neither speaker nor sentence nor emotion in common."


def finding(found: Sequence[Contrast], whose: str) -> str:
    """The largest differences in words.

    Args:
        found: of two clips, A and B.
        whose: spread that the differences are measured by, such as "this speaker’s".
    """
    most = largest(list(found))
    if not most:
        measurable = any(c.deviations == c.deviations for c in found)
        if not measurable:
            return "Too few clips to say which difference is large."
        return f"A and B hardly differ: nowhere by half of {whose} standard deviation."
    parts = [
        f"{c.descriptor.name} {apart(c.descriptor, c.difference)} "
        f"({quantity(abs(c.deviations), 'SD', 1)})"
        for c in most
    ]
    return f"A against B, in {whose} standard deviations (SD): {_listed(parts)}."


def table(found: Sequence[Contrast]) -> pd.DataFrame:
    """Every descriptor of two clips, written for people."""
    return pd.DataFrame(
        {
            "Descriptor": [c.descriptor.title for c in found],
            "A": [measured(c.descriptor, c.a, unit=False) for c in found],
            "B": [measured(c.descriptor, c.b, unit=False) for c in found],
            _LESS: [_difference(c) for c in found],
            "in SD": [
                "\N{EN DASH}" if pd.isna(c.deviations) else signed(c.deviations, 1) for c in found
            ],
        }
    )


def columns(found: Sequence[Contrast]) -> dict[str, object]:
    """st.column_config of `table`; a phone shows the first four."""
    told = "\n".join(f"- {c.descriptor.name}: {c.descriptor.meaning}" for c in found)
    widths = {"Descriptor": 158, "A": 62, "B": 62, _LESS: 82, "in SD": 64}
    helps = {
        "Descriptor": told,
        _LESS: "Of pitch in semitones (st).",
        "in SD": "The difference in standard deviations.",
    }
    return {
        name: st.column_config.TextColumn(name, width=width, help=helps.get(name))
        for name, width in widths.items()
    }


def numbers(found: Sequence[Contrast]) -> pd.DataFrame:
    """What `table` writes, as numbers with their units."""
    return pd.DataFrame(
        [
            (c.descriptor.column, c.a, c.b, c.descriptor.unit, c.difference, c.unit, c.deviations)
            for c in found
        ],
        columns=[
            "descriptor", "a", "b", "unit", "difference", "difference_unit", "difference_sd",
        ],
    )  # fmt: skip


def _difference(contrast: Contrast) -> str:
    if pd.isna(contrast.difference):
        return "\N{EN DASH}"
    number = signed(contrast.difference, decimals_apart(contrast.descriptor))
    # the other units stand in the row's name
    return f"{number}{NBSP}st" if contrast.descriptor.column == "f0_hz" else number


def _listed(items: Sequence[str]) -> str:
    """ "a, b and c"."""
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last
