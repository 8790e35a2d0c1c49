import pytest
import streamlit as st

from pages.shared.live import ice
from pages.shared.live.ice_settings import KEYS, PREFIX, IceError

TURN = "turn:turn.example.org:3478"


class Secrets(dict):
    def load_if_toml_exists(self) -> bool:
        return bool(self)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    monkeypatch.setattr(st, "secrets", Secrets())
    for key in KEYS:
        monkeypatch.delenv(PREFIX + key.upper(), raising=False)


def servers() -> list[dict]:
    return ice.configuration()["frontend_rtc_configuration"]["iceServers"]


def test_localhost_needs_no_settings():
    assert ice.configuration() == {
        "frontend_rtc_configuration": {"iceServers": []},
        "server_rtc_configuration": {"iceServers": []},
    }


def test_settings_come_from_the_secrets(monkeypatch):
    table = {"urls": [TURN], "username": "anna", "credential": "pass"}
    monkeypatch.setattr(st, "secrets", Secrets(ice=table))
    assert servers() == [{**table}]


def test_a_variable_wins_over_a_secret(monkeypatch):
    table = {"urls": [TURN], "username": "anna", "credential": "pass"}
    monkeypatch.setattr(st, "secrets", Secrets(ice=table))
    monkeypatch.setenv("SER_ICE_USERNAME", "bert")
    assert servers()[0]["username"] == "bert"


def test_coturns_secret_stays_on_the_server(monkeypatch):
    monkeypatch.setenv("SER_ICE_URLS", TURN)
    monkeypatch.setenv("SER_ICE_SECRET", "north-of-the-wall")
    (server,) = servers()
    assert server["username"].endswith(":ser")
    assert "north" not in str(server)


def test_a_secret_that_is_no_table_is_told(monkeypatch):
    monkeypatch.setattr(st, "secrets", Secrets(ice="turn:hush"))
    with pytest.raises(IceError, match=r"\[ice\]"):
        ice.configuration()
