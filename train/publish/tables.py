"""Tables of scores, for the report and the model cards."""

from collections.abc import Mapping

from ser_core.bundles.adaptation import VoiceAdaptation
from ser_core.bundles.files import Interval
from ser_core.bundles.leak_lab import LeakLab
from ser_core.bundles.metrics import Metrics
from ser_core.emotions import Emotion

Cells = tuple[str, ...]
Scores = Mapping[str, Metrics]  # per model


def percent(fraction: float, interval: Interval | None = None) -> str:
    """A fraction in percent, with its interval if there is one."""
    text = f"{100 * fraction:.1f}"
    if interval:
        text += f" ({100 * interval[0]:.1f} to {100 * interval[1]:.1f})"
    return text


def as_markdown(rows: list[Cells]) -> str:
    """A Markdown table; the first row is its header."""
    lines = [rows[0], ("---",) * len(rows[0]), *rows[1:]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def as_columns(rows: list[Cells]) -> str:
    """Aligned columns; the first row is their header."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def robustness(scores: Scores) -> list[Cells]:
    """UA in percent, one line per condition and one column per model, with a header.

    Nothing if no model was scored under disturbances.
    """
    found = {name: m.robustness for name, m in scores.items() if m.robustness}
    conditions = dict.fromkeys(c for table in found.values() for c in table)
    lines = [
        (c, *(percent(table[c].ua) if c in table else "" for table in found.values()))
        for c in conditions
    ]
    return [("condition", *found), *lines] if lines else []


def leak_lab(lab: LeakLab) -> list[Cells]:
    """UA in percent of every model under both splits and both orders, with a header."""
    header = [
        f"{c.protocol}, copies {c.oversampled}" for c in next(iter(lab.models.values())).cells
    ]
    lines = [
        (name, *(percent(cell.score.ua) for cell in model.cells))
        for name, model in lab.models.items()
    ]
    return [("model", *header), *lines]


def across(scores: Scores) -> list[Cells]:
    """Scores across corpora, one line per model and direction, with a header.

    Nothing if no model was tested on another corpus.
    """
    lines = [
        (
            name,
            direction,
            percent(s.ua, s.ci95.get("ua")),
            percent(s.wa),
            str(len(s.classes)),
            str(s.clips),
        )
        for name, metrics in scores.items()
        for direction, s in metrics.cross_corpus.items()
    ]
    header = ("model", "trained -> tested", "UA %", "WA %", "classes", "clips")
    return [header, *lines] if lines else []


def voices(found: dict[str, VoiceAdaptation]) -> list[Cells]:
    """Adaptation to a voice, one line per model and number of neutral clips, with a header.

    Nothing if it was measured for no model.
    """
    header = (
        "model",
        "neutral clips",
        "strength",
        "UA %",
        "gain",
        "ECE %",
        "actors better, worse",
        "offered",
        "gain if not neutral, at worst",
    )
    lines = []
    for name, voice in found.items():
        for m in voice.measured:
            low, high = m.ci95
            lines.append(
                (
                    name,
                    str(m.utterances),
                    f"{m.strength:.1f}",
                    f"{percent(m.ua_before)} -> {percent(m.ua_after)}",
                    f"{100 * m.gain:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})",
                    f"{percent(m.ece_before)} -> {percent(m.ece_after)}",
                    f"{m.better}, {m.worse}",
                    "yes" if voice.offered else "no",
                    _worst(m.not_neutral),
                )
            )
    return [header, *lines] if lines else []


def _worst(gains: Mapping[Emotion, float]) -> str:
    """The lowest gain and its emotion; "" where none was measured."""
    if not gains:
        return ""
    emotion = min(gains, key=gains.__getitem__)
    return f"{100 * gains[emotion]:+.1f} ({emotion})"
