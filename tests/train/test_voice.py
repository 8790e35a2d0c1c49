import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import recall_score

from ser_core.bundles.adaptation import VoiceAdaptation
from ser_core.bundles.metrics import Metrics
from ser_core.bundles.predictions import load_predictions
from ser_core.bundles.store import models_dir
from ser_core.emotions import Emotion
from ser_core.protocols import Protocol
from tests.bundles import make_bundle
from train.__main__ import main
from train.protocol.adaptation import Answers, best_strength, measure_voice, trials

K = len(Emotion)
ACTORS = 4  # a fold


def made_up(spread: float, folds: int = 3, neutral: int = 4, seed: int = 0, noise: float = 0.8):
    """Answers that know the emotion, but for an offset of each speaker and noise."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(K), [neutral] + [2] * (K - 1))
    parts = []
    for speaker in range(folds * ACTORS):
        logits = 2.5 * np.eye(K)[truth] + spread * rng.normal(size=K)
        logits = logits + noise * rng.normal(size=logits.shape)
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        names = [tuple(Emotion)[i].value for i in truth]
        facts = {
            "clip": [f"{speaker}-{i}" for i in range(truth.size)],
            "protocol": Protocol.SPEAKER_INDEPENDENT,
            "fold": 1 + speaker % folds,
            "speaker": f"made/{speaker:02}",
            "sex": "female",
            "intensity": "normal",
            "statement": "a",
            "repetition": 1,
            "emotion": names,
            "predicted": [tuple(Emotion)[i].value for i in shares.argmax(axis=1)],
        }
        columns = pd.DataFrame(shares, columns=[f"p_{e.value}" for e in Emotion])
        parts.append(pd.concat([pd.DataFrame(facts), columns], axis=1))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def table():
    return made_up(spread=2.0)


@pytest.fixture(scope="module")
def measured(table):
    return measure_voice(table)


def test_the_offset_of_a_speaker_is_found():
    quiet = Answers.of(made_up(spread=2.0, noise=0.0))
    found = trials(quiet, 1, fold=1)
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(3 * ACTORS):
        drawn.append(2.0 * rng.normal(size=K))
        rng.normal(size=(4 + 2 * (K - 1), K))
    others = np.mean([d for i, d in enumerate(drawn) if i % 3], axis=0)
    for row, offset in zip(found.rows, found.offsets, strict=True):
        gap = offset - (drawn[int(quiet.speakers[row].removeprefix("made/"))] - others)
        np.testing.assert_allclose(gap, gap[0], atol=1e-6)  # a constant changes no answer


def test_adaptation_takes_a_known_offset_away(measured):
    assert measured.offered
    assert [m.utterances for m in measured.measured] == [1, 2, 3]
    for m in measured.measured:
        assert m.gain > 0.15
        assert m.better > m.worse
        assert 0.4 <= m.strength <= 1
        assert m.ci95[0] <= m.gain <= m.ci95[1]
    strengths = [m.strength for m in measured.measured]
    assert strengths == sorted(strengths)  # more speech, more trust


def test_where_voices_do_not_differ_it_is_not_offered():
    found = measure_voice(made_up(spread=0.0, noise=1.5))
    assert not found.offered
    assert all(m.strength <= 0.2 for m in found.measured)


def naive(table, n, strengths, mood="neutral"):
    """The protocol once more, clip by clip."""
    columns = [f"p_{e.value}" for e in Emotion]
    truth, before, after, who = [], [], [], []
    for speaker, own in table.groupby("speaker"):
        fold = own.fold.iloc[0]
        others = table[(table.fold != fold) & (table.emotion == "neutral")]
        reference = np.log(others[columns].to_numpy()).mean(axis=0)
        for chosen in combinations(own.index[own.emotion == mood], n):
            offset = np.log(own.loc[list(chosen), columns].to_numpy()).mean(axis=0) - reference
            for _, clip in own.drop(index=list(chosen)).iterrows():
                logs = np.log(clip[columns].to_numpy(float))
                truth.append(clip.emotion)
                before.append(tuple(Emotion)[logs.argmax()].value)
                moved = logs - strengths[str(fold)] * offset
                after.append(tuple(Emotion)[moved.argmax()].value)
                who.append(speaker)
    return tuple(np.array(x) for x in (truth, before, after, who))


def ua(truth, predicted):
    return recall_score(truth, predicted, average="macro", labels=np.unique(truth), zero_division=0)


@pytest.mark.parametrize("n", [1, 3])
def test_the_scores_agree_with_a_plain_recomputation(table, measured, n):
    m = measured.by(n)
    truth, before, after, who = naive(table, n, m.fold_strengths)
    assert m.ua_before == pytest.approx(ua(truth, before))
    assert m.ua_after == pytest.approx(ua(truth, after))
    gains = [
        ua(truth[who == s], after[who == s]) - ua(truth[who == s], before[who == s])
        for s in np.unique(who)
    ]
    assert (m.better, m.worse) == (sum(g > 0 for g in gains), sum(g < 0 for g in gains))


def test_a_visitor_who_is_not_neutral_is_counted_too(table, measured):
    m = measured.by(1)
    assert set(m.not_neutral) == set(Emotion) - {Emotion.NEUTRAL}
    truth, before, after, _ = naive(table, 1, m.fold_strengths, mood="angry")
    assert m.not_neutral[Emotion.ANGRY] == pytest.approx(ua(truth, after) - ua(truth, before))
    assert max(m.not_neutral.values()) < m.gain


def test_clips_to_adapt_to_are_not_scored(table):
    answers = Answers.of(table)
    found = trials(answers, 3, fold=2)
    neutral = answers.rows_of(Emotion.NEUTRAL)
    each = int(np.sum(answers.speakers == "made/01")) - 3
    assert found.rows.size == ACTORS * 4 * each  # four choices of three
    for scored in found.rows.reshape(-1, each):
        assert neutral[scored].sum() == 1
        assert np.unique(scored).size == each
    assert set(answers.folds[found.rows]) == {2}


def poisoned(answers: Answers, rows: np.ndarray) -> Answers:
    """Rows whose answers are worth nothing, and whose neutral ones mislead."""
    logs = answers.logs.copy()
    logs[rows] = np.random.default_rng(1).normal(size=(int(rows.sum()), K)) - 4
    wrong = rows & answers.rows_of(Emotion.NEUTRAL)
    logs[wrong, 1] += 30
    return replace(answers, logs=logs)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_nothing_of_a_tested_fold_chooses_its_strength(table, n):
    answers = Answers.of(table)
    bad = poisoned(answers, answers.folds == 1)
    assert best_strength(bad, n, tested=1) == best_strength(answers, n, tested=1)
    assert best_strength(bad, n) != best_strength(answers, n)  # the poison works where it is let in
    assert best_strength(bad, n, tested=2) != best_strength(answers, n, tested=2)


def test_the_reference_of_a_tested_fold_comes_from_others(table):
    answers = Answers.of(table)
    bad = poisoned(answers, answers.folds == 1)
    np.testing.assert_array_equal(bad.reference({1}), answers.reference({1}))
    assert not np.allclose(bad.reference(), answers.reference())
    # what an actor says later changes nothing of how a model adapts to the actor
    later = poisoned(answers, (answers.folds == 1) & ~answers.rows_of(Emotion.NEUTRAL))
    for fold in (1, 2):
        want, got = trials(answers, 2, fold), trials(later, 2, fold)
        np.testing.assert_array_equal(got.offsets, want.offsets)


def test_only_speaker_independent_answers_count(table, measured):
    flattering = table.assign(protocol=Protocol.RANDOM_SPLIT)
    for e in Emotion:
        flattering[f"p_{e.value}"] = (flattering.emotion == e.value).astype(float)
    assert measure_voice(pd.concat([table, flattering])) == measured


def test_too_little_to_measure_yields_nothing():
    assert measure_voice(made_up(1.0, folds=2)) is None
    assert measure_voice(made_up(1.0, neutral=1)) is None
    assert [m.utterances for m in measure_voice(made_up(1.0, neutral=2)).measured] == [1]


@pytest.fixture
def bundle(table, tmp_path):
    """An installed model with answers that are quick to measure."""
    target = tmp_path / "mlp"
    shutil.copytree(models_dir() / "mlp", target)
    (target / "voice.json").unlink()
    table.to_parquet(target / "predictions.parquet")
    return target


def test_the_command_measures_writes_and_reports(bundle, measured, capsys):
    assert main(["voice", "mlp", "--models", str(bundle.parent)]) == 0
    assert VoiceAdaptation.load(bundle) == measured
    out, readme = capsys.readouterr().out, (bundle / "README.md").read_text("utf-8")
    m = measured.by(3)
    shown = f"{100 * m.ua_before:.1f} -> {100 * m.ua_after:.1f}"
    for text in (out, readme):
        assert shown in text
        assert "one must remain" in text or "none would remain" in text
    assert "## Adapted to a voice" in readme


def test_a_model_without_it_does_not_mention_it(bundle, capsys):
    main(["report", "--models", str(bundle.parent)])
    assert "Adapted" not in capsys.readouterr().out


def test_what_cannot_be_measured_is_told(bundle, capsys):
    assert main(["voice", "cnn", "--models", str(bundle.parent)]) == 1
    assert "Choose from: mlp" in capsys.readouterr().err
    made_up(1.0, folds=2).to_parquet(bundle / "predictions.parquet")
    assert main(["voice", "--models", str(bundle.parent)]) == 1
    assert "it takes 3 folds" in capsys.readouterr().err
    assert not (bundle / "voice.json").exists()


def test_a_fit_writes_it(table, measured, tmp_path):
    pytest.importorskip("tensorflow")
    from train.protocol.run import Outcome
    from train.publish.bundle_files import _HISTORY_COLUMNS, write_results

    target, known = make_bundle(tmp_path, "mlp"), Metrics.load(models_dir() / "mlp")
    outcome = Outcome(
        predictions=table,
        scores=known.protocols[Protocol.SPEAKER_INDEPENDENT],
        history=pd.DataFrame(columns=_HISTORY_COLUMNS),
        best_epochs=[1],
        temperature=1.0,
        abstain_threshold=0.5,
        calibration=known.calibration,
        robustness={},
    )
    write_results(target, {Protocol.SPEAKER_INDEPENDENT: outcome}, {})
    assert VoiceAdaptation.load(target) == measured
    assert "## Adapted to a voice" in (target / "README.md").read_text("utf-8")


def test_the_installed_numbers_follow_from_the_installed_predictions():
    known = VoiceAdaptation.load(models_dir() / "svm")
    got = measure_voice(load_predictions(models_dir() / "svm"))
    assert got.offered == known.offered
    for a, b in zip(got.measured, known.measured, strict=True):
        assert a.fold_strengths == b.fold_strengths
        assert (a.strength, a.better, a.worse) == (b.strength, b.better, b.worse)
        assert a.ci95 == pytest.approx(b.ci95)
        assert (a.ua_before, a.ua_after) == pytest.approx((b.ua_before, b.ua_after))
        assert a.not_neutral == pytest.approx(b.not_neutral)
    assert got.reference == pytest.approx(known.reference)


def test_measuring_loads_no_tensorflow():
    code = "import sys, train.protocol.adaptation; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {name.split(".")[0] for name in done.stdout.split()} & {"tensorflow", "keras"}
