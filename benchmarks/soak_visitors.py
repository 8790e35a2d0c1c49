"""What the visitors of the soak do, over and over."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np
from streamlit.proto.Element_pb2 import Element

from benchmarks.live_client import Visitor
from benchmarks.live_voice import FRAME, speech
from benchmarks.page import BenchmarkError, Page
from benchmarks.page_clicks import Widgets
from benchmarks.page_files import bring, wav
from benchmarks.pages import CLICKED
from benchmarks.whose_sound import whose
from ser_core.audio.clip import SAMPLE_RATE_HZ
from tests.voice import RATE_HZ as VOICE_RATE_HZ
from tests.voice import voice

_WAIT_S = 120.0
_UPLOAD_S = 5.0
_ENDS = ("stop", "stop", "reconnect", "kill", "close")


@dataclass
class Diary:
    """What happened to all visitors.

    Attributes:
        voices: what each of those who speak says.
        events: how often each thing was done.
        problems: what the app did not do or did wrong, and how often.
        lags_s: per second of speech, how late the clock showed it, since they were last taken.
        rng: chooses what comes next.
    """

    voices: list[np.ndarray]
    events: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    lags_s: list[float] = field(default_factory=list)
    rng: random.Random = field(default_factory=lambda: random.Random(0))


Act = Callable[[str, int, Diary], Awaitable[None]]


async def over_and_over(act: Act, url: str, number: int, diary: Diary) -> None:
    """Do something until cancelled; where the app fails, that is noted and tried again."""
    while True:
        try:
            await act(url, number, diary)
        except (BenchmarkError, OSError) as error:
            diary.problems[f"{act.__name__}: {error}"] += 1
            await asyncio.sleep(1)


async def talk(url: str, number: int, diary: Diary) -> None:
    """Speak for a while; then stop, lose the connection, be killed or close the page."""
    visitor = Visitor(url, diary.voices[number])
    try:
        await visitor.start()
        diary.events["live sessions"] += 1
        for _ in range(diary.rng.randint(5, 20)):
            await asyncio.sleep(1)
            diary.lags_s += visitor.seen.lags_s
            visitor.seen.lags_s.clear()
        end = diary.rng.choice(_ENDS)
        diary.events[f"ended by: {end}"] += 1
        if end == "kill":
            await visitor.vanish()
        elif end == "reconnect":
            visitor.page.vanish()
            await asyncio.sleep(diary.rng.uniform(0.5, 10))
            await visitor.page.open()
            await asyncio.sleep(2)
        if end in ("stop", "reconnect"):
            await visitor.stop()
            _check(visitor, number, diary)
        for problem in (*visitor.seen.problems, *visitor.page.failures):
            diary.problems[f"talk: the page says {problem}"] += 1
    finally:
        await visitor.leave()


def _check(visitor: Visitor, number: int, diary: Diary) -> None:
    found = whose(visitor.heard, SAMPLE_RATE_HZ, diary.voices)
    diary.events["recordings compared with every voice"] += 1
    if found[:1] != [number]:
        diary.problems["talk: the recording is not the visitor's own"] += 1


async def refuse(url: str, number: int, diary: Diary) -> None:
    """Press Start, and never let the microphone be used."""
    visitor = Visitor(url, np.zeros(FRAME, np.int16))
    try:
        await visitor.ask()
        diary.events["refused microphones"] += 1
        await asyncio.sleep(3)
    finally:
        await visitor.leave()


async def click(url: str, number: int, diary: Diary) -> None:
    """Use all that the pages of models and of the dataset offer, once each."""
    for name, (actions, query) in CLICKED.items():
        offered = Widgets()
        page = Page(url, name, offered.element, offered.block, query)
        try:
            await page.open()
            await page.until(lambda p=page: p.runs_s, _WAIT_S, "answer of the page")
            for action in actions(offered):
                for values in (*action.states[:1], action.back):
                    before = len(page.runs_s)
                    await page.set_values({offered.ids[k]: v for k, v in values.items()})
                    await page.until(
                        lambda p=page, n=before: len(p.runs_s) > n, _WAIT_S, "answer to a click"
                    )
                    diary.events["clicks"] += 1
            for problem in page.failures:
                diary.problems[f"click: the page says {problem}"] += 1
        finally:
            await page.close()


class _Files(Widgets):
    """The tab for files, and whether a result is there."""

    uploader = ""
    judged = False

    def element(self, element: Element) -> None:
        super().element(element)
        match element.WhichOneof("type"):
            case "file_uploader":
                self.uploader = element.file_uploader.id
            case "bidi_component" if element.bidi_component.component_name == "player":
                self.judged |= "sound" in json.loads(element.bidi_component.json)


async def upload(url: str, number: int, diary: Diary) -> None:
    """Bring a file, wait until it is judged, and leave."""
    files = _Files()
    page = Page(url, "live_demo", files.element, files.block)
    spoken = voice(_UPLOAD_S, 100 + diary.rng.randint(0, 150), diary.rng.randint(0, 10**6))
    try:
        await page.open()
        await page.until(lambda: page.runs_s, _WAIT_S, "answer of the page")
        await page.set_values({files.ids["tab"]: ("string_value", "Upload")})
        await page.until(lambda: files.uploader, _WAIT_S, "place for files")
        files.judged = False  # an example had one
        await bring(page, files.uploader, "talk.wav", wav(spoken, VOICE_RATE_HZ))
        await page.until(lambda: files.judged, _WAIT_S, "result of a file")
        diary.events["uploads"] += 1
    finally:
        await page.close()


def voices(count: int) -> list[np.ndarray]:
    """A voice for each of those who speak, all different."""
    return [speech(None, number) for number in range(count)]
