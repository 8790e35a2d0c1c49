"""Examples to hear and to judge, on Home and in the Live demo, with no recordings installed."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from streamlit.testing.v1 import AppTest

from pages.shared.ui import cache
from ser_core.corpora import published
from ser_core.corpora.examples import EXAMPLES
from ser_core.corpora.index.reading import load_index
from tests.pages.demo import PAGE, demo, html, player, told

HOME = PAGE.with_name("home.py")
pytestmark = pytest.mark.usefixtures("browser", "two_models", "folder")


def home() -> AppTest:
    return AppTest.from_file(str(HOME), default_timeout=60).run()


def judged(clip: str) -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    at.query_params["example"] = clip
    return at.run()


def cards(at: AppTest) -> list[dict]:
    (proto,) = (e.proto for e in at.get("bidi_component") if "examples" in e.proto.id)
    return [card for group in json.loads(proto.json)["groups"] for card in group["cards"]]


@pytest.mark.parametrize("page", [home, demo])
def test_both_pages_show_the_eight_with_the_address_of_their_result(page):
    shown = cards(page())
    assert [card["id"] for card in shown] == [each.clip for each in EXAMPLES]
    assert [card["result"] for card in shown] == [f"live_demo?example={c['id']}" for c in shown]
    assert shown[0]["who"] == "woman, 35"
    assert shown[4]["said"] == "“I could tell him tonight”"


@pytest.mark.parametrize("page", [home, demo])
def test_that_the_voices_were_in_training_is_said_beside_them(page):
    assert "These voices were in training" in html(page())


def test_a_card_draws_what_is_spoken():
    card, row = cards(home())[3], load_index("emodb").set_index("clip").loc["14b02Wd"]
    whole = row["envelope"].tolist()
    per_s = len(whole) / row["duration_s"]
    start = int((row["onset_s"] - 0.08) * per_s)
    assert card["peaks"] == whole[start : start + len(card["peaks"])]
    assert len(card["peaks"]) == pytest.approx(
        (row["offset_s"] - row["onset_s"] + 0.16) * per_s, abs=2
    )
    assert max(card["peaks"]) == 255


def test_the_page_has_no_sound_in_it_only_where_to_fetch_it():
    at = home()
    assert not at.get("audio")
    (proto,) = (e.proto for e in at.get("bidi_component") if "examples" in e.proto.id)
    assert len(proto.json) < 6_000
    address = cards(at)[0]["sound"]
    assert address.startswith("/mock/media/") or address.startswith("/media/")
    assert address.endswith(".wav")


def test_without_the_index_home_does_without_examples(monkeypatch, tmp_path):
    monkeypatch.setattr(published, "INDEXES_DIR", tmp_path)
    at = home()
    assert not [e for e in at.get("bidi_component") if "examples" in e.proto.id]
    assert "Try an example" not in html(at)


def test_an_address_leads_to_the_result_of_its_example():
    at = judged("03a04Fd")
    text = html(at)
    assert "Acted happy by a man of 31: “I could tell him tonight”, in German." in text
    assert "Sounds angry" in text  # as this model always says
    assert player(at)["offers"]["why"] == "Why"
    assert "No installed model learned from this voice." in text
    assert not at.get("tab")


def test_a_result_says_which_models_learned_from_the_voice(two_models):
    card = two_models / "sad" / "card.json"
    content = json.loads(card.read_text(encoding="utf-8"))
    content["corpora"] = [
        {"name": "emodb", "title": "EMO-DB", "licence": "CC0 1.0", "clips": 454, "speakers": 10}
    ]
    card.write_text(json.dumps(content), encoding="utf-8")
    text = html(judged("14b02Na"))
    assert "Sad one learned from this voice; the other models did not." in text


def test_the_way_back_leads_to_the_examples():
    at = judged("14b02Na")
    next(button for button in at.button if button.label == "All examples").click().run()
    assert "example" not in at.query_params
    assert len(cards(at)) == 8


def test_another_model_judges_the_same_example():
    at = judged("14b02Na")
    at.selectbox(key="live_model").set_value("sad").run()
    assert "Sounds sad" in html(at)


def test_an_unknown_example_is_told_and_the_page_goes_on():
    at = judged("03a05Wb")
    assert told(at.error) == ["There is no example of this name. Those that there are stand below."]
    assert len(cards(at)) == 8


def test_without_a_model_there_is_a_way_back(two_models):
    for card in two_models.glob("*/card.json"):
        card.unlink()
    at = judged("14b02Na")
    assert "No model is installed." in html(at)
    assert [button.label for button in at.button] == ["All examples"]


def test_an_installed_recording_goes_before_its_copy(folder: Path):
    spoken = np.sin(np.arange(16_000) / 9).astype(np.float32) / 2
    place = folder.with_name("emodb") / "wav"
    place.mkdir(parents=True)
    sf.write(place / "03a01Fa.flac", spoken, 16_000)
    heard, _ = sf.read(io.BytesIO(cache.clip_wav("03a01Fa", "emodb")))
    assert heard.size == 16_000
    np.testing.assert_allclose(heard, spoken, atol=1e-3)
    copied, _ = sf.read(io.BytesIO(cache.clip_wav("03a01Nc", "emodb")))
    assert copied.size / 16_000 == pytest.approx(1.611, abs=0.001)
