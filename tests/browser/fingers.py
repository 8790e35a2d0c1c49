"""Fingers on a screen: a browser takes a sequence of touches for a swipe only at a human's pace."""

from typing import Any

_STEPS, _STEP_MS = 20, 16

Place = tuple[float, float]


def swipe(page: Any, start: Place, by: Place) -> None:
    """Draw one finger over the screen."""
    (x, y), (dx, dy) = start, by
    _draw(page, [[(x + dx * share, y + dy * share)] for share in _shares()])


def pinch(page: Any, middle: Place, near: float, far: float) -> None:
    """Draw two fingers apart, from `near` to `far` pixels on either side of the middle."""
    x, y = middle
    away = [near + (far - near) * share for share in _shares()]
    _draw(page, [[(x - each, y), (x + each, y)] for each in away])


def _shares() -> list[float]:
    return [i / _STEPS for i in range(_STEPS + 1)]


def _draw(page: Any, moments: list[list[Place]]) -> None:
    client = page.context.new_cdp_session(page)
    for i, places in enumerate(moments):
        points = [{"x": x, "y": y, "id": nth} for nth, (x, y) in enumerate(places)]
        kind = "touchMove" if i else "touchStart"
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(_STEP_MS)
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
