"""A download that can be given up at any moment, also while the server is silent."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, Self

import requests

_CHUNK_BYTES = 1 << 16
_TIMEOUT_S = 30
_BEAT_S = 0.2
_WAITING = 16  # chunks that may wait for the disk


class Stream:
    """A response that a thread of its own reads, so that nobody has to wait for it to be read.

    Leave it as a context manager: the thread then ends by itself, at the latest after the time-out
    of the connection. It only reads from the network and touches no file.
    """

    def __init__(self, url: str, start: int) -> None:
        """Begin to ask for it.

        Args:
            url: what to fetch.
            start: first byte that is wanted.
        """
        self._items: queue.Queue[Any] = queue.Queue(_WAITING)
        self._left = threading.Event()
        # so that Content-Length counts what is written
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        threading.Thread(
            target=self._read, args=(url, headers), name="fetch-stream", daemon=True
        ).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()

    def response(self, beat: Callable[[], None]) -> requests.Response:
        """The answer's head.

        Args:
            beat: called several times a second while it is waited for; it may raise.

        Raises:
            requests.RequestException: without an answer, or with one that is an error.
        """
        return self._next(beat)

    def chunks(self, beat: Callable[[], None]) -> Iterator[bytes]:
        """The answer's body, after `response`; `beat` and errors as there."""
        while chunk := self._next(beat):
            yield chunk

    def _next(self, beat: Callable[[], None]) -> Any:
        while True:
            try:
                item = self._items.get(timeout=_BEAT_S)
            except queue.Empty:
                beat()
                continue
            if isinstance(item, Exception):
                raise item
            return item

    def _read(self, url: str, headers: dict[str, str]) -> None:
        try:
            with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT_S) as response:
                response.raise_for_status()
                self._put(response)
                for chunk in response.iter_content(_CHUNK_BYTES):
                    if self._left.is_set():
                        return
                    self._put(chunk)
            self._put(b"")
        except Exception as error:  # whoever waits is to get it
            self._put(error)

    def _put(self, item: Any) -> None:
        while not self._left.is_set():
            try:
                self._items.put(item, timeout=_BEAT_S)
            except queue.Full:
                continue
            return
