"""What headings say of the models, worked out from their predictions and answers."""

from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from pages.shared.ui import corpus_words, wording
from ser_core import load
from ser_core.analysis.timeline import Timeline
from ser_core.bundles.store import ModelStore
from ser_core.corpora import playback
from ser_core.corpora import registry as corpora
from ser_core.corpora.index.reading import load_index
from ser_core.emotions import Emotion
from ser_core.formatting import count_word, from_to
from ser_core.protocols import Protocol

BEST, SECOND = "transformer", "svm"


@dataclass(frozen=True)
class Answers:
    """What fills the places of `outlines.OUTLINES`, a field each."""

    mistakes: str
    surest_mistake: str
    sad_as_calm: str
    surest_sad_as_calm: str
    best_alone: str
    example: str
    example_emotion: str
    first: str
    first_segment: str
    second: str
    talk_segment: str

    def fill(self, lines: tuple[str, ...]) -> list[str]:
        """Lines of an outline as a screen reader gets them with these models."""
        return [line.format(**asdict(self)).replace("\xa0", " ") for line in lines]


def model_answers(folder: Path) -> Answers:
    """The answers of the models that are installed.

    Args:
        folder: of the files that visitors bring.
    """
    best, second = _predictions(BEST), _predictions(SECOND)
    mistakes = best[best["emotion"] != best["predicted"]]
    cell = mistakes[(mistakes["emotion"] == "sad") & (mistakes["predicted"] == "calm")]
    missed = second[second["emotion"] != second["predicted"]]
    model = load()
    example = model.predict(playback.sound("emodb", "14b02Wd") or b"")
    first = model.predict(folder / "first.wav")
    talk = model.converse(folder / "talk.wav", voices=2).timeline
    return Answers(
        mistakes=count_word(len(mistakes), "mistake"),
        surest_mistake=_clip(mistakes),
        sad_as_calm=count_word(len(cell), "clip"),
        surest_sad_as_calm=_clip(cell),
        best_alone=_clip(missed[~missed["clip"].isin(mistakes["clip"])]),
        example=wording.of_recording(example).headline,
        example_emotion=str(example.verdict.emotion),
        first=wording.of_recording(first).headline,
        first_segment=_segment(first),
        second=wording.of_recording(model.predict(folder / "second.wav")).headline,
        talk_segment=_segment(talk),
    )


def _predictions(name: str) -> pd.DataFrame:
    """Of unseen speakers, those first of which the model was surest."""
    rows = ModelStore().bundle(name).predictions
    assert rows is not None
    rows = rows[rows["protocol"] == Protocol.SPEAKER_INDEPENDENT]
    sure = rows[[f"p_{emotion}" for emotion in Emotion]].max(axis=1)
    return rows.iloc[(-sure).argsort(kind="stable")]


def _clip(rows: pd.DataFrame) -> str:
    """The first clip, as a card calls it."""
    info, index = corpora.get("ravdess").info, load_index("ravdess")
    clip = index[index["clip"] == rows["clip"].iloc[0]].iloc[0]
    return f"{corpus_words.clip_acted(clip, info)} {corpus_words.clip_details(clip, info)}"


def _segment(timeline: Timeline) -> str:
    """The first segment, as the page calls it."""
    segment, count = timeline.segments[0], len(timeline.segments)
    voice = f"Voice {segment.voice}" if segment.voice else ""
    title = wording.segment_title(0, count, segment, voice)
    return f"{title} {from_to(segment.start_s, segment.end_s)}"
