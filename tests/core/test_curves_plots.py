import numpy as np
import pandas as pd
import pytest

from ser_core.emotions import Emotion
from ser_core.evaluation.curves import Coverage, Reliability, Roc
from ser_core.evaluation.intervals import Estimate
from ser_core.evaluation.label_sets import EMOTIONS, GROUPINGS
from ser_core.evaluation.predictions import Predictions
from ser_core.plots.comparison.curves import coverage_plot, group_dashes, reliability_plot, roc_plot
from ser_core.plots.comparison.score_rows import class_bars, class_colours, group_dots
from ser_core.plots.theme import DARK, LIGHT, symbol

QUIET, AROUSAL = GROUPINGS["quiet"], GROUPINGS["arousal"]
NAN = float("nan")
BINS = Reliability(np.array([0.3, 0.9]), np.array([0.25, 0.8]), np.array([1, 99]))
COVERAGE = Coverage(np.array([0.9, 0.4]), np.array([0.5, 1.0]), np.array([1.0, 0.75]))
STEP = Roc(np.array([0.0, 0.2, 1.0]), np.array([0.0, 0.8, 1.0]))


def test_class_bars_carry_both_models():
    first = np.full(8, 0.5)
    first[3] = 0.25
    second = np.full(8, NAN)
    second[3] = 0.75
    figure = class_bars(("CNN", first), ("MLP", second), EMOTIONS, DARK)
    bar, rings = figure.data
    assert bar.x[3] == 25
    assert bar.marker.color == tuple(DARK.colour(e) for e in Emotion)
    assert (rings.x[3], rings.mode) == (75, "markers")
    texts = [a.text for a in figure.layout.annotations]
    assert texts[3] == "<b>25</b>\u00a0 75"
    assert texts[0] == "<b>50</b>\u00a0 –"


def test_one_model_has_no_rings_and_groups_are_ink():
    figure = class_bars(("CNN", np.full(7, 0.5)), None, QUIET, LIGHT)
    assert len(figure.data) == 1
    assert figure.layout.yaxis.ticktext[0] == "neutral, calm"
    assert class_colours(QUIET, LIGHT)[:2] == [LIGHT.ink, LIGHT.colour("happy")]
    assert figure.layout.annotations[0].text == "50"


def test_what_comes_from_outside_is_not_read_as_markup():
    figure = class_bars(("<b>x</b>", np.full(8, 0.5)), None, EMOTIONS, LIGHT)
    assert "&lt;b&gt;x" in figure.data[0].hovertemplate


def test_groups_have_dots_on_intervals_where_they_are_known():
    first = [Estimate(0.5, 0.4, 0.6), Estimate(0.75)]
    second = [Estimate(NAN), Estimate(0.25)]
    figure = group_dots(("CNN", first), ("MLP", second), ["3, male", "4, female"], LIGHT)
    line, rings, dots = figure.data
    assert list(line.x) == [40, 60, None]
    assert list(dots.x) == [50, 75]
    assert np.isnan(rings.x[0])
    assert rings.x[1] == 25
    assert [a.text for a in figure.layout.annotations] == [
        "<b>50</b>\u00a0 –",
        "<b>75</b>\u00a0 25",
    ]
    assert len(group_dots(("CNN", first), None, ["a", "b"], LIGHT).data) == 2


def test_rows_of_few_groups_are_higher():
    def height(groups):
        named = ("A", [Estimate(0.5)] * groups)
        return group_dots(named, None, [str(n) for n in range(groups)], LIGHT).layout.height

    assert height(2) - height(1) > height(24) - height(23)


def test_reliability_dots_grow_with_their_clips():
    figure = reliability_plot([("A", BINS), ("B", BINS)], LIGHT)
    diagonal, a, b = figure.data
    assert (diagonal.line.dash, list(diagonal.x)) == ("dot", list(diagonal.y))
    assert (list(a.x), list(a.y)) == ([30, 90], [25, 80])
    assert a.marker.size[0] < a.marker.size[1]
    assert a.customdata[0] == "1\u00a0clip"
    assert (a.line.dash, b.line.dash) == ("solid", "dash")
    assert (a.marker.color, b.marker.color) == (LIGHT.ink, LIGHT.background)


def test_coverage_marks_the_threshold_of_each_model():
    figure = coverage_plot([("A", COVERAGE, (0.5, 1.0)), ("B", COVERAGE, (0.0, NAN))], LIGHT)
    a, b, mark, nothing = figure.data
    assert (list(a.x), list(a.y)) == ([50, 100], [100, 75])
    assert (a.line.dash, b.line.dash) == ("solid", "dash")
    assert (mark.x[0], mark.y[0]) == (50, 100)
    assert np.isnan(nothing.y[0])


def test_roc_puts_an_emotions_symbol_on_its_line_and_leaves_out_what_has_none():
    curves = [None] * 8
    curves[3] = STEP
    _, line, mark = roc_plot(curves, EMOTIONS, LIGHT).data
    assert (line.name, line.line.color) == ("sad", LIGHT.colour("sad"))
    assert (mark.marker.symbol, mark.x[0], mark.y[0]) == (symbol("sad"), 20, 80)
    assert "AUC 80.0" in line.hovertemplate


def test_groups_differ_by_their_dash():
    _, low, high = roc_plot([STEP, STEP], AROUSAL, LIGHT).data
    assert (low.line.color, high.line.color) == (LIGHT.ink, LIGHT.ink)
    assert (low.line.dash, high.line.dash) == ("solid", "dash")
    for grouping in GROUPINGS.values():
        groups = [c for c in grouping.labels if grouping.emotion(c) is None]
        assert len(set(group_dashes(grouping).values())) == len(groups)


@pytest.mark.parametrize("grouping", GROUPINGS.values(), ids=list(GROUPINGS))
def test_no_clip_makes_no_figure_fail(grouping):
    columns = ["emotion", "predicted", "speaker", *(f"p_{e}" for e in Emotion)]
    answers = Predictions.of(pd.DataFrame(columns=columns), grouping)
    empty = np.full(len(answers.labels), NAN)
    texts = [a.text for a in class_bars(("A", empty), None, grouping, LIGHT).layout.annotations]
    assert set(texts) == {"–"}
    assert len(roc_plot([None] * len(answers.labels), grouping, LIGHT).data) == 1
