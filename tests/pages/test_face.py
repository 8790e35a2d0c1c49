"""The face of an uploaded film: looked at where the visitor asks for it, beside the voice."""

import json

import numpy as np
import pytest

from pages.shared.live import downloads, face_panel
from pages.shared.ui.background import Job
from ser_core.emotions import Emotion
from ser_core.errors import FaceError
from ser_core.faces.detector import Face
from ser_core.faces.track import LABELS, STEP_S, FaceTrack, Look
from tests.films import drawn_face, empty, film_of
from tests.pages.demo import SPOKEN, demo, html, player, press, scored, told
from tests.voice import silence, voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")

SAID = np.concatenate([silence(0.5), voice(3.0), silence(0.5)])
FILM = film_of([drawn_face()] * 20 + [empty()] * 20, SAID)
SMILE = {e: 0.94 if e == Emotion.HAPPY else 0.01 for e in LABELS}


@pytest.fixture
def smiling(monkeypatch) -> list[bytes]:
    """Whoever is in the film smiles; gives the films that were looked at."""
    films = []

    def look(film, name, progress):
        films.append(film)
        progress(0.5)
        face = Face(0.2, 0.2, 0.6, 0.8, 0.9)
        return FaceTrack(tuple(Look(nth * STEP_S, 1, face, SMILE) for nth in range(8)))

    monkeypatch.setattr(face_panel, "look", look)
    return films


def opened(content: bytes = FILM, name: str = "film.mp4"):
    """A result with the popover of the face open, if it has one."""
    at = demo("Upload")
    at.file_uploader[0].set_value([(name, content, "video/mp4")]).run()
    scored(at)
    at.session_state[f"{prefix(at)}-face"] = True
    return at.run()


def prefix(at) -> str:
    (key,) = at.session_state["results"]
    return f"upload-{key}"


def looked(at):
    press(at, "Look at the face as well")
    kept = at.session_state[f"{prefix(at)}-looked"]
    if isinstance(kept, Job):
        kept.wait(20)
    return at.run()


def offers(at) -> bool:
    return any(button.label == "Look at the face as well" for button in at.button)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(SPOKEN, "talk.wav", id="sound alone"),
        pytest.param(film_of([drawn_face()], SAID, cover=True), "song.m4a", id="a cover"),
    ],
)
def test_without_a_film_there_is_nothing_to_ask_for(content, name):
    assert not offers(opened(content, name))


def test_nothing_is_looked_at_before_somebody_asks(smiling):
    at = opened()
    assert offers(at)
    assert smiling == []
    assert player(at)["rows"] == []
    assert "nobody here has scored them" in html(at)
    assert "AI Act, Article 5" in html(at)


def test_it_stands_in_a_row_of_its_own_and_changes_no_answer(smiling):
    at = opened()
    before = player(at)["segments"]
    at = looked(at)
    assert smiling == [FILM]
    (row,) = player(at)["rows"]
    assert (row["name"], row["bars"]) == ("Face", True)
    (piece,) = row["items"]
    assert (piece["start"], piece["end"], piece["emotion"]) == (0.0, 4.0, "happy")
    assert player(at)["segments"] == before
    assert "It looks happy for 4.0 s." in html(at)


def test_the_row_ends_where_the_sound_does(smiling):
    """Pictures that go on in silence would push their name out of the row."""
    at = looked(opened(film_of([drawn_face()] * 40, voice(2.5))))
    (row,) = player(at)["rows"]
    (piece,) = row["items"]
    assert piece["end"] == pytest.approx(2.5, abs=0.1)


def test_a_smile_with_an_angry_voice_is_told(smiling):
    at = looked(opened())
    assert "The voice sounds one way, the face looks another" in html(at)
    assert "the voice sounds angry" in html(at)
    assert "the face looks happy." in html(at)


def test_a_drawn_face_is_seen_for_as_long_as_it_is_there():
    at = looked(opened())
    (row,) = player(at)["rows"]
    assert row["items"][0]["start"] == 0.0
    assert row["items"][-1]["end"] == 2.0
    assert "A face is seen 50 % of the time." in html(at)


def test_a_film_without_a_face_is_told():
    at = looked(opened(film_of([empty()] * 40, SAID)))
    assert "No face was seen." in html(at)
    assert player(at)["rows"] == []


def test_what_goes_wrong_is_told_and_can_be_tried_again(smiling, monkeypatch):
    def broken(*_):
        raise FaceError("The pictures are too large. Save it in 4K or less.")

    at = opened()
    with monkeypatch.context() as patch:
        patch.setattr(face_panel, "look", broken)
        at = looked(at)
    assert "The pictures are too large. Save it in 4K or less." in told(at.error)
    assert player(looked(at))["rows"]


def test_it_goes_along_into_what_is_taken_home(smiling, monkeypatch):
    saved = {}

    def button(_, content, name, *__, **___):
        saved[name] = content

    monkeypatch.setattr(downloads.st, "download_button", button)
    at = opened()
    at.session_state[f"{prefix(at)}-download"] = True
    at.run()
    assert "face" not in json.loads(saved["film.json"])[0]
    assert "film.face.csv" not in saved
    looked(at)
    (record,) = json.loads(saved["film.json"])
    assert record["face"]["emotion"] == "happy"
    assert record["segments"][0]["voice_and_face_disagree"]
    assert "face_emotion" in saved["film.csv"]
    assert saved["film.face.csv"].splitlines()[1].startswith("0.0,0.5,1,happy,")
    report = saved["film.html"]()
    assert "<h2>Face</h2>" in report
    assert "<th>face looks</th>" in report
    assert '"face, happy"' in report
    assert "the face looks happy." in report
    assert "nobody here has scored them" in report
