"""A file whose voices are told apart, as its tests meet it."""

import re

from ser_core.analysis.result import Result
from tests.pages.demo import demo, player, scored, wav
from tests.voice import deep_and_high

TALK = wav(deep_and_high(4))


def uploaded(name: str = "talk.wav", content: bytes = TALK, voices: str = "2"):
    at = demo("Upload")
    at.selectbox(key="voices").select(voices).run()
    at.file_uploader[0].set_value([(name, content, "audio/wav")]).run()
    return scored(at)


def result_of(at) -> Result:
    (found,) = [line.found for line in at.session_state["results"].values()]
    return found


def opened(at, voice_number: int, model: str = "angry"):
    """The page with the popover of a voice open."""
    (key,) = [key for key in at.session_state["results"] if f"-{model}-" in key]
    at.session_state[f"upload-{key}-change-{voice_number}"] = True
    return at.run()


def lines(at) -> list[str]:
    """The summary of each voice, as text."""
    found = (e.proto.body for e in at.get("html") if 'class="ser-voice"' in e.proto.body)
    return [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in found]


def rows(at) -> list[tuple[str, list[int]]]:
    return [(row["name"], row["segments"]) for row in player(at)["rows"]]
