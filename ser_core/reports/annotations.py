"""Who spoke when and how it sounded, in the files that editors of subtitles and of speech read."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from ser_core.analysis.timeline import Segment, Timeline
from ser_core.speakers.diarisation import Diarisation

_NOBODY = "voice"  # where voices weren't told apart
_NOT_SURE = "not sure"
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


def annotated(
    timeline: Timeline, form: Format | str, name: str, diarisation: Diarisation | None = None
) -> str:
    """The text of a file.

    Args:
        timeline: what a model heard; its segments carry a voice where voices were told apart.
        form: of the file, or its name.
        name: of the sound, without its ending.
        diarisation: the turns, overlaps included, which RTTM alone tells.
    """
    labels = [_label(segment) for segment in timeline.segments]
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


def _label(segment: Segment) -> _Label:
    emotion = segment.emotion.value if segment.emotion else _NOT_SURE
    voice = segment.voice or _NOBODY
    return _Label(segment.start_s, segment.end_s, voice, emotion, segment.confidence)


def _srt(labels: Sequence[_Label]) -> str:
    cues = (
        f"{number}\n{_clock(each.start_s, ',')} --> {_clock(each.end_s, ',')}\n"
        f"{each.voice}: {each.emotion} {each.confidence:.0%}\n\n"
        for number, each in enumerate(labels, 1)
    )
    return "".join(cues)


def _vtt(labels: Sequence[_Label]) -> str:
    cues = (
        f"{_clock(each.start_s, '.')} --> {_clock(each.end_s, '.')}\n"
        f"<v {escape(each.voice)}>{each.emotion} {each.confidence:.0%}\n\n"
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
    tiers = _tiers(labels) or {_NOBODY: []}
    end_s = max([duration_s, *(each.end_s for each in labels)])
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        f"xmin = 0\nxmax = {end_s:.6f}\ntiers? <exists>\nsize = {len(tiers)}\nitem []:",
    ]
    for number, (voice, spoken) in enumerate(tiers.items(), 1):
        intervals = list(_filled(spoken, end_s))
        lines.append(
            f'    item [{number}]:\n        class = "IntervalTier"\n'
            f'        name = "{_quoted(voice)}"\n'
            f"        xmin = 0\n        xmax = {end_s:.6f}\n"
            f"        intervals: size = {len(intervals)}"
        )
        lines += [
            f"        intervals [{i}]:\n            xmin = {start:.6f}\n"
            f'            xmax = {stop:.6f}\n            text = "{text}"'
            for i, (start, stop, text) in enumerate(intervals, 1)
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def _filled(spoken: Sequence[_Label], end_s: float) -> Iterator[tuple[float, float, str]]:
    """What a voice says, and the silence between."""
    time_s = 0.0
    for each in spoken:
        if each.start_s > time_s:
            yield time_s, each.start_s, ""
        yield each.start_s, each.end_s, each.emotion
        time_s = each.end_s
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
    number = 0
    for voice, spoken in _tiers(labels).items():
        tier = ElementTree.SubElement(
            root, "TIER", {"LINGUISTIC_TYPE_REF": "emotion", "PARTICIPANT": voice, "TIER_ID": voice}
        )
        for each in spoken:
            number += 1
            ends = {"TIME_SLOT_REF1": f"ts{2 * number - 1}", "TIME_SLOT_REF2": f"ts{2 * number}"}
            for slot, time_s in zip(ends.values(), each[:2], strict=True):
                value = {"TIME_SLOT_ID": slot, "TIME_VALUE": str(round(time_s * 1000))}
                ElementTree.SubElement(times, "TIME_SLOT", value)
            holder = ElementTree.SubElement(tier, "ANNOTATION")
            annotation = {"ANNOTATION_ID": f"a{number}", **ends}
            aligned = ElementTree.SubElement(holder, "ALIGNABLE_ANNOTATION", annotation)
            ElementTree.SubElement(aligned, "ANNOTATION_VALUE").text = each.emotion
    kind = {
        "GRAPHIC_REFERENCES": "false",
        "LINGUISTIC_TYPE_ID": "emotion",
        "TIME_ALIGNABLE": "true",
    }
    ElementTree.SubElement(root, "LINGUISTIC_TYPE", kind)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _tiers(labels: Sequence[_Label]) -> dict[str, list[_Label]]:
    tiers: dict[str, list[_Label]] = {}
    for each in labels:
        tiers.setdefault(each.voice, []).append(each)
    return dict(sorted(tiers.items()))
