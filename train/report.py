"""One table over all bundles."""

from pathlib import Path
from typing import Any

from ser_core.bundle import available, load_metrics
from ser_core.errors import ModelError
from train.texts import CHANCE_UA, HUMAN_WA, percent

_HEADER = ("model", "protocol", "UA %", "WA %", "macro-F1 %", "train WA %", "MB", "ms a window")
_MAJORITY_WA = 192 / 1440


def report(models_dir: Path) -> str:
    """The table as text, best speaker-independent UA first, with the floors below.

    Raises:
        ModelError: if there is no bundle.
    """
    names = available(models_dir)
    if not names:
        raise ModelError(f"No bundles in {models_dir}. Train one: python -m train fit cnn")
    rows = [_HEADER]
    for protocol in ("speaker_independent", "random_split"):
        for name in names:
            metrics = load_metrics(models_dir / name)
            if protocol in metrics["protocols"]:
                rows.append(_row(name, protocol, metrics))
    rows += [
        ("chance", "any", percent(CHANCE_UA), percent(CHANCE_UA), "", "", "", ""),
        ("majority class", "any", percent(CHANCE_UA), percent(_MAJORITY_WA), "", "", "", ""),
        ("human listeners", "any", "", percent(HUMAN_WA), "", "", "", ""),
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADER))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * w for w in widths))
    return "\n".join(line.rstrip() for line in lines)


def _row(name: str, protocol: str, metrics: dict[str, Any]) -> tuple[str, ...]:
    m = metrics["protocols"][protocol]
    return (
        name,
        protocol,
        *(percent(m[k], m["ci95"][k]) for k in ("ua", "wa", "macro_f1")),
        percent(m["train_wa"]),
        f"{metrics['size_bytes'] / 1e6:.2f}",
        f"{metrics['latency_ms']['median']:.1f}",
    )
