"""The log: a JSON object a line on stderr, of what happened, never of what was said or sent."""

import json
import logging
import sys
import time
import traceback
from typing import Any

_LOG = logging.getLogger("ser_core.service")


class _AsJson(logging.Formatter):
    """A record's event and figures; of others' records, such as uvicorn's, the message alone."""

    def format(self, record: logging.LogRecord) -> str:
        told = getattr(record, "told", None) or {"message": record.getMessage()}
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        head = {"time": f"{at}.{record.msecs:03.0f}Z", "level": record.levelname.lower()}
        return json.dumps(head | told, default=str)


def set_up() -> None:
    """Write this program's and uvicorn's log lines to stderr as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_AsJson())
    # uvicorn tells of websockets with their addresses and queries; the guard does without
    handler.addFilter(lambda record: "WebSocket" not in str(record.msg))
    for name in (_LOG.name, "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)


def event(name: str, **figures: Any) -> None:
    """Tell what happened."""
    _LOG.info(name, extra={"told": {"event": name, **figures}})


def fault(error: BaseException) -> None:
    """Tell an error that nobody foresaw: its kind and place; its message may hold a file's name."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    _LOG.error(
        "fault", extra={"told": {"event": "fault", "kind": type(error).__name__, "at": where}}
    )
