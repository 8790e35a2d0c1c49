"""Addresses and values of widgets that no page offers, and what the pages make of them."""

import json
import logging
import random
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import streamlit as st
from streamlit import config
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

PAGES = Path(__file__).parents[1] / "pages"
NAMES = ("home", "dataset_explorer", "model_comparison", "live_demo", "about")
_BOUND = re.compile(r'key=(?:"(\w+)"|[\w.]*?([A-Z_]{3,}))')
_ODD = (
    "",
    " ",
    "0",
    "-1",
    "1e309",
    "nan",
    "99999999999999999999",
    "None",
    "true",
    "[]",
    '{"a": 1}',
    "../../../../etc/passwd",
    "/etc/passwd\0.wav",
    "C:\\windows\\win.ini",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "' OR 1=1 --",
    "{{7*7}}${7*7}%s%n",
    "gASVIAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAVsc2xpdJRSlC4=",  # a pickle
    "ravdess\nravdess",
    "\u202egnirts",
    "\ufeff\u200b",
    "\U0001f600" * 40,
    "a" * 20_000,
    "%2e%2e%2f",
    "http://127.0.0.1:8501/",
)
_NUMBERS = (-1, 0, 1, 2**40, 1e308)
_ROWS = (-1, 0, 2**40)
_SAID = ("act", "chosen", "judge", "shown", "switched", "wanted")  # by our own components


def problem(seed: int) -> str:
    """Open an address made from a seed, then tell the page odd values of its widgets.

    Returns:
        The traceback that stands in the log; "" where there is none.
    """
    config.set_option("client.showErrorDetails", "full")
    rng = random.Random(seed)
    page, query = address(rng)
    at = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=120)
    for name, texts in query.items():
        at.query_params[name] = texts
    # a page alone has no other to go to
    with patch("streamlit.switch_page", lambda *_, **__: st.stop()):
        failed = _failed(at.run()) or _failed(at._run(values(at, rng)))
    return f"seed {seed}, {page}: {failed}" if failed else ""


def problems(seeds: range) -> list[str]:
    """All tracebacks of some seeds, for a process of its own.

    Not in the benchmark, which is the main module: a page takes that name over in its process.
    """
    logging.disable(logging.CRITICAL)
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # tracebacks come back in words
        return [found for seed in seeds if (found := problem(seed))]


def address(rng: random.Random) -> tuple[str, dict[str, list[str]]]:
    """A page, and what stands behind the question mark."""
    names = rng.choices([*known_names(), rng.choice(_ODD) or "x"], k=rng.randint(0, 6))
    return rng.choice(NAMES), {name: [_text(rng)] * rng.choice((1, 1, 1, 2, 50)) for name in names}


def values(at: AppTest, rng: random.Random) -> WidgetStates:
    """Values of some widgets of a page, each of the widget's own kind, offered or not.

    What is of another kind Streamlit itself refuses, before the page sees it.
    """
    told = WidgetStates()
    for node in _nodes(at):
        if (widget := getattr(node.proto, "id", "")) and rng.random() < 0.5:
            _fill(told, node.type, widget, rng)
    return told


@cache
def known_names() -> tuple[str, ...]:
    """All names that the pages give their widgets or look for in an address."""
    code = "".join(file.read_text("utf-8") for file in sorted(PAGES.rglob("*.py")))
    named = {text for found in _BOUND.findall(code) if (text := found[0])}
    constants = dict(re.findall(r'^([A-Z_]+) = "(\w+)"', code, re.M))
    return tuple(sorted(named | set(constants.values())))


@cache
def _offered() -> tuple[str, ...]:
    """Texts that the pages offer somewhere, or use as names."""
    code = "".join(file.read_text("utf-8") for file in sorted(PAGES.rglob("*.py")))
    return tuple(sorted({*re.findall(r'"([^"\\{}<>\n]{1,30})"', code)}))


def _text(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return rng.choice(_ODD)
    text = rng.choice(_offered())
    return text if rng.random() < 0.8 else text[::-1] + rng.choice(_ODD)


def _nodes(at: AppTest) -> list[Any]:
    return [node for block in (at.main, at.sidebar) for node in _below(block)]


def _below(block: Any) -> Iterator[Any]:
    for node in block.children.values():
        if node.proto is not None:
            yield node
        yield from _below(node) if hasattr(node, "children") else ()


def _fill(told: WidgetStates, kind: str, widget: str, rng: random.Random) -> None:
    match kind:
        case "selectbox" | "text_input" | "tab_container" | "radio":
            told.widgets.add(id=widget, string_value=_text(rng))
        case "multiselect" | "button_group":
            texts = [_text(rng) for _ in range(rng.randint(0, 4))]
            told.widgets.add(id=widget).string_array_value.data.extend(texts)
        case "checkbox" | "toggle":
            told.widgets.add(id=widget, bool_value=rng.random() < 0.5)
        case "button":
            told.widgets.add(id=widget, trigger_value=True)
        case "slider":
            told.widgets.add(id=widget).double_array_value.data.append(rng.choice(_NUMBERS))
        case "plotly_chart":
            points = [{"customdata": _json(rng), "point_index": rng.choice(_NUMBERS)}]
            chosen = {"points": points[: rng.randint(0, 1)], "point_indices": [2**40]}
            told.widgets.add(id=widget, string_value=json.dumps({"selection": chosen}))
        case "dataframe":
            chosen = {"rows": [rng.choice(_ROWS)], "columns": [_text(rng)], "cells": []}
            told.widgets.add(id=widget, string_value=json.dumps({"selection": chosen}))
        case "bidi_component":
            told.widgets.add(id=widget, json_value=json.dumps(dict.fromkeys(_SAID, _json(rng))))
            events = [{"event": rng.choice(_SAID), "value": _json(rng)}]
            name = f"$$STREAMLIT_INTERNAL_KEY_{widget}__events"
            told.widgets.add(id=name, json_trigger_value=json.dumps(events))


def _json(rng: random.Random) -> Any:
    """What a page might be told by a component of its own."""
    made = (
        lambda: _text(rng),
        lambda: rng.choice((*_NUMBERS, True, None)),
        lambda: [_json(rng) for _ in range(rng.randint(0, 3))],
        lambda: {rng.choice((*_SAID, "points", "rows", "point_indices")): _json(rng)},
    )
    return rng.choices(made, (4, 3, 2, 2))[0]()


def _failed(at: AppTest) -> str:
    return "; ".join(f"{e.message} {' | '.join(e.stack_trace[-2:])}" for e in at.exception)
