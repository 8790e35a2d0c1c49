"""A model's scores on disturbed clips, as metrics.json holds them."""

from collections.abc import Mapping

from ser_core.bundles.metrics import Metrics

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


def measured(metrics: Metrics | None) -> dict[str, float]:
    """UA in [0, 1] per condition; empty where it was not measured."""
    return {name: scores.ua for name, scores in metrics.robustness.items()} if metrics else {}


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
