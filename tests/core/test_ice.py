import base64
import hashlib
import logging

import pytest

from pages.shared.live import ice_settings
from pages.shared.live.ice_settings import IceError, configurations, from_environment, parse

SECRET = "north-of-the-wall"
URLS = "stun:turn.example.org:3478, turn:turn.example.org:3478?transport=udp"
NOW_S = 1_700_000_000.0


def hmac_sha1(key: bytes, text: bytes) -> bytes:
    """RFC 2104, written out: an oracle that shares no code with the standard library's hmac."""
    key = key.ljust(64, b"\0")
    inner = hashlib.sha1(bytes(b ^ 0x36 for b in key) + text).digest()
    return hashlib.sha1(bytes(b ^ 0x5C for b in key) + inner).digest()


def test_without_settings_there_are_no_servers():
    found = configurations(parse({}), NOW_S)
    # a missing list would let the component look for servers by itself
    assert found.browser == found.server == {"iceServers": []}


def test_passwords_are_what_coturn_computes():
    name = "1700040000:ser"
    want = base64.b64encode(hmac_sha1(SECRET.encode(), name.encode())).decode()
    assert ice_settings.password(SECRET, name) == want
    # a test vector of RFC 2202, case 2
    digest = base64.b64decode(ice_settings.password("Jefe", "what do ya want for nothing?"))
    assert digest.hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"


def test_a_secret_gives_credentials_that_expire():
    settings = parse({"urls": URLS, "secret": SECRET, "ttl_s": "3600"})
    stun, turn = configurations(settings, NOW_S).browser["iceServers"]
    assert stun == {"urls": ["stun:turn.example.org:3478"]}
    assert turn["urls"] == ["turn:turn.example.org:3478?transport=udp"]
    expiry = int(turn["username"].partition(":")[0])
    assert 3600 <= expiry - NOW_S <= 7200
    assert turn["credential"] == ice_settings.password(SECRET, turn["username"])


def test_credentials_are_the_same_for_everyone_for_a_while():
    start = NOW_S // 3600 * 3600
    assert ice_settings.expiry_s(start, 3600) == ice_settings.expiry_s(start + 3599.9, 3600)
    assert ice_settings.expiry_s(start + 3600, 3600) == ice_settings.expiry_s(start, 3600) + 3600


def test_fixed_credentials_are_passed_on():
    settings = parse({"urls": [*URLS.split(", ")], "username": "anna", "credential": "pass"})
    turn = configurations(settings, NOW_S).browser["iceServers"][1]
    assert (turn["username"], turn["credential"]) == ("anna", "pass")


def test_the_server_gets_relays_only_where_it_is_told_to():
    table = {"urls": URLS, "secret": SECRET}
    found = configurations(parse(table), NOW_S)
    assert found.server == {"iceServers": found.browser["iceServers"][:1]}
    found = configurations(parse({**table, "server_turn": "yes"}), NOW_S)
    assert found.server == found.browser


def test_empty_variables_are_not_set():
    environment = {"SER_ICE_URLS": URLS, "SER_ICE_SECRET": " ", "SER_ICE_TTL_S": "600", "HOME": "/"}
    assert from_environment(environment) == {"urls": URLS, "ttl_s": "600"}
    assert parse(from_environment({"SER_ICE_URLS": "", "SER_ICE_SERVER_TURN": ""})) == parse({})


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"urls": "http://turn.example.org"}, "Address 1 .* turn:host:port"),
        ({"urls": "stun:a.org turn:anna:hush@b.org"}, "Address 2 "),
        ({"urls": "stun:a.org?transport=udp"}, "Address 1 "),
        ({"urls": "turn:b.org?transport=sctp"}, "Address 1 "),
        ({"urls": "turn:[2001:db8::1]:3478"}, "Address 1 "),
        ({"urls": "turn:"}, "Address 1 "),
        ({"urls": 3478}, "Address 1 "),
        ({"urls": ["stun:a.org", 3478]}, "Address 2 "),
        ({"urls": "turn:b.org"}, "without credentials"),
        ({"urls": "turn:b.org", "username": "anna"}, "half"),
        ({"urls": "turn:b.org", "credential": "hush"}, "half"),
        ({"urls": "turn:b.org", "secret": "hush", "username": "anna"}, "both"),
        ({"urls": "stun:a.org", "secret": "hush"}, "no TURN server"),
        ({"secret": "hush"}, "no TURN server"),
        ({"urls": "turn:b.org", "secret": "hush", "ttl_s": "soon"}, "ttl_s"),
        ({"urls": "turn:b.org", "secret": "hush", "ttl_s": 10}, "ttl_s"),
        ({"urls": "turn:b.org", "secret": "hush", "server_turn": "hush"}, "server_turn"),
        ({"password": "hush"}, "Unknown ICE setting 'password'"),
    ],
)
def test_wrong_settings_are_told_without_their_secrets(table, message):
    with pytest.raises(IceError, match=message) as caught:
        parse(table)
    assert "hush" not in str(caught.value)


def test_secrets_are_not_shown_or_logged(caplog):
    caplog.set_level(logging.DEBUG)
    settings = parse({"urls": URLS, "secret": SECRET})
    found = configurations(settings, NOW_S)
    password = found.browser["iceServers"][1]["credential"]
    fixed = parse({"urls": URLS, "username": "anna", "credential": SECRET})
    for text in (repr(settings), repr(fixed), repr(found), caplog.text):
        assert SECRET not in text
        assert password not in text
