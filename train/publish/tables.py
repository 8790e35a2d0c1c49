"""Tables of scores, for the report and the model cards."""

from collections.abc import Mapping

from ser_core.bundles.files import Interval
from ser_core.bundles.leak_lab import LeakLab
from ser_core.bundles.metrics import Metrics

Cells = tuple[str, ...]
Scores = Mapping[str, Metrics]  # per model
_EARLIER = (1, 3, 8, 32)  # utterances of balanced sessions
_MIXES = (("skewed", 8), ("mostly neutral", 8))


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


def other_recordings(scores: Scores) -> list[Cells]:
    """Scores on other recordings, one line per model and corpus and their mean, with a header.

    Nothing if no model was tested on another corpus.
    """
    lines = [
        line
        for name, metrics in scores.items()
        if metrics.other_recordings
        for line in _other_recordings(name, metrics)
    ]
    earlier = (*(f"n = {n}" for n in _EARLIER), *(f"n = {n}, {mix}" for mix, n in _MIXES))
    shares = ("ECE %", "answered %", "right of these %", "most given %")
    header = ("model", "corpus", "alone", *earlier, *shares)
    return [header, *lines] if lines else []


def _other_recordings(name: str, metrics: Metrics) -> list[Cells]:
    lines = []
    for corpus, s in metrics.other_recordings.items():
        sessions = [s.after(n) for n in _EARLIER] + [s.after(n, mix) for mix, n in _MIXES]
        lines.append(
            (
                name,
                f"{corpus} ({len(s.classes)} classes, {s.clips} clips)",
                percent(s.ua, s.ci95.get("ua")),
                *("" if ua is None else percent(ua) for ua in sessions),
                *map(percent, (s.ece, s.answered, s.answered_wa, s.most_given)),
            )
        )
    means = [metrics.elsewhere(n) for n in (0, *_EARLIER)]
    cells = ["" if ua is None else percent(ua) for ua in means]
    return [*lines, (name, "mean", *cells, *[""] * (len(_MIXES) + 4))]


def left_out_speakers(scores: Scores) -> list[Cells]:
    """UA where each speaker was left out in turn, one line per model, with a header."""
    lines = [
        (name, percent(s.ua, s.ci95.get("ua")))
        for name, metrics in scores.items()
        if (s := metrics.leave_one_speaker_out)
    ]
    return [("model", "UA %"), *lines] if lines else []
