"""Names that their owner made up, such as anna_angry_01.wav, where no folder and no table tells."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

from ser_core.corpora.folder.people import PERSON_WORDS, emotion_in, may_be_a_person, person_of
from ser_core.corpora.folder.words import fold
from ser_core.emotions import Emotion

_BETWEEN = re.compile(r"[\s_.,;+()\[\]-]+")
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_MOST = 0.75  # of the people speak with more than one emotion


@dataclass(frozen=True, slots=True)
class Told:
    """What a name tells.

    Attributes:
        name: the file's, without its ending, or that of a folder around it.
        emotion: the word for it.
        speaker: name of the speaker; "" where there is none.
    """

    name: str
    emotion: str
    speaker: str = ""


def from_file_names(files: Iterable[str]) -> dict[str, Told]:
    """Emotion and speaker that the files' own names tell, or their folders': anna_angry/1.wav.

    A speaker's name stands in the same place of several names, with more than one emotion; other
    words are about what was said or where. A bare number counts takes.

    Args:
        files: paths relative to the corpus' folder, with "/".

    Returns:
        What is told of each file with a name that tells exactly one emotion.
    """
    told: dict[str, Told] = {}
    words: dict[str, list[str]] = {}
    for file in files:
        for name, parts in _names(file):
            emotions = {part: e for part in parts if (e := emotion_in(part))}
            if len({*emotions.values()}) == 1:
                told[file] = Told(name, next(iter(emotions)))
                words[file] = [p for p in _of_people(parts) if p not in emotions]
                break
    place = _place_of_people(words, {file: emotion_in(each.emotion) for file, each in told.items()})
    if place is None:
        return told
    return {f: Told(each.name, each.emotion, words[f][place]) for f, each in told.items()}


def _names(file: str) -> Iterator[tuple[str, list[str]]]:
    """A file's name and its folders' from the nearest on, each with its parts."""
    path = PurePosixPath(file)
    for name in (path.stem, *reversed(path.parts[:-1])):
        yield name, list(filter(None, _BETWEEN.split(name)))
        yield name, list(filter(None, _BETWEEN.split(_CAMEL.sub(" ", name))))


def _of_people(parts: list[str]) -> list[str]:
    """The parts that may name somebody: neither a letter nor a number alone, but "speaker 1"."""
    return [
        part
        for before, part in pairwise(["", *parts])
        if may_be_a_person(part)
        and (fold(before) in PERSON_WORDS or not (len(part) == 1 or part.isdecimal()))
    ]


def _place_of_people(
    words: Mapping[str, list[str]], emotions: Mapping[str, Emotion | None]
) -> int | None:
    """Which of the words names a person; None where no place does so in every name."""
    found = []
    for place in range(min(map(len, words.values()), default=0)):
        heard: defaultdict[str, set[Emotion | None]] = defaultdict(set)
        for file, parts in words.items():
            heard[person_of(parts[place])].add(emotions[file])
        several = sum(len(each) > 1 for each in heard.values())
        if several > 1 and several >= _MOST * len(heard):
            found.append(place)
    # a name is more often a word than "s1", which may be a session
    in_words = (i for i in found if all(parts[i].isalpha() for parts in words.values()))
    return next(in_words, found[0] if found else None)
