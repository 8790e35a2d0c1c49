import numpy as np
import pytest

from ser_core.corpora.index.reading import load_index
from ser_core.corpora.registry import get
from ser_core.emotions import Emotion
from ser_core.exploration.filters import Selection, balanced, counts
from ser_core.plots.dataset.counts import clips_per_emotion, emotion_grid
from ser_core.plots.theme import DARK, LIGHT


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


@pytest.mark.parametrize("name", ["ravdess", "emodb"])
def test_balancing_leaves_what_random_oversampling_really_leaves(name):
    over_sampling = pytest.importorskip("imblearn.over_sampling")
    labels = load_index(name)["emotion"].to_numpy()
    sampler = over_sampling.RandomOverSampler(random_state=0)
    _, drawn = sampler.fit_resample(np.arange(labels.size).reshape(-1, 1), labels)
    values, numbers = np.unique(drawn, return_counts=True)
    assert balanced(load_index(name)).to_dict() == dict(zip(values, numbers, strict=True))


# bars

SEXES, STRENGTHS = ("female", "male"), ("normal", "strong")


@pytest.mark.parametrize(("by", "levels"), [("intensity", STRENGTHS), ("sex", SEXES)])
@pytest.mark.parametrize("oversampled", [False, True])
def test_bars_hold_the_counts_of_an_independent_tally(index, by, levels, oversampled):
    figure = clips_per_emotion(index, by, levels, LIGHT, oversampled=oversampled)
    for bar in figure.data[:2]:
        for emotion, number in zip(bar.customdata, bar.x, strict=True):
            rows = (index["emotion"] == emotion) & (index[by] == bar.name)
            assert number == rows.sum()
    assert sum(sum(bar.x) for bar in figure.data) == (1536 if oversampled else 1440)


def test_only_neutral_ends_in_a_dotted_box(index):
    figure = clips_per_emotion(index, "intensity", STRENGTHS, LIGHT)
    (box,) = figure.layout.shapes
    assert (box.x0, box.x1, box.line.dash) == (96, 192, "dot")
    assert words(figure).count("oversampled in training") == 1


def test_oversampling_fills_the_box_with_rows_drawn_again(index):
    figure = clips_per_emotion(index, "intensity", STRENGTHS, LIGHT, oversampled=True)
    again = figure.data[2]
    assert again.marker.pattern.shape == "/"
    assert dict(zip(again.customdata, again.x, strict=True)) == {
        e.value: 96 if e == Emotion.NEUTRAL else 0 for e in Emotion
    }
    assert not figure.layout.shapes
    assert words(figure).count("drawn again") == 1
    assert words(figure).count("192") == 8


def test_no_box_where_all_count_the_same(index):
    normal = index[index["intensity"] == "normal"]
    figure = clips_per_emotion(normal, "intensity", STRENGTHS, LIGHT)
    assert not figure.layout.shapes
    assert "normal" in words(figure)
    assert "strong" not in words(figure)


def test_only_the_classes_of_the_corpus_have_a_place_and_the_boxes_are_named_once():
    info, clips = get("emodb").info, load_index("emodb")
    figure = clips_per_emotion(clips, "sex", SEXES, LIGHT, info.classes)
    assert list(figure.layout.yaxis.ticktext) == [str(e) for e in info.classes]
    assert list(figure.layout.yaxis.tickvals) == list(range(6))
    assert len(figure.layout.shapes) == 5
    assert words(figure).count("oversampled in training") == 1


def test_a_filter_hides_a_row_and_moves_no_other(index):
    whole = clips_per_emotion(index, "sex", SEXES, LIGHT).layout.yaxis
    part = clips_per_emotion(index[index["emotion"] != "sad"], "sex", SEXES, LIGHT).layout.yaxis
    assert part.range == whole.range
    rows = dict(zip(whole.ticktext, whole.tickvals, strict=True))
    assert [rows[text] for text in part.ticktext] == list(part.tickvals)
    assert "sad" not in part.ticktext


def test_labels_of_a_folder_of_ones_own_are_shown_as_they_are(index):
    clips = index.head(4).assign(sex="<b>unknown</b>")
    figure = clips_per_emotion(clips, "sex", ("<b>unknown</b>", "male"), LIGHT)
    assert [list(bar.x) for bar in figure.data] == [[4], [0]]
    assert "&lt;b&gt;unknown&lt;/b&gt;" in words(figure)
    single = clips_per_emotion(clips, "sex", ("<b>unknown</b>",), LIGHT)
    assert "&lt;b&gt;unknown&lt;/b&gt;" not in words(single)  # one part needs no name


# grids


@pytest.mark.parametrize(
    ("name", "by", "columns"),
    [("ravdess", "statement", 2), ("ravdess", "actor", 24), ("emodb", "statement", 10)],
)
def test_a_grid_holds_the_counts_of_an_independent_tally(name, by, columns):
    info, clips = get(name).info, load_index(name)
    levels = sorted(clips[by].unique())
    heat, *written = emotion_grid(clips, by, levels, LIGHT, info.classes).data
    assert np.shape(heat.z) == (len(info.classes), columns)
    for emotion, row in zip(info.classes, heat.z, strict=True):
        for level, number in zip(levels, row, strict=True):
            rows = [
                r for r in clips.itertuples() if (r.emotion, getattr(r, by)) == (emotion, level)
            ]
            assert number == len(rows)
    assert np.sum(heat.z) == len(clips)
    if columns > 12:  # no room: the pointer tells them
        assert not written
        assert heat.text[0][0] == "neutral, 1: 4\N{NO-BREAK SPACE}clips"
    else:
        assert [int(t or 0) for t in written[0].text] == np.ravel(heat.z).tolist()


def test_a_grid_leaves_out_columns_without_a_clip_and_keeps_the_places_of_rows(index):
    clips = index[index["actor"].isin([3, 9]) & (index["emotion"] != "calm")]
    figure = emotion_grid(clips, "actor", range(1, 25), DARK)
    assert list(figure.layout.xaxis.ticktext) == ["3", "9"]
    assert list(figure.layout.yaxis.tickvals) == [0, 2, 3, 4, 5, 6, 7]


def test_many_or_long_names_of_columns_do_not_run_into_each_other(index):
    figure = emotion_grid(index, "actor", range(1, 25), LIGHT)
    assert list(figure.layout.xaxis.ticktext) == [str(n) for n in range(1, 25, 2)]
    clips = index.head(8).assign(statement="<i>a long sentence")
    figure = emotion_grid(clips, "statement", ["<i>a long sentence"], LIGHT)
    assert list(figure.layout.xaxis.ticktext) == ["&lt;i&gt;a lon…"]
    assert "&lt;i&gt;a long sentence" in figure.data[0].text[0][0]
