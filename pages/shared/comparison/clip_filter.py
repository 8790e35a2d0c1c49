"""Which clips the comparison of models rests on; the choice lives in the URL."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.shared.ui import cache, components, state
from ser_core.corpora import registry as corpora
from ser_core.formatting import span_s

_SHORTEST_S, _LONGEST_S, _STEP_S = 2.5, 5.5, 0.1
_WHOLE = (_SHORTEST_S, _LONGEST_S)
_SCORED = corpora.get(corpora.SCORED).info
_FIXED = {
    state.SEX: ("female", "male"),
    state.INTENSITY: _SCORED.intensities,
    state.STATEMENT: tuple(_SCORED.statements),
}
KEYS = (*_FIXED, state.ACTORS, state.LENGTH)


@dataclass(frozen=True, slots=True)
class ClipFilter:
    """What clips must be to count.

    Attributes:
        wanted: value per column; None means any.
        actors: their numbers; none means all.
        length_s: shortest and longest duration in seconds; None means any.
    """

    wanted: dict[str, str | None]
    actors: tuple[int, ...]
    length_s: tuple[float, float] | None

    def apply(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows of predictions that pass; a clip of unknown length passes no limit."""
        keep = pd.Series(True, index=rows.index)
        for column, value in self.wanted.items():
            if value is not None:
                keep &= rows[column] == value
        if self.actors:
            keep &= actor_numbers(rows).isin(self.actors)
        if self.length_s is not None:
            low, high = self.length_s
            lengths_s = rows["clip"].map(cache.durations_s())
            # an end that was not moved lets everything beyond it pass
            keep &= (lengths_s >= low) | ((low <= _SHORTEST_S) & lengths_s.notna())
            keep &= (lengths_s <= high) | ((high >= _LONGEST_S) & lengths_s.notna())
        return rows[keep]

    @property
    def words(self) -> str:
        """Such as "female, strong, speakers 3 and 7"; empty where everything passes."""
        parts = [value for value in self.wanted.values() if value]
        if self.actors:
            numbers = ", ".join(str(number) for number in self.actors)
            parts.append(f"speaker{'' if len(self.actors) == 1 else 's'} {numbers}")
        if self.length_s is not None:
            low, high = self.length_s
            parts.append(span_s(low, high))
        return ", ".join(parts)


def actor_numbers(rows: pd.DataFrame) -> pd.Series:
    """Number of each row's speaker within the corpus."""
    return rows["speaker"].str.rpartition("/")[2].astype(int)


def popover(actors: list[int]) -> ClipFilter:
    """Draw the filters behind a button and return what they ask for."""
    with st.popover("Filter clips", icon=":material/filter_list:", key="filters"):
        wanted = {
            column: components.one_of(column.capitalize(), values, column)
            for column, values in _FIXED.items()
        }
        chosen = st.multiselect(
            "Speakers",
            [str(number) for number in actors],
            placeholder="All",
            key=state.ACTORS,
            bind="query-params",
        )
        length_s = st.slider(
            "Length, s",
            *_WHOLE,
            _WHOLE,
            _STEP_S,
            format="%.1f",
            key=state.LENGTH,
            bind="query-params",
        )
        st.button("Clear filters", on_click=clear, key="clear_in_popover")
    whole = tuple(length_s) == _WHOLE
    return ClipFilter(
        wanted, tuple(sorted(map(int, chosen))), None if whole else (length_s[0], length_s[1])
    )


def clear() -> None:
    """Let every clip pass again; for the callback of a button."""
    for column in _FIXED:
        st.session_state[column] = components.ALL
    st.session_state[state.ACTORS] = []
    st.session_state[state.LENGTH] = _WHOLE
