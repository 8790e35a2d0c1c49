"""What every section of the dataset page draws from."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from pages.shared.ui.recording import Recording
from ser_core.corpora.base import CorpusInfo


@dataclass(frozen=True, slots=True)
class View:
    """A corpus, the part of it that the filters leave, and the open clip.

    Attributes:
        info: facts of the corpus.
        index: all of its clips; read-only.
        clips: those that pass the filters, at least one; read-only.
        chosen: the open clip, a row of `clips`.
        sound: reads the recording of a clip of this corpus, by its name.
    """

    info: CorpusInfo
    index: pd.DataFrame
    clips: pd.DataFrame
    chosen: pd.Series
    sound: Callable[[str], Recording]
