"""A model's scores on disturbed clips, as metrics.json holds them."""

from collections.abc import Mapping
from typing import Any

from ser_core.bundles.checks import is_number

CLEAN = "clean"
NOISES = ("white noise", "babble")
SNRS_DB = (20, 10, 0)
# condition as metrics.json names it, and for people
OTHERS: Mapping[str, str] = {
    "gain -12 dB": "12\N{NO-BREAK SPACE}dB softer",
    "gain +12 dB": "12\N{NO-BREAK SPACE}dB louder",
    "telephone 8 kHz": "telephone",
    "opus 24 kbit/s": "Opus, 24\N{NO-BREAK SPACE}kbit/s",
    "reverberation": "reverberation",
    "speed 0.9": "10\N{NO-BREAK SPACE}% slower",
    "speed 1.1": "10\N{NO-BREAK SPACE}% faster",
}


def measured(metrics: Mapping[str, Any]) -> dict[str, float]:
    """UA in [0, 1] per condition; empty where it was not measured or is in another form.

    Args:
        metrics: content of metrics.json.
    """
    part = metrics.get("robustness")
    if not isinstance(part, dict):
        return {}
    found = {name: each.get("ua") for name, each in part.items() if isinstance(each, dict)}
    return {name: float(ua) for name, ua in found.items() if is_number(ua)}


def complete(found: Mapping[str, float]) -> bool:
    """Whether every condition was measured."""
    return all(noise_curve(found, n) for n in NOISES) and changes(found) is not None


def noise_curve(found: Mapping[str, float], noise: str) -> list[float] | None:
    """UA on clean sound, then at each of `SNRS_DB`; None where one of them was not measured.

    Args:
        found: UA per condition.
        noise: one of `NOISES`.
    """
    names = (CLEAN, *(f"{noise} {snr} dB" for snr in SNRS_DB))
    return [found[name] for name in names] if {*names} <= {*found} else None


def changes(found: Mapping[str, float]) -> dict[str, float] | None:
    """What each of `OTHERS` changes of the UA on clean sound; None where one was not measured.

    Args:
        found: UA per condition.
    """
    if not {CLEAN, *OTHERS} <= {*found}:
        return None
    return {name: found[name] - found[CLEAN] for name in OTHERS}
