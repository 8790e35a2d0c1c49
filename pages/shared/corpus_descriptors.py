"""What the numbers of the clips say of the emotions, and what of the speakers."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.shared import components, style
from pages.shared.corpus_view import View
from ser_core.descriptors import MFCC_COLUMNS, N_MFCC, Descriptor, catalogue
from ser_core.plots.distributions import FEWEST, distributions
from ser_core.plots.separation import effect_grid, in_words, variance_shares
from ser_core.plots.text import NBSP, count_word, number, percent
from ser_core.separation import by_chance, cohens_d, eta_squared, summary, within_speakers

DESCRIPTOR = "descriptor"
COMPARED = "compared"
_FEW = 10  # clips; the mean of fewer says little
_COMPARED = {"all": "With everyone", "own": "Within speakers"}


def draw(view: View) -> None:
    """One descriptor per emotion, then what all of them tell of emotions and of speakers."""
    found = _catalogue(view)
    chosen = _distribution(view, found)
    st.space("small")
    known = catalogue(view.index.columns)
    _effects(view, known)
    st.space("small")
    _variance(view, known, chosen)


def _catalogue(view: View) -> dict[str, Descriptor]:
    """What can be chosen, by column: the descriptors, then the means of the MFCC."""
    means = [
        Descriptor(
            column,
            f"MFCC {i}",
            "",
            1,
            "Mean of a mel-frequency cepstral coefficient over the audible frames: "
            + ("the level." if i == 0 else "one of the shapes that make up the spectrum."),
        )
        for i, column in enumerate(MFCC_COLUMNS[:N_MFCC])
        if column in view.index
    ]
    return {d.column: d for d in (*catalogue(view.index.columns), *means)}


def _distribution(view: View, found: Mapping[str, Descriptor]) -> Descriptor:
    """How one descriptor is spread; returns the chosen one."""
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    title = row.container(width="content")  # names what is chosen beside it
    chosen = found[
        row.selectbox(
            "Descriptor",
            list(found),
            format_func=lambda column: _start(found[column].name),
            key=DESCRIPTOR,
            label_visibility="collapsed",
            width=230,
            bind="query-params",
        )
    ]
    title.html(f'<h2 class="ser-h">How does {chosen.name} differ between emotions?</h2>')
    clips = view.clips
    table = summary(clips[chosen.column], clips["emotion"], [str(e) for e in view.info.classes])
    if table.empty:
        components.empty(f"No clip here has a {chosen.name}.", "Choose another, or other filters.")
        return chosen
    told = spread_finding(table, chosen)
    components.lead(told)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        components.chart(
            distributions(clips, table, chosen, style.current_theme(), view.info.classes),
            key="spread",
            alt=told,
            data=clips[["clip", "emotion", "speaker", chosen.column]],
            name=f"dataset-{chosen.column}",
        )
    with right:
        _table(table, chosen)
        missing = len(clips) - int(table["clips"].sum())
        components.note(f"{chosen.told} {_how_drawn(table, missing)}")
    return chosen


def _table(table: pd.DataFrame, chosen: Descriptor) -> None:
    d = chosen.decimals
    unit = f", {chosen.unit}" if chosen.unit else ""
    number_column = st.column_config.NumberColumn(format=f"%.{d}f")
    st.dataframe(
        pd.DataFrame(
            {
                "emotion": table.index,
                f"median{unit}": table["median"].to_numpy(),
                "middle half": [
                    f"{number(low, d)} to {number(high, d)}"
                    for low, high in table[["low", "high"]].to_numpy()
                ],
                "mean": table["mean"].to_numpy(),
                "clips": table["clips"].to_numpy(),
            }
        ),
        hide_index=True,
        row_height=38,
        height=38 * (len(table) + 1) + 3,
        column_config={
            "emotion": st.column_config.TextColumn(width=84),
            f"median{unit}": number_column,
            "mean": number_column,
            "clips": st.column_config.NumberColumn(width=56),
        },
        key="spread-table",
    )


def _how_drawn(table: pd.DataFrame, missing: int) -> str:
    parts = []
    if (table["clips"] >= FEWEST).any():
        parts.append("Dot: median. Pale bar: the middle half of the clips.")
    if (table["clips"] < FEWEST).any():
        parts.append(f"Fewer than {FEWEST} clips are drawn one by one.")
    if missing:
        have = "has" if missing == 1 else "have"
        parts.append(f"{count_word(missing, 'clip')} {have} no such number and are left out.")
    return " ".join(parts)


def spread_finding(table: pd.DataFrame, chosen: Descriptor) -> str:
    """Where the emotions lie, in words.

    Args:
        table: of `ser_core.separation.summary`, with at least one row.
        chosen: the descriptor.
    """
    unit = f"{NBSP}{chosen.unit}" if chosen.unit else ""
    low, high = table["median"].idxmin(), table["median"].idxmax()
    written = {e: number(value, chosen.decimals) for e, value in table["median"].items()}
    if len(table) == 1:
        ends = " to ".join(number(table.loc[low, end], chosen.decimals) for end in ("low", "high"))
        return f"The median {chosen.name} of {low} is {written[low]}{unit}, the middle half {ends}."
    if written[low] == written[high]:
        return f"The median {chosen.name} is {written[low]}{unit} whatever the emotion."
    apart = table.loc[low, "high"] < table.loc[high, "low"]
    return (
        f"The median {chosen.name} goes from {written[low]}{unit} ({low}) to {written[high]}{unit} "
        f"({high}); the middle halves of these two {'do not ' if apart else ''}overlap."
    )


def _effects(view: View, known: tuple[Descriptor, ...]) -> None:
    several = view.clips["speaker"].nunique() > 1
    with components.heading_row("Which descriptors tell the emotions apart?"):
        against = components.switch("Compared", _COMPARED, COMPARED) if several else "all"
    effects = _ranked(view, known, against == "own")
    if effects.isna().all(axis=None):
        one = view.clips["emotion"].nunique() == 1
        components.empty(
            "There is nothing to tell apart.",
            "The filters leave one emotion." if one else "The filters leave too few clips.",
        )
        return
    told = effects_finding(effects)
    components.lead(told)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        components.chart(
            effect_grid(effects, style.current_theme()),
            key="effects",
            alt=told,
            data=effects.rename_axis("descriptor").reset_index(),
            name="dataset-effects",
        )
    with right:
        components.note(_effects_note(view.clips, against == "own"))


def _effects_note(clips: pd.DataFrame, within: bool) -> str:
    told = (
        "A figure is Cohen’s d: how far the emotion’s mean lies above (+) or below (\N{MINUS SIGN}) "
        "that of all other clips, in standard deviations (pooled). By convention 0.2 is a small, "
        "0.5 a medium and 0.8 a large difference. Most telling descriptor first."
    )
    if within:
        told += (
            " Within speakers, each clip is first measured against all clips of its own speaker "
            "(z-scores), so a high or a loud voice counts no more."
        )
    fewest = int(clips["emotion"].value_counts().min())
    if fewest < _FEW:
        told += (
            f" An emotion has only {count_word(fewest, 'clip')} here: its figures may be chance."
        )
    return told


def _ranked(view: View, known: tuple[Descriptor, ...], within: bool) -> pd.DataFrame:
    """Cohen's d, one row per descriptor by name, those that tell most first."""
    values = view.clips[[d.column for d in known]].to_numpy(float)
    if within:
        values = within_speakers(values, view.clips["speaker"])
    present = [str(e) for e in view.info.classes if (view.clips["emotion"] == e).any()]
    d = cohens_d(values, view.clips["emotion"], present)
    effects = pd.DataFrame(d.T, index=[each.name for each in known], columns=present)
    strength = effects.abs().mean(axis=1)
    return effects.loc[strength.sort_values(ascending=False, kind="stable").index]


def effects_finding(effects: pd.DataFrame) -> str:
    """What stands out in the grid, in words.

    Args:
        effects: Cohen's d; rows: names of descriptors, those that tell most first, columns:
            emotions. At least one figure is not NaN.
    """
    name, emotion = effects.abs().stack().idxmax()
    lies = in_words(effects.loc[name, emotion])
    told = f"{_start(emotion)} stands out most: its {name} lies {lies}."
    ranked = effects.dropna(how="all").index
    if len(ranked) < 2:
        return told
    return f"{told} Over all emotions, {ranked[0]} tells most and {ranked[-1]} least."


def _variance(view: View, known: tuple[Descriptor, ...], chosen: Descriptor) -> None:
    components.heading("How much is the speaker instead?")
    wanted = dict.fromkeys((*known, chosen))  # MFCC can be chosen, but are not compared below
    shares = _shares(view.clips, tuple(wanted))
    charted = shares.loc[[d.name for d in known]].dropna(how="all")
    if charted.empty:
        components.empty(
            "There are no groups to compare.",
            "It takes clips of several emotions or speakers, and more clips than those.",
        )
        return
    charted = charted.sort_values("emotion", ascending=False, kind="stable")
    told = variance_finding(charted, shares.loc[chosen.name])
    components.lead(told)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        components.chart(
            variance_shares(charted, style.current_theme()),
            key="variance",
            alt=told,
            data=charted.rename_axis("descriptor").reset_index(),
            name="dataset-variance",
        )
    with right:
        components.note(_variance_note(view.clips))


def _shares(clips: pd.DataFrame, of: tuple[Descriptor, ...]) -> pd.DataFrame:
    """Eta squared of emotion and speaker, one row per descriptor by name."""
    values = clips[[d.column for d in of]].to_numpy(float)
    return pd.DataFrame(
        {label: eta_squared(values, clips[label]) for label in ("emotion", "speaker")},
        index=[d.name for d in of],
    )


def variance_finding(shares: pd.DataFrame, chosen: pd.Series) -> str:
    """How emotion and speaker compare, in words.

    Args:
        shares: eta squared; rows: names of descriptors, columns: emotion and speaker.
        chosen: the row of the descriptor to name; NaN where it has none.
    """
    parts = [
        f"{percent(chosen[label])} between {label}s"
        for label in ("speaker", "emotion")
        if pd.notna(chosen[label])
    ]
    told = ", ".join(parts).replace(" between", " of its variance lies between", 1)
    told = f"{_start(chosen.name)}: {told}." if parts else ""
    both = shares.dropna()
    if both.empty:
        return told
    more = int((both["speaker"] > both["emotion"]).sum())
    return (
        f"{told} The speaker explains more than the emotion in {more} of {len(both)} descriptors."
    ).strip()


def _variance_note(clips: pd.DataFrame) -> str:
    counted = {label: clips[label].nunique() for label in ("emotion", "speaker")}
    chance = " and ".join(
        f"{percent(by_chance(len(clips), groups), 1)} ({label})"
        for label, groups in counted.items()
        if groups > 1
    )
    return (
        "Dot: emotion. Ring: speaker. Each mark is eta squared, the share of the variance of a "
        "descriptor that lies between the groups; the rest lies within them. Labels given out at "
        f"random would reach about {chance}."
    )


def _start(name: str) -> str:
    """The name as a sentence starts with it."""
    return name[0].upper() + name[1:]
