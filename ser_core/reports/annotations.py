"""Who spoke when and how it sounded, in the files that editors of subtitles and of speech read."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from ser_core.analysis.timeline import Segment, Timeline
from ser_core.speakers.diarisation import Diarisation
from ser_core.words.transcript import Word, text_of

_NOBODY = "voice"  # where voices weren't told apart
_NOT_SURE = "not sure"
_EMOTION, _WORDS = "emotion", "words"  # kinds of tiers
_EAF_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


class Format(StrEnum):
    """Names as on the command line, which are the files' endings as well."""

    SRT = "srt"
    VTT = "vtt"
    TEXTGRID = "textgrid"
    EAF = "eaf"
    AUDACITY = "audacity"
    RTTM = "rttm"

    @property
    def ending(self) -> str:
        """What a file's name ends with."""
        endings = {Format.TEXTGRID: ".TextGrid", Format.AUDACITY: ".txt"}
        return endings.get(self, f".{self.value}")


class _Label(NamedTuple):
    start_s: float
    end_s: float
    voice: str
    emotion: str
    confidence: float
    words: Sequence[Word] = ()


class _Tier(NamedTuple):
    """Texts with their starts and ends: the answers to a voice, or its words."""

    name: str
    voice: str
    kind: str
    spoken: Sequence[tuple[float, float, str]]


def annotated(
    timeline: Timeline,
    form: Format | str,
    name: str,
    diarisation: Diarisation | None = None,
    words: Sequence[Sequence[Word]] = (),
) -> str:
    """The text of a file.

    Args:
        timeline: what a model heard; its segments carry a voice where voices were told apart.
        form: of the file, or its name.
        name: of the sound, without its ending.
        diarisation: the turns, overlaps included, which RTTM alone tells.
        words: of each segment, where they were written down.
    """
    spoken = words or [()] * len(timeline.segments)
    labels = [_label(*each) for each in zip(timeline.segments, spoken, strict=True)]
    turns = [(each.start_s, each.end_s, each.voice) for each in labels]
    if diarisation:
        names = diarisation.names
        turns = [(turn.onset_s, turn.offset_s, names[turn.voice]) for turn in diarisation.turns]
    write: dict[Format, Callable[[], str]] = {
        Format.SRT: lambda: _srt(labels),
        Format.VTT: lambda: _vtt(labels),
        Format.TEXTGRID: lambda: _textgrid(labels, timeline.duration_s),
        Format.EAF: lambda: _eaf(labels, name),
        Format.AUDACITY: lambda: _audacity(labels),
        Format.RTTM: lambda: _rttm(turns, name),
    }
    return write[Format(form)]()


def _label(segment: Segment, words: Sequence[Word]) -> _Label:
    emotion = segment.emotion.value if segment.emotion else _NOT_SURE
    voice = segment.voice or _NOBODY
    return _Label(segment.start_s, segment.end_s, voice, emotion, segment.confidence, words)


def _text(label: _Label) -> str:
    """A line of its words, if there are any."""
    return f"{text_of(label.words)}\n" if label.words else ""


def _srt(labels: Sequence[_Label]) -> str:
    cues = (
        f"{number}\n{_clock(each.start_s, ',')} --> {_clock(each.end_s, ',')}\n"
        f"{each.voice}: {each.emotion} {each.confidence:.0%}\n{_text(each)}\n"
        for number, each in enumerate(labels, 1)
    )
    return "".join(cues)


def _vtt(labels: Sequence[_Label]) -> str:
    cues = (
        f"{_clock(each.start_s, '.')} --> {_clock(each.end_s, '.')}\n"
        f"<v {escape(each.voice)}>{each.emotion} {each.confidence:.0%}\n{escape(_text(each))}\n"
        for each in labels
    )
    return "".join(["WEBVTT\n\n", *cues])


def _clock(time_s: float, point: str) -> str:
    seconds, ms = divmod(round(time_s * 1000), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{ms:03}"


def _audacity(labels: Sequence[_Label]) -> str:
    return "".join(
        f"{each.start_s:.6f}\t{each.end_s:.6f}\t{each.voice}: {each.emotion}\n" for each in labels
    )


def _rttm(turns: Sequence[tuple[float, float, str]], name: str) -> str:
    """Rich Transcription Time Marked of NIST; a blank in a name would start another field."""
    return "".join(
        f"SPEAKER {_field(name)} 1 {start_s:.3f} {end_s - start_s:.3f} <NA> <NA> {_field(voice)} "
        "<NA> <NA>\n"
        for start_s, end_s, voice in turns
    )


def _field(text: str) -> str:
    return "_".join(text.split()) or "_"


def _textgrid(labels: Sequence[_Label], duration_s: float) -> str:
    """Praat's long text format: a tier a voice, in which silence is an empty interval."""
    tiers = _tiers(labels) or [_Tier(_NOBODY, _NOBODY, _EMOTION, ())]
    end_s = max([duration_s, *(each.end_s for each in labels)])
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        f"xmin = 0\nxmax = {end_s:.6f}\ntiers? <exists>\nsize = {len(tiers)}\nitem []:",
    ]
    for number, tier in enumerate(tiers, 1):
        intervals = list(_filled(tier.spoken, end_s))
        lines.append(
            f'    item [{number}]:\n        class = "IntervalTier"\n'
            f'        name = "{_quoted(tier.name)}"\n'
            f"        xmin = 0\n        xmax = {end_s:.6f}\n"
            f"        intervals: size = {len(intervals)}"
        )
        lines += [
            f"        intervals [{i}]:\n            xmin = {start:.6f}\n"
            f'            xmax = {stop:.6f}\n            text = "{_quoted(text)}"'
            for i, (start, stop, text) in enumerate(intervals, 1)
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def _filled(
    spoken: Sequence[tuple[float, float, str]], end_s: float
) -> Iterator[tuple[float, float, str]]:
    """What a voice says, and the silence between."""
    time_s = 0.0
    for start_s, stop_s, text in spoken:
        if start_s > time_s:
            yield time_s, start_s, ""
        yield start_s, stop_s, text
        time_s = stop_s
    if end_s > time_s:
        yield time_s, end_s, ""


def _eaf(labels: Sequence[_Label], name: str) -> str:
    """ELAN's annotation format 3.0: a tier a voice."""
    root = ElementTree.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "",
            "DATE": datetime.now(UTC).isoformat(timespec="seconds"),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": _XSI,
            "xsi:noNamespaceSchemaLocation": _EAF_SCHEMA,
        },
    )
    header = ElementTree.SubElement(
        root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"}
    )
    ElementTree.SubElement(header, "PROPERTY", {"NAME": "source"}).text = name
    times = ElementTree.SubElement(root, "TIME_ORDER")
    number, tiers = 0, _tiers(labels)
    for tier in tiers:
        names = {"PARTICIPANT": tier.voice, "TIER_ID": tier.name}
        element = ElementTree.SubElement(root, "TIER", {"LINGUISTIC_TYPE_REF": tier.kind, **names})
        for *times_s, text in tier.spoken:
            number += 1
            ends = {"TIME_SLOT_REF1": f"ts{2 * number - 1}", "TIME_SLOT_REF2": f"ts{2 * number}"}
            for slot, time_s in zip(ends.values(), times_s, strict=True):
                value = {"TIME_SLOT_ID": slot, "TIME_VALUE": str(round(time_s * 1000))}
                ElementTree.SubElement(times, "TIME_SLOT", value)
            holder = ElementTree.SubElement(element, "ANNOTATION")
            annotation = {"ANNOTATION_ID": f"a{number}", **ends}
            aligned = ElementTree.SubElement(holder, "ALIGNABLE_ANNOTATION", annotation)
            ElementTree.SubElement(aligned, "ANNOTATION_VALUE").text = text
    for kind in sorted({_EMOTION, *(tier.kind for tier in tiers)}):
        aligned_type = {
            "GRAPHIC_REFERENCES": "false",
            "LINGUISTIC_TYPE_ID": kind,
            "TIME_ALIGNABLE": "true",
        }
        ElementTree.SubElement(root, "LINGUISTIC_TYPE", aligned_type)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _tiers(labels: Sequence[_Label]) -> list[_Tier]:
    """A tier of answers for each voice, and one of its words where there are any."""
    tiers = []
    for voice in sorted({each.voice for each in labels}):
        spoken = [each for each in labels if each.voice == voice]
        answers = [(each.start_s, each.end_s, each.emotion) for each in spoken]
        tiers.append(_Tier(voice, voice, _EMOTION, answers))
        words = sorted((w.start_s, w.end_s, w.text) for each in spoken for w in each.words)
        if words:
            tiers.append(_Tier(f"{voice} words", voice, _WORDS, words))
    return tiers
