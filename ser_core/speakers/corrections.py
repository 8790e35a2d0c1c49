"""Who spoke when, put right by who knows better. Voices go by their names."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ser_core.errors import VoiceError
from ser_core.speakers.clustering import MOST_VOICES
from ser_core.speakers.diarisation import NAMES, Diarisation, Heard, Turn, told_apart

LONGEST_NAME = 40
_TOUCHING_S = 1e-3
_Named = tuple[float, float, str]


def renamed(found: Diarisation, voice: str, name: str) -> Diarisation:
    """Give a voice another name.

    Raises:
        VoiceError: if there is no name, or another voice has it.
    """
    others = [each for each in found.names if each != voice]
    clean = clean_name(name, others, "Merge the two if they are one.")
    names = tuple(clean if each == voice else each for each in found.names)
    return replace(found, called=names)


def clean_name(name: str, others: Sequence[str], taken: str) -> str:
    """A name as it was typed, without needless spaces.

    Args:
        name: as it was typed.
        others: names of the other voices.
        taken: what to do where one of them has it.

    Raises:
        VoiceError: if there is no name, or another voice has it.
    """
    clean = " ".join(name.split())[:LONGEST_NAME].strip()
    if not clean:
        raise VoiceError("A voice needs a name. Type one.")
    if clean in others:
        raise VoiceError(f"Another voice is called {clean}. {taken}")
    return clean


def called_as(found: Diarisation, told: Iterable[_Named]) -> Diarisation:
    """Voices under the names that they had before, as while somebody still spoke.

    Args:
        found: who spoke when.
        told: start and end in seconds of what was said, and the name that its voice had. A voice
            gets the name under which most of it was told; others get a letter that is free.
    """
    shared: dict[tuple[int, str], float] = {}
    for start_s, end_s, name in told:
        for turn in found.turns:
            both_s = min(end_s, turn.offset_s) - max(start_s, turn.onset_s)
            if both_s > 0:
                pair = turn.voice, name
                shared[pair] = shared.get(pair, 0.0) + both_s
    names: dict[int, str] = {}
    for voice, name in sorted(shared, key=lambda pair: -shared[pair]):
        if voice not in names and name not in names.values():
            names[voice] = name
    free = (name for name in NAMES if name not in names.values())
    called = tuple(names.get(voice) or next(free) for voice in range(found.voices))
    return replace(found, called=called)


def merged(found: Diarisation, voice: str, into: str) -> Diarisation:
    """Make one voice of two: all that the first says is said by the second."""
    turns = [(a, b, into if name == voice else name) for a, b, name in _named(found)]
    return _diarisation(turns, found.names)


def given(found: Diarisation, start_s: float, end_s: float, voice: str, to: str) -> Diarisation:
    """What a voice says from one moment to another is said by another voice, maybe a new one.

    Raises:
        VoiceError: if there would be more voices than are told apart.
    """
    if to not in found.names and found.voices >= MOST_VOICES:
        raise VoiceError(f"{MOST_VOICES} voices are the most. Merge two of them first.")
    turns = list(_without(_named(found), start_s, end_s, voice))
    turns += [
        (max(a, start_s), min(b, end_s), to)
        for a, b, name in _named(found)
        if name == voice and a < end_s and b > start_s
    ]
    return _diarisation(turns, (*found.names, *({to} - set(found.names))))


def split(found: Diarisation, heard: Sequence[Heard], voice: str) -> Diarisation:
    """Make two voices of one; who is heard first keeps the name.

    Args:
        found: who spoke when.
        heard: what the voices were told apart by.
        voice: that is two.

    Raises:
        VoiceError: if all of it sounds alike, or there are too many voices.
    """
    own = [turn for turn in _named(found) if turn[2] == voice]
    parts = told_apart([each for each in heard if _most_of(each, own)], 2)
    if parts.voices < 2:
        raise VoiceError(
            "All of it sounds like one person, or one of two says less than three seconds. Give "
            "single segments to another voice instead."
        )
    new, split_up = unused(found), found
    for turn in parts.turns:
        if turn.voice:
            split_up = given(split_up, turn.onset_s, turn.offset_s, voice, new)
    return split_up


def retimed(found: Diarisation, turn: Turn, onset_s: float, offset_s: float) -> Diarisation:
    """Move the borders of a turn; where it grows, others give way.

    Raises:
        VoiceError: if it would end before it begins.
    """
    if offset_s - onset_s < _TOUCHING_S:
        raise VoiceError("It would end before it begins. Set its end later.")
    name = found.names[turn.voice]
    turns = list(_without(_named(found), turn.onset_s, turn.offset_s, name))
    for other in found.names:
        turns = list(_without(turns, onset_s, min(turn.onset_s, offset_s), other))
        turns = list(_without(turns, max(turn.offset_s, onset_s), offset_s, other))
    return _diarisation([*turns, (onset_s, offset_s, name)], found.names)


def unused(found: Diarisation) -> str:
    """A name for a new voice."""
    return next((name for name in NAMES if name not in found.names), "?")


def _named(found: Diarisation) -> list[_Named]:
    return [(turn.onset_s, turn.offset_s, found.names[turn.voice]) for turn in found.turns]


def _without(turns: Iterable[_Named], start_s: float, end_s: float, voice: str) -> Iterable[_Named]:
    """All turns, those of one voice without what lies between two moments."""
    for a, b, name in turns:
        if name != voice or a >= end_s or b <= start_s or start_s >= end_s:
            yield a, b, name
        else:
            yield a, min(b, start_s), name
            yield max(a, end_s), b, name


def _most_of(heard: Heard, turns: Iterable[_Named]) -> bool:
    """Whether most of what was heard lies in some turns."""
    inside = sum(max(min(b, heard.offset_s) - max(a, heard.onset_s), 0.0) for a, b, _ in turns)
    return inside > (heard.offset_s - heard.onset_s) / 2


def _diarisation(turns: Iterable[_Named], names: Sequence[str]) -> Diarisation:
    """Turns by time, those of one voice that touch in one; voices that say nothing are gone."""
    joined: dict[str, list[list[float]]] = {name: [] for name in names}
    for a, b, name in sorted(turns):
        own = joined[name]
        if own and a <= own[-1][1] + _TOUCHING_S:
            own[-1][1] = max(own[-1][1], b)
        elif b - a > _TOUCHING_S:
            own.append([a, b])
    left = [name for name in names if joined[name]]
    found = [Turn(a, b, i) for i, name in enumerate(left) for a, b in joined[name]]
    found.sort(key=lambda turn: turn.onset_s)
    return Diarisation(tuple(found), len(left), tuple(left))
