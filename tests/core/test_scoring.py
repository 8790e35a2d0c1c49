"""How far a file is: told step by step, and where it is to end, it ends."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from ser_core.analysis.analyser import Adapt
from ser_core.bundles.store import ModelStore
from ser_core.errors import CancelledError
from ser_core.inputs import Input, Voices
from ser_core.scoring import Wanted, scored
from tests.bundles import make_bundle
from tests.films import drawn_face, film_of
from tests.service.spoken import LANGUAGE, Writer
from tests.voice import RATE_HZ, silence, voice

FILM_S = 3


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    make_bundle(folder, "tiny")
    return ModelStore(folder).load("tiny")


@pytest.fixture(scope="module")
def film():
    said = np.concatenate([silence(0.5), voice(FILM_S - 1.0), silence(0.5)])
    return Input(Path("film.mp4"), content=film_of([drawn_face()] * 10 * FILM_S, said))


def all_of(model, told):
    voices = Voices(Adapt.NONE, {})
    return Wanted([model, model], voices, transcriber=Writer(), face=True, told=told)


def test_faces_voices_and_words_are_steps_of_one_way(model, film):
    told = []
    first, second = [found.record for found in scored(film, all_of(model, told.append))]
    assert first == second
    assert first["language"] == LANGUAGE
    assert first["face"]["seen_share"] == 1
    assert told == sorted(told)
    assert told[0] < 0.25 < told[-1] == 1.0


@pytest.mark.parametrize("nth", range(4))
def test_each_step_ends_where_it_is_cancelled(model, film, nth):
    def told(share):
        if share > nth / 4:
            raise CancelledError

    with pytest.raises(CancelledError):
        list(scored(film, all_of(model, told)))


def call(model, told):
    """What `scored` makes of a call with a voice on each channel, which are told apart."""
    left, right = np.zeros((2, 7 * RATE_HZ), np.float32)
    left[: 3 * RATE_HZ], right[4 * RATE_HZ :] = voice(3.0), voice(3.0, 200, seed=5)
    content = io.BytesIO()
    sf.write(content, np.stack([left, right], axis=1), RATE_HZ, format="WAV")
    given = Input(Path("call.wav"), content=content.getvalue())
    return list(scored(given, Wanted([model], Voices(Adapt.NONE, {}), apart=0, told=told)))


def test_a_call_tells_how_far_it_is(model):
    told = []
    (found,) = call(model, told.append)
    assert len(found.record["voices"]) == 2
    assert told == sorted(told)
    assert told[0] < 0.5 < told[-1] == 1.0


@pytest.mark.parametrize("far", [0.0, 0.5])
def test_a_call_ends_where_it_is_cancelled(model, far):
    def told(share):
        if share > far:
            raise CancelledError

    with pytest.raises(CancelledError):
        call(model, told)
