"""`serve`: the service on a port."""

import argparse
import os
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any

from ser_core.errors import SerError
from ser_core.service.settings import KEYS, Settings, keys_of

_NEEDED = ("fastapi", "uvicorn", "websockets", "python_multipart", "prometheus_client")
_MB = 1_000_000
_EXAMPLES = f"""examples:
  speech-emotion serve                               # http://127.0.0.1:8000, for this machine
  {KEYS}="key1 key2" speech-emotion serve --host 0.0.0.0
  curl -F files=@talk.m4a http://127.0.0.1:8000/v1/analyze
  speech-emotion predict talk.m4a --server http://127.0.0.1:8000

All addresses, limits and what happens at each: docs/service.md.
"""


def add_to(commands: Any) -> None:
    """Make the command known to a parser of commands."""
    serve = commands.add_parser(
        "serve",
        help="judge what comes over HTTP, or live over a websocket",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    plain = Settings()
    serve.add_argument("--host", default="127.0.0.1", help="address to listen at")
    serve.add_argument("--port", type=_port, default=8000, help="0: a free one")
    serve.add_argument("--model", metavar="NAME", help="that answers; default: the best")
    serve.add_argument(
        "--open", action="store_true", help="let anybody use it who reaches it, without a key"
    )
    serve.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="URL",
        help="a site whose pages may use it, as https://example.org; may be repeated",
    )
    for name, default, what in (
        ("workers", plain.workers, "requests judged at once"),
        ("job-workers", plain.job_workers, "jobs judged at once"),
        ("queue", plain.queue, "requests, and jobs, that may wait"),
        ("streams", plain.streams, "live streams at once"),
        ("per-client", plain.per_client, "requests of one key or address at once, 0: any"),
        ("max-files", plain.most_files, "files in a request"),
        ("max-mb", plain.most_bytes // _MB, "MB in a request"),
        ("held-mb", plain.held_bytes // _MB, "MB of all uploads in memory"),
        ("max-seconds", round(plain.most_s), "of sound in a file that is no job"),
        ("stream-seconds", round(plain.stream_s), "of sound in a stream"),
        ("patience", round(plain.patience_s), "seconds without a byte from a client"),
        ("keep", round(plain.kept_s), "seconds that a job's result is kept"),
    ):
        serve.add_argument(
            f"--{name}", type=_count, default=default, metavar="N", help=f"{what} ({default})"
        )
    serve.set_defaults(run=run)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("a whole number")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a number up to 65535")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Serve until stopped."""
    if any(find_spec(name) is None for name in _NEEDED):
        raise SerError("The service needs FastAPI. Install it: pip install 'speech-emotion[serve]'")
    settings = settings_of(options)
    from ser_core.service import logs  # these take a second, and are not there without the extra
    from ser_core.service.app import build, server_of
    from ser_core.service.service import Shelf

    app = build(settings, Shelf(options.model))
    logs.set_up()
    server_of(app, options.host, options.port).run()
    return 0


def settings_of(options: argparse.Namespace) -> Settings:
    """What was asked for.

    Raises:
        SerError: if the world could use it without a key and nobody said so, or no upload of the
            size that is allowed would ever fit.
    """
    if options.held_mb < options.max_mb:
        raise SerError("--held-mb is less than --max-mb: the largest request would never fit.")
    keys = keys_of(os.environ.get(KEYS, ""))
    if not keys and not options.open and not _is_local(options.host):
        raise SerError(
            f"Others could use the service. Set {KEYS} to one or more keys, or say --open."
        )
    return Settings(
        keys,
        tuple(options.origin),
        max(options.workers, 1),
        max(options.job_workers, 1),
        options.queue,
        options.streams,
        options.per_client,
        options.max_mb * _MB,
        options.held_mb * _MB,
        options.max_files,
        options.max_seconds,
        options.stream_seconds,
        options.patience,
        options.keep,
    )


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
