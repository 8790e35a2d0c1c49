"""How many visitors can speak at once, so that all of them are heard in time."""

import logging
import math
import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import Protocol

import numpy as np
import streamlit as st

from pages.shared.ui import cache
from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.bundles.model import Model
from ser_core.errors import SerError
from ser_core.speech.detector import CHUNK_SAMPLES, SpeechDetector

SETTING = "SER_LIVE_SESSIONS"
# What docs/live-capacity.md has measured: the share of a core that a session takes, as a multiple
# of what its networks take alone, and the part of that share in which no other session can compute.
_WHOLE, _ALONE = 1.5, 0.65
_BUSY = 0.6  # beyond it answers come seconds late, and those of everybody at once
_WINDOWS_PER_S = 1.5  # of speech with pauses
_TRIES = 3
_LOG = logging.getLogger(__name__)


class Speaker(Protocol):
    """What takes a place."""

    @property
    def speaking(self) -> bool:
        """Whether it takes one now."""

    def start(self) -> None:
        """Speak from now on."""


class Places:
    """Places for those who speak; one is free once its speaker is silent or gone."""

    def __init__(self) -> None:
        self._speakers: weakref.WeakSet[Speaker] = weakref.WeakSet()
        self._lock = threading.Lock()

    def take(self, speaker: Speaker, capacity: int) -> bool:
        """Give a speaker a place and let it begin, if there is one."""
        with self._lock:
            others = [each for each in self._speakers if each is not speaker and each.speaking]
            self._speakers = weakref.WeakSet(others)
            if len(others) >= capacity:
                return False
            self._speakers.add(speaker)
            speaker.start()
            return True


_PLACES = Places()


def start(session: Speaker, model: str) -> bool:
    """Start a session that a model is to answer, if the server has a place for it."""
    return _PLACES.take(session, capacity(model))


def capacity(model: str) -> int:
    """How many may speak at once: as set in the environment, else as measured on this machine."""
    wanted = os.environ.get(SETTING, "")
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    if wanted:
        _LOG.warning("%s is no positive whole number: %r", SETTING, wanted)
    try:
        return _measured(model)
    except SerError:
        return 1  # the page tells what is wrong with the model


@st.cache_resource(show_spinner=False, max_entries=8)
def _measured(model: str) -> int:
    found = carried(network_share(cache.model(model)), cores())
    _LOG.info("%d can speak at once with the model %s", found, model)
    return found


def carried(share: float, cores: int) -> int:
    """How many sessions a machine carries.

    Args:
        share: of a core, that the networks of one session take.
        cores: that this process may use.
    """
    one = _WHOLE * share
    return max(math.floor(_BUSY * min(cores / one, 1 / (_ALONE * one))), 1)


def network_share(model: Model) -> float:
    """The share of a core that the networks of one session take, by the processor's time."""
    detector, chunk = SpeechDetector(), np.zeros(CHUNK_SAMPLES, np.float32)
    window = np.random.default_rng(0).normal(0, 0.1, round(model.card.window_s * SAMPLE_RATE_HZ))
    window = window.astype(np.float32)
    chunks = SAMPLE_RATE_HZ / CHUNK_SAMPLES
    heard = min(_time_s(lambda: detector.probability(chunk)) for _ in range(10 * _TRIES))
    scored = min(_time_s(lambda: model.probabilities(window)) for _ in range(_TRIES))
    return chunks * heard + _WINDOWS_PER_S * scored


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _time_s(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start
