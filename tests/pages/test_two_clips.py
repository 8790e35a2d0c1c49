"""The tab of two clips: which they are, what is drawn and said of them."""

import math
import re
import statistics

import pandas as pd
import pytest

from tests.corpus import make_corpus
from tests.pages.map_page import explorer, figure, html

ANGRY = "03-01-05-01-01-01-03"
NEUTRAL = "03-01-01-01-01-01-03"
HAPPY = "03-01-03-01-01-01-03"
STRANGER = "03-01-06-02-02-01-08"  # another speaker, another sentence
TAB = "Two clips"


pytestmark = pytest.mark.usefixtures("no_models", "folder")


@pytest.fixture(scope="module")
def index(index) -> pd.DataFrame:
    return index.set_index("clip", drop=False)


def pair(at) -> tuple[str, str]:
    return at.selectbox(key="clip").value, at.selectbox(key="with").value


def rows(at) -> list[str]:
    return [trace["name"] for trace in figure(at, 0)["data"]]


# which two


def test_a_lively_clip_stands_beside_its_neutral_and_the_link_stays_short():
    at = explorer(part=TAB, clip=ANGRY)
    assert pair(at) == (ANGRY, NEUTRAL)
    assert "with" not in at.query_params
    assert "The two have the same speaker, sentence, intensity and take number." in html(at)


def test_a_link_restores_the_pair():
    at = explorer(part=TAB, clip=ANGRY, **{"with": HAPPY})
    assert pair(at) == (ANGRY, HAPPY)
    assert at.query_params["with"] == HAPPY
    at = explorer(part=TAB, clip=ANGRY, pairs="Any clip", **{"with": STRANGER})
    assert pair(at) == (ANGRY, STRANGER)
    assert "The two have neither speaker nor sentence nor emotion in common." in html(at)


@pytest.mark.parametrize("wanted", ["../../etc/passwd", ANGRY, STRANGER])
def test_a_second_clip_that_does_not_fit_is_replaced(wanted):
    at = explorer(part=TAB, clip=ANGRY, **{"with": wanted})
    assert pair(at) == (ANGRY, NEUTRAL)
    assert "with" not in at.query_params


def test_the_proposal_follows_the_first_clip_and_a_choice_stays_while_it_fits():
    at = explorer(part=TAB, clip=ANGRY)
    at.selectbox(key="clip").set_value(NEUTRAL).run()
    assert pair(at) == (NEUTRAL, "03-01-05-02-01-01-03")  # strong anger
    at.selectbox(key="with").set_value(HAPPY).run()
    at.selectbox(key="clip").set_value(ANGRY).run()
    assert pair(at) == (ANGRY, HAPPY)
    at.selectbox(key="clip").set_value(STRANGER).run()
    assert pair(at) == (STRANGER, "03-01-01-01-02-01-08")


def test_the_list_of_second_clips_is_the_speakers_or_what_the_filters_leave(index):
    at = explorer(part=TAB, clip=ANGRY, voice="Male", strength="Normal")
    same = index[(index["actor"] == 3) & (index["statement"] == "kids")]
    assert len(at.selectbox(key="with").options) == len(same) - 1
    at.button_group(key="pairs").set_value("any").run()
    left = index[(index["sex"] == "male") & (index["intensity"] == "normal")]
    assert len(at.selectbox(key="with").options) == len(left) - 1


def test_swapping_turns_the_pair_and_its_differences(index):
    at = explorer(part=TAB, clip=ANGRY)
    before = at.dataframe[0].value["A − B"].tolist()
    at.button(key="swap").click().run()
    assert pair(at) == (NEUTRAL, ANGRY)
    turned = str.maketrans("+−", "−+")
    assert at.dataframe[0].value["A − B"].tolist() == [text.translate(turned) for text in before]
    at.button(key="swap").click().run()
    assert pair(at) == (ANGRY, NEUTRAL)


def test_strangers_can_be_swapped_too():
    at = explorer(part=TAB, clip=ANGRY, pairs="Any clip", **{"with": STRANGER})
    at.button(key="swap").click().run()
    assert pair(at) == (STRANGER, ANGRY)


def test_a_second_clip_that_the_filters_hide_cannot_become_the_first():
    at = explorer(part=TAB, clip=ANGRY, emotion="angry")
    assert pair(at) == (ANGRY, NEUTRAL)
    assert at.button(key="swap").disabled


def test_the_pair_survives_a_look_at_another_tab():
    at = explorer(part=TAB, clip=ANGRY, **{"with": HAPPY})
    at.session_state["part"] = "Clips"
    at.run()
    at.session_state["part"] = TAB
    at.run()
    assert pair(at) == (ANGRY, HAPPY)


# little to choose from


def test_one_clip_makes_no_pair(index, part_of_index):
    part_of_index(index.loc[[ANGRY]])
    at = explorer(part=TAB)
    assert "It takes two clips to compare." in html(at)


def test_two_strangers_are_compared_without_deviations(index, part_of_index):
    part_of_index(index.loc[[ANGRY, STRANGER]])
    at = explorer(part=TAB, clip=ANGRY)
    assert pair(at) == (ANGRY, STRANGER)
    assert "Too few clips to say which difference is large." in html(at)
    assert set(at.dataframe[0].value["in SD"]) == {"–"}


def test_copies_hardly_differ():
    at = explorer(
        part=TAB, clip="03-01-03-01-02-01-07", **{"with": "03-01-03-01-02-02-07"}
    )  # the corpus holds this recording twice
    assert "A and B hardly differ" in html(at)


# what is shown


def test_without_sound_the_outlines_are_stacked(index):
    at = explorer(part=TAB, clip=ANGRY)
    assert rows(at) == ["waveform A", "waveform B"]
    assert not at.get("audio")
    assert "The clips are not on this machine." in at.info[0].value
    later = max(index.loc[ANGRY, "onset_s"], index.loc[NEUTRAL, "onset_s"])
    assert figure(at, 0)["layout"]["xaxis"]["range"][0] == pytest.approx(-later)


def test_with_sound_both_are_heard_and_seen(folder):
    make_corpus(folder, (3,))
    at = explorer(part=TAB, clip=ANGRY)
    assert len(at.get("audio")) == 2
    a, b = "A: angry, normal", "B: neutral, normal"
    assert sorted(rows(at)) == sorted(
        ["waveform A", "spectrogram A", a, a, "waveform B", "spectrogram B", b, b]
    )
    assert not at.info


def test_a_damaged_recording_leaves_the_other_to_be_heard(folder):
    root = make_corpus(folder, (3,))
    (root / "Actor_03" / f"{NEUTRAL}.wav").write_bytes(b"RIFF, but not really")
    at = explorer(part=TAB, clip=ANGRY)
    assert len(at.get("audio")) == len(at.error) == 1
    assert rows(at) == ["waveform A", "waveform B"]


def test_the_table_and_its_sentence_are_those_of_an_independent_computation(index):
    at = explorer(part=TAB, clip=ANGRY)
    own = index[index["actor"] == 3]
    a, b = index.loc[ANGRY], index.loc[NEUTRAL]
    table = at.dataframe[0].value.set_index("Descriptor")
    assert len(table) == 12
    semitones = 12 * math.log2(a["f0_hz"] / b["f0_hz"])
    spread = statistics.stdev(12 * math.log2(f0) for f0 in own["f0_hz"])
    shown = table.loc["pitch, Hz"]
    assert (shown["A"], shown["B"]) == (f"{a['f0_hz']:.0f}", f"{b['f0_hz']:.0f}")
    assert number(shown["A − B"].removesuffix("\N{NO-BREAK SPACE}st")) == round(semitones, 1)
    assert number(shown["in SD"]) == round(semitones / spread, 1)
    in_sd = {"pitch": semitones / spread}
    for name, column in (
        ("level", "loudness_dbfs"), ("brightness", "centroid_hz"), ("speech", "speech_s"),
        ("pitch range", "f0_range_st"), ("pitch slope", "f0_slope_st_s"),
        ("level range", "level_range_db"), ("spectral tilt", "tilt_db_octave"),
        ("harmonics to noise", "hnr_db"), ("voiced share", "voiced_share"),
    ):  # fmt: skip
        apart = float(a[column]) - float(b[column])
        in_sd[name] = apart / statistics.stdev(map(float, own[column]))
        row = next(table.loc[title] for title in table.index if title.split(",")[0] == name)
        assert number(row["in SD"]) == pytest.approx(in_sd[name], abs=0.051)
        assert number(row["A − B"]) == pytest.approx(apart, abs=0.51)
    most = sorted(in_sd, key=lambda name: -abs(in_sd[name]))
    most = [name for name in most if abs(in_sd[name]) >= 0.5][:3]
    sentence = re.search(r"A against B, in this speaker’s[^:]*: ([^<]*)\.<", html(at))[1]
    parts = re.split(r", | and ", sentence)
    assert len(parts) == len(most)
    for name, part in zip(most, parts, strict=True):
        assert part.startswith(f"{name} ")
        assert part.endswith(f"({abs(in_sd[name]):.1f} SD)")
        assert ("higher" in part or "longer" in part) == (in_sd[name] > 0)


def number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))
