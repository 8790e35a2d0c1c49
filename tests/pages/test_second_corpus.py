"""The dataset page with a corpus of one intensity, ten statements and six emotions."""

import re

from streamlit.testing.v1 import AppTest

from ser_core.corpora import published
from ser_core.corpora.index.reading import load_index
from tests.corpus import require
from tests.pages.demo import told
from tests.pages.map_page import PAGE, explorer, figure, html

ABOUT = PAGE.with_name("about.py")


def shown_of(at: AppTest) -> tuple[int, int]:
    shown, whole = re.search(r"<b>([\d ]+)</b> of ([\d ]+) clips", html(at)).groups()
    return int(shown.replace(" ", "")), int(whole.replace(" ", ""))


def emotions(at: AppTest) -> list[str]:
    return at.button_group(key="emotion").value


def keys(at: AppTest) -> set[str]:
    return {group.key for group in at.button_group}


def test_a_link_opens_the_corpus_with_the_filters_it_has():
    at = explorer(corpus="emodb")
    assert shown_of(at) == (454, 454)
    assert "10 speakers, 21 minutes" in html(at)
    assert {"emotion", "voice", "map"} <= keys(at)
    assert "strength" not in keys(at)  # one intensity tells nothing
    assert at.selectbox(key="sentence").options[:3] == ["All", "a01", "a02"]
    at = explorer(corpus="emodb", part="Counts")
    assert [bar["name"] for bar in figure(at, 0)["data"]] == ["female", "male"]
    assert figure(at, 0)["layout"]["yaxis"]["ticktext"] == [
        "neutral", "happy", "sad", "angry", "fearful", "disgust"
    ]  # fmt: skip


def test_the_class_that_is_left_out_is_told_on_both_pages():
    told_so = "81 more clips, of boredom, are left out"
    assert told_so in html(explorer(corpus="emodb"))
    assert told_so not in html(explorer())
    assert html(AppTest.from_file(str(ABOUT), default_timeout=60).run()).count(told_so) == 1


def test_filters_in_a_link_combine():
    index = load_index("emodb")
    rows = index[(index["sex"] == "female") & (index["statement"] == "b10")]
    rows = rows[rows["emotion"].isin(["sad", "happy"])]
    at = explorer(corpus="emodb", voice="Female", sentence="b10", emotion=["sad", "happy"])
    assert shown_of(at) == (len(rows), 454)
    assert sorted(at.selectbox(key="clip").options) == sorted(
        f"{r.emotion}, speaker {r.actor}, b10, take {r.repetition}" for r in rows.itertuples()
    )


def test_a_clip_is_opened_with_its_german_sentence_and_without_an_intensity():
    at = explorer(corpus="emodb", clip="16b10Td")
    assert "No model was scored on the clips of this corpus" in html(at)
    assert "sad speaker 16, female" in re.sub("<.*?>", "", html(at))
    assert "“Die wird auf dem Platz sein, wo wir sie immer hinlegen”, fourth take" in html(at)


def test_changing_the_corpus_changes_the_link_and_clears_the_filters():
    at = explorer(voice="Female", strength="Strong", emotion=["calm", "sad"])
    at.selectbox(key="corpus").set_value("emodb").run()
    assert shown_of(at) == (454, 454)
    assert "emodb" in at.query_params["corpus"]
    at.selectbox(key="sentence").set_value("a02").run()
    assert shown_of(at)[0] < 100
    at.selectbox(key="corpus").set_value("ravdess").run()
    assert shown_of(at) == (1440, 1440)
    assert len(emotions(at)) == 8
    assert "corpus" not in at.query_params


def test_an_unknown_corpus_in_a_link_is_ignored():
    at = explorer(corpus="../ravdess", sentence="a01")
    assert shown_of(at) == (1440, 1440)


def test_nothing_shown_is_told_and_clears():
    at = explorer(corpus="emodb", voice="Male", sentence="a05", emotion=["disgust"])
    at.button_group(key="emotion").set_value([]).run()
    assert "No emotion is chosen." in html(at)
    at.button(key="clear").click().run()
    assert shown_of(at) == (454, 454)


def test_a_corpus_without_an_index_leaves_the_other_one_usable(monkeypatch, tmp_path):
    kept = published.INDEXES_DIR / "ravdess.parquet"
    (tmp_path / kept.name).write_bytes(kept.read_bytes())
    monkeypatch.setattr(published, "INDEXES_DIR", tmp_path)
    at = explorer(corpus="emodb")
    assert "python -m train index emodb" in told(at.error)[0]
    at.selectbox(key="corpus").set_value("ravdess").run()
    assert shown_of(at) == (1440, 1440)


def test_without_the_recordings_copies_are_heard_and_seen_but_not_given_away(folder):
    at = explorer(["03a01Fa", "03a01Nc"], corpus="emodb", lasso="true")
    assert len(at.get("audio")) == 1
    assert "fetch" not in {button.key for button in at.button}
    assert "drawn" in keys(at)  # the switch of pitch and MFCC, which need the sound
    assert "Their original sound is not on this machine." in html(at)
    (offered,) = (button.proto.id for button in at.get("download_button"))
    assert offered.endswith("selection-csv")


def test_without_the_recordings_they_are_offered_without_a_size(folder):
    at = explorer(corpus="emodb", part="Health")
    assert at.button(key="fetch-health").label == "Fetch the clips"
    assert any("only the originals are checked" in text for text in told(at.info))
    assert "No checksum of this archive is published" in html(at)


def test_with_the_recordings_there_is_a_player():
    require("emodb")
    at = explorer(corpus="emodb")
    assert len(at.get("audio")) == 1
