"""The page of models as its tests meet it: how to open it, and what it shows."""

import base64
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from ser_core.protocols import Protocol

PAGE = Path(__file__).parents[2] / "pages" / "model_comparison.py"
UNSEEN, RANDOM = Protocol
Change = Callable[[pd.DataFrame], pd.DataFrame]


def page(**query: str) -> AppTest:
    """Open an address; values are the texts that the widgets show."""
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    return at


mistakes = partial(page, section="Mistakes")


def html(at: AppTest) -> str:
    texts = (element.proto.body for element in at.get("html"))
    return re.sub(r"\s+", " ", " ".join(re.sub(r"<[^>]*>", "", text) for text in texts))


def has_chart(at: AppTest, key: str) -> bool:
    return any(element.proto.id.endswith(f"-{key}") for element in at.get("plotly_chart"))


def chart(at: AppTest, key: str) -> dict:
    protos = (element.proto for element in at.get("plotly_chart"))
    return json.loads(next(p for p in protos if p.id.endswith(f"-{key}")).spec)


def alt(at: AppTest, key: str) -> str:
    protos = (element.proto for element in at.get("plotly_chart"))
    return next(p for p in protos if p.id.endswith(f"-{key}")).alt


def array(values: list | dict) -> np.ndarray:
    """Numbers of a trace, which Plotly may have packed."""
    if isinstance(values, list):
        return np.array(values, float)
    flat = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return flat.reshape([int(n) for n in values.get("shape", str(flat.size)).split(",")])


def matrix(at: AppTest, key: str) -> dict | None:
    """What the browser is given to draw a matrix from; None if there is none."""
    protos = (element.proto for element in at.get("bidi_component"))
    found = next((p for p in protos if p.id.endswith(f"-{key}")), None)
    return found and json.loads(found.json)


def shares(at: AppTest, key: str) -> np.ndarray:
    """What the colours of a matrix stand for, shape (k, k)."""
    return np.array([[cell["value"] for cell in row] for row in matrix(at, key)["cells"]])


def heat(at: AppTest, key: str) -> np.ndarray:
    return array(next(t for t in chart(at, key)["data"] if t["type"] == "heatmap")["z"])


def counts(at: AppTest, key: str) -> list[int]:
    """Clips per cell of a matrix, row by row."""
    words = [cell["words"] for row in matrix(at, key)["cells"] for cell in row]
    return [int(re.search(r"([\d\s]+)\sclips?$", w)[1].replace("\u202f", "")) for w in words]


def table(at: AppTest, key: str) -> pd.DataFrame | None:
    """The table whose key begins so."""
    found = (element for element in at.dataframe if (element.key or "").startswith(key))
    return next((element.value for element in found), None)


def predictions(models: Path, name: str, protocol: str = UNSEEN, **wanted: str) -> pd.DataFrame:
    rows = pd.read_parquet(models / name / "predictions.parquet")
    rows = rows[rows["protocol"] == protocol]
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return rows


def change_predictions(models: Path, name: str, change: Change) -> None:
    file = models / name / "predictions.parquet"
    change(pd.read_parquet(file)).to_parquet(file)


def change_history(models: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    file = models / name / "history.csv"
    change(pd.read_csv(file)).to_csv(file, index=False)


def change_metrics(models: Path, name: str, **parts: object) -> None:
    """Replace parts of metrics.json."""
    file = models / name / "metrics.json"
    file.write_text(json.dumps(metrics(models, name) | parts))


def metrics(models: Path, name: str) -> dict:
    return json.loads((models / name / "metrics.json").read_text())


def without_women_at_random(rows: pd.DataFrame) -> pd.DataFrame:
    """Without the clips of women that were split at random."""
    return rows[(rows["protocol"] == UNSEEN) | (rows["sex"] == "male")]
