"""Zip archives for tests, and a local server to fetch them from."""

import io
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = {"Actor_01/a.wav": b"sound" * 50_000, "Actor_02/b.wav": bytes(range(256)) * 900}


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    return buffer.getvalue()


class Server(BaseHTTPRequestHandler):
    """Serves one file with ranges; `cut` bytes are sent before the connection drops.

    With `silence`, it waits for that event after them instead.
    """

    content = b""
    cut: int | None = None
    silence: threading.Event | None = None
    ranges = True
    asked: list[str]

    def do_GET(self):
        wanted = self.headers.get("Range", "")
        self.asked.append(wanted)
        match = re.fullmatch(r"bytes=(\d+)-", wanted) if self.ranges else None
        start = int(match[1]) if match else 0
        body = self.content[start:]
        self.send_response(206 if match else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.cut])
        if self.silence:
            self.silence.wait(60)

    def log_message(self, *_):
        """Stay quiet."""


@contextmanager
def serving(content: bytes) -> Iterator[type[Server]]:
    """Serve an archive at the `url` of what is returned; its attributes may be changed."""
    handler = type("Handler", (Server,), {"content": content, "asked": []})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    handler.url = f"http://127.0.0.1:{http.server_port}/archive.zip"
    yield handler
    http.shutdown()
    http.server_close()
    thread.join()
