import pytest

from ser_core.corpora.index.reading import load_index
from ser_core.corpora.registry import get
from ser_core.exploration.reference_clip import neutral_of, partner_of, shared


@pytest.fixture(scope="module", params=["ravdess", "emodb"])
def corpus(request):
    return load_index(request.param), get(request.param).info


def search(clip, clips, strongest):
    """The wishes in the order in which they are worth something, tried one after the other."""
    left = [other for other in clips if other.clip != clip.clip]
    wanted = "angry" if clip.emotion == "neutral" else "neutral"
    for wish in (
        lambda other: other.speaker == clip.speaker,
        lambda other: other.emotion != clip.emotion,
        lambda other: other.statement == clip.statement,
        lambda other: other.emotion == wanted,
        lambda other: other.repetition == clip.repetition,
        lambda other: other.intensity == strongest,
    ):
        left = [other for other in left if wish(other)] or left
    return left[0].clip


def test_the_partner_of_every_clip_is_that_of_a_plain_search(corpus):
    index, info = corpus
    columns = ["clip", "speaker", "emotion", "statement", "repetition", "intensity"]
    of_speaker = {
        speaker: list(rows[columns].itertuples())
        for speaker, rows in index.groupby("speaker", sort=False)
    }
    for _, clip in index.iterrows():
        want = search(
            next(row for row in of_speaker[clip["speaker"]] if row.clip == clip["clip"]),
            of_speaker[clip["speaker"]],
            info.intensities[-1],
        )
        assert partner_of(clip, index, info.intensities[-1])["clip"] == want


def test_in_a_complete_corpus_both_say_the_same_and_one_is_neutral():
    index = load_index("ravdess")
    for _, clip in index.iloc[::7].iterrows():
        partner = partner_of(clip, index, "strong")
        assert {"speaker", "statement", "repetition"} <= set(shared(clip, partner))
        assert [clip["emotion"], partner["emotion"]].count("neutral") == 1
        assert partner["intensity"] == ("strong" if clip["emotion"] == "neutral" else "normal")


def test_where_little_is_left_anything_is_a_partner():
    index = load_index("ravdess")
    a, b, c = (index.iloc[at] for at in (0, 500, 1000))
    assert partner_of(a, index.iloc[[0]], "strong") is None
    assert partner_of(a, index.iloc[[0, 1000]], "strong")["clip"] == c["clip"]
    other_speaker_same_words = index[
        (index["statement"] == a["statement"]) & (index["speaker"] == b["speaker"])
    ].iloc[-1]
    left = index[index["clip"].isin([a["clip"], b["clip"], other_speaker_same_words["clip"]])]
    assert partner_of(a, left, "strong")["statement"] == a["statement"]


def test_the_neutral_is_of_the_same_speaker_and_sentence_and_if_possible_of_the_same_take(corpus):
    index, _ = corpus
    columns = ["clip", "speaker", "statement", "repetition", "f0_hz"]
    neutral = list(index.loc[index["emotion"] == "neutral", columns].itertuples())
    for _, clip in index.iterrows():
        own = [
            row for row in neutral if row.speaker == clip["speaker"] and row.clip != clip["clip"]
        ]
        same = [row for row in own if row.statement == clip["statement"]]
        exact = [row for row in same if row.repetition == clip["repetition"]]
        found = neutral_of(clip, index)
        assert found.clips == len(own)
        want = next((row.clip for row in [*exact, *same]), None)
        assert (None if found.clip is None else found.clip["clip"]) == want
        heights = sorted(row.f0_hz for row in own)
        middle = (heights[(len(heights) - 1) // 2] + heights[len(heights) // 2]) / 2
        assert found.medians["f0_hz"] == pytest.approx(middle)


def test_a_speaker_without_neutral_has_none():
    index = load_index("ravdess")
    lively = index[index["emotion"] != "neutral"]
    assert neutral_of(lively.iloc[0], lively) is None
    alone = index[(index["emotion"] == "neutral")].iloc[:1]
    assert neutral_of(alone.iloc[0], alone) is None


def test_what_two_clips_share():
    index = load_index("ravdess").set_index("clip", drop=False)
    a = index.loc["03-01-05-02-01-01-03"]
    assert shared(a, index.loc["03-01-01-01-01-01-03"]) == ("speaker", "statement", "repetition")
    assert shared(a, index.loc["03-01-05-02-02-02-04"]) == ("emotion", "intensity")


def test_what_is_not_known_is_not_the_same():
    index = load_index("ravdess").assign(statement="unknown")
    clip = index[index["emotion"] == "angry"].iloc[0]
    found = neutral_of(clip, index)
    assert found.clip is None
    assert found.clips == 4
    assert "statement" not in shared(clip, partner_of(clip, index, "strong"))
