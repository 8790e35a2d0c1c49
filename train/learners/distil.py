"""Distillation: a small network learns what a better model would have said of its training rows.

The teacher is a linear model on the pooled vectors of the transformer's frozen encoder. It answers
for speakers whom it did not learn from: of its own ones it would be sure of everything, so that its
answers would say no more than the labels. Hinton, Vinyals & Dean (2015), "Distilling the Knowledge
in a Neural Network", https://arxiv.org/abs/1503.02531.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from train.config import TRANSFORMER, configure
from train.data.rows import PLAIN, Row
from train.learners.types import CLASSES, Part
from train.progress import track

_GROUPS = 4  # of speakers; each is answered for by a teacher of the three others
_PENALTY = 0.003  # inverse strength, as scikit-learn counts it


def shown(part: Part, rows: list[Row]) -> Part:
    """The part with what a teacher sees of its rows.

    Args:
        part: of all rows.
        rows: the clips, in the same order.

    Raises:
        SerError: if the encoder is not on this machine and cannot be downloaded.
    """
    from train.learners.transformer import encoder_of

    encoder = encoder_of(configure(TRANSFORMER).blocks)
    seen = [encoder.vector(row, PLAIN) for row in track(rows, f"{rows[0].record.corpus} teacher")]
    return replace(part, seen=np.stack(seen), speakers=np.array([r.record.speaker for r in rows]))


def taught(part: Part, share: float) -> Part:
    """The part with targets that are partly a teacher's, learned from this part alone.

    Args:
        part: training rows, with what a teacher sees.
        share: of the teacher in the targets; the rest is the class itself.

    Returns:
        The part as it is where too few speakers are left for a teacher that knows none of a row's.
    """
    if not _can_be_taught(part):
        return part
    soft = share * teacher(part) + (1 - share) * part.targets
    return replace(part, soft=soft.astype(np.float32))


def teacher(part: Part) -> NDArray[np.float64]:
    """Probabilities by teachers that know none of a row's speaker, shape (n, CLASSES)."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=_PENALTY, max_iter=200))
    groups = _groups(part)
    answers = np.zeros((part.truth.size, CLASSES))
    answers[:, np.unique(part.truth)] = cross_val_predict(
        model, part.seen, part.truth, groups=part.speakers, cv=groups, method="predict_proba"
    )
    return answers


def _groups(part: Part) -> GroupKFold:
    return GroupKFold(min(_GROUPS, np.unique(np.asarray(part.speakers)).size))


def _can_be_taught(part: Part) -> bool:
    """Whether each group of speakers leaves two classes for its teacher to learn from."""
    if np.unique(np.asarray(part.speakers)).size < 2:
        return False
    splits = _groups(part).split(part.truth, groups=part.speakers)
    return all(np.unique(part.truth[learnt]).size > 1 for learnt, _ in splits)
