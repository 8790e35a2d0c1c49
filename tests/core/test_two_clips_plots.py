import json

import numpy as np
import pytest

from ser_core.acoustics.tracks import Views
from ser_core.audio.clip import AudioClip
from ser_core.emotions import Emotion
from ser_core.plots.dataset.two_clips import Side, two_clips, two_clips_table
from ser_core.plots.theme import DARK, LIGHT
from tests.voice import silence, voice

ENVELOPE = np.array([0, 10, 200, 30], np.uint8)


def side(letter, emotion, onset_s, seed=1, sound=True):
    clip = AudioClip(np.concatenate([silence(onset_s), voice(0.9, seed=seed), silence(0.3)]))
    views = Views.of(clip) if sound else None
    return Side(f"{letter}: {emotion}", emotion, onset_s, clip.duration_s, ENVELOPE, views)


def shown(figure, name, axis):
    return next(t for t in figure.data if t.name == name and t.yaxis == axis)


def test_the_same_voice_later_lies_upon_itself():
    a, b = side("A", Emotion.HAPPY, 0.4), side("B", Emotion.SAD, 1.0)
    figure = two_clips(a, b, LIGHT)
    for axis in ("y3", "y4"):
        first, second = shown(figure, a.name, axis), shown(figure, b.name, axis)
        own = {round(x, 2): y for x, y in zip(first.x.tolist(), first.y.tolist(), strict=True)}
        for x, y in zip(second.x.tolist(), second.y.tolist(), strict=True):
            if 0.05 < round(x, 2) < 0.85:
                assert own[round(x, 2)] == pytest.approx(y, abs=0.5, nan_ok=True)
        assert (first.line.dash is None, second.line.dash is None) == (True, False)
    assert figure.layout.xaxis.range == (-1.0, pytest.approx(1.2))
    assert "onset" in figure.layout.xaxis.title.text


def test_every_row_has_an_axis_of_its_own_and_colour_tells_the_emotion():
    a, b = side("A", Emotion.ANGRY, 0.5), side("B", Emotion.CALM, 0.2, seed=2)
    figure = two_clips(a, b, DARK)
    rows = {trace.name: trace for trace in figure.data}
    assert rows["waveform A"].fillcolor == DARK.colour("angry")
    assert rows["waveform B"].fillcolor == DARK.colour("calm")
    assert rows["waveform A"].x.min() == pytest.approx(-0.5, abs=0.002)
    assert rows["spectrogram A"].x0 == -0.5
    assert rows["spectrogram B"].x0 == -0.2
    assert {trace.yaxis for trace in figure.data} == {"y", "y2", "y3", "y4", "y5", "y6"}
    for axis in ("y3", "y4"):  # ink and nothing else
        colours = {trace.line.color for trace in figure.data if trace.yaxis == axis}
        assert colours == {DARK.ink, DARK.muted}
    words = [annotation.text for annotation in figure.layout.annotations]
    assert words == ["A: angry", "B: calm", "solid: A, dashed: B"]
    json.loads(figure.to_json())


@pytest.mark.parametrize("with_sound", [(False, False), (True, False), (False, True)])
def test_without_both_sounds_the_outlines_are_stacked(with_sound):
    a = side("A", Emotion.ANGRY, 0.5, sound=with_sound[0])
    b = side("B", Emotion.CALM, 0.2, sound=with_sound[1])
    figure = two_clips(a, b, LIGHT)
    assert [trace.name for trace in figure.data] == ["waveform A", "waveform B"]
    assert [trace.x.size for trace in figure.data] == [8, 8]
    table = two_clips_table(a, b)
    assert table["clip"].tolist() == ["A"] * 4 + ["B"] * 4
    assert table["peak"].tolist() == ENVELOPE.tolist() * 2
    assert table["time_s"].iloc[0] == pytest.approx(a.duration_s / 8 - 0.5, abs=1e-3)


def test_the_table_holds_both_on_the_common_time():
    a, b = side("A", Emotion.HAPPY, 0.4), side("B", Emotion.SAD, 1.0)
    table = two_clips_table(a, b).set_index("time_s")
    assert table.index.is_monotonic_increasing
    assert table.index[0] == -1.0
    assert np.isnan(table.loc[-0.9, "energy_dbfs_a"])  # A has not begun
    voiced = table.loc[0.1:0.8].dropna()
    assert len(voiced) > 20
    assert (voiced["pitch_hz_a"] - voiced["pitch_hz_b"]).abs().max() < 1
    assert (voiced["energy_dbfs_a"] - voiced["energy_dbfs_b"]).abs().max() < 0.2
