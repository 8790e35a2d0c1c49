"""The player by itself, as sections other than a result may draw it."""

import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared.ui.player import Piece, Row
from tests.pages.demo import SPOKEN, player


def drawn(**options: object) -> dict:
    """What the browser is given."""

    def script(sound, options):
        from pages.shared.ui import player
        from ser_core.decoding.decode import decode
        from ser_core.plots.result.player import picture

        clip = decode(sound).clip
        player.draw(sound, picture(clip), clip.duration_s, key="a-player", alt="A voice", **options)

    return player(AppTest.from_function(script, args=(SPOKEN, options), default_timeout=60).run())


def test_a_small_player_needs_nothing_but_a_sound():
    data = drawn(small=True, emotion="sad")
    assert (data["alt"], data["duration"], data["emotion"]) == ("A voice", 4.0, "sad")
    assert data["small"]
    assert data["segments"] == data["rows"] == []
    assert data["sound"] != data["picture"]


def test_rows_of_words_and_voices_lie_on_the_axis():
    words = Row("words", [Piece(0.5, 0.8, "Kids"), Piece(0.9, 1.2, "are")])
    (row,) = drawn(rows=[words])["rows"]
    assert row["name"] == "words"
    assert [(item["start"], item["end"], item["text"]) for item in row["items"]] == [
        (0.5, 0.8, "Kids"),
        (0.9, 1.2, "are"),
    ]


@pytest.mark.parametrize("prefix", ["", "tools", "/tools/"])
def test_the_sound_is_found_behind_a_path_of_the_server(monkeypatch, prefix):
    known = st.get_option
    monkeypatch.setattr(
        st, "get_option", lambda name: prefix if name == "server.baseUrlPath" else known(name)
    )
    data = drawn()
    start = "/tools/" if prefix else "/"
    for address in (data["sound"], data["picture"]):
        assert re.match(rf"{start}mock/media/\w+\.", address), address
