"""Files that a synthetic visitor brings, as a browser sends them."""

import asyncio
import io
import uuid
from contextlib import closing, suppress
from http.client import HTTPConnection
from urllib.parse import urlsplit

import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from streamlit.proto.Common_pb2 import FileUploaderState

from benchmarks.page import BenchmarkError, Page

_WAIT_S = 60.0
_TOKEN = f"2|00000000|{'5a' * 16}|1"  # the cookie and the header of a visitor must agree


def wav(samples: NDArray[np.float32], rate_hz: int) -> bytes:
    """A WAV file of 16 bit."""
    file = io.BytesIO()
    sf.write(file, samples, rate_hz, "PCM_16", format="WAV")
    return file.getvalue()


async def bring(page: Page, uploader: str, name: str, content: bytes) -> None:
    """Upload a file and tell the page of it.

    Args:
        page: an open one.
        uploader: id of the widget.
        name: of the file.
        content: of the file.

    Raises:
        BenchmarkError: if the server does not take it.
    """
    file = str(uuid.uuid4())
    status = await asyncio.to_thread(put, page.url, page.session, file, name, content)
    if status >= 400:
        raise BenchmarkError(f"The app answered {status} to an upload.")
    state = FileUploaderState()
    state.uploaded_file_info.add(file_id=file, name=name, size=len(content))
    await page.set_values({uploader: ("file_uploader_state_value", state)})


def put(
    url: str,
    session: str,
    file: str,
    name: str,
    content: bytes,
    token: str = _TOKEN,
    tell_size: bool = True,
) -> int:
    """Send a file; returns the HTTP status.

    Args:
        url: address of the app.
        session: the server's name of the visit.
        file: what the browser calls the file.
        name: of the file.
        content: of the file.
        token: what the header says; the cookie is always the same.
        tell_size: whether the server is told before how much comes.
    """
    edge = uuid.uuid4().hex
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
    body = (
        f"{head}Content-Type: audio/wav\r\n\r\n".encode() + content + f"\r\n--{edge}--\r\n".encode()
    )
    headers = {
        "Content-Type": f"multipart/form-data; boundary={edge}",
        "Cookie": f"_streamlit_xsrf={_TOKEN}",
        "X-Xsrftoken": token,
    }
    site = urlsplit(url)
    with closing(HTTPConnection(site.netloc, timeout=_WAIT_S)) as connection:
        address = f"{site.path}/_stcore/upload_file/{session}/{file}"
        with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it has all
            connection.request("PUT", address, body if tell_size else iter([body]), headers)
        return connection.getresponse().status
