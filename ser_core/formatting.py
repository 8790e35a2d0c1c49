"""How numbers are written on pages and figures: no-break spaces, true minus, en dash."""

import math

NBSP = "\N{NO-BREAK SPACE}"
_THIN = "\N{NARROW NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"
_NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


def percent(fraction: float, decimals: int = 0) -> str:
    """0.772 as "77 %", or "77.2 %" with one decimal; NaN as an en dash."""
    return "\N{EN DASH}" if math.isnan(fraction) else f"{figure(fraction, decimals)}{NBSP}%"


def figure(fraction: float, decimals: int = 1) -> str:
    """0.772 as "77.2": percent without its sign."""
    return f"{100 * fraction:.{decimals}f}".replace("-", _MINUS)


def interval(low: float, high: float, decimals: int = 0) -> str:
    """Two fractions as "74–80", in percent."""
    return f"{figure(low, decimals)}\N{EN DASH}{figure(high, decimals)}"


def signed(value: float, decimals: int = 0) -> str:
    """A difference with its sign; what rounds to zero has none."""
    text = f"{abs(value):.{decimals}f}"
    if float(text) == 0:
        return text
    return ("+" if value > 0 else _MINUS) + text


def number(value: float, decimals: int = 0) -> str:
    """1117.3 as "1 117", -37.16 with one decimal as "−37.2"; NaN as an en dash."""
    if math.isnan(value):
        return "\N{EN DASH}"
    text = f"{abs(value):,.{decimals}f}".replace(",", _THIN)
    return f"{_MINUS}{text}" if value < 0 and text.strip("0.") else text


def quantity(value: float, unit: str, decimals: int = 0) -> str:
    """-37.16 and "dBFS" with one decimal as "−37.2 dBFS"."""
    return f"{number(value, decimals)}{NBSP}{unit}"


def megabytes(count: int) -> str:
    """215 000 000 bytes as "215 MB"."""
    return quantity(count / 1e6, "MB")


def kilohertz(rate_hz: float) -> str:
    """22050 as "22.05 kHz"."""
    return f"{rate_hz / 1000:g}{NBSP}kHz"


def thousands(count: int) -> str:
    """1440 as "1 440"."""
    return f"{count:,}".replace(",", _THIN).replace("-", _MINUS)


def seconds(value: float) -> str:
    """4.42 as "4.4 s", from a minute on "1:05"."""
    return quantity(value, "s", 1) if value < 60 else minute_clock(value)


def minute_clock(value: float) -> str:
    """Seconds as a clock shows them: 27.98 as "0:28", 65 as "1:05"."""
    whole = round(value)
    return f"{whole // 60}:{whole % 60:02d}"


def from_to(start_s: float, end_s: float) -> str:
    """From when to when in a recording: "0:04.4 to 0:07.9"."""
    return f"{clock(start_s)} to {clock(end_s)}"


def span_s(start_s: float, end_s: float) -> str:
    """How long: 0.94 and 2.71 as "0.9 to 2.7 s", up to a minute and more "0:52 to 1:05"."""
    if end_s < 60:
        return f"{number(start_s, 1)} to {seconds(end_s)}"
    return f"{minute_clock(start_s)} to {minute_clock(end_s)}"


def part_s(part: float, whole: float) -> str:
    """1.82 and 3.4 as "1.8 of 3.4 s", of a minute and more "0:52 of 1:05"."""
    return span_s(part, whole).replace(" to ", " of ")


def minutes(duration_s: float) -> str:
    """5340 as "89 minutes"; what is much shorter than two of them as "45 seconds"."""
    if duration_s >= 90:
        return f"{number(duration_s / 60)}{NBSP}minutes"
    return f"{number(duration_s)}{NBSP}seconds"


def progress_s(done_s: float, total_s: float) -> str:
    """How far a sound is: 12.3 and 60 as "12 of 60 s", from two minutes on in minutes."""
    if total_s < 120:
        return f"{done_s:.0f} of {total_s:.0f}{NBSP}s"
    return f"{done_s / 60:.0f} of {total_s / 60:.0f} minutes"


def clock(value_s: float) -> str:
    """A moment of a recording: 4.42 as "0:04.4", 65.3 as "1:05.3"."""
    tenths = round(10 * max(value_s, 0.0))
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"


def count_word(number: int, noun: str) -> str:
    """1 and "clip" as "1 clip", 27 as "27 clips"."""
    return f"{thousands(number)}{NBSP}{noun}{'' if number == 1 else 's'}"


def spelled(number: int) -> str:
    """2 as "two"; figures from nine on."""
    return _NUMBER_WORDS[number] if number < len(_NUMBER_WORDS) else str(number)


def number_word(number: int, noun: str) -> str:
    """2 and "model" as "two models"; figures from nine on."""
    return f"{spelled(number)} {noun}{'' if number == 1 else 's'}"
