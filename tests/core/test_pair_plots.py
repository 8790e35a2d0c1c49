import json
from types import SimpleNamespace

import numpy as np
import pytest

from ser_core.bundles.metrics import Scores
from ser_core.bundles.robustness import OTHERS, changes, complete, measured, noise_curve
from ser_core.evaluation.intervals import Estimate
from ser_core.formatting import NBSP
from ser_core.plots.comparison.agreement import agreement
from ser_core.plots.comparison.leak_lab import Row, leak_rows
from ser_core.plots.comparison.marks import Model
from ser_core.plots.comparison.robustness import change_dots, noise_curves, sex_rows, spread
from ser_core.plots.theme import DARK, LIGHT, colour_at, contrast

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
PLACES = ("clean", "20 dB", "10 dB", "0 dB")
MODELS = [Model("One", "a"), Model("Two", "b"), Model("<b>Three", "other"), Model("Four", "other")]


def notes(figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def named(figure, name: str):
    return next(trace for trace in figure.data if trace.name == name)


@THEMES
def test_cells_of_the_agreement_say_clips_and_share_and_can_be_read(theme):
    figure = agreement(np.array([[150, 30], [20, 0]]), theme)
    written = figure.data[1]
    assert list(written.text) == [
        f"<b>{count}</b><br>{share}{NBSP}%"
        for count, share in ((150, 75), (30, 15), (20, 10), (0, 0))
    ]
    shares = [cell for row in figure.data[0].z for cell in row]
    for colour, share in zip(written.textfont.color, shares, strict=True):
        assert contrast(colour, colour_at(theme.sequential, share)) >= 4.5
    assert list(figure.layout.yaxis.ticktext) == [f"A{NBSP}right", f"A{NBSP}wrong"]
    assert list(figure.layout.xaxis.ticktext) == [f"B{NBSP}right", f"B{NBSP}wrong"]


def test_agreement_without_clips_is_drawn():
    assert not np.asarray(agreement(np.zeros((2, 2), int), LIGHT).data[0].z).any()


@THEMES
def test_leak_rows_put_the_chosen_way_in_ink_and_what_was_published_in_a_ring(theme):
    ways = [("one way", 0.7), ("another", 0.5), ("a third", 0.4)]
    rows = [Row("MLP", ways, 1, leads=True, published=0.47), Row("<i>", ways, 1)]
    figure = leak_rows(rows, theme)
    chosen, others = named(figure, "chosen"), named(figure, "the others")
    assert (list(chosen.x), list(chosen.y)) == ([50, 50], [0, 1])
    assert chosen.marker.color == theme.ink
    assert sorted(others.x) == [40, 40, 70, 70]
    assert others.marker.color == theme.faint
    ring = named(figure, "published")
    assert (list(ring.x), list(ring.y)) == ([47], [0])
    assert ring.marker.symbol == "circle-open"
    assert list(figure.layout.yaxis.ticktext) == ["<b>MLP</b>", "&lt;i&gt;"]
    assert notes(figure)[:2] == ["<b>50.0</b>", "50.0"]
    assert "<i>" not in json.dumps(figure.to_plotly_json(), default=str)


def test_leak_rows_without_anything_published_have_no_ring():
    names = [trace.name for trace in leak_rows([Row("A", [("x", 0.5)], 0)], LIGHT).data]
    assert "published" not in names


@pytest.mark.parametrize(
    "wanted", [[50, 50, 50], [24, 23, 22, 20, 18], [0, 0, 100, 100], [80, 20, 50], [1]]
)
def test_spread_names_keep_their_order_and_their_distance(wanted):
    places = spread(wanted, 6)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(np.array(places)[order]) >= 6 - 1e-9).all()
    assert min(places) >= 0
    assert max(places) <= 100


def test_names_that_are_far_apart_stay_where_they_are():
    assert spread([80, 20, 50], 6) == [80, 20, 50]


@THEMES
def test_noise_curves_are_told_apart_without_colour(theme):
    curves = [(m, [0.8 - i / 10, 0.6, 0.4, 0.2]) for i, m in enumerate(MODELS)]
    figure = noise_curves(curves, PLACES, theme)
    one, two, three = (named(figure, m.title) for m in MODELS[:3])
    assert list(one.y) == pytest.approx([80, 60, 40, 20])
    assert list(two.y) == pytest.approx([70, 60, 40, 20])
    assert (one.line.dash, two.line.dash) == (None, "dash")
    assert one.line.color == two.line.color == theme.ink
    assert three.line.color == theme.faint
    assert one.line.width > three.line.width
    assert figure.data[-1].name == "One"
    texts = notes(figure)
    assert texts[0] == f"<b>One{NBSP}20</b>"
    assert texts[2] == f"&lt;b&gt;Three{NBSP}20"


def test_names_at_the_ends_of_lines_do_not_overlap():
    curves = [(m, [0.8, 0.6, 0.4, 0.2 + i / 1000]) for i, m in enumerate(MODELS)]
    figure = noise_curves(curves, PLACES, LIGHT)
    height = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    at = sorted(note.ay - note.y * height / 100 for note in figure.layout.annotations)
    assert (np.diff(at) >= 15).all()


@THEMES
def test_changes_are_points_against_clean_sound(theme):
    values = [{name: -i / 100 - k / 50 for k, name in enumerate(OTHERS)} for i in range(4)]
    figure = change_dots(list(zip(MODELS, values, strict=True)), OTHERS, theme)
    assert list(named(figure, "Two").x) == pytest.approx([-1 - 2 * k for k in range(7)])
    assert list(figure.layout.yaxis.ticktext) == list(OTHERS.values())
    assert notes(figure)[1] == f"<b>\N{MINUS SIGN}2</b>{NBSP} \N{MINUS SIGN}3"
    low, high = figure.layout.xaxis.range
    assert all(low < x < high for trace in figure.data for x in trace.x)
    ticks = dict(zip(figure.layout.xaxis.ticktext, figure.layout.xaxis.tickvals, strict=True))
    assert ticks["clean"] == 0
    assert len(ticks) <= 6


@THEMES
def test_sexes_have_different_marks_and_the_gap_is_written(theme):
    scores = {"female": Estimate(0.8, 0.7, 0.9), "male": Estimate(0.75)}
    figure = sex_rows([(MODELS[0], scores), (MODELS[1], scores)], theme)
    female, male = (named(figure, f"One, {sex}") for sex in scores)
    assert (female.x[0], male.x[0]) == (80, 75)
    assert female.marker.symbol != male.marker.symbol
    assert female.y[0] < male.y[0]
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [list(line.x) for line in lines] == [[70, 90], [70, 90]]
    assert notes(figure) == ["+5.0", "+5.0", "points"]


def test_scores_on_disturbed_clips_are_read_as_far_as_they_are_there():
    noisy = {f"babble {snr} dB": Scores(ua=snr / 50, wa=0.5) for snr in (20, 10, 0)}
    clean = {"clean": Scores(ua=0.8, wa=0.7)}
    found = measured(SimpleNamespace(robustness=clean | noisy))
    assert found == {"clean": 0.8, "babble 20 dB": 0.4, "babble 10 dB": 0.2, "babble 0 dB": 0.0}
    assert noise_curve(found, "babble") == [0.8, 0.4, 0.2, 0.0]
    assert noise_curve(found, "white noise") is None
    assert changes(found) is None
    assert not complete(found | dict.fromkeys(OTHERS, 0.5))
    assert changes(found | dict.fromkeys(OTHERS, 0.5)) == pytest.approx(dict.fromkeys(OTHERS, -0.3))


def test_what_was_not_measured_is_empty():
    assert measured(None) == {}
    assert not complete({})
    assert noise_curve({}, "babble") is None
    assert changes({}) is None
