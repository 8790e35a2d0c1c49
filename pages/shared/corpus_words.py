"""How the dataset page speaks of clips and of the corpus."""

import pandas as pd

from ser_core.corpora import CorpusInfo

_TAKES = ("first", "second", "third", "fourth", "fifth", "sixth")


def corpus_name(info: CorpusInfo) -> str:
    """Such as "RAVDESS, English, 24 actors"."""
    language = info.language.partition(" (")[0]
    return f"{info.label}, {language}, {info.speakers} actors"


def clip_names(clips: pd.DataFrame, info: CorpusInfo) -> dict[str, str]:
    """What to call each clip in a list, such as "angry, strong, actor 3, kids, take 1"."""
    acted = clips["emotion"]
    if len(info.intensities) > 1:
        acted = acted + ", " + clips["intensity"]
    names = (
        acted
        + ", actor " + clips["actor"].astype(str)
        + ", " + clips["statement"]
        + ", take " + clips["repetition"].astype(str)
    )  # fmt: skip
    return dict(zip(clips["clip"], names, strict=True))


def clip_acted(clip: pd.Series, info: CorpusInfo) -> str:
    """What was acted, such as "angry, strong"; the emotion alone where there is one intensity."""
    one_level = len(info.intensities) == 1
    return clip["emotion"] if one_level else f"{clip['emotion']}, {clip['intensity']}"


def clip_details(clip: pd.Series, info: CorpusInfo) -> str:
    """Who says what, such as "actor 3, male, “Kids are talking by the door”, first take"."""
    said = info.statements.get(clip["statement"], clip["statement"])
    take = _TAKES[clip["repetition"] - 1] if clip["repetition"] <= len(_TAKES) else "another"
    return f"actor {clip['actor']}, {clip['sex']}, “{said}”, {take} take"


def extent(clips: pd.DataFrame) -> str:
    """Speakers and length of some clips, such as "24 actors, 88 minutes"."""
    actors = clips["speaker"].nunique()
    minutes = float(clips["duration_s"].sum()) / 60
    length = f"{minutes:.0f} minutes" if minutes >= 1.5 else f"{60 * minutes:.0f} seconds"
    return f"{actors} actor{'' if actors == 1 else 's'}, {length}"


def clip_finding(clip: pd.Series) -> str:
    """What the drawing of a clip shows, for those who do not see it."""
    voice = f"The voice runs from {clip['onset_s']:.1f} to {clip['offset_s']:.1f} seconds"
    if pd.isna(clip["f0_hz"]):
        return f"{voice}."
    return f"{voice}; its pitch lies around {clip['f0_hz']:.0f} hertz."
