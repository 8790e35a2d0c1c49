"""What whoever runs the service can set."""

import os
from dataclasses import dataclass, field

KEYS = "SER_SERVE_KEYS"


def _cores() -> int:
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits, and who may use the service.

    Attributes:
        keys: of which a request has to bring one; none: nobody needs any.
        origins: of pages on other sites that may use the service.
        workers: requests that are judged at once.
        job_workers: jobs that are judged at once, beside the requests.
        queue: requests, and as many jobs, that may wait.
        streams: live streams at once.
        per_client: requests and streams of one key, or else address, at once; 0: any number.
        most_bytes: of one request's body.
        held_bytes: of all bodies together that are in memory.
        most_files: of one request.
        most_s: of sound in a file of `/v1/analyze`; jobs take what the decoder reads.
        stream_s: of sound in one stream.
        patience_s: without a byte of a body or a stream, or until one is taken.
        kept_s: for which a job's result is kept.
    """

    keys: tuple[str, ...] = field(default=(), repr=False)
    origins: tuple[str, ...] = ()
    workers: int = field(default_factory=_cores)
    job_workers: int = 1
    queue: int = 32
    streams: int = field(default_factory=lambda: 4 * _cores())
    per_client: int = 0
    most_bytes: int = 400_000_000
    held_bytes: int = 800_000_000
    most_files: int = 50
    most_s: float = 300.0
    stream_s: float = 3600.0
    patience_s: float = 30.0
    kept_s: float = 600.0


def keys_of(text: str) -> tuple[str, ...]:
    """Keys as the environment holds them: separated by spaces or commas."""
    return tuple(text.replace(",", " ").split())
