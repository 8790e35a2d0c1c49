import json

import numpy as np
import pandas as pd
import pytest

from ser_core.acoustics.descriptors import DESCRIPTORS, Descriptor
from ser_core.corpora.index.reading import load_index
from ser_core.corpora.registry import get
from ser_core.emotions import Emotion
from ser_core.exploration.effect_sizes import summary
from ser_core.formatting import NBSP, number
from ser_core.plots.dataset.distributions import distributions
from ser_core.plots.dataset.effect_sizes import effect_grid, variance_shares
from ser_core.plots.theme import DARK, LIGHT, contrast, symbol

PITCH = DESCRIPTORS[0]
ORDER = [e.value for e in Emotion]


def drawn(clips: pd.DataFrame, descriptor: Descriptor = PITCH, **more):
    table = summary(clips[descriptor.column], clips["emotion"], ORDER)
    return distributions(clips, table, descriptor, LIGHT, **more)


def shown(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def texts(figure):
    return [annotation.text for annotation in figure.layout.annotations]


# distributions


def test_each_emotion_is_a_violin_of_its_own_numbers(index):
    figure = drawn(index)
    for place, emotion in enumerate(Emotion):
        violin = shown(figure, emotion)
        own = index.loc[index["emotion"] == emotion, "f0_hz"]
        assert (violin.type, violin.y0, violin.fillcolor) == (
            "violin",
            place,
            LIGHT.colour(emotion),
        )
        assert sorted(violin.x) == sorted(own)
    assert figure.layout.xaxis.title.text == "pitch, Hz"
    json.loads(figure.to_json())


def test_median_and_middle_half_lie_where_numpy_puts_them(index):
    figure = drawn(index)
    dots, bar = shown(figure, "median"), shown(figure, "middle half")
    ends = [x for x in bar.x if x is not None]
    for i, emotion in enumerate(Emotion):
        own = index.loc[index["emotion"] == emotion, "f0_hz"].to_numpy(float)
        low, middle, high = np.percentile(own, (25, 50, 75))
        assert (ends[2 * i], dots.x[i], ends[2 * i + 1]) == pytest.approx((low, middle, high))
        assert dots.text[i] == (
            f"{emotion}: median {middle:.0f}{NBSP}Hz, middle half {low:.0f} to {high:.0f}, "
            f"{own.size}{NBSP}clips"
        )


def test_few_clips_are_points_and_missing_numbers_are_left_out(index):
    few = index[index["emotion"] == "sad"].head(4)
    rest = index[index["emotion"] == "angry"].head(30).copy()
    rest.loc[rest.index[:3], "f0_hz"] = np.nan
    figure = drawn(pd.concat([few, rest]))
    assert len(shown(figure, "angry").x) == 27
    points = shown(figure, "sad")
    assert (points.type, points.marker.symbol) == ("scatter", symbol("sad"))
    assert sorted(points.x) == sorted(few["f0_hz"])
    assert len([x for x in shown(figure, "middle half").x if x is not None]) == 2
    assert list(shown(figure, "median").marker.opacity) == [0, 1]


def test_numbers_that_are_all_the_same_have_no_violin(index):
    figure = drawn(index.assign(f0_hz=100.0))
    assert {trace.type for trace in figure.data} == {"scatter"}


def test_a_filter_moves_no_row_and_only_classes_of_the_corpus_have_one(index):
    part = drawn(index[index["emotion"] != "sad"])
    rows = dict(zip(part.layout.yaxis.ticktext, part.layout.yaxis.tickvals, strict=True))
    assert rows["angry"] == 4
    assert "sad" not in rows
    emodb = drawn(load_index("emodb"), classes=get("emodb").info.classes)
    assert list(emodb.layout.yaxis.tickvals) == list(range(6))


# effects


@pytest.fixture
def effects() -> pd.DataFrame:
    return pd.DataFrame(
        {"calm": [-1.5, 0.1, np.nan], "angry": [0.75, -0.04, 0.4]},
        index=["level", "pitch", "duration"],
    )


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_grid_writes_each_effect_with_its_sign(effects, theme):
    heat, written = effect_grid(effects, theme).data
    assert written.text == ("−1.5", "+0.8", "+0.1", "0.0", "–", "+0.4")
    assert (heat.zmin, heat.zmax) == (-1.5, 1.5)
    assert heat.text[0][0] == "level, calm: 1.5 standard deviations below the other clips"
    assert heat.text[2][0] == "duration, calm: too few clips, or no spread"
    strongest = theme.diverging[0][1]
    assert contrast(written.textfont.color[0], strongest) >= 4
    # small effects and gaps step back
    assert [c == theme.muted for c in written.textfont.color] == [0, 0, 1, 1, 1, 0]


def test_noise_stays_pale(effects):
    heat = effect_grid(effects / 10, LIGHT).data[0]
    assert (heat.zmin, heat.zmax) == (-0.8, 0.8)


# shares of the variance


@pytest.fixture
def shares() -> pd.DataFrame:
    return pd.DataFrame(
        {"emotion": [0.44, 0.2, 0.05], "speaker": [0.15, 0.38, np.nan]},
        index=["level", "pitch", "duration"],
    )


def test_the_dot_is_the_emotion_and_the_ring_the_speaker(shares):
    figure = variance_shares(shares, LIGHT)
    dots, rings = shown(figure, "emotion"), shown(figure, "speaker")
    assert list(dots.x) == pytest.approx([44, 20, 5])
    assert list(rings.x) == pytest.approx([15, 38, np.nan], nan_ok=True)
    assert (dots.marker.color, rings.marker.color) == (LIGHT.ink, LIGHT.background)
    assert dots.text[1] == f"pitch: 20{NBSP}% between emotions, 38{NBSP}% between speakers"
    assert figure.layout.xaxis.ticktext[-1] == f"50{NBSP}%"
    assert texts(figure) == ["emotion", "speaker"]
    json.loads(figure.to_json())


def test_marks_are_named_only_where_both_words_have_room(shares):
    assert not texts(variance_shares(shares.assign(speaker=0.43), LIGHT))
    assert not texts(variance_shares(shares.assign(speaker=np.nan), LIGHT))


def test_large_shares_have_wider_ticks(shares):
    axis = variance_shares(shares.assign(speaker=0.97), LIGHT).layout.xaxis
    assert axis.tickvals == (0, 25, 50, 75, 100)


def test_numbers_are_written_for_people():
    written = [number(v, d) for v, d in ((1117.3, 0), (-37.16, 1), (-0.01, 1), (np.nan, 1))]
    assert written == ["1\N{NARROW NO-BREAK SPACE}117", "−37.2", "0.0", "–"]
