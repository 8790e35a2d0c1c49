import itertools

import numpy as np
import pandas as pd
import plotly.io as pio
import pytest

from ser_core import formatting
from ser_core.emotions import Emotion
from ser_core.evaluation.baselines import cell_shares, worst_mistake
from ser_core.plots.comparison.confusion import QUIET_SHARE, Matrix, difference, matrix
from ser_core.plots.comparison.leaderboard import Score, leaderboard
from ser_core.plots.comparison.training_curves import training_curves
from ser_core.plots.theme import (
    DARK,
    LIGHT,
    PALETTE,
    colour_at,
    contrast,
    pattern,
    symbol,
)

EMOTIONS = list(Emotion)
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)

# Machado, Oliveira and Fernandes (2009), severity 1.0, for linear RGB
VISIONS = {
    "normal": np.eye(3),
    "deuteran": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
SRGB_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear_rgb(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB under D65."""
    t = SRGB_TO_XYZ @ np.clip(rgb, 0, 1) / (0.95047, 1.0, 1.08883)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@THEMES
@pytest.mark.parametrize("vision", VISIONS)
def test_emotion_colours_stay_apart_for_every_eye(theme, vision):
    seen = {e: lab(np.array(VISIONS[vision]) @ linear_rgb(theme.colour(e))) for e in Emotion}
    for a, b in itertools.combinations(Emotion, 2):
        assert np.linalg.norm(seen[a] - seen[b]) >= 15, f"{a} and {b}"


@THEMES
def test_shapes_and_texts_stand_out_from_the_page(theme):
    for page in (theme.background, theme.surface):
        assert min(contrast(theme.colour(e), page) for e in Emotion) >= 3
        assert contrast(theme.text, page) >= 7
        assert contrast(theme.muted, page) >= 4.5
    assert contrast(theme.faint, theme.background) >= 3


@THEMES
def test_text_on_any_colour_of_a_figure_can_be_read(theme):
    steps = np.linspace(0, 1, 101)
    scales = (theme.sequential, theme.diverging)
    fills = [colour_at(scale, step) for scale in scales for step in steps]
    for colour in (*theme.emotions.values(), *fills):
        assert contrast(theme.text_on(colour), colour) >= 4.5, colour
    for share in np.linspace(0, QUIET_SHARE, 9):
        assert contrast(theme.muted, colour_at(theme.sequential, share)) >= 4.5, share


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # WCAG's own example


def test_every_emotion_has_a_second_cue_of_its_own():
    assert PALETTE["order"] == [e.value for e in Emotion]
    assert len({symbol(e) for e in Emotion}) == 8
    assert len({pattern(e, DARK)["shape"] for e in Emotion}) == 8
    assert pattern("sad", DARK)["fillmode"] == "overlay"  # without it the bars vanish
    assert pattern("sad", DARK)["fgcolor"] == DARK.background


@THEMES
def test_scales_begin_and_end_where_they_should(theme):
    assert colour_at(theme.sequential, 0) == theme.background  # nothing is the page
    assert colour_at(theme.sequential, 1) == theme.sequential[-1][1]
    assert colour_at(((0, "#000000"), (1, "#FF0000")), 0.5) == "#800000"
    assert pio.templates[theme.template].layout.font.color == theme.muted


@pytest.mark.parametrize(
    ("made", "want"),
    [
        (formatting.percent(0.772, 1), "77.2\u00a0%"),
        (formatting.percent(float("nan")), "–"),
        (formatting.interval(0.741, 0.8), "74–80"),
        (formatting.signed(-11.2), "−11"),
        (formatting.signed(16.6), "+17"),
        (formatting.signed(-0.4), "0"),
        (formatting.thousands(1440), "1\u202f440"),
        (formatting.seconds(4.42), "4.4\u00a0s"),
        (formatting.seconds(65), "1:05"),
        (formatting.count_word(1, "clip"), "1\u00a0clip"),
        (formatting.quantity(-37.16, "dBFS", 1), "−37.2\u00a0dBFS"),
        (formatting.quantity(-0.04, "dB", 1), "0.0\u00a0dB"),
        (formatting.megabytes(215_480_000), "215\u00a0MB"),
        (formatting.kilohertz(22_050), "22.05\u00a0kHz"),
        (formatting.span_s(0.94, 2.71), "0.9 to 2.7\u00a0s"),
        (formatting.span_s(52.1, 65.4), "0:52 to 1:05"),
        (formatting.part_s(1.82, 3.4), "1.8 of 3.4\u00a0s"),
        (formatting.minutes(5340), "89\u00a0minutes"),
        (formatting.minutes(45), "45\u00a0seconds"),
        (formatting.count_word(0, "clip"), "0\u00a0clips"),
    ],
)
def test_numbers_are_written_as_people_write_them(made, want):
    assert made == want


def counts_of(*cells: tuple[int, int, int]) -> np.ndarray:
    counts = np.zeros((8, 8), np.int64)
    for row, column, n in cells:
        counts[row, column] = n
    return counts


def texts(drawn: Matrix) -> list[list[str]]:
    return [[cell.text for cell in row] for row in drawn.cells]


@THEMES
def test_matrix_blanks_zero_and_keeps_rare_cells_visible(theme):
    drawn = matrix(counts_of((0, 0, 995), (0, 1, 4), (0, 2, 1), (3, 3, 2)), "recall", theme)
    assert texts(drawn)[0][:4] == ["100", "<1", "<1", ""]
    assert texts(drawn)[3][3] == "100"
    assert drawn.cells[0][1].ink == theme.muted
    full = drawn.cells[0][0]
    assert full.fill == colour_at(theme.sequential, 995 / 1000)
    assert contrast(full.ink, full.fill) > 7


def test_every_cell_tells_what_it_is():
    counts = np.arange(64).reshape(8, 8)
    drawn = matrix(counts, "counts", LIGHT)
    assert drawn.cells[0][1].words == "acted neutral, heard as calm: 1\u00a0clip"
    assert texts(drawn)[7][7] == "63"
    by_share = matrix(counts, "recall", LIGHT).cells[1][0]
    assert by_share.words == "acted calm, heard as neutral: 9\u00a0%, 8\u00a0clips"


def test_groups_have_a_matrix_of_their_own():
    labels = ("negative", "neutral", "positive")
    a, b = np.diag([4, 0, 2]), np.diag([3, 1, 2])
    drawn = difference(a, b, "counts", LIGHT, labels=labels)
    assert drawn.columns == labels  # three columns have room for whole names
    assert texts(drawn) == [["+1", "", ""], ["", "\N{MINUS SIGN}1", ""], ["", "", ""]]
    assert drawn.cells[1][1].value == -1
    nothing = difference(a, b, "recall", LIGHT, labels=labels).cells[1][1]
    assert (nothing.text, nothing.words[-14:]) == ("", "not comparable")


def test_shares_divide_by_row_column_or_largest_cell():
    counts = counts_of((0, 0, 3), (0, 1, 1), (1, 1, 4))
    assert cell_shares(counts, "recall")[0, :2].tolist() == [0.75, 0.25]
    assert cell_shares(counts, "precision")[:2, 1].tolist() == [0.2, 0.8]
    assert cell_shares(counts, "counts")[1, 1] == 1
    assert np.isnan(cell_shares(counts, "recall")[7]).all()


def test_difference_is_in_points_with_symmetric_limits():
    a, b = counts_of((0, 0, 1), (0, 1, 1)), counts_of((0, 0, 4), (0, 1, 1))
    less, more, *_ = difference(a, b, "recall", LIGHT).cells[0]
    assert (less.value, more.value) == pytest.approx((-30, 30))
    assert (less.text, more.text) == ("−30", "+30")
    assert less.fill == colour_at(LIGHT.diverging, 0)
    assert more.fill == colour_at(LIGHT.diverging, 1)
    assert texts(difference(a, b, "counts", LIGHT))[0][0] == "−3"
    # two models that agree give no scale to divide by
    assert texts(difference(a, a, "counts", LIGHT))[0][0] == ""


def test_difference_is_blank_where_one_of_them_has_nothing_to_divide_by():
    a, b = counts_of((0, 0, 1), (1, 1, 2)), counts_of((0, 0, 4))
    calm = difference(a, b, "recall", LIGHT).cells[1][1]  # B has no calm clip
    assert (calm.text, calm.value) == ("", 0)
    assert calm.words == "acted calm, heard as calm: not comparable"
    calm = difference(a, b, "precision", LIGHT).cells[1][1]  # B never heard calm
    assert calm.words.endswith("not comparable")
    assert texts(difference(a, b, "counts", LIGHT))[1][1] == "+2"
    nothing = texts(difference(a, np.zeros((8, 8), np.int64), "recall", LIGHT))
    assert {text for row in nothing for text in row} == {""}


def test_titles_of_models_are_not_read_as_markup():
    figure = leaderboard([Score("<b>T</b> %{x}", 0.5)], [], LIGHT)
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;T&lt;/b&gt; %{x}"
    assert figure.data[0].hovertemplate == "%{text}<extra></extra>"


def test_leaderboard_puts_the_leader_in_ink_and_figures_at_the_right():
    scores = [Score("CNN", 0.618, 0.58, 0.66), Score("MLP", 0.469)]
    figure = leaderboard(scores, [("chance", 0.125)], LIGHT)
    dots = {t.name: t for t in figure.data if t.mode == "markers"}
    assert (dots["CNN"].marker.color, dots["MLP"].marker.color) == (LIGHT.ink, LIGHT.faint)
    assert dots["CNN"].x[0] == pytest.approx(61.8)
    texts = [a.text for a in figure.layout.annotations]
    assert texts[1] == "<b>61.8</b>\u00a0 58–66"
    assert "<b>46.9</b>" in texts
    assert "chance 12.5" in texts


def test_training_curves_skip_what_was_not_measured():
    history = pd.DataFrame(
        {
            "fold": [0, 0],
            "epoch": [1, 2],
            "train_accuracy": [0.2, 0.4],
            "val_accuracy": [np.nan, np.nan],
        }
    )
    figure = training_curves(history, LIGHT)
    assert [t.name for t in figure.data] == ["training, fold 0"]
    assert list(figure.data[0].y) == pytest.approx([20, 40])


def test_worst_mistake_ignores_what_is_right():
    assert worst_mistake(counts_of((0, 0, 9), (3, 1, 5))) == ("sad", "calm", 5)
    assert worst_mistake(counts_of((0, 0, 9))) is None
    assert worst_mistake(np.array([[0, 2], [1, 7]]), ("low", "high")) == ("low", "high", 2)
