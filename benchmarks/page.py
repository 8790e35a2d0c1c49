"""One page of the running app over Streamlit's websocket, as a browser holds it but without one."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Block_pb2 import Block
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from ser_core.errors import SerError

MAX_MESSAGE_BYTES = 2**26  # a result carries its figures
_POLL_S = 0.02
_TRIGGERS = "$$STREAMLIT_INTERNAL_KEY_"


class BenchmarkError(SerError):
    """The app did not do what a visitor expects."""


@dataclass
class _Kept:
    """A large message that the server may name by its hash the next time."""

    message: ForwardMsg
    born: int
    fragment: str


@dataclass
class Page:
    """Opens a page, sends what its widgets say and runs its fragments at their pace.

    It does what the frontend of Streamlit 1.67 does (App.tsx, ForwardMessageCache.ts): a request
    to run carries all widget values and the hashes of the messages that were kept, and a fragment
    with an interval asks to be run on every tick, whether or not the last one was answered.

    Attributes:
        url: address of the app, with http.
        name: of the page, as in its address.
        on_element: called with every element that the server draws.
        on_block: called with every container that the server draws.
        runs_s: per run of the whole page, seconds from asking to its end.
        turns_s: per answered tick of a fragment, seconds from asking to the end of its run.
        failures: what went wrong on the server.
    """

    url: str
    name: str
    on_element: Callable[[Element], None]
    on_block: Callable[[Block], None] = lambda block: None
    runs_s: list[float] = field(default_factory=list)
    turns_s: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _socket: ClientConnection | None = None
    _reader: asyncio.Task[None] | None = None
    _page_hash: str = ""
    _query: str = ""
    _widgets: dict[str, tuple[str, Any]] = field(default_factory=dict)
    _ticking: dict[str, tuple[float, asyncio.Task[None]]] = field(default_factory=dict)
    _asked: dict[str, float] = field(default_factory=dict)
    _now_running: tuple[str, ...] = ()
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _runs: int = 0
    _max_age: int = 2

    async def open(self) -> None:
        """Connect and ask for the page.

        Raises:
            BenchmarkError: if no app answers.
        """
        try:
            self._socket = await connect(
                f"ws{self.url.removeprefix('http')}/_stcore/stream",
                subprotocols=["streamlit"],
                origin=self.url,
                max_size=MAX_MESSAGE_BYTES,
            )
        except (OSError, WebSocketException) as error:
            raise BenchmarkError(f"No app answers at {self.url}: {error}") from error
        self._reader = asyncio.create_task(self._read())
        await self.rerun()

    async def close(self) -> None:
        """Leave the page."""
        self._stop_ticking()
        if self._reader is not None:
            self._reader.cancel()
            await self._socket.close()

    async def rerun(self, fragment: str = "") -> None:
        """Ask for a run of the page, or of one fragment on its tick."""
        message = BackMsg()
        run = message.rerun_script
        run.page_script_hash = self._page_hash
        run.page_name = "" if self._page_hash else self.name
        run.fragment_id, run.is_auto_rerun = fragment, bool(fragment)
        run.query_string = self._query
        run.context_info.url = f"{self.url}/{self.name}"
        run.context_info.color_scheme = "light"
        run.cached_message_hashes.extend(self._kept)
        for widget, (kind, value) in self._widgets.items():
            state = run.widget_states.widgets.add(id=widget)
            if isinstance(value, list):
                getattr(state, kind).data.extend(value)
            else:
                setattr(state, kind, value)
        self._asked.setdefault(fragment, time.monotonic())
        await self._socket.send(message.SerializeToString())

    async def until(self, met: Callable[[], Any], timeout_s: float, what: str) -> None:
        """Wait for something that the page shows.

        Raises:
            BenchmarkError: if it does not come in time or the connection ends.
        """
        end = time.monotonic() + timeout_s
        while not met():
            if self._reader.done():
                raise BenchmarkError(f"The app closed the connection while {what} was awaited.")
            if time.monotonic() > end:
                said = f" The page says: {self.failures[-1]}" if self.failures else ""
                raise BenchmarkError(f"No {what} within {timeout_s:.0f} s.{said}")
            await asyncio.sleep(_POLL_S)

    async def set_component(self, widget: str, value: dict[str, Any]) -> None:
        """Give a component's value to the server, as the component's frontend does."""
        self._widgets[widget] = ("json_value", json.dumps(value))
        await self.rerun()

    async def trigger(self, component: str, event: str, value: str) -> None:
        """Tell the server of an event in a component of our own, once."""
        widget = f"{_TRIGGERS}{component}__events"
        told = json.dumps([{"event": event, "value": value}])
        self._widgets[widget] = ("json_trigger_value", told)
        await self.rerun()
        del self._widgets[widget]

    async def select(self, widget: str, option: str) -> None:
        """Choose an option of a select box."""
        self._widgets[widget] = ("string_value", option)
        await self.rerun()

    async def set_values(self, values: dict[str, tuple[str, Any]]) -> None:
        """Give several widgets their values at once; each is a kind of WidgetState and a value."""
        self._widgets |= values
        await self.rerun()

    async def _read(self) -> None:
        async for data in self._socket:
            message = ForwardMsg.FromString(data)
            if message.metadata.cacheable:
                fragment = message.delta.fragment_id
                self._kept.setdefault(message.hash, _Kept(message, self._runs, fragment))
            if message.WhichOneof("type") == "ref_hash":
                message = self._kept[message.ref_hash].message
            self._take(message)

    def _take(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                self._begin(message)
            case "navigation":  # the first run knows the page's name, not yet its hash
                self._page_hash = message.navigation.page_script_hash
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                if element.WhichOneof("type") == "exception":
                    self.failures.append(element.exception.message)
                self.on_element(element)
            case "delta" if message.delta.WhichOneof("type") == "add_block":
                self.on_block(message.delta.add_block)
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "auto_rerun":
                self._tick(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._stop_ticking(fragment)
            case "script_finished":
                self._end(message.script_finished)

    def _begin(self, message: ForwardMsg) -> None:
        self._now_running = tuple(message.metadata.run.fragment_ids)
        self._page_hash = message.new_session.page_script_hash
        self._max_age = message.new_session.config.max_cached_message_age
        if not self._now_running:
            self._stop_ticking()

    def _end(self, status: int) -> None:
        for fragment in self._now_running:
            if fragment in self._asked:
                self.turns_s.append(time.monotonic() - self._asked.pop(fragment))
        if status == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return
        if not self._now_running and "" in self._asked:
            self.runs_s.append(time.monotonic() - self._asked.pop(""))
        self._runs += 1
        for key, kept in [*self._kept.items()]:
            concerned = not self._now_running or kept.fragment in self._now_running
            if concerned and self._runs - kept.born > self._max_age:
                del self._kept[key]

    def _tick(self, fragment: str, interval_s: float) -> None:
        if self._ticking.get(fragment, (None,))[0] == interval_s:
            return
        self._stop_ticking(fragment)
        task = asyncio.create_task(self._run_every(fragment, interval_s))
        self._ticking[fragment] = (interval_s, task)

    async def _run_every(self, fragment: str, interval_s: float) -> None:
        due = time.monotonic()
        while True:
            due += interval_s
            await asyncio.sleep(due - time.monotonic())
            await self.rerun(fragment)

    def _stop_ticking(self, *fragments: str) -> None:
        """Stop the clocks of some fragments, of all if none is named."""
        for fragment in fragments or [*self._ticking]:
            if fragment in self._ticking:
                self._ticking.pop(fragment)[1].cancel()
            self._asked.pop(fragment, None)
