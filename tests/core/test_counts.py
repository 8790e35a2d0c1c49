import pytest

from ser_core.corpora import get
from ser_core.corpora.index import load_index
from ser_core.corpora.selection import Selection, balanced, counts
from ser_core.emotions import Emotion
from ser_core.plots.counts import clips_per_emotion
from ser_core.plots.theme import LIGHT


@pytest.fixture(scope="module")
def index():
    return load_index("ravdess")


def words(figure):
    return [annotation.text for annotation in figure.layout.annotations]


# selection


def test_selection_lets_everything_pass_by_default(index):
    assert len(Selection().apply(index)) == 1440


def test_filters_combine(index):
    chosen = Selection((Emotion.SAD, Emotion.ANGRY), "female", "strong", "dogs")
    # 2 emotions x 12 women x 2 takes
    assert len(chosen.apply(index)) == 48


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        (Selection(()), "No emotion is chosen."),
        (
            Selection((Emotion.NEUTRAL,), intensity="strong"),
            "Neutral has no strong intensity in this corpus.",
        ),
        (Selection((Emotion.NEUTRAL,), statement="frogs"), None),
    ],
)
def test_an_empty_selection_gives_its_reason(index, selection, reason):
    assert selection.apply(index).empty
    assert selection.why_empty(index) == reason


def test_counts_keep_the_display_order_and_absent_emotions(index):
    table = counts(index[index["emotion"] != "calm"], "sex")
    assert list(table.index) == [e.value for e in Emotion]
    assert list(table.loc["calm"]) == [0, 0]
    assert list(table.loc["neutral"]) == [48, 48]


def test_balancing_fills_up_to_the_most_frequent_emotion(index):
    full = balanced(index)
    assert set(full) == {192}
    assert full.sum() == 1536
    assert list(balanced(index[index["emotion"] != "calm"]).index) == [
        e.value for e in Emotion if e != Emotion.CALM
    ]


# clips per emotion


@pytest.mark.parametrize("by", ["intensity", "sex"])
def test_bars_hold_the_counts_of_an_independent_tally(index, by):
    figure = clips_per_emotion(index, by, LIGHT)
    for bar in figure.data:
        for emotion, number in zip(bar.customdata, bar.x, strict=True):
            rows = (index["emotion"] == emotion) & (index[by] == bar.name)
            assert number == rows.sum()
    assert sum(sum(bar.x) for bar in figure.data) == 1440


def test_only_neutral_ends_in_a_dotted_box(index):
    figure = clips_per_emotion(index, "intensity", LIGHT)
    (box,) = figure.layout.shapes
    assert (box.x0, box.x1, box.line.dash) == (96, 192, "dot")
    assert words(figure).count("oversampled in training") == 1


def test_no_box_where_all_count_the_same(index):
    figure = clips_per_emotion(index[index["intensity"] == "normal"], "intensity", LIGHT)
    assert not figure.layout.shapes
    assert "normal" in words(figure)
    assert "strong" not in words(figure)


def test_only_the_classes_of_the_corpus_have_a_place_and_the_boxes_are_named_once():
    info, clips = get("emodb").info, load_index("emodb")
    figure = clips_per_emotion(clips, "sex", LIGHT, info.classes)
    assert list(figure.layout.yaxis.ticktext) == [str(e) for e in info.classes]
    assert list(figure.layout.yaxis.tickvals) == list(range(6))
    assert len(figure.layout.shapes) == 5
    assert words(figure).count("oversampled in training") == 1


def test_a_filter_hides_a_row_and_moves_no_other(index):
    whole = clips_per_emotion(index, "sex", LIGHT).layout.yaxis
    part = clips_per_emotion(index[index["emotion"] != "sad"], "sex", LIGHT).layout.yaxis
    assert part.range == whole.range
    rows = dict(zip(whole.ticktext, whole.tickvals, strict=True))
    assert [rows[text] for text in part.ticktext] == list(part.tickvals)
    assert "sad" not in part.ticktext
