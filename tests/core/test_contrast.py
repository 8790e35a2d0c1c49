import math
import statistics

import numpy as np
import pandas as pd
import pytest

from ser_core.acoustics.descriptors import DESCRIPTORS
from ser_core.exploration.clip_difference import contrasts, difference, largest, unit_of

OF = {d.column: d for d in DESCRIPTORS}


def test_pitches_are_apart_by_semitones():
    assert difference(OF["f0_hz"], 440, 220) == pytest.approx(12)
    assert difference(OF["f0_hz"], 261.6256, 440) == pytest.approx(-9, abs=1e-4)  # C4 under A4
    assert math.isnan(difference(OF["f0_hz"], float("nan"), 220))
    assert unit_of(OF["f0_hz"]) == "semitones"


def test_levels_are_apart_by_decibels_and_the_rest_by_its_own_unit():
    assert difference(OF["loudness_dbfs"], -20, -32.5) == pytest.approx(12.5)
    units = {column: unit_of(OF[column]) for column in ("loudness_dbfs", "lufs", "centroid_hz")}
    assert units == {"loudness_dbfs": "dB", "lufs": "LU", "centroid_hz": "Hz"}
    assert unit_of(OF["voiced_share"]) == ""


def test_deviations_are_those_of_the_speakers_clips(index):
    own = index[index["speaker"] == "ravdess/05"]
    a, b = own.iloc[40], own.iloc[3]
    for found in contrasts(a, b, own):
        column = found.descriptor.column
        values = [float(value) for value in own[column]]
        if column == "f0_hz":
            values = [12 * math.log(value, 2) for value in values]
            want = 12 * math.log(a[column] / b[column], 2)
        else:
            want = float(a[column]) - float(b[column])
        assert found.difference == pytest.approx(want, rel=1e-5, abs=1e-6)
        assert found.deviations == pytest.approx(
            want / statistics.stdev(values), rel=1e-4, abs=1e-6
        )


def test_swapped_clips_differ_by_the_opposite(index):
    a, b = index.iloc[10], index.iloc[700]
    there, back = contrasts(a, b, index), contrasts(b, a, index)
    assert [c.difference for c in there] == pytest.approx([-c.difference for c in back])


def test_the_largest_come_first_and_no_quantity_twice(index):
    own = index[index["speaker"] == "ravdess/03"].set_index("clip", drop=False)
    found = contrasts(own.loc["03-01-05-02-01-01-03"], own.loc["03-01-01-01-01-01-03"], own)
    most = largest(found)
    sizes = [abs(c.deviations) for c in most]
    assert len(most) == 3
    assert sizes == sorted(sizes, reverse=True)
    names = {c.descriptor.column for c in most}
    assert not names & {"lufs", "duration_s"}
    others = [
        abs(c.deviations)
        for c in found
        if c.descriptor.column not in names | {"lufs", "duration_s"}
    ]
    assert max(others) <= min(sizes)


def test_a_clip_does_not_differ_from_itself(index):
    assert largest(contrasts(index.iloc[0], index.iloc[0], index)) == []


def test_too_few_or_equal_clips_have_no_deviation():
    clips = pd.DataFrame({"f0_hz": [100.0, 200, 150], "hnr_db": [5.0, 6, 7]})
    assert all(math.isnan(c.deviations) for c in contrasts(clips.iloc[0], clips.iloc[1], clips))
    same = pd.DataFrame({"hnr_db": np.full(9, 5.0)})
    (only,) = contrasts(same.iloc[0], same.iloc[1], same)
    assert (only.difference, math.isnan(only.deviations)) == (0, True)
    missing = pd.DataFrame({"hnr_db": [np.nan, 1, 2, 3, 4, 5, 6]})
    (only,) = contrasts(missing.iloc[0], missing.iloc[1], missing)
    assert math.isnan(only.difference)
    assert largest([only]) == []
