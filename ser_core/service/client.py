"""`predict --server`: files to a service, its answers as if they had been judged here."""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import requests
from tqdm import tqdm

from ser_core.analysis.analyser import Adapt
from ser_core.corpora.folder.files import printable
from ser_core.decoding.decode import decode
from ser_core.errors import AudioError, SerError
from ser_core.inputs import Input, with_content
from ser_core.reports.records import Record, failed_record, left_out_record

KEY = "SER_SERVER_KEY"
_FIRST_POLL_S, _LAST_POLL_S = 0.1, 2.0
_PATIENCE_S = 600.0  # with a service that is busy
_TIMEOUT_S = 60.0
_OF_FILES = (408, 413)  # refusals that say nothing of other files


def check(options: argparse.Namespace) -> None:
    """See whether a service can do what is asked.

    Raises:
        SerError: if it cannot.
    """
    if options.format not in ("table", "json", "csv"):
        raise SerError("A service gives table, json and csv. For others leave out --server.")


def records_of(
    inputs: Sequence[Input], speakers: dict[str, str], options: argparse.Namespace
) -> list[Record]:
    """What a service says of each file, in their order; errors stand in their own records.

    Raises:
        SerError: if nothing answers there, or it refuses all.
    """
    server = _Server(options)
    order = {each.name: nth for nth, each in enumerate(inputs)}
    records: list[Record] = []
    sent: list[Input] = []
    for each in inputs:
        if each.left_out:
            records.append(left_out_record(each.name, each.left_out))
        elif why := _unreadable(each):
            records += server.failed([each], why)
        else:
            sent.append(each)
    groups = list(_groups(sent, speakers, options.adapt))
    quiet = not sys.stderr.isatty() or len(groups) == 1
    for adapt, files in tqdm(groups, unit="file", disable=quiet, file=sys.stderr):
        here: list[Input] = []
        for each in files:
            try:
                here.append(with_content(each))
            except SerError as error:
                records += server.failed([each], str(error))
        # a service takes an address for a path, and writes it as one
        names = {printable(str(each.path)): each.name for each in here}
        for record in server.judged(here, adapt) if here else ():
            records.append(record | {"file": names.get(record["file"], record["file"])})
    return sorted(records, key=lambda record: order[record["file"]])


def _unreadable(given: Input) -> str:
    """Why a file cannot be sent, in the words of who would read it here."""
    if given.error:
        return f"{printable(given.path.name)} {given.error}."
    if given.address:
        return ""  # which is known when it is its turn
    try:
        with given.path.open("rb"):
            return ""
    except OSError:
        try:
            decode(given.path)
        except AudioError as error:
            return str(error)
    return ""


def _groups(
    inputs: Sequence[Input], speakers: dict[str, str], adapt: Adapt
) -> Iterator[tuple[Adapt, list[Input]]]:
    """Files that go together: those of one voice, which are heard in their order."""
    if adapt == Adapt.SESSION and not speakers:
        yield adapt, list(inputs)
        return
    together: dict[str, list[Input]] = {}
    for each in inputs:
        if speaker := speakers.get(each.path.as_posix(), ""):
            together.setdefault(speaker, []).append(each)
        else:
            yield Adapt.FILE if speakers else adapt, [each]
    for files in together.values():
        yield Adapt.SESSION, files


def _bytes_of(given: Input) -> bytes:
    return given.path.read_bytes() if given.content is None else given.content


class _RefusedError(SerError):
    """A service refuses a request."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class _Server:
    """A service somewhere, which judges in jobs: so a long file needs no long answer."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._url = options.server.rstrip("/")
        self._asked = {
            "model": options.model,
            "channels": options.channels,
            "track": options.track,
            "voices": "auto" if options.voices == 0 else options.voices,
            "words": options.words,
            "face": options.face or None,  # what is None is not sent: older services know no faces
        }
        self._session = requests.Session()
        if key := os.environ.get(KEY):
            self._session.headers["Authorization"] = f"Bearer {key}"

    def models(self) -> list[str]:
        """Names of the models that judge."""
        names = [each["model"] for each in self._call("GET", "/v1/models")]
        return names if self._asked["model"] == "all" else [self._asked["model"] or names[0]]

    def judged(self, files: Sequence[Input], adapt: Adapt) -> list[Record]:
        """Records of some files, judged as one request."""
        parts = [("files", (each.name, _bytes_of(each))) for each in files]
        asked = self._asked | {"adapt": adapt}
        try:
            job = self._call("POST", "/v1/jobs", params=asked, files=parts)
        except _RefusedError as error:
            if error.status not in _OF_FILES:
                raise
            return self.failed(files, str(error))
        address, pause_s = f"/v1/jobs/{job['id']}", _FIRST_POLL_S
        try:
            while job["state"] in ("waiting", "running"):
                time.sleep(pause_s)
                pause_s = min(1.5 * pause_s, _LAST_POLL_S)
                job = self._call("GET", address)
        finally:
            self._call("DELETE", address)
        return self.failed(files, job["error"]) if job["error"] else job["results"]

    def failed(self, files: Sequence[Input], why: str) -> list[Record]:
        """Records of files that have no answers."""
        models = self.models()
        return [failed_record(each.name, name, why) for each in files for name in models]

    def _call(self, method: str, path: str, **more: Any) -> Any:
        """One request, again and again while the service is busy."""
        until_s = time.monotonic() + _PATIENCE_S
        while True:
            try:
                answer = self._session.request(method, self._url + path, timeout=_TIMEOUT_S, **more)
            except requests.RequestException as error:
                raise SerError(
                    f"No service answers at {self._url}. Check the address; serve starts one."
                ) from error
            wait_s = float(answer.headers.get("Retry-After", 1))
            if answer.status_code not in (429, 503) or time.monotonic() + wait_s > until_s:
                break
            time.sleep(wait_s)
        if answer.ok:
            return answer.json() if answer.content else None
        raise _RefusedError(answer.status_code, _detail(answer))


def _detail(answer: requests.Response) -> str:
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError):
        return f"The service answered with status {answer.status_code}."
    more = f" (as {KEY})" if answer.status_code == requests.codes.unauthorized else ""
    return f"{detail}{more}"
