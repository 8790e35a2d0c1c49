"""One table over all bundles."""

from pathlib import Path

from ser_core.bundles.leak_lab import LeakLab
from ser_core.bundles.metrics import Metrics
from ser_core.bundles.predictions import load_predictions
from ser_core.bundles.store import ModelStore
from ser_core.errors import ModelError
from ser_core.evaluation.baselines import CHANCE, PEOPLE, beside_people, majority
from ser_core.protocols import Protocol
from train.publish import tables
from train.publish.tables import Cells, percent

_HEADER = ("model", "protocol", "UA %", "WA %", "macro-F1 %", "train WA %", "MB", "ms a window")
_ROBUSTNESS = "UA % on every third tested clip, disturbed, of unseen speakers:"
_PEOPLE = (
    "Accuracy in % on clips of unseen speakers with neutral and calm counted as one, as "
    "listeners were asked who heard the sound alone (Livingstone & Russo 2018):"
)
_LAB = "UA % by the bootcamp project's recipe, copies of rare clips made before or after the split:"
_OTHER = (
    "Other recordings: UA % on corpora of which nothing was learned, among the classes of both "
    "sides, alone and after n earlier utterances of the same speaker:"
)
_ALL_BUT_ONE = "Trained once per speaker of RAVDESS, on all others:"


def report(models_dir: Path, markdown: bool = False) -> str:
    """The scores as text, best speaker-independent UA first, with the floors below.

    Tables of other recordings, of robustness and of the leak lab follow where there are such
    scores.

    Args:
        models_dir: folder of the bundles.
        markdown: as Markdown tables, not as aligned columns.

    Raises:
        ModelError: if there is no bundle.
    """
    names = ModelStore(models_dir).names()
    if not names:
        raise ModelError(f"No bundles in {models_dir}. Train one: python -m train fit cnn")
    scores = {name: Metrics.load(models_dir / name) for name in names}
    rows: list[Cells] = [_HEADER]
    for protocol in Protocol:
        for name, metrics in scores.items():
            if protocol in metrics.protocols:
                rows.append(_row(name, protocol, metrics))
    table = load_predictions(models_dir / names[0])
    always = majority(table[table.protocol == table.protocol.iloc[0]].emotion)
    rows += [
        ("chance", "any", percent(CHANCE), percent(CHANCE), "", "", "", ""),
        ("majority class", "any", percent(always["ua"]), percent(always["wa"]), "", "", "", ""),
    ]
    lab = LeakLab.find(models_dir)
    drawn = tables.as_markdown if markdown else tables.as_columns
    parts = [drawn(rows)]
    for title, more in (
        (_PEOPLE, _beside_people(models_dir, names)),
        (_OTHER, tables.other_recordings(scores)),
        (_ALL_BUT_ONE, tables.left_out_speakers(scores)),
        (_ROBUSTNESS, tables.robustness(scores)),
        (_LAB, tables.leak_lab(lab) if lab else []),
    ):
        if more:
            parts += [title, drawn(more)]
    return "\n\n".join(parts)


def _beside_people(models_dir: Path, names: list[str]) -> list[Cells]:
    rows = []
    for name in names:
        table = load_predictions(models_dir / name)
        named = beside_people(table[table.protocol == Protocol.SPEAKER_INDEPENDENT])
        if named:
            rows.append((name, percent(named.value, named.ends)))
    return [("", "WA %"), *rows, ("people", percent(PEOPLE))] if rows else []


def _row(name: str, protocol: Protocol, metrics: Metrics) -> Cells:
    m = metrics.protocols[protocol]
    return (
        name,
        protocol,
        *(percent(value, m.ci95.get(score)) for score, value in m.named.items()),
        percent(m.train_wa),
        f"{metrics.size_bytes / 1e6:.2f}",
        f"{metrics.latency_ms.median:.1f}",
    )
