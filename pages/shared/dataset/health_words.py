"""What the page says of the health of a corpus: verdicts first, then the clips by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from ser_core.audio.quality import CLIPPED_SHARE, QUIET_DBFS
from ser_core.corpora.fetch.verification import Verification
from ser_core.evaluation.intervals import Estimate
from ser_core.exploration import health
from ser_core.formatting import (
    NBSP,
    count_word,
    figure,
    number,
    percent,
    quantity,
    seconds,
    thousands,
)

_NAMED = 10
_DASH = "\N{EN DASH}"
MEASURES = {
    "loudness_dbfs": "level of the speech",
    "noise_dbfs": "sound around the speech",
    "speech_s": "length of the speech",
    "duration_s": "length of the recording",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that may be wrong with recordings.

    Attributes:
        title: what was looked at.
        verdict: what was found.
        named: which clips the table names.
        table: column clip, then the measures.
        measures: title and number format of each measure.
        scale: factor of each measure that is shown in another unit.
    """

    title: str
    verdict: str
    named: str
    table: pd.DataFrame
    measures: Mapping[str, tuple[str, str]]
    scale: Mapping[str, float] = field(default_factory=dict)


def findings(clips: pd.DataFrame) -> dict[str, Finding]:
    """Everything that the index tells of the recordings, by a short name."""
    return {
        "level": _level(clips),
        "clipping": _clipping(clips),
        "silence": _silence(clips),
        "noise": _noise(clips),
        "length": _length(clips),
    }


def _clipping(clips: pd.DataFrame) -> Finding:
    table, full = health.clipped_clips(clips), health.at_full_scale(clips)
    limit = percent(CLIPPED_SHARE, 1)
    verdict = f"No clip has over {limit} of its samples at full scale."
    if len(table):
        verdict = f"{_clips_are(len(table))} clipped in over {limit} of their samples."
    if full > len(clips) / 2:
        verdict += (
            f" {thousands(full)} of {thousands(len(clips))} peak at full scale: the files were "
            "made as loud as they go, so their level says little of the voice."
        )
    elif full:
        verdict += f" {_clips_peak(full)} within {-health.FULL_SCALE_DBFS}{NBSP}dB of full scale."
    verdict += " Copies at 16 kHz are counted, which smooth clipped waves: the files may hold more."
    measures = {"clipped_share": ("clipped, %", "%.2f"), "peak_dbfs": ("peak, dBFS", "%.1f")}
    return Finding(
        "Clipping", verdict, "Clipped clips, worst first", table, measures, {"clipped_share": 100}
    )


def _level(clips: pd.DataFrame) -> Finding:
    level = clips["loudness_dbfs"].dropna()
    if level.empty:
        verdict = "No clip has a level."
    else:
        low, q1, q3, high = level.quantile([0, 0.25, 0.75, 1])
        quiet = int((level < QUIET_DBFS).sum())
        verdict = (
            f"The speech lies between {number(low, 1)} and {quantity(high, 'dBFS', 1)}, half of it "
            f"between {number(q1, 1)} and {quantity(q3, 'dBFS', 1)}. {_clips_are(quiet)} too quiet "
            f"to judge (under {quantity(QUIET_DBFS, 'dBFS')})."
        )
    measures = {"loudness_dbfs": ("level, dBFS", "%.1f")}
    table = health.quietest(clips, _NAMED)
    return Finding("Level", verdict, "The quietest clips", table, measures)


def _silence(clips: pd.DataFrame) -> Finding:
    table = health.silences(clips)
    middle = table.median(numeric_only=True)
    verdict = (
        f"A typical clip is silent for {percent(middle['silent_share'])} of its length: "
        f"{seconds(middle['before_s'])} before the voice, {seconds(middle['after_s'])} after it."
    )
    measures = {
        "silent_share": ("silent, %", "%.0f"),
        "before_s": ("before, s", "%.2f"),
        "after_s": ("after, s", "%.2f"),
    }
    return Finding(
        "Silence", verdict, "The most silent clips", table.head(_NAMED), measures,
        {"silent_share": 100},
    )  # fmt: skip


def _noise(clips: pd.DataFrame) -> Finding:
    table = health.noisy_clips(clips)
    around = clips["noise_dbfs"].dropna()
    nothing = len(clips) - len(around)
    if around.empty:
        verdict = "No clip has any sound around its speech to measure."
    else:
        margin = (clips["loudness_dbfs"] - clips["noise_dbfs"]).median()
        verdict = (
            f"What is heard around the speech, breath included, lies {quantity(margin, 'dB')} "
            f"below it in a typical clip. {_clips_are(len(table))} less than "
            f"{quantity(health.MARGIN_DB, 'dB')} apart."
        )
        if nothing:
            verdict += f" {_clips_have(nothing)} nothing around the speech."
    measures = {
        "margin_db": ("apart, dB", "%.1f"),
        "noise_dbfs": ("around, dBFS", "%.1f"),
        "loudness_dbfs": ("speech, dBFS", "%.1f"),
    }
    return Finding("Noise", verdict, "Clips with the least distance", table, measures)


def _length(clips: pd.DataFrame) -> Finding:
    table, usual = health.odd_durations(clips), health.usual_durations(clips)
    verdict = (
        f"{_clips_are(len(table))} out of range: shorter than {seconds(usual.low_s)} or longer "
        f"than {seconds(usual.high_s)}. That is {number(health.FENCES)} interquartile ranges "
        f"beyond the quartiles, and never under {seconds(health.SHORTEST_S)} or over "
        f"{quantity(health.LONGEST_S, 's')}."
    )
    measures = {"duration_s": ("length, s", "%.2f")}
    return Finding("Length", verdict, "Clips out of range", table, measures)


def verified(found: Verification) -> str:
    """The verdict of a check against the official files."""
    total = found.checked + len(found.missing)
    if found.missing:
        text = f"{_of(len(found.missing), total)} missing"
    else:
        text = f"All {count_word(total, 'recording')} are here"
    if found.altered:
        return f"{text}, {thousands(len(found.altered))} altered. Fetch the corpus again."
    if found.missing:
        return f"{text}, none is altered. Fetch the corpus again."
    if not found.unverifiable:
        return f"{text}, and none is altered."
    some = "" if len(found.unverifiable) == total else f" of {thousands(len(found.unverifiable))}"
    return (
        f"{text}. Only the length{some} could be compared: FLAC copies, and files whose checksum "
        "nobody published, have no other mark."
    )


def verified_table(found: Verification) -> pd.DataFrame:
    """Every file that differs, by its name below the folder of the corpus."""
    rows = [("missing", name) for name in found.missing]
    rows += [("altered", name) for name in found.altered]
    rows += [("same sound", " = ".join(group)) for group in found.duplicates]
    return pd.DataFrame(rows, columns=["finding", "file"])


def twins(index: pd.DataFrame) -> str:
    """Clips that are one recording under several names."""
    groups = health.identical(index)
    if not groups:
        return "No two clips of the corpus are the same recording."
    speaker = dict(zip(index["clip"], index["speaker"], strict=True))
    names = "; ".join(" = ".join(group) for group in groups)
    count = count_word(sum(map(len, groups)), "clip")
    text = f"{count} of the corpus hold a recording that has another name"
    text = f"{text} too: {names}."
    if all(len({speaker[clip] for clip in group}) == 1 for group in groups):
        return f"{text} Unseen speakers are safe from them, random clips are not."
    return f"{text} They are by several speakers: a model may have heard what it is tested on."


def told_apart(found: Mapping[str, Estimate], chance: float) -> str:
    """What single numbers give away."""
    best = max(found, key=lambda column: found[column].value)
    tell = [c for c, estimate in found.items() if (estimate.low or 0) > chance]
    first = (
        f"The {MEASURES[best]} alone names {percent(found[best].value, 1)} of the clips of unseen "
        f"speakers rightly (balanced recall; chance is {percent(chance, 1)})."
    )
    if not tell:
        return f"{first} That is no more than luck."
    if "loudness_dbfs" not in tell:
        return first
    return (
        f"{first} Level and noise are the recording’s as much as the voice’s, and another room or "
        "microphone changes them. Our models cannot use the level: they scale every window to the "
        "same power first."
    )


def loudest(means: pd.Series) -> str:
    """How far apart the emotions' mean levels lie."""
    gap = means.max() - means.min()
    return (
        f"{str(means.idxmax()).capitalize()} was recorded {quantity(gap, 'dB')} louder than "
        f"{means.idxmin()}."
    )


def estimates_table(found: Mapping[str, Estimate], chance: float) -> pd.DataFrame:
    """The numbers behind `told_apart`."""
    return pd.DataFrame(
        [(MEASURES[c], e.value, e.low, e.high, chance) for c, e in found.items()],
        columns=["measure", "balanced_recall", "low", "high", "chance"],
    )


def estimates_told(found: Mapping[str, Estimate], chance: float) -> str:
    """Their figure in words."""
    each = ", ".join(f"{MEASURES[c]} {figure(e.value)}" for c, e in found.items())
    return f"Balanced recall of one number alone in percent: {each}; chance is {figure(chance)}."


def _clips_are(count: int) -> str:
    return "No clip is" if not count else f"{count_word(count, 'clip')} {_verb(count, 'is', 'are')}"


def _clips_have(count: int) -> str:
    return f"{count_word(count, 'clip')} {_verb(count, 'has', 'have')}"


def _clips_peak(count: int) -> str:
    return f"{count_word(count, 'clip')} {_verb(count, 'peaks', 'peak')}"


def _of(count: int, total: int) -> str:
    return f"{thousands(count)} of {count_word(total, 'recording')} {_verb(count, 'is', 'are')}"


def _verb(count: int, one: str, many: str) -> str:
    return one if count == 1 else many
