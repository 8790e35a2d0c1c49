"""The STUN and TURN servers of this installation, from its secrets and its environment."""

import os
import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.shared.live import ice_settings

_TABLE = "ice"


def configuration() -> dict[str, ice_settings.RtcConfiguration]:
    """Arguments of `webrtc_streamer`; without any settings both lists of servers are empty.

    The component takes the browser's part when Start is pressed and the server's when the offer
    comes, so a change between two reruns touches no connection that stands.

    Raises:
        IceError: if the settings are wrong; the message may be shown.
    """
    found = ice_settings.configurations(
        ice_settings.parse({**_secrets(), **_environment()}), time.time()
    )
    return {
        "frontend_rtc_configuration": found.browser,
        "server_rtc_configuration": found.server,
    }


def _environment() -> dict[str, str]:
    return ice_settings.from_environment(os.environ)


def _secrets() -> Mapping[str, Any]:
    """The table [ice] of the secrets; empty where there is none."""
    table = st.secrets.get(_TABLE, {}) if st.secrets.load_if_toml_exists() else {}
    if not isinstance(table, Mapping):
        raise ice_settings.IceError(
            "The secret 'ice' is not a table. Write [ice] above its settings."
        )
    return table
