import json

import pytest
import sklearn.metrics
from scipy.stats import binomtest
from streamlit.testing.v1 import AppTest

from pages.shared.comparison import quiz_section
from pages.shared.ui import cache
from ser_core.errors import AudioError
from ser_core.evaluation.label_sets import GROUPINGS
from ser_core.evaluation.quiz import drawn
from ser_core.formatting import figure
from tests.corpus import require_ravdess
from tests.pages.demo import told, wav
from tests.pages.guess_round import ACTED, guessed, now, opened, press, started
from tests.pages.models_page import (
    RANDOM,
    UNSEEN,
    change_predictions,
    counts,
    html,
    matrix,
    predictions,
    shares,
)
from tests.scored import CLASSES
from tests.voice import voice

pytestmark = pytest.mark.usefixtures("models")


@pytest.fixture
def recordings(monkeypatch):
    """Every clip can be played, wherever the tests run; returns those that are damaged."""
    damaged, sound = set(), wav(voice(0.5))

    def clip_wav(clip: str, corpus: str = "ravdess") -> bytes | None:
        assert ACTED[clip]
        assert corpus == "ravdess"
        if clip in damaged:
            raise AudioError(f"{clip}.wav is not audio. Fetch it again.")
        return sound

    monkeypatch.setattr(cache, "clip_wav", clip_wav)
    return damaged


def oracle(acted: list[str], heard: list[str], labels: list[str] = CLASSES) -> list[int]:
    return sklearn.metrics.confusion_matrix(acted, heard, labels=labels).ravel().tolist()


def round_table(at: AppTest):
    return next(d.value for d in at.dataframe if "You" in d.value.columns)


def answers(models, clips: list[str], name: str = "good", protocol: str = UNSEEN) -> list:
    heard = predictions(models, name, protocol).set_index("clip")["predicted"]
    return [heard.get(clip) for clip in clips]


@pytest.mark.usefixtures("recordings")
def test_a_round_ends_with_both_scores_and_matrices_and_may_be_heard_again(models):
    at = opened()
    assert "kept in this browser session only" in html(at)
    press(at, "Start")
    guesses = [*CLASSES, "sad", "calm"]
    clips = guessed(at, guesses)
    acted, theirs = ACTED[clips].tolist(), answers(models, clips)
    right = int(sklearn.metrics.accuracy_score(acted, guesses, normalize=False))
    model_right = int(sklearn.metrics.accuracy_score(acted, theirs, normalize=False))
    text = html(at)
    assert f"You got {right} of 10 right" in text
    assert f"GOOD got {model_right} of the same 10." in text
    assert counts(at, "confusion-own") == oracle(acted, guesses)
    assert counts(at, "confusion-model") == oracle(acted, theirs)
    assert matrix(at, "confusion-own")["alt"] == f"You: {right} of 10 clips are named rightly."
    shown = round_table(at)
    assert shown["Acted"].tolist() == acted
    assert shown["You"].tolist() == guesses
    assert shown["Model A"].tolist() == theirs
    (columns,) = (d.proto.columns for d in at.dataframe if "You" in d.value.columns)
    assert json.loads(columns)["Model A"]["label"] == "GOOD"
    (audio,) = (a.proto for a in at.get("audio"))
    assert (audio.alt, audio.autoplay) == (f"The clip that was acted {acted[0]}", False)
    press(at, "Another ten")
    assert guessed(at, ["sad"] * 10) != clips


@pytest.mark.usefixtures("recordings")
def test_the_same_count_has_the_same_colour_in_both_matrices(monkeypatch):
    monkeypatch.setattr(quiz_section.secrets, "randbits", lambda bits: 1)
    at = started(classes=GROUPINGS["arousal"].title)
    guessed(at, ["low"] * 10)
    cells = {key: counts(at, key) for key in ("confusion-own", "confusion-model")}
    darkest = max(max(each) for each in cells.values())
    assert len({max(each) for each in cells.values()}) == 2
    for key, each in cells.items():
        assert shares(at, key).ravel().tolist() == pytest.approx([n / darkest for n in each])


@pytest.mark.usefixtures("recordings")
def test_words_say_how_little_ten_clips_tell(models):
    at, right, wrong = started(), 4, 6
    for _ in range(wrong):
        acted = ACTED[now(at)]
        press(at, "calm" if acted != "calm" else "sad")
    guessed(at, [None] * right)
    ends = binomtest(right, 10).proportion_ci(method="wilson")
    rows = predictions(models, "good")
    wa = sklearn.metrics.accuracy_score(rows["emotion"], rows["predicted"])
    text = html(at)
    share = f"{figure(ends.low, 0)} to {figure(ends.high, 0)} %"
    want = f"who names anywhere from {share} of all clips rightly could get {right}"
    assert want in text
    assert f"Of the 1 440 clips it was asked about, GOOD names {100 * wa:.1f} % rightly" in text
    assert "it had never heard the speakers" in text
    assert (
        "named the emotion in 62.4 % of their ratings, neutral and calm accepted for each other"
        in text
    )


@pytest.mark.usefixtures("recordings")
def test_the_answer_comes_after_the_guess_and_not_before():
    at = started()
    keys = {b.label: b.proto.shortcut for b in at.button if b.proto.shortcut}
    assert keys == dict(zip(CLASSES, "12345678", strict=True))
    right = 0
    for number, guess in enumerate(["sad", None, "calm", None], 1):
        clip = now(at)
        audio = at.get("audio")[0].proto
        everything = f"{html(at)} {audio} {[b.label for b in at.button]}"
        assert f"{number} of 10" in at.get("progress")[0].proto.text
        assert audio.autoplay
        assert audio.alt == f"Clip {number}"
        assert clip not in everything
        said = guess or ACTED[clip]
        press(at, said)
        right += said == ACTED[clip]
        if said == ACTED[clip]:
            assert f"Acted {said}, and so you said. {right} of {number} right" in html(at)
        else:
            assert f"Acted {ACTED[clip]}. You said {said}. {right} of {number} right" in html(at)


@pytest.mark.usefixtures("recordings")
def test_clips_pass_the_filter_and_stay_when_it_changes(models):
    at = started(sex="Female", intensity="Strong")
    wanted = predictions(models, "good", sex="female", intensity="strong")["clip"]
    ten = [clip.name for clip in at.session_state["guess_round"].waiting[:10]]
    assert {*ten} <= {*wanted}
    clips = guessed(at, ["sad"] * 3)
    at.segmented_control(key="sex").set_value("male").run()
    assert "4 of 10" in at.get("progress")[0].proto.text
    at.selectbox(key="a").select("poor").run()
    clips += guessed(at, ["sad"] * 7)
    assert clips == ten
    right = sum(a == b for a, b in zip(answers(models, ten, "poor"), ACTED[ten], strict=True))
    assert f"POOR got {right} of the same 10." in html(at)
    rows = predictions(models, "poor", sex="male", intensity="strong")
    assert f"Of the {len(rows)} clips that pass the filter, POOR names" in html(at)


@pytest.mark.usefixtures("recordings")
def test_a_model_is_compared_on_the_clips_that_it_was_asked_about(models):
    at = started()
    clips = guessed(at, [None] * 10)
    at.segmented_control(key="protocol").set_value(RANDOM).run()
    theirs = answers(models, clips, protocol=RANDOM)
    acted = ACTED[clips].tolist()
    asked = [pair for pair in zip(acted, theirs, strict=True) if pair[1]]
    assert round_table(at)["Model A"].isna().sum() == 10 - len(asked)
    if asked:
        assert counts(at, "confusion-model") == oracle(*zip(*asked, strict=True))
        right = sum(a == b for a, b in asked)
        assert f"GOOD got {right} of the {len(asked)} among them" in html(at)
    else:
        assert "GOOD was not asked about these clips" in html(at)
    assert "it had heard the same speakers in training" in html(at)


@pytest.mark.usefixtures("recordings")
def test_other_classes_begin_anew_and_the_round_is_not_lost():
    at = started()
    guessed(at, ["sad"] * 2)
    at.selectbox(key="classes").select("valence").run()
    assert "The classes have changed since your round began" in at.info[0].value
    at.selectbox(key="classes").select("emotions").run()
    assert "3 of 10" in at.get("progress")[0].proto.text
    at.selectbox(key="classes").select("valence").run()
    press(at, "Start")
    assert "1 of 10" in at.get("progress")[0].proto.text
    assert not at.info


@pytest.mark.parametrize(("right", "verdict"), [(10, "you are above that"), (1, "below that")])
@pytest.mark.usefixtures("recordings")
def test_a_round_stands_beside_people_where_they_were_asked_the_same(right, verdict):
    grouping = GROUPINGS["quiet"]
    names = {e: label for label, group in grouping.members.items() for e in group}
    at = started(classes=grouping.title)
    for number in range(10):
        acted = names[ACTED[now(at)]]
        press(at, acted if number < right else "sad" if acted != "sad" else "happy")
    assert verdict in html(at)


@pytest.mark.usefixtures("recordings")
def test_merged_classes_are_what_is_guessed(models):
    grouping = GROUPINGS["arousal"]
    names = {e: label for label, group in grouping.members.items() for e in group}
    at = started(classes=grouping.title)
    guesses = ["low", "high"] * 5
    clips = guessed(at, guesses)
    acted = [names[e] for e in ACTED[clips]]
    theirs = [names[e] for e in answers(models, clips)]
    assert counts(at, "confusion-own") == oracle(acted, guesses, ["low", "high"])
    assert counts(at, "confusion-model") == oracle(acted, theirs, ["low", "high"])
    assert "(Livingstone and Russo 2018)." in html(at)


@pytest.mark.usefixtures("recordings")
def test_few_clips_make_a_short_round(models):
    wanted = {"sex": "female", "intensity": "strong", "statement": "dogs"}
    rows = predictions(models, "good")
    few = rows[(rows[[*wanted]] == [*wanted.values()]).all(axis=1)].groupby("emotion").head(1)
    for name in ("good", "poor"):
        change_predictions(models, name, lambda rows: rows[rows["clip"].isin(few["clip"])])
    at = opened()
    assert f"Only {len(few)} clips pass the filter." in html(at)
    press(at, "Start")
    guessed(at, [None] * len(few))
    assert f"You got {len(few)} of {len(few)} right" in html(at)
    assert any(b.label == "Once more" for b in at.button)


def test_a_second_click_on_a_guessed_clip_does_not_count(monkeypatch):
    played = drawn(ACTED.reset_index().assign(speaker="ravdess/01"), tuple(CLASSES), seed=1)
    session = {"guess_round": played}
    monkeypatch.setattr(quiz_section.st, "session_state", session)
    for _ in range(2):
        quiz_section._guess(0, "sad")
    assert session["guess_round"].guesses == ("sad",)


def test_a_damaged_recording_makes_room_for_another(recordings):
    at = started()
    guessed(at, [None])
    bad = now(at)
    recordings.add(bad)
    at.run()
    assert "1 recording could not be played" in told(at.warning)[0]
    assert f"{bad}.wav is not audio" in told(at.warning)[0]
    clips = guessed(at, [None] * 9)
    assert bad not in clips
    assert "You got 10 of 10 right" in html(at)


def test_without_recordings_the_way_to_them_is_told(monkeypatch):
    monkeypatch.setattr(cache, "clip_wav", lambda clip, corpus: None)
    at = opened()
    assert "The clips are not on this machine." in html(at)
    assert at.code[-1].value == "python -m train download ravdess"
    assert not [b for b in at.button if b.label == "Start"]


@pytest.mark.usefixtures("recordings")
def test_recordings_may_go_and_come_back(monkeypatch):
    at = opened()
    there = cache.clip_wav
    monkeypatch.setattr(cache, "clip_wav", lambda clip, corpus: None)
    press(at, "Start")
    assert "The clips are not on this machine." in html(at)
    monkeypatch.setattr(cache, "clip_wav", there)
    at.run()
    press(at, "Start")
    assert "1 of 10" in at.get("progress")[0].proto.text


def test_clips_of_the_corpus_are_played():
    require_ravdess()
    at = started()
    assert len(at.get("audio")) == 1
    guessed(at, [None] * 10)
    assert "You got 10 of 10 right" in html(at)
