"""What the descriptors of a corpus show, in words."""

import pandas as pd

from ser_core.acoustics.descriptors import Descriptor
from ser_core.exploration.effect_sizes import by_chance
from ser_core.formatting import NBSP, count_word, number, percent
from ser_core.plots.dataset.distributions import FEWEST
from ser_core.plots.dataset.effect_sizes import in_words

_FEW = 10  # clips; the mean of fewer says little


def spread_finding(table: pd.DataFrame, chosen: Descriptor) -> str:
    """Where the emotions lie, in words.

    Args:
        table: of `ser_core.exploration.effect_sizes.summary`, with at least one row.
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
    told = (
        f"The median {chosen.name} goes from {written[low]}{unit} ({low}) to {written[high]}{unit} "
        f"({high})"
    )
    if table.loc[[low, high], "clips"].min() < FEWEST:
        return f"{told}."
    apart = table.loc[low, "high"] < table.loc[high, "low"]
    return f"{told}; the middle halves of these two {'do not ' if apart else ''}overlap."


def spread_note(table: pd.DataFrame, chosen: Descriptor, missing: int) -> str:
    """What the number is and how it is drawn.

    Args:
        table: of `ser_core.exploration.effect_sizes.summary`.
        chosen: the descriptor.
        missing: how many clips have no such number.
    """
    parts = [chosen.meaning]
    if chosen.unit:
        parts.append(f"In {chosen.unit}.")
    if (table["clips"] >= FEWEST).any():
        parts.append("Dot: median. Bar: the middle half of the clips.")
    if (table["clips"] < FEWEST).any():
        parts.append(f"Fewer than {FEWEST} clips are drawn one by one.")
    if missing:
        have = "has" if missing == 1 else "have"
        parts.append(f"{count_word(missing, 'clip')} {have} no such number and are left out.")
    return " ".join(parts)


def effects_finding(effects: pd.DataFrame) -> str:
    """What stands out in the grid, in words.

    Args:
        effects: Cohen's d; rows: names of descriptors, those that tell most first, columns:
            emotions. At least one figure is not NaN.
    """
    name, emotion = effects.abs().stack().idxmax()
    lies = in_words(effects.loc[name, emotion])
    told = f"{start(emotion)} stands out most: its {name} lies {lies}."
    ranked = effects.dropna(how="all").index
    if len(ranked) < 2:
        return told
    return f"{told} Over all emotions, {ranked[0]} tells most and {ranked[-1]} least."


def effects_note(clips: pd.DataFrame, within: bool) -> str:
    """How to read the grid of effects.

    Args:
        clips: rows of a corpus index.
        within: whether each clip was measured against its own speaker.
    """
    told = (
        "A figure is Cohen’s d: how far the emotion’s mean lies above (+) or below "
        "(\N{MINUS SIGN}) that of all other clips, in standard deviations (pooled). By convention "
        "0.2 is a small, 0.5 a medium and 0.8 a large difference. Most telling descriptor first."
    )
    if within:
        told += (
            " Within speakers, each clip is first measured against its own speaker's clips "
            "(z-scores), so a high or a loud voice counts no more."
        )
    fewest = int(clips["emotion"].value_counts().min())
    if fewest < _FEW:
        told += (
            f" An emotion has only {count_word(fewest, 'clip')} here: its figures may be chance."
        )
    return told


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
    told = f"{start(chosen.name)}: {told}." if parts else ""
    both = shares.dropna()
    if both.empty:
        return told
    more = int((both["speaker"] > both["emotion"]).sum())
    return (
        f"{told} The speaker explains more than the emotion in {more} of {len(both)} descriptors."
    ).strip()


def variance_note(clips: pd.DataFrame) -> str:
    """How to read the shares of variance of some clips, at least one group beside another."""
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


def start(name: str) -> str:
    """The name as a sentence starts with it."""
    return name[0].upper() + name[1:]
