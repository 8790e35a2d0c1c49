"""Names that their owner made up, such as anna_angry_01.wav, where no folder and no table tells."""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from ser_core.corpora.folder.people import emotion_in, may_be_a_person, person_of
from ser_core.emotions import Emotion

_BETWEEN = re.compile(r"[\s_.,;+()\[\]-]+")


def from_file_names(files: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Emotion and speaker that the files' own names tell.

    A speaker's name stands in the same place of several names, with more than one emotion; other
    words are about what was said or where.

    Args:
        files: paths relative to the corpus' folder, with "/".

    Returns:
        The word for the emotion and the speaker's name, "" where there is none, of each file whose
        name tells exactly one emotion.
    """
    told = {}
    words: dict[str, list[str]] = {}
    for file in files:
        parts = list(filter(None, _BETWEEN.split(PurePosixPath(file).stem)))
        emotions = {part: e for part in parts if (e := emotion_in(part))}
        if len({*emotions.values()}) == 1:
            told[file] = next(iter(emotions))
            words[file] = [p for p in parts if p not in emotions and may_be_a_person(p)]
    place = _place_of_people(words, told)
    return {
        file: (word, words[file][place] if place is not None else "") for file, word in told.items()
    }


def _place_of_people(words: dict[str, list[str]], told: dict[str, str]) -> int | None:
    """Which of the words names a person; None where no place does so in every name."""
    for place in range(min(map(len, words.values()), default=0)):
        heard: defaultdict[str, set[Emotion | None]] = defaultdict(set)
        for file, parts in words.items():
            heard[person_of(parts[place])].add(emotion_in(told[file]))
        if len(heard) > 1 and all(len(emotions) > 1 for emotions in heard.values()):
            return place
    return None
