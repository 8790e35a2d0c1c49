"""Who speaks: a split, a session, a copy or another spelling makes no new person."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from ser_core.corpora.folder.words import emotion_of, fold, sex_of
from ser_core.emotions import Emotion

_SPLITS = set(
    "train training trainset trainingset traindata trn test testing testset testdata dev devel "
    "devset development val valid valset validset validation validationset eval evaluation holdout "
    "heldout seen unseen validierung evaluierung entrainement apprentissage entrenamiento prueba "
    "pruebas validacion addestramento validazione prova trening walidacja".split()
)
_NUMBERED = set(  # what counts occasions, with a number after it
    "session sess ses sitzung seance sesion day tag jour dia take run visit week round trial block "
    "part teil disc disk cd set batch fold kfold cv split group gruppe scene szene sentence satz "
    "phrase text utt utterance rep repetition repeat level mic microphone channel ch version ver "
    "script prompt item clip file chunk segment sample recording".split()
)
_COPIES = set("copy copies kopie kopien copie copia kopia backup bak duplicate duplicates".split())
_OF = {"of", "von", "de", "di", "z"}  # "copy of anna"
_PLACES = set(
    "wav wavs flac mp3 ogg audio audios audiofiles sound sounds data dataset datasets database "
    "clips recordings rec recs files samples utterances speech voice voices corpus raw "
    "processed original originals emotion emotions all misc new old tmp mono stereo strong weak "
    "normal high low medium intense mild aufnahmen daten dateien tonaufnahmen enregistrements "
    "donnees fichiers grabaciones datos archivos registrazioni dati nagrania dane "
    "phone smartphone mobile laptop tablet computer headset studio room home office indoor outdoor "
    "scripted improvised spontaneous acted loud quiet whisper whispered shouted fast slow "
    "english german french spanish italian polish".split()
)
_OF_A_SPLIT = _PLACES | {"clean", "other", "noisy"}  # "train-clean-100"
_HELD_OUT = re.compile(r"\b(hold|held) out\b")
# but for f, m and w, which are sexes
_COUNT = re.compile(r"\d+|[a-eg-ln-vx-z]|one|two|three|four|five|six|ii|iii|iv")
PERSON_WORDS = set(  # with a number after it
    "speaker spk spkr actor actress subject subj sub participant person patient talker proband "
    "probandin sprecher sprecherin locuteur hablante parlante".split()
)
_PERSON = re.compile(rf"({'|'.join(sorted(PERSON_WORDS))}|p|vp) \d+")  # as `person_of` gives it
_COUNTER = re.compile(r"\d+|.")
_CROSSED = 0.8  # of all pairs of an outer and an inner name
_DATE = re.compile(r"(19|20)\d\d[-_. ]?[01]\d[-_. ]?[0-3]\d([-_. T].*)?")
_DATED = re.compile(r"(?<!\d)(19|20)\d\d[-_. ]?[01]\d[-_. ]?[0-3]\d(?!\d)")
_RATE = re.compile(r"\d+ ?k(hz)?|\d+ ?bit")
_COUNTED = re.compile(r"\s*\(\d+\)$")  # what file managers append to a copy
_WORDS = re.compile(r"\d+|[^\d\s]+")  # of a folded text; vowel signs are no letters to Python
_BETWEEN_LETTERS = re.compile(r"(?<=\D) (?=\D)")
_UMLAUTS = re.compile("([aou])e")  # Jürgen is written Juergen, too


def person_of(name: str) -> str:
    """A name as people are told apart by; "" where it names nobody.

    "Anna", "anna_train", "Copy of Anna" and "anna (2)" are one, "spk01" and "SPK 1" another.
    """
    if _DATE.fullmatch(name):
        return ""
    words = _WORDS.findall(_HELD_OUT.sub(r"\1out", fold(_COUNTED.sub("", _DATED.sub(" ", name)))))
    kept = _without_occasions(words)
    if sex_of(" ".join(kept)):  # in "session 2 f" the occasion names the person
        kept = words
    numbered = (word.lstrip("0") or "0" if word.isdecimal() else word for word in kept)
    return _BETWEEN_LETTERS.sub("", _UMLAUTS.sub(r"\1", " ".join(numbered)))


def _without_occasions(words: list[str]) -> list[str]:
    """Words of a name but for splits, sessions and copies."""
    kept: list[str] = []
    gone: set[str] = set()
    left = [word for word in words if word not in _COPIES]
    if len(left) < len(words):
        left = [word for word in left if word not in _OF]
    while left:
        word = left.pop(0)
        followed = bool(left and _COUNT.fullmatch(left[0]))
        if word in _SPLITS or (word in _NUMBERED and (followed or not (kept or left))):
            left = left[1:] if followed else left
            gone.add(word)
        else:
            kept.append(word)
    return [] if _rest_of_a_split(kept, gone) else kept


def _rest_of_a_split(kept: list[str], gone: set[str]) -> bool:
    """Whether what is left belongs to a split: "train-clean-100", "5fold 3", "fold 1 of 5"."""
    if gone & {"fold", "kfold", "cv"} and kept[-1:] and kept[-1].isdecimal():
        return {*kept[:-1]} <= _OF
    named = [word for word in kept if not word.isdecimal()]
    return bool(gone and named and kept[0] in _OF_A_SPLIT and {*named} <= _OF_A_SPLIT)


def emotion_in(name: str) -> Emotion | None:
    """The emotion that a name tells, such as "Angry", "01_angry", "angry clips", "male_angry"."""
    words = [word for word in _WORDS.findall(fold(name)) if not word.isdecimal()]
    rest = (word for word in words if word not in _PLACES and (len(word) < 2 or not sex_of(word)))
    return emotion_of(name) or emotion_of(" ".join(rest))


def may_be_a_person(folder: str) -> bool:
    """Whether a name is nobody's place, sex, rate or emotion."""
    words = _WORDS.findall(fold(folder))
    place = {*words} & _PLACES and all(word.isdecimal() or word in _PLACES for word in words)
    if place and words[0] == "voice":  # "voice 2" may be somebody
        place = len(words) == 1
    nobody = place or _RATE.fullmatch(fold(folder)) or sex_of(folder) or emotion_in(folder)
    return bool(person_of(folder) and not nobody)


def speakers_of_folders(folders: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], list[str]]:
    """The folder that names each file's speaker; "" where none does.

    A folder around all files names nobody where others can. Of several folders the person is the
    one that also stands alone, else the level that `_level_of_people` finds.

    Args:
        folders: per file the folders that it is in, those of its emotion left out.

    Returns:
        The speaker's name per file, and sentences on what else was found.
    """
    known = {f: [p for p in parts if may_be_a_person(p)] for f, parts in folders.items()}
    known = _inside_common(known)
    alone = {person_of(parts[0]) for parts in known.values() if len(parts) == 1}
    level = _level_of_people([list(map(person_of, parts)) for parts in known.values()])
    speakers: dict[str, str] = {}
    passed: dict[str, None] = {}
    for file, parts in known.items():
        known_alone = [p for p in parts if person_of(p) in alone]
        chosen = known_alone[-1:] or parts[-level:][:1]
        speakers[file] = chosen[0] if chosen else ""
        passed |= dict.fromkeys(p for p in parts if p not in chosen)
    return speakers, _notes(folders, speakers, passed)


def _level_of_people(folders: Sequence[Sequence[str]]) -> int:
    """Which folder names people: 1 for the innermost.

    It is the one whose names are like "speaker 1" or "P01", if there is one. Else an inner level
    takes over from an outer one if it has as many names; where each of its names stands below each
    of the outer ones, as takes and texts do, only if it has many more and they do not just count.
    """
    depth = max(map(len, folders), default=0)
    names = {i: {each[-i] for each in folders if len(each) >= i} for i in range(depth, 0, -1)}
    for level, found in names.items():
        if all(map(_PERSON.fullmatch, found)):
            return level
    best = max(depth, 1)
    for level in range(depth - 1, 0, -1):
        outer, inner = names[best], names[level]
        pairs = {(each[-best], each[-level]) for each in folders if len(each) >= best}
        if len(outer) > 1 and len(pairs) >= _CROSSED * len(outer) * len(inner):
            counting = all(map(_COUNTER.fullmatch, inner))
            best = level if len(inner) > 2 * len(outer) and not counting else best
        elif len(inner) >= len(outer):
            best = level
    return best


def _inside_common(known: dict[str, list[str]]) -> dict[str, list[str]]:
    """The same without the folders around all files, where several others name people."""
    keys = [{person_of(p) for p in parts} for parts in known.values()]
    common = set.intersection(*keys) if keys else set()
    others = [key - common for key in keys if key - common]
    if len(others) < len(keys) and (2 * len(others) < len(keys) or len(set().union(*others)) < 2):
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
