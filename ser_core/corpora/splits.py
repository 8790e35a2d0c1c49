"""Speaker-independent folds: committed in splits/, or dealt out for a person's own folder."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ser_core.corpora.base import Corpus
from ser_core.corpora.folder.words import UNKNOWN
from ser_core.corpora.registry import get
from ser_core.errors import CorpusError

SPLITS_DIR = Path(__file__).parent / "splits"
MIN_SPEAKERS = 3
_MOST_FOLDS = 6


@dataclass(frozen=True, slots=True)
class Fold:
    """One fold: three disjoint groups of speakers that together are the whole corpus.

    Attributes:
        number: from 1.
        train: speakers whose clips are learned from.
        validation: speakers who choose the epoch and the calibration.
        test: speakers who are scored once.
    """

    number: int
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]


def folds(corpus: str, splits_dir: Path = SPLITS_DIR) -> tuple[Fold, ...]:
    """The folds of a corpus.

    The test speakers of the next fold validate, so each speaker validates once and is tested once.
    Clips of an own folder of which nobody says who speaks are in no part of any fold: whoever is
    tested may speak in them.

    Args:
        corpus: its name.
        splits_dir: folder of the split files.

    Returns:
        The folds in order.

    Raises:
        CorpusError: if there is no split file, a speaker is in two test parts, or an own folder has
            fewer than three speakers.
    """
    own = get(corpus).own
    parts = _dealt(get(corpus)) if own else _committed(corpus, splits_dir)
    everyone = {speaker for part in parts.values() for speaker in part}
    numbers = sorted(parts)
    result = []
    for i, number in enumerate(numbers):
        test, validation = parts[number], parts[numbers[(i + 1) % len(numbers)]]
        train = tuple(s for s in sorted(everyone) if s not in test and s not in validation)
        result.append(Fold(number, train, validation, test))
    return tuple(result)


def _committed(corpus: str, splits_dir: Path) -> dict[int, tuple[str, ...]]:
    """Test speakers of each fold, as the corpus' split file has them."""
    file = splits_dir / f"{get(corpus).info.name}.json"
    if not file.exists():
        raise CorpusError(f"There are no folds for '{corpus}'. Add {file.name} to {splits_dir}.")
    parts = {int(k): tuple(v) for k, v in json.loads(file.read_text("utf-8"))["test"].items()}
    everyone = [speaker for part in parts.values() for speaker in part]
    twice = sorted({s for s in everyone if everyone.count(s) > 1})
    if twice:
        raise CorpusError(f"{file.name}: {', '.join(twice)} in two test parts. Keep one of them.")
    return parts


def _dealt(corpus: Corpus) -> dict[int, tuple[str, ...]]:
    """Speakers dealt out in turn, those with most clips first, so that folds are about equal.

    Those of whom the same recording is said stay together. Clips without a name, and whoever
    shares a recording with them, are in no part, unless nobody has a name.
    """
    records = corpus.records
    clips = Counter(record.speaker for record in records.values())
    groups = _together(clips, [[records[path].speaker for path in twin] for twin in corpus.twins])
    nobody = _nobody(corpus) if len(clips) > 1 else set()
    groups = [group for group in groups if not nobody & {*group}]
    if len(groups) < MIN_SPEAKERS:
        named = len(clips) - len(nobody)
        several = "" if named == 1 else "s"
        same = f", {len(groups)} without a recording in common" if len(groups) < named else ""
        raise CorpusError(
            f"'{corpus.info.name}' names {named} speaker{several}{same}. To score on unseen "
            f"speakers it takes {MIN_SPEAKERS}: one to learn from, one to choose by, one to test. "
            "Name them in the table's column speaker, or use --protocol random_split."
        )
    groups.sort(key=lambda group: (-sum(clips[speaker] for speaker in group), group))
    count = min(_MOST_FOLDS, len(groups))
    return {i + 1: tuple(sorted(s for g in groups[i::count] for s in g)) for i in range(count)}


def _nobody(corpus: Corpus) -> set[str]:
    """Who stands for all speakers that nobody names."""
    names = {f"{corpus.info.name}/{k:02d}": who for k, who in corpus.info.speaker_names.items()}
    return {speaker for speaker, name in names.items() if name == UNKNOWN}


def _together(speakers: Iterable[str], shared: Iterable[Iterable[str]]) -> list[list[str]]:
    """Speakers in groups that have no recording in common."""
    group = {speaker: {speaker} for speaker in speakers}
    for some in shared:
        joined = set().union(*(group[speaker] for speaker in some))
        group |= dict.fromkeys(joined, joined)
    return [sorted(members) for members in {id(each): each for each in group.values()}.values()]
