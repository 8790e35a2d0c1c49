"""What listeners said of the clips, where a corpus comes with it."""

from pathlib import Path

import pandas as pd

RATINGS = ("recognised", "natural")
_EMODB_TABLE = "erkennung.txt"  # beside the recordings of EMO-DB's archive


def load_ratings(name: str, root: Path) -> pd.DataFrame:
    """Listeners' answers per clip.

    Args:
        name: of the corpus.
        root: its folder.

    Returns:
        Indexed by clip: recognised, the share of listeners who named the acted emotion, and
        natural, the share who found it natural, both in [0, 1]; empty where there are none.
    """
    file = root / _EMODB_TABLE
    if name != "emodb" or not file.is_file():
        return pd.DataFrame(columns=list(RATINGS), dtype=float)
    rows = {}
    for line in file.read_bytes().decode("latin-1").splitlines()[1:]:
        cells = line.split()
        if len(cells) == 4:  # number, file, recognised %, natural %
            shares = (float(cell.replace(",", ".")) / 100 for cell in cells[2:])
            rows[Path(cells[1]).stem] = tuple(shares)
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(RATINGS))
