"""What a person's folder says of its recordings: by its folders' names and by theirs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from ser_core.corpora.folder.file_names import Told, from_file_names
from ser_core.corpora.folder.files import Skipped
from ser_core.corpora.folder.layouts import Named, named_as
from ser_core.corpora.folder.people import emotion_in, person_of, speakers_of_folders
from ser_core.corpora.folder.words import UNKNOWN, nearest, sex_of

_FIELDS = ("emotion", "speaker", "sex", "statement")


@dataclass(frozen=True, slots=True)
class Labels:
    """What is said of one file, in the words of whoever labelled it."""

    emotion: str
    speaker: str = UNKNOWN
    sex: str = UNKNOWN
    statement: str = UNKNOWN

    def completed(self, by: "Named | Labels | None") -> "Labels":
        """The same with what another source tells in addition."""
        missing = [key for key in _FIELDS if getattr(self, key) in ("", UNKNOWN)]
        return replace(self, **{key: getattr(by, key) for key in missing}) if by else self


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a folder.

    Attributes:
        labels: per path.
        skipped: what has none, and why.
        notes: sentences on how it was read.
    """

    labels: dict[str, Labels] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def from_folders(files: Iterable[str]) -> Reading:
    """Labels from the folders that each file is in, and from names as published corpora have."""
    reading = Reading()
    named = _apart({file: named_as(file) for file in files})
    own = _by_own_names(named)
    named |= {file: Named("", told.speaker, told.emotion) for file, told in own.items()}
    telling = {told.name for told in own.values()}
    others: dict[str, list[str]] = {}
    for file, name in named.items():
        folders = PurePosixPath(file).parts[:-1]
        emotions = {part: e for part in folders if (e := emotion_in(part))}
        if len({*emotions.values()}) > 1:
            reading.skipped.append(Skipped(file, "two folders name an emotion"))
        elif not emotions and not (name and name.emotion):
            reading.skipped.append(Skipped(file, _unlabelled(name, folders)))
        else:
            others[file] = [p for p in folders if p not in emotions and p not in telling]
            emotion = next(iter(emotions), "")
            sex = next(filter(None, map(sex_of, others[file])), UNKNOWN)
            reading.labels[file] = Labels(emotion, sex=sex).completed(name)
    speakers, notes = speakers_of_folders(
        {f: parts for f, parts in others.items() if reading.labels[f].speaker in ("", UNKNOWN)}
    )
    for file, speaker in speakers.items():
        reading.labels[file] = replace(reading.labels[file], speaker=speaker or UNKNOWN)
    reading.notes.extend([*_corpora(named), *_by_names(own, reading.labels), *notes])
    return reading


def _by_own_names(named: Mapping[str, Named | None]) -> dict[str, Told]:
    """What names of its owner's making tell, where nothing else tells an emotion.

    Of folders and files that may both name people, folders do.
    """
    folders = {part for file in named for part in PurePosixPath(file).parts[:-1]}
    if any(map(emotion_in, folders)) or any(name and name.emotion for name in named.values()):
        return {}
    told = from_file_names(named)
    telling = {each.name for each in told.values()}
    around = {f: [p for p in PurePosixPath(f).parts[:-1] if p not in telling] for f in told}
    people = {person_of(speaker) for speaker in speakers_of_folders(around)[0].values()}
    if len(people - {""}) > 1:
        told = {file: replace(each, speaker="") for file, each in told.items()}
    return told


def _by_names(own: Mapping[str, Told], labels: Mapping[str, Labels]) -> list[str]:
    if not own:
        return []
    file, told = next(iter(own.items()))
    speaker = labels[file].speaker
    spoken = f", spoken by {speaker}" if speaker not in ("", UNKNOWN) else ""
    whose = "files'" if told.name == PurePosixPath(file).stem else "folders'"
    return [
        f"Labels are read from the {whose} names: {file} is {told.emotion}{spoken}. If that is "
        "wrong, add a labels.csv with the columns file, emotion, speaker."
    ]


def _unlabelled(name: Named | None, folders: Iterable[str]) -> str:
    if name is None:
        return f"no folder names its emotion{nearest(folders)}"
    return f"its name, as in {name.corpus}, tells none of the eight emotions"


def _apart(named: dict[str, Named | None]) -> dict[str, Named | None]:
    """The same, where corpora lie side by side with their name before a speaker's number."""
    if len({name.corpus for name in named.values() if name}) < 2:
        return named
    return {
        file: name and replace(name, speaker=f"{name.corpus} {name.speaker}")
        for file, name in named.items()
    }


def _corpora(named: Mapping[str, Named | None]) -> list[str]:
    known = dict.fromkeys(n.corpus for n in named.values() if n and n.corpus and n.emotion)
    return [f"Files are named as in {', '.join(known)}: so are their speakers."] if known else []
