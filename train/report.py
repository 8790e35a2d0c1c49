"""One table over all bundles."""

from pathlib import Path
from typing import Any

from ser_core.bundle import available, load_metrics, load_predictions
from ser_core.comparison import CHANCE, PEOPLE, majority_share
from ser_core.errors import ModelError
from train.config import PROTOCOLS
from train.texts import percent

_HEADER = ("model", "protocol", "UA %", "WA %", "macro-F1 %", "train WA %", "MB", "ms a window")


def report(models_dir: Path, markdown: bool = False) -> str:
    """The table as text, best speaker-independent UA first, with the floors below.

    Args:
        models_dir: folder of the bundles.
        markdown: as a Markdown table, not as aligned columns.

    Raises:
        ModelError: if there is no bundle.
    """
    names = available(models_dir)
    if not names:
        raise ModelError(f"No bundles in {models_dir}. Train one: python -m train fit cnn")
    rows = []
    for protocol in PROTOCOLS:
        for name in names:
            metrics = load_metrics(models_dir / name)
            if protocol in metrics["protocols"]:
                rows.append(_row(name, protocol, metrics))
    table = load_predictions(models_dir / names[0])
    majority = majority_share(table[table.protocol == table.protocol.iloc[0]].emotion)
    rows += [
        ("chance", "any", percent(CHANCE), percent(CHANCE), "", "", "", ""),
        ("majority class", "any", percent(CHANCE), percent(majority), "", "", "", ""),
        ("human listeners", "any", "", percent(PEOPLE), "", "", "", ""),
    ]
    return _as_markdown(rows) if markdown else _as_columns(rows)


def _as_markdown(rows: list[tuple[str, ...]]) -> str:
    lines = [_HEADER, ("---",) * len(_HEADER), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _as_columns(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[i]) for row in [_HEADER, *rows]) for i in range(len(_HEADER))]
    lines = [_HEADER, tuple("-" * width for width in widths), *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


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
