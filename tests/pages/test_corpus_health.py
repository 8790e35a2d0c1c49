import re
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.neighbors import NearestCentroid

from pages.shared.dataset import corpus_fetch, health_words
from ser_core.corpora.fetch.verification import Verification
from ser_core.evaluation.intervals import Estimate
from tests.corpus import make_corpus
from tests.pages.demo import told
from tests.pages.map_page import explorer, figure, html, keys

# complete?


def test_without_the_recordings_they_are_offered_instead_of_a_check(folder):
    at = explorer(part="Health")
    assert "The clips are not on this machine." in at.info[0].value
    assert "fetch-health" in keys(at)
    assert "verify" not in keys(at)
    assert "A typical clip is silent for" in html(at)  # the index tells it without sound


def test_a_check_names_every_file_that_differs_and_stays_for_the_next_visitor(folder):
    make_corpus(folder, (1,))
    first, second, *_ = sorted(folder.glob("*/*.wav"))
    second.write_bytes(first.read_bytes())
    at = explorer(part="Health")
    assert "Verify compares every file" in html(at)
    at.button(key="verify").click().run()
    job = corpus_fetch.check_of("ravdess")
    job.wait(60)
    for visitor in (at.run(), explorer(part="Health")):
        assert visitor.button(key="verify").label == "Verify again"
        assert visitor.button(key="verify").disabled  # for a while: it reads the whole corpus
        assert "1 432 of 1 440 recordings are missing, 8 altered" in html(visitor)
        table = visitor.dataframe[0].value
        assert table["finding"].value_counts().to_dict() == {
            "missing": 1432, "altered": 8, "same sound": 1,
        }  # fmt: skip
        names = " = ".join(f"{file.parent.name}/{file.name}" for file in (first, second))
        assert table["file"].iloc[-1] == names
        when = datetime.fromtimestamp(job.ended_at, UTC)
        assert f"Checked on {when.day} {when:%B %Y at %H:%M} UTC." in html(visitor)


def test_a_check_shows_how_far_it_is_and_can_be_cancelled(folder, monkeypatch):
    make_corpus(folder, (1,))

    def endless(name, root, progress):
        while True:
            progress(12, 1440)

    monkeypatch.setattr(corpus_fetch, "verify", endless)
    at = explorer(part="Health")
    at.button(key="verify").click().run()
    job = corpus_fetch.check_of("ravdess")
    while job.running and job.progress[0] == 0:
        job.wait(0.01)
    at.run()
    assert at.get("progress")[0].proto.text == "Checking recording 12 of 1440"
    assert "verify" not in keys(at)
    at.button(key="verify-cancel").click().run()
    assert not job.running
    at.run()
    assert "The check was cancelled." in html(at)
    assert job.result is None
    assert "verify" in keys(at)


def test_a_check_that_fails_is_explained(folder, monkeypatch):
    make_corpus(folder, (1,))

    def fail(*_, **__):
        raise RuntimeError("secret path")

    monkeypatch.setattr(corpus_fetch, "verify", fail)
    at = explorer(part="Health")
    at.button(key="verify").click().run()
    corpus_fetch.check_of("ravdess").wait(20)
    at.run()
    assert "could not be checked; the server’s log says why" in told(at.error)[0]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Verification(8, (), (), (), ()), "All 8 recordings are here, and none is altered."),
        (Verification(7, ("a",), (), (), ()), "1 of 8 recordings is missing, none is altered."),
        (Verification(8, (), ("a", "b"), (), ()), "All 8 recordings are here, 2 altered."),
        (Verification(8, (), (), ("a",), ()), "Only the length of 1 could be compared"),
        (Verification(1, (), (), ("a",), ()), "Only the length could be compared"),
    ],
)
def test_the_verdict_of_a_check(found, words):
    assert words in health_words.verified(found).replace("\N{NO-BREAK SPACE}", " ")


# what the index tells


def test_verdicts_equal_plain_counts_of_the_filtered_clips(folder, index):
    at = explorer(part="Health", voice="Male", strength="Strong")
    own = index[(index["sex"] == "male") & (index["intensity"] == "strong")]
    level = own["loudness_dbfs"].to_numpy(float)
    text = html(at).replace("\N{MINUS SIGN}", "-")
    assert f"lies between {level.min():.1f} and {level.max():.1f} dBFS" in text
    low, high = np.percentile(level, [25, 75])
    assert f"half of it between {low:.1f} and {high:.1f} dBFS" in text
    silent = 1 - (own["offset_s"] - own["onset_s"]) / own["duration_s"]
    assert f"silent for {100 * float(np.median(silent)):.0f} % of its length" in text
    apart = own["loudness_dbfs"] - own["noise_dbfs"]
    assert f"lies {np.nanmedian(apart):.0f} dB below it" in text
    assert re.search(r"(\d+) clips are less than 20 dB apart", text)[1] == str((apart < 20).sum())


def test_the_clips_are_named_worst_first_and_the_open_one_is_told(folder, index):
    silent = 1 - (index["offset_s"] - index["onset_s"]) / index["duration_s"]
    worst = index.loc[silent.nlargest(10).index]
    at = explorer(part="Health", health="Silence", clip=worst["clip"].iloc[1])
    table = at.dataframe[-1]
    assert table.value["clip"].tolist() == worst["clip"].tolist()
    assert table.value["silent, %"].tolist() == pytest.approx((100 * silent.nlargest(10)).tolist())
    assert "Open:" not in html(at)
    at.session_state[table.key] = {"selection": {"rows": [1]}}
    at.run()
    row = worst.iloc[1]
    assert f"Open: {row['emotion']}, {row['intensity']}, speaker {row['actor']}" in html(at)


@pytest.mark.parametrize("what", ["Level", "Clipping", "Silence", "Noise", "Length"])
@pytest.mark.parametrize(
    "query",
    [{"speakers": ["7"]}, {"emotion": ["sad"]}, {"corpus": "emodb"}],
    ids=["one speaker", "one emotion", "another corpus"],
)
def test_every_finding_can_be_named_for_any_part_of_a_corpus(folder, what, query):
    at = explorer(part="Health", health=what, **query)
    assert what in html(at)


def made(**columns) -> pd.DataFrame:
    usual = {
        "clip": ["a"], "clipped_share": [0.0], "peak_dbfs": [-9.0], "loudness_dbfs": [-30.0],
        "noise_dbfs": [-60.0], "onset_s": [0.0], "offset_s": [2.0], "duration_s": [2.0],
    }  # fmt: skip
    return pd.DataFrame(usual | columns)


def test_verdicts_in_words():
    def verdict(what, **columns):
        return health_words.findings(made(**columns))[what].verdict.replace("\xa0", " ")

    assert "No clip has over 0.1 % of its samples at full scale." in verdict("clipping")
    clipped = verdict("clipping", clipped_share=[0.02])
    assert "1 clip is clipped in over 0.1 % of their samples." in clipped
    assert "1 of 1 peak at full scale" in verdict("clipping", peak_dbfs=[0.0])
    assert "1 clip is too quiet to judge" in verdict("level", loudness_dbfs=[-70.0])
    assert verdict("level", loudness_dbfs=[np.nan]) == "No clip has a level."
    assert verdict("noise", noise_dbfs=[np.nan]).startswith("No clip has any sound")
    assert "No clip is less than 20 dB apart." in verdict("noise")
    assert "1 clip is out of range" in verdict("length", duration_s=[16.0], offset_s=[16.0])


# leaks


def test_what_the_level_alone_tells_equals_scikit_learn_on_the_filtered_clips(folder, index):
    at = explorer(part="Health", voice="Female")
    own = index[index["sex"] == "female"]
    values, truth = own[["loudness_dbfs"]].to_numpy(float), own["emotion"].to_numpy(str)
    predicted = cross_val_predict(
        NearestCentroid(), values, truth, groups=own["speaker"].to_numpy(str), cv=LeaveOneGroupOut()
    )
    score = balanced_accuracy_score(truth, predicted)
    assert f"The level of the speech alone names {100 * score:.1f} %" in html(at)
    assert "chance is 12.5 %" in html(at)
    means = own.groupby("emotion")["loudness_dbfs"].mean()
    gap = f"{means.idxmax().capitalize()} was recorded {means.max() - means.min():.0f} dB louder"
    assert f"{gap} than {means.idxmin()}." in html(at)
    boxes = [trace["name"] for trace in figure(at, 1)["data"] if trace["type"] == "box"]
    assert boxes == own["emotion"].drop_duplicates().tolist()


def test_identical_clips_are_both_named_whatever_is_filtered(folder):
    at = explorer(part="Health", speakers=["1"])
    assert "03-01-03-01-02-01-07 = 03-01-03-01-02-02-07" in html(at)
    assert "No two clips" in html(explorer(part="Health", corpus="emodb"))


def test_identical_clips_of_several_speakers_are_worse():
    index = pd.DataFrame(
        {"clip": ["a", "b"], "speaker": ["x/1", "x/2"], "sound_sha256": ["1", "1"]}
    )
    assert "by several speakers" in health_words.twins(index)
    assert "Unseen speakers are safe" in health_words.twins(index.assign(speaker="x/1"))


def test_of_one_speaker_it_cannot_be_told(folder):
    at = explorer(part="Health", speakers=["7"])
    assert "It cannot be told: that takes two speakers" in html(at)


def test_what_is_no_better_than_luck_is_called_so():
    luck = {"loudness_dbfs": Estimate(0.13, 0.11, 0.15)}
    assert "no more than luck" in health_words.told_apart(luck, 0.125)
    leak = {"loudness_dbfs": Estimate(0.3, 0.26, 0.34)}
    assert "Our models cannot use the level" in health_words.told_apart(leak, 0.125)
    other = {"speech_s": Estimate(0.3, 0.26, 0.34)}
    assert "models" not in health_words.told_apart(other, 0.125)
