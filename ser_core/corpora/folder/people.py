"""Who speaks: a split, a session, a copy or another spelling makes no new person."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from ser_core.corpora.folder.words import emotion_of, fold, sex_of
from ser_core.emotions import Emotion

_SPLITS = set(
    "train training trn test testing dev devel development val valid validation eval evaluation "
    "holdout heldout unseen".split()
)
_NUMBERED = set(  # what counts occasions, with a number after it
    "session sess ses sitzung seance sesion day tag jour dia take run visit week round trial block "
    "part teil disc disk cd set batch fold cv split".split()
)
_COPIES = set("copy copies kopie kopien copie copia kopia backup bak duplicate duplicates".split())
_OF = {"of", "von", "de", "di", "z"}  # "copy of anna"
_PLACES = set(
    "wav wavs flac mp3 ogg audio audios audiofiles sound sounds data dataset datasets database "
    "clips recordings recording rec recs files samples utterances speech voice voices corpus raw "
    "processed original originals emotion emotions all misc new old tmp mono stereo strong weak "
    "normal high low medium intense mild aufnahmen daten dateien tonaufnahmen enregistrements "
    "donnees fichiers grabaciones datos archivos registrazioni dati nagrania dane".split()
)
_DATE = re.compile(r"(19|20)\d\d[-_. ]?[01]\d[-_. ]?[0-3]\d([-_. T].*)?")
_RATE = re.compile(r"\d+ ?k(hz)?|\d+ ?bit")
_COUNTED = re.compile(r"\s*\(\d+\)$")  # what file managers append to a copy
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d]) (?=[^\W\d])")
_UMLAUTS = re.compile("([aou])e")  # Jürgen is written Juergen, too


def person_of(name: str) -> str:
    """A name as people are told apart by; "" where it names nobody.

    "Anna", "anna_train", "Copy of Anna" and "anna (2)" are one, "spk01" and "SPK 1" another.
    """
    if _DATE.fullmatch(name):
        return ""
    words = _WORDS.findall(fold(_COUNTED.sub("", name)))
    kept = _without_occasions(words)
    if sex_of(" ".join(kept)):  # in "session 2 f" the occasion names the person
        kept = words
    numbered = (word.lstrip("0") or "0" if word.isdecimal() else word for word in kept)
    return _BETWEEN_LETTERS.sub("", _UMLAUTS.sub(r"\1", " ".join(numbered)))


def _without_occasions(words: list[str]) -> list[str]:
    """Words of a name but for splits, sessions and copies."""
    kept: list[str] = []
    left = [word for word in words if word not in _COPIES]
    if len(left) < len(words):
        left = [word for word in left if word not in _OF]
    while left:
        word = left.pop(0)
        followed = bool(left) and left[0].isdecimal()
        if word in _SPLITS or (word in _NUMBERED and (followed or not (kept or left))):
            left = left[1:] if followed else left
        else:
            kept.append(word)
    return kept


def emotion_in(name: str) -> Emotion | None:
    """The emotion that a folder names, such as "Angry", "01_angry" or "angry clips"."""
    words = _WORDS.findall(fold(name))
    rest = (word for word in words if not word.isdecimal() and word not in _PLACES)
    return emotion_of(name) or emotion_of(" ".join(rest))


def may_be_a_person(folder: str) -> bool:
    """Whether a name is nobody's place, sex, rate or emotion."""
    key = person_of(folder)
    nobody = key in _PLACES or _RATE.fullmatch(fold(folder)) or sex_of(folder) or emotion_in(folder)
    return bool(key and not nobody)


def speakers_of_folders(folders: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], list[str]]:
    """The folder that names each file's speaker; "" where none does.

    A folder around all files names nobody where another one can. Of several folders the person is
    the one that also stands alone, else the level with most names.

    Args:
        folders: per file the folders that it is in, those of its emotion left out.

    Returns:
        The speaker's name per file, and sentences on what else was found.
    """
    known = {f: [p for p in parts if may_be_a_person(p)] for f, parts in folders.items()}
    known = _inside_common(known)
    alone = {person_of(parts[0]) for parts in known.values() if len(parts) == 1}
    depth = max((len(parts) for parts in known.values()), default=0)
    names = [{person_of(p[-i]) for p in known.values() if len(p) >= i} for i in range(1, depth + 1)]
    level = max(range(depth), key=lambda i: len(names[i]), default=0) + 1
    speakers: dict[str, str] = {}
    passed: dict[str, None] = {}
    for file, parts in known.items():
        known_alone = [p for p in parts if person_of(p) in alone]
        chosen = known_alone[-1:] or parts[-level:][:1]
        speakers[file] = chosen[0] if chosen else ""
        passed |= dict.fromkeys(p for p in parts if p not in chosen)
    return speakers, _notes(folders, speakers, passed)


def _inside_common(known: dict[str, list[str]]) -> dict[str, list[str]]:
    """The same without the folders around all files, where others are left."""
    keys = [{person_of(p) for p in parts} for parts in known.values()]
    common = set.intersection(*keys) if keys else set()
    if not all(key - common for key in keys):
        return known
    return {f: [p for p in parts if person_of(p) not in common] for f, parts in known.items()}


def _notes(
    folders: Mapping[str, Sequence[str]], speakers: Mapping[str, str], passed: Mapping[str, object]
) -> list[str]:
    seen = dict.fromkeys(part for parts in folders.values() for part in parts)
    nobody = [p for p in seen if not may_be_a_person(p) and not sex_of(p)]
    notes = [f"Not taken for people: {shortened(nobody)}."] if nobody else []
    if passed:
        taken = shortened(dict.fromkeys(filter(None, speakers.values())))
        notes.append(
            f"Folders taken for people: {taken}; not taken: {shortened(passed)}. If that is wrong, "
            "add a labels.csv with the columns file, emotion, speaker."
        )
    return notes


def one_name_each(speakers: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """One spelling per person.

    Args:
        speakers: name per file.

    Returns:
        The spelling used most, per file, and a sentence for each person with several.
    """
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name in speakers.values():
        spellings[person_of(name) or name][name] += 1
    best = {
        key: min(names, key=lambda n: (-names[n], len(n), n)) for key, names in spellings.items()
    }
    notes = [
        f"One person, not {len(names)}: {shortened(sorted(names))}."
        for names in spellings.values()
        if len(names) > 1
    ]
    return {file: best[person_of(name) or name] for file, name in speakers.items()}, notes


def shortened(names: Mapping[str, object] | Sequence[str], most: int = 6) -> str:
    """Names in a row, the first few of many."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
