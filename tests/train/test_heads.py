"""Heads compete among the classes of a row's own corpus."""

import numpy as np

from train.data.rows import LABELS
from train.learners.heads import Head, fit_head
from train.learners.types import Part

NEUTRAL, CALM, HAPPY, DISGUST = map(LABELS.index, ("neutral", "calm", "happy", "disgust"))
WIDTH = 10


def part_of(corpora: dict[str, tuple[int, ...]], language: float = 0.0) -> Part:
    """Rows whose first numbers show their class and whose last one shows their corpus."""
    rng = np.random.default_rng(4)
    rows, truth, speakers = [], [], []
    for nth, (corpus, classes) in enumerate(corpora.items()):
        for i in range(40 * len(classes)):
            kind = classes[i % len(classes)]
            row = rng.normal(0, 0.3, WIDTH)
            row[kind] += 2
            row[-1] += language * nth
            rows.append(row.astype(np.float32))
            truth.append(kind)
            speakers.append(f"{corpus}/{i // len(classes) % 4}")
    seconds = np.full(len(rows), 2.0, np.float32)
    return Part({"plain": rows}, np.array(truth), speakers=np.array(speakers), speech_s=seconds)


def head_of(part: Part) -> Head:
    return fit_head(part, 1.0, WIDTH, 1)


def heard(head: Head, kind: int, language: float) -> np.ndarray:
    row = np.zeros((1, WIDTH), np.float32)
    row[0, kind], row[0, -1] = 2, language
    return head.predict(row)[0]


def test_a_language_rules_out_no_class():
    """Disgust was never heard in the second language, and is heard there all the same."""
    head = head_of(part_of({"a": (NEUTRAL, HAPPY, DISGUST), "b": (NEUTRAL, HAPPY)}, language=5.0))
    at_home, abroad = (heard(head, DISGUST, language)[DISGUST] for language in (0.0, 5.0))
    assert at_home > 0.9
    assert abroad > at_home - 0.003


def test_neutral_is_calm_as_well_where_a_corpus_has_but_one_of_them():
    """What one corpus calls neutral sounds as what the other calls calm."""
    part = part_of({"a": (NEUTRAL, CALM, HAPPY), "b": (NEUTRAL, HAPPY)})
    for row, truth, speaker in zip(part.plain, part.truth, part.speakers, strict=True):
        if truth == NEUTRAL and speaker.startswith("b/"):
            row[[NEUTRAL, CALM]] = row[[CALM, NEUTRAL]]
    p = heard(head_of(part), CALM, 0.0)
    assert p[CALM] > 0.8


def test_where_no_corpus_is_calm_nobody_is():
    p = heard(head_of(part_of({"a": (NEUTRAL, HAPPY), "b": (NEUTRAL, DISGUST)})), NEUTRAL, 0.0)
    assert p[CALM] < 1e-6
    assert p[NEUTRAL] > 0.8
