"""Films: which pictures are looked at, what is told of the face, and where the voice differs."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ser_core import cli, look
from ser_core.analysis.seen import seen_in
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.audio.clip import AudioClip
from ser_core.audio.levels import Envelope
from ser_core.decoding.decode import decode
from ser_core.emotions import Emotion
from ser_core.errors import AudioError, CancelledError, FaceError
from ser_core.faces import film as film_module
from ser_core.faces.detector import Face
from ser_core.faces.film import STEP_S, moments
from ser_core.faces.track import LABELS, FaceTrack, Look, Span
from ser_core.formatting import NBSP, percent
from ser_core.plots.result.face import add_face
from ser_core.plots.result.timeline import timeline_figure
from ser_core.plots.theme import LIGHT
from ser_core.reports.faces import amounts_of, disagreements, face_record, look_rows
from ser_core.reports.records import segment_rows, summary_rows, to_record
from tests.bundles import make_bundle
from tests.films import RATE, drawn_face, empty, film_of
from tests.recordings import film
from tests.voice import silence, voice

FACE = Face(0.1, 0.1, 0.4, 0.5, 0.9)
SHADES = [np.full((240, 320, 3), shade, np.uint8) for shade in range(0, 250, 5)]  # five seconds


def looking(emotion: Emotion, share: float = 0.9) -> dict[Emotion, float]:
    return {e: share if e == emotion else (1 - share) / 6 for e in LABELS}


def track_of(*emotions: Emotion | None) -> FaceTrack:
    """A moment each; None where no face is seen."""
    return FaceTrack(
        tuple(
            Look(nth * STEP_S, 1, FACE, looking(e)) if e else Look(nth * STEP_S)
            for nth, e in enumerate(emotions)
        )
    )


def timeline_of(*segments: Segment) -> Timeline:
    end_s = segments[-1].end_s
    return Timeline("tiny", end_s, ((0.0, end_s),), (), segments)


def shades(content: bytes) -> list[int]:
    """The shade of each picture that is looked at, rounded as they were made."""
    return [5 * round(moment.picture.mean() / 5) for moment in moments(content)]


def test_two_pictures_a_second_are_looked_at():
    found = list(moments(film_of(SHADES)))
    assert [moment.nth for moment in found] == list(range(10))
    assert found[0].share == 0
    assert found[-1].share == pytest.approx(0.9, abs=0.02)
    step = 5 * RATE * STEP_S
    assert shades(film_of(SHADES)) == pytest.approx([step * nth for nth in range(10)], abs=5)


def test_they_stand_on_the_clock_of_the_sound():
    late = film_of(SHADES[:20], voice(4.0), late_s=1.5)
    assert [moment.nth for moment in moments(late)] == [3, 4, 5, 6]
    cut = film_of(SHADES[:20], voice(2.0), container="matroska", clock_s=5.0)
    assert [moment.nth for moment in moments(cut)] == [0, 1, 2, 3]


@pytest.mark.parametrize("turned", [90, -90, 180])
def test_a_film_is_turned_as_it_says(turned):
    upright = drawn_face(100, 90)
    stored = np.ascontiguousarray(np.rot90(upright, -turned // 90))
    picture = next(moments(film_of([stored] * 5, turned=turned))).picture
    assert picture.shape == upright.shape
    assert np.abs(picture.astype(int) - upright).mean() < 8


def test_a_large_picture_is_made_smaller():
    picture = next(moments(film_of([np.zeros((1080, 1920, 3), np.uint8)]))).picture
    assert picture.shape == (720, 1280, 3)


def test_too_large_pictures_are_refused(monkeypatch):
    monkeypatch.setattr(film_module, "_MOST_PIXELS", 1000)
    with pytest.raises(FaceError, match=r"wide\.mp4 are too large \(320 by 240 pixels\)"):
        list(moments(film_of(SHADES[:5]), "wide.mp4"))


def test_what_lies_beyond_the_limit_is_not_looked_at(monkeypatch):
    monkeypatch.setattr(film_module, "MAX_DURATION_S", 2.0)
    assert [moment.nth for moment in moments(film_of(SHADES))] == [0, 1, 2, 3]


@pytest.mark.parametrize("codec", ["mpeg4", "mjpeg"])
def test_damage_is_read_past(codec):
    content = bytearray(film_of(SHADES, container="matroska", codec=codec))
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    found = [moment.nth for moment in moments(bytes(content))]
    assert {0, 1, 8, 9} <= set(found)
    assert found == sorted(set(found))


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_film_that_ends_early_is_looked_at_up_to_there(share):
    content = film_of(SHADES, container="matroska")
    found = [moment.nth for moment in moments(content[: int(share * len(content))])]
    assert 0 < len(found) < 10


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(film([voice(1.0)]), id="sound alone"),
        pytest.param(film_of([drawn_face()], voice(1.0), cover=True), id="the cover of a record"),
        pytest.param(b"no film at all" * 100, id="no film"),
    ],
)
def test_without_moving_pictures_it_says_so(content):
    with pytest.raises(FaceError, match=r"talk has no moving pictures"):
        look(content, "talk")


def test_an_empty_file_is_told():
    with pytest.raises(AudioError, match="is empty"):
        look(b"", "talk")


def test_a_decoded_file_knows_whether_it_is_a_film():
    assert decode(film_of(SHADES[:10], voice(1.0))).film
    assert not decode(film([voice(1.0)])).film
    assert not decode(film_of([drawn_face()], voice(1.0), cover=True)).film


def test_a_face_is_followed_until_it_is_gone():
    told = []
    found = look(film_of([drawn_face()] * 20 + [empty()] * 20), progress=told.append)
    assert [bool(each.face) for each in found.looks] == [True] * 4 + [False] * 4
    assert [each.faces for each in found.looks] == [1] * 4 + [0] * 4
    assert found.seen_share == 0.5
    assert told == sorted(told)


def test_of_two_faces_the_largest_counts():
    both = np.concatenate([drawn_face(60, 120, 0.45), drawn_face(160, 120, 0.7)], axis=1)
    found = look(film_of([both] * 5)).looks[0]
    assert found.faces == 2
    assert found.face.left > 0.5


def test_it_can_be_cancelled():
    def stop(_: float) -> None:
        raise CancelledError("Enough.")

    with pytest.raises(CancelledError):
        look(film_of(SHADES), progress=stop)


def test_moments_that_look_the_same_are_one_span():
    found = track_of(Emotion.HAPPY, Emotion.HAPPY, None, Emotion.HAPPY, Emotion.SAD)
    assert found.spans == [
        Span(0.0, 1.0, Emotion.HAPPY),
        Span(1.5, 2.0, Emotion.HAPPY),
        Span(2.0, 2.5, Emotion.SAD),
    ]
    even = replace(found.looks[0], probabilities=dict.fromkeys(LABELS, 1 / 7))
    assert FaceTrack((even,)).spans == [Span(0.0, 0.5, None)]


def test_how_long_it_looks_like_what_is_told_in_a_sentence():
    found = track_of(Emotion.SAD, Emotion.HAPPY, Emotion.HAPPY, None)
    told = amounts_of(found).replace(NBSP, " ")
    assert told == "A face is seen 75 % of the time. It looks happy for 1.0 s, sad for 0.5 s."
    assert amounts_of(track_of(None)) == "No face was seen."


def voiced(emotion: Emotion | None, share: float = 0.8) -> Segment:
    return Segment(0.0, 2.0, emotion, looking(emotion or Emotion.SAD, share))


@pytest.mark.parametrize(
    ("voice_is", "face", "disagree"),
    [
        (voiced(Emotion.SAD), Emotion.HAPPY, True),
        (voiced(Emotion.HAPPY), Emotion.ANGRY, True),
        (voiced(Emotion.SAD), Emotion.ANGRY, False),
        (voiced(Emotion.HAPPY), Emotion.HAPPY, False),
        (voiced(Emotion.SAD), Emotion.NEUTRAL, False),
        (voiced(Emotion.SURPRISED), Emotion.SAD, False),
        (voiced(None), Emotion.HAPPY, False),
        (voiced(Emotion.HAPPY, 0.5), Emotion.SAD, False),
        (voiced(Emotion.SAD), None, False),
    ],
)
def test_a_clear_voice_and_a_clear_face_of_other_signs_disagree(voice_is, face, disagree):
    (found,) = seen_in(timeline_of(voice_is), track_of(*[face] * 4))
    assert found.disagrees is disagree


def test_only_the_face_of_the_same_time_counts():
    later = Segment(2.0, 4.0, Emotion.SAD, looking(Emotion.SAD), "A")
    found = seen_in(
        timeline_of(voiced(Emotion.SAD), later), track_of(*[None] * 3, *[Emotion.HAPPY] * 5)
    )
    assert [each.disagrees for each in found] == [False, True]  # one moment says nothing
    assert disagreements(found, "Voice {}".format) == [
        f"Voice A, 0:02.0 to 0:04.0: the voice sounds sad ({percent(0.9)}), the face looks happy."
    ]


def test_records_and_rows_hold_the_face_and_leave_the_voice_alone():
    timeline, found = timeline_of(voiced(Emotion.SAD)), track_of(*[Emotion.HAPPY] * 3, None)
    before = to_record(timeline, "film.mp4")
    record = face_record(before, found, seen_in(timeline, found))
    assert {key: record[key] for key in before if key != "segments"} == {
        key: before[key] for key in before if key != "segments"
    }
    assert record["face"]["emotion"] == "happy"
    assert record["face"]["seen_share"] == 0.75
    assert [each["emotion"] for each in record["face"]["looks"]] == ["happy"] * 3 + [None]
    (segment,) = record["segments"]
    assert (segment["emotion"], segment["face"]["emotion"]) == ("sad", "happy")
    assert segment["voice_and_face_disagree"] is True
    json.dumps(record)
    (row,) = segment_rows([record])
    assert (row["face_emotion"], row["p_face_happy"], row["p_sad"]) == ("happy", 0.9, 0.8)
    sound = face_record(to_record(timeline, "talk.wav"), None)
    rows = summary_rows([record, sound])
    assert [row["face_emotion"] for row in rows] == ["happy", None]
    assert segment_rows([sound])[0]["voice_and_face_disagree"] is None
    assert [row["looks"] for row in look_rows(found)] == ["happy"] * 3 + [None]
    assert "face_emotion" not in summary_rows([before])[0]


def test_a_chart_has_the_face_on_its_axis_of_time():
    clip = AudioClip(np.ones(32_000, np.float32))
    figure = timeline_figure(Envelope.of(clip), timeline_of(voiced(Emotion.SAD)), LIGHT)
    add_face(figure, track_of(Emotion.HAPPY, Emotion.HAPPY, None, Emotion.SAD), LIGHT)
    happy, sad = (trace for trace in figure.data if trace.yaxis == "y3")
    assert (happy.base, happy.x) == ((0.0,), (1.0,))
    assert (sad.base, sad.x) == ((1.5,), (0.5,))
    assert happy.marker.color == LIGHT.colour(Emotion.HAPPY)
    assert happy.hovertext == ("0:00.0 to 0:01.0: face, happy",)


def test_the_command_line_looks_at_films_and_tells_what_is_none(tmp_path, capsys, models_of_one):
    said = np.concatenate([silence(0.5), voice(2.0), silence(0.5)])
    (tmp_path / "film.mp4").write_bytes(film_of([drawn_face()] * 30, said))
    (tmp_path / "talk.m4a").write_bytes(film([said]))
    assert cli.main(["predict", str(tmp_path), "--face", "--format", "json"]) == 0
    with_face, without = json.loads(capsys.readouterr().out)
    assert with_face["face"]["seen_share"] == 1
    assert with_face["segments"][0]["face"]["probabilities"]
    assert without["face"] is None
    assert without["error"] is None
    assert "talk.m4a has no moving pictures" in without["warnings"][-1]
    assert cli.main(["predict", str(tmp_path), "--format", "json"]) == 0
    assert all("face" not in record for record in json.loads(capsys.readouterr().out))


@pytest.fixture
def models_of_one(monkeypatch, tmp_path_factory):
    """Folder of the installed models: one."""
    folder = tmp_path_factory.mktemp("models")
    make_bundle(folder, "tiny")
    monkeypatch.setenv("SER_MODELS_DIR", str(folder))
