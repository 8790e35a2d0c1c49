"""How the dataset page speaks of clips and of the corpus."""

import pandas as pd

from ser_core.corpora import registry as corpora
from ser_core.corpora.base import CorpusInfo
from ser_core.corpora.folder.words import UNKNOWN
from ser_core.formatting import count_word, minutes, quantity, span_s

_TAKES = ("first", "second", "third", "fourth", "fifth", "sixth")


def corpus_name(info: CorpusInfo) -> str:
    """Such as "RAVDESS, English, 24 speakers"."""
    own = corpora.is_own(info.name)
    origin = "your folder" if own else info.language.partition(" (")[0]
    return f"{info.label}, {origin}, {count_word(info.speakers, 'speaker')}"


def clip_names(clips: pd.DataFrame, info: CorpusInfo) -> dict[str, str]:
    """What to call each clip in a list, such as "angry, strong, speaker 3, kids, take 1"."""
    acted = clips["emotion"]
    if len(info.intensities) > 1:
        acted = acted + ", " + clips["intensity"]
    who = clips["actor"].map(lambda number: speaker(int(number), info))
    said = clips["statement"].where(clips["statement"] == UNKNOWN, ", " + clips["statement"])
    names = (
        acted + ", " + who
        + said.replace(UNKNOWN, "")
        + ", take " + clips["repetition"].astype(str)
    )  # fmt: skip
    return dict(zip(clips["clip"], names, strict=True))


def speaker(number: int, info: CorpusInfo) -> str:
    """Such as "speaker 3"; where the corpus names its speakers, or a person's folder does, so."""
    name = info.speaker_names.get(number)
    if name is None:
        return f"speaker {number}"
    return "speaker unknown" if name == UNKNOWN else f"speaker {name}"


def clip_acted(clip: pd.Series, info: CorpusInfo) -> str:
    """What was acted, such as "angry, strong"; the emotion alone where there is one intensity."""
    one_level = len(info.intensities) == 1
    return clip["emotion"] if one_level else f"{clip['emotion']}, {clip['intensity']}"


def clip_details(clip: pd.Series, info: CorpusInfo) -> str:
    """Who says what, such as "speaker 3, male, “Kids are talking by the door”, first take"."""
    said = info.statements.get(clip["statement"], clip["statement"])
    take = _TAKES[clip["repetition"] - 1] if clip["repetition"] <= len(_TAKES) else "another"
    parts = [
        speaker(clip["actor"], info),
        *([] if clip["sex"] == UNKNOWN else [clip["sex"]]),
        *([] if said == UNKNOWN else [f"“{said}”"]),
    ]
    return f"{', '.join(parts)}, {take} take"


def extent(clips: pd.DataFrame) -> str:
    """Speakers and length of some clips, such as "24 speakers, 89 minutes"."""
    speakers = count_word(clips["speaker"].nunique(), "speaker")
    return f"{speakers}, {minutes(float(clips['duration_s'].sum()))}"


def clip_finding(clip: pd.Series) -> str:
    """What the drawing of a clip shows, for those who do not see it."""
    voice = f"The voice runs from {span_s(clip['onset_s'], clip['offset_s'])}"
    if pd.isna(clip["f0_hz"]):
        return f"{voice}."
    return f"{voice}; its pitch lies around {quantity(clip['f0_hz'], 'Hz')}."
