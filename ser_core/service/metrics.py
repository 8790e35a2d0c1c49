"""What Prometheus reads."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Counters of one service.

    Attributes:
        requests: by route, method and status.
        took_s: seconds of a request, by route.
        sound_s: seconds of sound that were judged.
        files: by what became of them: judged, failed.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # nobody reads those times
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = Counter(
            "speech_emotion_requests",
            "Requests, and streams by the status that they began with",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self.took_s = Histogram(
            "speech_emotion_request_seconds",
            "Seconds from a request's head to the end of its answer",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.sound_s = Counter(
            "speech_emotion_sound_seconds", "Seconds of sound judged", registry=self._registry
        )
        self.files = Counter(
            "speech_emotion_files", "Files, by outcome", ("outcome",), registry=self._registry
        )

    def watch(self, name: str, meaning: str, count: Callable[[], float]) -> None:
        """Tell what a function gives whenever somebody asks."""
        gauge = Gauge(f"speech_emotion_{name}", meaning, registry=self._registry)
        gauge.set_function(count)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)
