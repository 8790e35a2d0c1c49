"""Voices told apart: the parts by hand, the whole on made-up voices and on dialogues of actors."""

import hashlib
import re

import numpy as np
import pytest

from benchmarks.conversations import REPORTED
from benchmarks.dialogues import Plan, build
from benchmarks.diarisation_error import errors
from ser_core.audio.clip import AudioClip
from ser_core.corpora.splits import folds
from ser_core.speakers import embedding, segmentation
from ser_core.speakers.clustering import voices_of
from ser_core.speakers.diarisation import Diarisation, Heard, Turn, diarise, told_apart
from ser_core.speakers.filter_bank import log_mel_bands
from ser_core.speakers.segmentation import FRAMES, Run, runs, tracks, window_starts
from tests.corpus import require
from tests.voice import deep_and_high, silence


def test_bands_are_those_of_kaldi():
    """Computed by kaldi-native-fbank 1.23 without dither: every eighth band of frames 0 and 5."""
    time = np.arange(2000) / 16_000
    sweep = 0.1 * np.sin(2 * np.pi * (1000 + 20_000 * time) * time)
    tones = 0.3 * np.sin(2 * np.pi * 220 * time) + 0.02 * np.cos(2 * np.pi * 5000 * time)
    bands = log_mel_bands((tones + sweep).astype(np.float32))
    assert bands.shape == (11, 80)
    kaldi = [
        [
            -6.0221,
            1.2631,
            -12.7139,
            -8.5177,
            1.2392,
            0.4913,
            -12.6829,
            -15.9424,
            -10.5634,
            -15.9424,
        ],
        [
            -6.0924,
            1.2629,
            -12.8779,
            -15.0201,
            -15.9424,
            -15.9424,
            -10.7395,
            4.5363,
            -10.4994,
            -15.9424,
        ],
    ]
    np.testing.assert_allclose(bands[[0, 5], ::8], kaldi, atol=2e-3)
    assert bands.mean() == pytest.approx(-9.7963, abs=1e-3)


def test_less_than_a_frame_has_no_bands():
    assert log_mel_bands(np.zeros(399, np.float32)).shape == (0, 80)


def test_the_networks_are_those_of_the_notice():
    files = [segmentation.MODEL_FILE, embedding.MODEL_FILE]
    notice = segmentation.MODEL_FILE.with_name("NOTICE.md").read_text("utf-8")
    told = re.findall(r"\b[0-9a-f]{64}\b", notice)
    assert [hashlib.sha256(file.read_bytes()).hexdigest() for file in files] == told


def test_windows_cover_the_sound_on_the_grid_of_frames():
    for seconds in (0.0, 3.0, 10.0, 10.1, 61.7):
        starts = window_starts(round(seconds * 16_000), 80_000)
        assert all(start % segmentation.FRAME_SAMPLES == 0 for start in starts)
        assert starts[-1] + segmentation.WINDOW_SAMPLES >= seconds * 16_000


def test_windows_that_name_voices_otherwise_become_one_track_each():
    active = np.zeros((2, FRAMES, 3), np.bool_)
    starts = [0, 80_000 // 270 * 270]
    offset = starts[1] // 270
    active[0, 100:400, 0] = active[0, 450:, 1] = True
    active[1, : 400 - offset, 2] = active[1, 450 - offset : 500, 0] = True
    found = runs(tracks(active, starts))
    assert found == [Run(100, 400, 0), Run(450, offset + 500, 1)]


def directions(*members, noise=0.4, seed=0):
    """Vectors around orthogonal directions, as many as told of each."""
    rng = np.random.default_rng(seed)
    means = np.linalg.qr(rng.normal(size=(192, len(members))))[0].T
    vectors = np.repeat(means, members, axis=0)
    vectors = vectors + rng.normal(0, noise / np.sqrt(192), vectors.shape)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), means


def test_the_number_of_voices_is_found_or_given():
    vectors, means = directions(12, 9, 6)
    seconds = np.full(27, 2.0)
    found = voices_of(vectors, seconds, None)
    np.testing.assert_array_equal(np.argmax(found @ means.T, axis=1), [0, 1, 2])
    assert len(voices_of(vectors, seconds, 2)) == 2
    assert len(voices_of(vectors, seconds, 1)) == 1
    assert len(voices_of(vectors[:1], seconds[:1], None)) == 1


def test_a_cough_is_no_voice():
    vectors, means = directions(10, 8, 1)
    seconds = np.array([2.0] * 18 + [1.1])
    assert len(voices_of(vectors, seconds, None)) == 2
    found = voices_of(vectors, seconds, 2)
    np.testing.assert_array_equal(np.argmax(found @ means.T, axis=1), [0, 1])


def test_no_more_voices_than_eight():
    vectors, _ = directions(*[3] * 11)
    assert len(voices_of(vectors, np.full(33, 2.0), None)) == 8


FRAME_S = segmentation.FRAME_S


def heard(start, end, vector, track=0):
    return Heard(Run(start, end, track), vector, (end - start) * FRAME_S)


def test_runs_become_turns_by_order_of_appearance():
    (one, two), _ = directions(1, 1, noise=0)
    short = Heard(Run(940, 948, 0), None, 0.13)  # tells nothing: whose track it is
    found = told_apart(
        [
            heard(10, 300, two),
            heard(310, 500, two),  # a pause of 0.17 s is none
            heard(480, 900, one, track=1),
            short,
        ],
        2,
    )
    assert found.voices == 2
    assert [turn.voice for turn in found.turns] == [0, 1, 0]
    times = [(turn.onset_s, turn.offset_s) for turn in found.turns]
    start_s = segmentation.FIRST_FRAME_S - FRAME_S / 2
    frames = [(10, 500), (480, 900)]
    for (onset_s, offset_s), (first, last) in zip(times, frames, strict=False):
        assert onset_s == pytest.approx(start_s + first * FRAME_S)
        assert offset_s == pytest.approx(start_s + last * FRAME_S)
    ((a, b),) = found.overlaps
    assert b - a == pytest.approx(20 * FRAME_S)


def test_overlaps_lie_where_turns_do():
    turns = (Turn(0.0, 5.0, 0), Turn(1.0, 2.0, 1), Turn(4.0, 7.0, 1), Turn(7.0, 8.0, 0))
    assert Diarisation(turns, 2).overlaps == ((1.0, 2.0), (4.0, 5.0))


@pytest.mark.parametrize("seconds", [0.0, 0.01, 1.0, 12.0])
def test_silence_has_no_voices(seconds):
    assert diarise(AudioClip(silence(seconds))) == Diarisation((), 0)


@pytest.mark.parametrize("voices", [None, 2])
def test_two_made_up_voices_are_told_apart(voices):
    told = []
    found = diarise(AudioClip(deep_and_high()), voices, told.append)
    assert [turn.voice for turn in found.turns] == [0, 1] * 3
    onsets = [turn.onset_s for turn in found.turns]
    np.testing.assert_allclose(onsets, [0.7 + 3.7 * turn for turn in range(6)], atol=0.15)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_one_voice_is_one_where_that_is_said():
    found = diarise(AudioClip(deep_and_high(4)), 1)
    assert {turn.voice for turn in found.turns} == {0}


@pytest.mark.slow
@pytest.mark.parametrize(("voices", "at_most"), [(2, 0.12), (3, 0.18)])
def test_acted_dialogues_are_told_apart_as_well_as_is_said(voices, at_most):
    require("nemo")
    numbers = REPORTED["nemo"]
    speakers = tuple(s for fold in folds("nemo") if fold.number in numbers for s in fold.test)
    dialogue = build(Plan("nemo", speakers, voices, "room", 0, 60.0))
    truth = [(s.onset_s, s.offset_s, s.voice) for s in dialogue.spoken]
    found = diarise(dialogue.clip, voices)
    turns = [(turn.onset_s, turn.offset_s, str(turn.voice)) for turn in found.turns]
    assert errors(truth, turns, 0.25).rate <= at_most
