"""Curves over time as an SVG picture, one below the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _GAP = 860, 110, 70, 30, 34, 62


@dataclass(frozen=True)
class Curve:
    """One curve.

    Attributes:
        title: what it shows, with its unit.
        points: minutes and values.
        note: beside the title.
    """

    title: str
    points: Sequence[tuple[float, float]]
    note: str = ""


def svg(curves: Sequence[Curve], title: str, warm_up: float) -> str:
    """A picture in colours that suit a light and a dark page.

    Args:
        curves: each from zero to its highest value.
        title: for those who do not see it.
        warm_up: minutes that do not count, drawn as a band.
    """
    end = max((x for curve in curves for x, _ in curve.points), default=1.0) or 1.0
    height = len(curves) * (_HEIGHT + _GAP) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + _LEFT + _RIGHT} {height}" '
        f'role="img" font-family="system-ui, sans-serif" font-size="13" fill="#7a828c">'
        f"<title>{escape(title)}</title>"
    ]
    for row, curve in enumerate(curves):
        top = _TOP + row * (_HEIGHT + _GAP)
        parts += _panel(curve, top, end, warm_up)
    return "".join([*parts, "</svg>\n"])


def _panel(curve: Curve, top: int, end: float, warm_up: float) -> list[str]:
    most = max((y for _, y in curve.points), default=0.0) * 1.1 or 1.0
    bottom = top + _HEIGHT

    def at(x: float, y: float) -> str:
        return f"{_LEFT + _WIDTH * x / end:.1f},{bottom - _HEIGHT * y / most:.1f}"

    line = " ".join(at(x, y) for x, y in curve.points)
    minutes = range(0, int(end) + 1, max(1, round(end / 10)))
    return [
        f'<text x="{_LEFT}" y="{top - 10}"><tspan font-weight="600">{escape(curve.title)}</tspan>'
        f" {escape(curve.note)}</text>",
        f'<rect x="{_LEFT}" y="{top}" width="{_WIDTH * min(warm_up / end, 1):.1f}" '
        f'height="{_HEIGHT}" fill="#7a828c" opacity=".12"/>',
        f'<path d="M{_LEFT} {top}V{bottom}H{_LEFT + _WIDTH}" fill="none" stroke="#7a828c"/>',
        f'<polyline points="{line}" fill="none" stroke="#3E79D8" stroke-width="1.5"/>',
        f'<text x="{_LEFT - 8}" y="{bottom}" text-anchor="end">0</text>',
        f'<text x="{_LEFT - 8}" y="{top + 10}" text-anchor="end">{_rounded(most)}</text>',
        *(
            f'<text x="{_LEFT + _WIDTH * m / end:.1f}" y="{bottom + 17}" text-anchor="middle">'
            f"{m} min</text>"
            for m in minutes
        ),
    ]


def _rounded(value: float) -> str:
    """To three digits, never as a power of ten."""
    return f"{float(f'{value:.3g}'):g}"
