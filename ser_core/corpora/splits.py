"""Speaker-independent folds, read from the files committed in splits/."""

import json
from dataclasses import dataclass
from pathlib import Path

from ser_core.corpora import get
from ser_core.errors import CorpusError

SPLITS_DIR = Path(__file__).parent / "splits"


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

    Args:
        corpus: its name.
        splits_dir: folder of the split files.

    Returns:
        The folds in order.

    Raises:
        CorpusError: if there is no split file or a speaker is in two test parts.
    """
    file = splits_dir / f"{get(corpus).info.name}.json"
    if not file.exists():
        raise CorpusError(f"There are no folds for '{corpus}'. Add {file.name} to {splits_dir}.")
    parts = {int(k): tuple(v) for k, v in json.loads(file.read_text("utf-8"))["test"].items()}
    everyone = [speaker for part in parts.values() for speaker in part]
    twice = sorted({s for s in everyone if everyone.count(s) > 1})
    if twice:
        raise CorpusError(f"{file.name}: {', '.join(twice)} in two test parts. Keep one of them.")
    numbers = sorted(parts)
    result = []
    for i, number in enumerate(numbers):
        test, validation = parts[number], parts[numbers[(i + 1) % len(numbers)]]
        train = tuple(s for s in sorted(everyone) if s not in test and s not in validation)
        result.append(Fold(number, train, validation, test))
    return tuple(result)
