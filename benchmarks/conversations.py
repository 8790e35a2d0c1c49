"""Who spoke when, and how it sounded, in dialogues with a known truth.

    python -m benchmarks.conversations
    python -m benchmarks.conversations --seeds 1 --length 60   # a quick look
    python -m benchmarks.conversations --words   # word error rate as well: slow, needs the extra

Voices are told apart in dialogues of speakers on whom no setting was chosen (`DEVELOPMENT` holds
those on whom they were). The shipped models learned from RAVDESS, EMO-DB and nEMO, so that there
only the difference between the columns of emotion means something; ASED they never heard.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise, product
from typing import TypeVar

import numpy as np

from benchmarks.arguments import positive, show
from benchmarks.dialogues import ROOMS, Dialogue, Plan, Samples, build
from benchmarks.diarisation_error import Errors, Stretch, errors
from benchmarks.word_errors import WordErrors, word_errors
from ser_core.analysis.analyser import Adapt, analyse
from ser_core.analysis.conversation import judged
from ser_core.analysis.said import transcribed
from ser_core.analysis.timeline import Timeline, top_of
from ser_core.bundles.model import EmotionModel, Heard, Model
from ser_core.bundles.store import ModelStore
from ser_core.corpora.splits import folds
from ser_core.speakers.diarisation import Diarisation, Turn, listen, told_apart
from ser_core.words.transcriber import Transcriber, load
from ser_core.words.transcript import text_of
from train.protocol.evaluate import machine
from train.publish.tables import as_columns

T = TypeVar("T")
COLLARS_S = (0.25, 0.0)
VOICES = (2, 3, 4)
DEVELOPMENT = {"ravdess": (1, 2, 3), "nemo": (1, 2)}  # numbers of folds
REPORTED = {"ravdess": (4, 5, 6), "nemo": (3, 4), "emodb": None, "ased": None}
LANGUAGES = {"ravdess": "en", "emodb": "de", "nemo": "pl"}  # whose sentences are known
_HEADER = ("corpus", "voices", "dialogues", "minutes", "DER 0.25 s", "DER 0 s")
_HEADER += ("given: DER 0.25 s", "count right")
_EMOTION = {
    "mixed": "against all of the file",
    "found alone": "found, by itself",
    "found": "found, own baseline",
    "true alone": "true, by itself",
    "true": "true, own baseline",
}


@dataclass
class Sum:
    """What is added up over dialogues of a kind."""

    dialogues: int = 0
    sound_s: float = 0.0
    counted: int = 0
    found: dict[float, Errors] = field(default_factory=lambda: dict.fromkeys(COLLARS_S, Errors()))
    given: Errors = field(default_factory=Errors)
    right_s: dict[str, dict[str, float]] = field(default_factory=lambda: {n: {} for n in _EMOTION})
    spoken_s: dict[str, float] = field(default_factory=dict)
    took_s: dict[str, float] = field(default_factory=dict)
    words: dict[str, WordErrors] = field(default_factory=dict)

    def ua(self, name: str) -> float:
        """Mean over the emotions of the share of their time that was answered right."""
        return float(
            np.mean([self.right_s[name].get(e, 0.0) / s for e, s in self.spoken_s.items()])
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the dialogues, judge them and show the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.conversations",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=positive, default=3, help="dialogues of each kind and room")
    parser.add_argument("--length", type=positive, default=90, help="seconds of each")
    parser.add_argument("--corpora", nargs="+", choices=REPORTED, default=[*REPORTED])
    parser.add_argument("--words", action="store_true", help="count wrong words, too")
    parser.add_argument("--development", action="store_true", help="the speakers not to report on")
    parser.add_argument("--model", help="a model; default: the best")
    options = parser.parse_args(arguments)
    return show(lambda: benchmark(options))


def benchmark(options: argparse.Namespace) -> str:
    """The tables as text."""
    model = Remembering(ModelStore().load(options.model))
    transcriber = load() if options.words else None
    sums: dict[tuple[str, str], Sum] = {}
    for plan in plans(options):
        dialogue = build(plan)
        model.forget()
        total = sums.setdefault((plan.corpus, "2" if plan.voices == 2 else "3-4"), Sum())
        told = add(total, dialogue, model)
        if transcriber and plan.corpus in LANGUAGES:
            add_words(total, dialogue, told, plan, transcriber)
        sys.stderr.write(f"{dialogue.name}: {total.found[COLLARS_S[0]].rate:.1%} so far\n")
    rows = [_row(*key, each) for key, each in sums.items()]
    tables = [as_columns([_HEADER, *rows]), _emotions(sums)]
    tables += [_words(sums)] if transcriber else []
    tables.append(_times(list(sums.values())))
    return "\n\n".join([*tables, f"Model: {model.card.name}. Machine: {machine()}."])


def plans(options: argparse.Namespace) -> Iterator[Plan]:
    """What is built: two to four voices, in each room."""
    chosen = DEVELOPMENT if options.development else REPORTED
    for corpus in options.corpora:
        numbers = chosen.get(corpus, ())
        tested = folds(corpus) if numbers is None else [folds(corpus)[n - 1] for n in numbers]
        speakers = tuple(speaker for fold in tested for speaker in fold.test)
        for voices, room, seed in product(VOICES, ROOMS, range(options.seeds)):
            if len(speakers) >= voices:
                yield Plan(corpus, speakers, voices, room, seed, options.length)


def add(total: Sum, dialogue: Dialogue, model: Model) -> dict[str, Timeline]:
    """Judge a dialogue in every way, and count."""
    clip = dialogue.clip
    truth: list[Stretch] = [(s.onset_s, s.offset_s, s.voice) for s in dialogue.spoken]
    total.dialogues += 1
    total.sound_s += clip.duration_s
    heard = _timed(total, "voices", lambda: listen(clip))
    found = told_apart(heard)
    for collar_s in COLLARS_S:
        total.found[collar_s] += errors(truth, _stretches(found), collar_s)
    total.counted += found.voices == dialogue.voices
    total.given += errors(truth, _stretches(told_apart(heard, dialogue.voices)), COLLARS_S[0])
    true = _truth(dialogue)
    answers = {
        "mixed": analyse(clip, model),
        "found": _timed(total, "emotion", lambda: judged(clip, found, model)).timeline,
        "true": judged(clip, true, model).timeline,
        "found alone": judged(clip, found, model, adapt=Adapt.NONE).timeline,
        "true alone": judged(clip, true, model, adapt=Adapt.NONE).timeline,
    }
    for start_s, end_s, emotion in spoken_alone(dialogue):
        total.spoken_s[emotion] = total.spoken_s.get(emotion, 0.0) + end_s - start_s
        for name, timeline in answers.items():
            right = total.right_s[name]
            right[emotion] = right.get(emotion, 0.0) + right_s(timeline, start_s, end_s, emotion)
    return answers


def add_words(
    total: Sum, dialogue: Dialogue, told: dict[str, Timeline], plan: Plan, transcriber: Transcriber
) -> None:
    """Write words down as voices are told apart, and as pauses are, and count those by time."""
    language = LANGUAGES[plan.corpus]
    for name, timeline in (("voices", told["found"]), ("pauses", told["mixed"])):
        heard = partial(transcribed, dialogue.clip, timeline, transcriber, language)
        written = text_of(_timed(total, f"words by {name}", heard).words)
        key = f"{plan.room}, by {name}"
        total.words[key] = total.words.get(key, WordErrors()) + word_errors(dialogue.text, written)


class Remembering:
    """A model that makes a window's vector once, as the same ones are judged in several ways."""

    def __init__(self, model: EmotionModel) -> None:
        self.card, self.adapts, self.probabilities = model.card, model.adapts, model.probabilities
        self.again = model.again
        self._model = model
        self._vectors: dict[bytes, Samples] = {}

    def hear(self, samples: Samples, baseline: Samples | None = None) -> Heard:
        """As `EmotionModel.hear`."""
        key = samples.tobytes()
        if key not in self._vectors:
            heard = self._model.hear(samples, baseline)
            self._vectors[key] = heard.vector
            return heard
        vector = self._vectors[key]
        baseline = np.zeros_like(vector) if baseline is None else baseline
        return Heard(self.again(vector[None], baseline[None])[0], vector)

    def forget(self) -> None:
        """Start the next dialogue."""
        self._vectors.clear()


def _timed(total: Sum, name: str, work: Callable[[], T]) -> T:
    start_s = time.process_time()
    done = work()
    total.took_s[name] = total.took_s.get(name, 0.0) + time.process_time() - start_s
    return done


def _stretches(found: Diarisation) -> list[Stretch]:
    return [(turn.onset_s, turn.offset_s, str(turn.voice)) for turn in found.turns]


def _truth(dialogue: Dialogue) -> Diarisation:
    voices = list(dict.fromkeys(each.voice for each in dialogue.spoken))
    turns = [Turn(s.onset_s, s.offset_s, voices.index(s.voice)) for s in dialogue.spoken]
    return Diarisation(tuple(turns), len(voices))


def spoken_alone(dialogue: Dialogue) -> Iterator[tuple[float, float, str]]:
    """When one voice alone speaks, and how: start and end in seconds, and the emotion."""
    times = sorted({t for s in dialogue.spoken for t in (s.onset_s, s.offset_s)})
    for start_s, end_s in pairwise(times):
        who = [s for s in dialogue.spoken if s.onset_s <= start_s and end_s <= s.offset_s]
        if len(who) == 1:
            yield start_s, end_s, who[0].emotion


def right_s(timeline: Timeline, start_s: float, end_s: float, emotion: str) -> float:
    """Seconds of a stretch in which an emotion is the most probable one."""
    return sum(
        max(0.0, min(end_s, each.end_s) - max(start_s, each.start_s))
        for each in timeline.segments
        if top_of(each.probabilities) == emotion
    )


def _row(corpus: str, voices: str, total: Sum) -> tuple[str, ...]:
    return (
        corpus,
        voices,
        str(total.dialogues),
        f"{total.sound_s / 60:.0f}",
        *(f"{total.found[collar_s].rate:.1%}" for collar_s in COLLARS_S),
        f"{total.given.rate:.1%}",
        f"{total.counted} of {total.dialogues}",
    )


def _emotions(sums: dict[tuple[str, str], Sum]) -> str:
    rows = [(*key, *(f"{total.ua(name):.1%}" for name in _EMOTION)) for key, total in sums.items()]
    text = as_columns([("corpus", "voices", *_EMOTION.values()), *rows])
    return f"Emotion: share of the time that is answered right, mean of the emotions (UA).\n{text}"


def _words(sums: dict[tuple[str, str], Sum]) -> str:
    columns = [f"{room}, by {name}" for room in ROOMS for name in ("voices", "pauses")]
    rows = []
    for key, total in sums.items():
        rates = [f"{total.words.get(name, WordErrors()).rate:.1%}" for name in columns]
        said = sum(each.said for name, each in total.words.items() if name.endswith("pauses"))
        rows.append((*key, str(said), *rates))
    text = as_columns([("corpus", "voices", "words", *columns), *rows])
    return (
        f"Words: error rate (WER), of what is cut where voices change or where pauses are.\n{text}"
    )


def _times(sums: Sequence[Sum]) -> str:
    sound_s = sum(total.sound_s for total in sums)
    steps = {name for total in sums for name in total.took_s}
    told = ", ".join(
        f"{name} {sum(t.took_s.get(name, 0.0) for t in sums) / sound_s:.3f}"
        for name in sorted(steps)
    )
    return f"Seconds of one core a second of sound: {told}."


if __name__ == "__main__":
    sys.exit(main())
