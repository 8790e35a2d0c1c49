"""The card of the open clip: its neutral ghost, its figures, what people and models heard."""

import base64
import math
import re
import statistics

import numpy as np
import pandas as pd
import pytest

from pages.shared.dataset.clip_facts import agreement
from ser_core.corpora.published import INDEXES_DIR
from ser_core.emotions import Emotion
from ser_core.protocols import Protocol
from tests.bundles import make_bundle
from tests.corpus import make_corpus, require, require_ravdess
from tests.pages.map_page import explorer, figure, html

ANGRY = "03-01-05-01-01-01-03"  # a made-up corpus has these too
NEUTRAL = "03-01-01-01-01-01-03"


pytestmark = pytest.mark.usefixtures("no_models")


@pytest.fixture
def made_up(folder):
    return make_corpus(folder, (3,))


@pytest.fixture(scope="module")
def index(index) -> pd.DataFrame:
    return index.set_index("clip", drop=False)


def card(at):
    """The figure of the card, beside the map."""
    return figure(at, 1)


def names(at) -> list[str]:
    return [trace["name"] for trace in card(at)["data"]]


def cells(at) -> dict[str, tuple[str, str]]:
    """Name to value and comparison of the figures below the drawing."""
    found = re.findall(
        r'<div class="ser-note">([^<]*)</div><div class="ser-figure">([^<]*)</div>'
        r'<div class="ser-note">([^<]*)</div>',
        html(at),
    )
    return {name: (value, beside) for name, value, beside in found}


# the ghost


def test_the_neutral_of_the_same_sentence_is_moved_to_the_same_onset(made_up, index):
    at = explorer(clip=ANGRY)
    assert names(at) == [
        "waveform", "spectrogram", "own neutral", "pitch", "own neutral", "energy",
    ]  # fmt: skip
    assert "the same speaker’s neutral of the same sentence" in html(at)
    later_s = index.loc[ANGRY, "onset_s"] - index.loc[NEUTRAL, "onset_s"]
    assert starts(at, "own neutral") == pytest.approx([0.02 + later_s, later_s], abs=1e-3)
    assert starts(at, "pitch") == pytest.approx([0.02])


def starts(at, name: str) -> list[float]:
    """Time of the first point of each trace of that name."""
    return [values(trace["x"])[0] for trace in card(at)["data"] if trace["name"] == name]


def values(encoded) -> np.ndarray:
    """Numbers of a trace, as Plotly packs them."""
    if isinstance(encoded, list):
        return np.array(encoded)
    return np.frombuffer(base64.b64decode(encoded["bdata"]), encoded["dtype"])


def test_where_the_neutral_cannot_be_read_its_median_is_drawn(made_up, index):
    (made_up / "Actor_03" / f"{NEUTRAL}.wav").unlink()
    at = explorer(clip=ANGRY)
    ghosts = [t for t in card(at)["data"] if t["name"] == "own neutral"]
    own = index[(index["actor"] == 3) & (index["emotion"] == "neutral")]
    for trace, column in zip(ghosts, ("f0_hz", "loudness_dbfs"), strict=True):
        want = statistics.median(own[column].tolist())
        assert values(trace["y"]) == pytest.approx([want, want], rel=1e-5)
    assert "the median of the same speaker’s neutral clips" in html(at)


def test_the_neutral_itself_has_no_ghost(made_up):
    at = explorer(clip=NEUTRAL)
    assert names(at) == ["waveform", "spectrogram", "pitch", "energy"]
    assert "This is the speaker’s own neutral" in html(at)


def test_a_speaker_without_neutral_has_no_ghost(made_up, index, part_of_index):
    part_of_index(index[index["emotion"] != "neutral"])
    at = explorer(clip=ANGRY)
    assert names(at) == ["waveform", "spectrogram", "pitch", "energy"]
    assert "This speaker has no neutral clip to draw behind this one." in html(at)
    assert "This speaker has no other neutral clip" in html(at)
    assert {beside for _, beside in cells(at).values()} == {""}


def test_the_switch_shows_mfcc_and_the_link_keeps_it(made_up):
    at = explorer(clip=ANGRY, drawn="MFCC")
    assert names(at) == ["waveform", "spectrogram", "MFCC"]
    at.button_group(key="drawn").set_value("all").run()
    assert len(names(at)) == 7
    assert at.query_params["drawn"] == "All"


def test_real_clips_have_their_ghost_too():
    require_ravdess()
    at = explorer(clip="03-01-08-02-02-02-24")
    assert names(at).count("own neutral") == 2


def test_two_real_clips_are_heard_and_seen():
    require("emodb")
    at = explorer(part="Two clips", corpus="emodb")
    assert len(at.get("audio")) == 2
    assert len(figure(at, 0)["data"]) == 8


# figures


def test_figures_stand_beside_the_speakers_own_neutral(folder, index):
    at = explorer(clip=ANGRY)
    clip = index.loc[ANGRY]
    own = index[(index["actor"] == 3) & (index["emotion"] == "neutral")]
    found = cells(at)
    assert len(found) == 6
    semitones = 12 * math.log2(clip["f0_hz"] / statistics.median(own["f0_hz"].tolist()))
    word = "higher" if semitones > 0 else "lower"
    assert found["pitch"] == (f"{clip['f0_hz']:.0f} Hz", f"{abs(semitones):.1f} semitones {word}")
    longer = clip["speech_s"] - statistics.median(own["speech_s"].tolist())
    word = "longer" if longer > 0 else "shorter"
    assert found["speech"] == (f"{clip['speech_s']:.2f} s", f"{abs(longer):.2f} s {word}")
    louder = clip["loudness_dbfs"] - statistics.median(own["loudness_dbfs"].tolist())
    assert found["level"][1] == f"{abs(louder):.1f} dB {'higher' if louder > 0 else 'lower'}"
    assert "own neutral (4 clips)" in html(at)


def test_what_a_clip_lacks_is_a_dash(folder, index, part_of_index):
    rows = index[index["actor"] == 3].copy()
    rows.loc[ANGRY, ["f0_hz", "f0_range_st", "hnr_db"]] = np.nan
    part_of_index(rows)
    at = explorer(clip=ANGRY)
    assert cells(at)["pitch"] == ("–", "")


# people and models


def test_listeners_are_told_where_the_corpus_asked_them(folder):
    table = pd.read_parquet(INDEXES_DIR / "emodb.parquet")
    row = table[table["recognised"].notna()].iloc[30]
    at = explorer(corpus="emodb", clip=row["clip"])
    want = (
        f"{100 * row['recognised']:.0f} % of the listeners heard this emotion, "
        f"{100 * row['natural']:.0f} % found it natural (Burkhardt et al. 2005)."
    )
    assert want in html(at)
    assert "listeners" not in html(explorer())


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        (["sad"], "the one model did not hear angry"),
        (["angry"], "the one model heard angry"),
        (["sad", "calm"], "none of two heard angry"),
        (["angry", "sad", "angry"], "two of three heard angry"),
        (["angry", "sad"], "one of two heard angry"),
        (["angry"] * 5, "all five heard angry"),
    ],
)
def test_how_many_models_agree_is_said_in_words(heard, told):
    assert agreement(heard, "angry") == told


def test_a_clip_of_the_same_name_in_another_corpus_has_not_been_judged(folder, index, tmp_path):
    for name, corpus in (("own", "ravdess"), ("other", "another")):
        folder = make_bundle(tmp_path / "models", name)
        rows = index.assign(predicted="angry", fold=1, protocol=Protocol.SPEAKER_INDEPENDENT)
        rows["speaker"] = rows["speaker"].str.replace("ravdess", corpus)
        for emotion in Emotion:
            rows[f"p_{emotion}"] = 0.65 if emotion == "angry" else 0.05
        rows.reset_index(drop=True).to_parquet(folder / "predictions.parquet")
    at = explorer(clip=ANGRY)
    assert "having met this speaker: the one model heard angry." in html(at)
    assert html(at).count("ser-chip") - html(at).count("ser-chips") == 1
