"""STUN and TURN servers: how a browser's sound finds its way to a server in another network.

Two kinds of credentials: fixed ones, and ones that coturn checks without knowing them in advance
(`use-auth-secret`): the server and coturn share a secret, and a user name is a time of expiry.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ser_core.errors import SerError

PREFIX = "SER_ICE_"  # of environment variables: SER_ICE_URLS, ...
KEYS = ("urls", "username", "credential", "secret", "ttl_s", "server_turn")
TTL_S = 12 * 60 * 60
_SHORTEST_TTL_S = 300
_NAME = "ser"  # one name for all: the relay's log shall not tell visitors apart
_HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?"
# RFC 7064, RFC 7065; no IPv6 literals, which the server's side does not parse
_ADDRESS = re.compile(rf"(?P<scheme>stuns?|turns?):{_HOST}(?P<transport>\?transport=(udp|tcp))?")
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")

RtcConfiguration = dict[str, list[dict[str, Any]]]


class IceError(SerError):
    """The settings of the STUN and TURN servers are wrong. The message holds no secret."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the servers are and how to be let in.

    Attributes:
        stun: addresses, `stun:host:port`.
        turn: addresses, `turn:host:port?transport=udp`.
        username: fixed user name; empty with a secret.
        credential: fixed password; empty with a secret.
        secret: shared with coturn; empty with fixed credentials.
        ttl_s: for how many seconds credentials made from the secret hold at least.
        server_turn: whether the server itself uses the relays, too.
    """

    stun: tuple[str, ...] = ()
    turn: tuple[str, ...] = ()
    username: str = ""
    credential: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    ttl_s: int = TTL_S
    server_turn: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Configurations:
    """What the two ends of a connection need to know, in WebRTC's own form.

    Attributes:
        browser: `{"iceServers": [...]}` with every server.
        server: the same with the STUN servers alone, unless the server is to use relays, too.
    """

    browser: RtcConfiguration
    server: RtcConfiguration


def from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings among environment variables, by their short names; empty ones are not set."""
    found = {key: environment.get(PREFIX + key.upper(), "").strip() for key in KEYS}
    return {key: value for key, value in found.items() if value}


def parse(table: Mapping[str, Any]) -> Settings:
    """Check settings.

    Args:
        table: `urls` (a list, or a text with commas or spaces), `username` and `credential` or
            `secret`, `ttl_s`, `server_turn`; an empty table means no servers.

    Raises:
        IceError: if they are unknown, incomplete or contradict each other.
    """
    unknown = sorted(set(table) - set(KEYS))
    if unknown:
        raise IceError(f"Unknown ICE setting {unknown[0]!r}. Choose from: {', '.join(KEYS)}.")
    stun, turn = _addresses(table.get("urls", ""))
    username, credential, secret = (
        str(table.get(key, "")) for key in ("username", "credential", "secret")
    )
    _check_credentials(bool(turn), username, credential, secret)
    return Settings(
        stun,
        turn,
        username,
        credential,
        secret,
        _ttl_s(table.get("ttl_s", TTL_S)),
        _yes(table.get("server_turn", False)),
    )


def configurations(settings: Settings, now_s: float) -> Configurations:
    """The servers with credentials that hold from now on.

    Args:
        settings: checked settings.
        now_s: seconds since 1970.
    """
    stun = [{"urls": list(settings.stun)}] if settings.stun else []
    turn = []
    if settings.turn:
        username, credential = settings.username, settings.credential
        if settings.secret:
            username = f"{expiry_s(now_s, settings.ttl_s)}:{_NAME}"
            credential = password(settings.secret, username)
        turn = [{"urls": list(settings.turn), "username": username, "credential": credential}]
    server = stun + turn if settings.server_turn else stun
    return Configurations({"iceServers": stun + turn}, {"iceServers": server})


def expiry_s(now_s: float, ttl_s: int) -> int:
    """When credentials that are handed out now expire, in seconds since 1970.

    It changes only every `ttl_s`, so that all visitors get the same and reruns of a page change
    nothing: credentials hold for at least `ttl_s`, at most twice as long. A connection that stands
    is not cut when they expire.
    """
    return (int(now_s) // ttl_s + 2) * ttl_s


def password(secret: str, username: str) -> str:
    """base64(HMAC-SHA1(secret, username)), as draft-uberti-behave-turn-rest-00 and coturn have it.

    Args:
        secret: coturn's `static-auth-secret`.
        username: `"<seconds since 1970>:<name>"`.
    """
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def _addresses(urls: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """STUN addresses and TURN addresses."""
    listed = isinstance(urls, Iterable) and not isinstance(urls, str)
    texts = [*map(str, urls)] if listed else re.split(r"[\s,]+", str(urls).strip())
    stun, turn = [], []
    for number, text in enumerate(filter(None, texts), start=1):
        found = _ADDRESS.fullmatch(text)
        if not found or (found["scheme"].startswith("stun") and found["transport"]):
            # the text is not shown: someone may have put a password into it
            raise IceError(
                f"Address {number} of the ICE servers is not understood. Write stun:host:port, "
                "turn:host:port?transport=udp or turns:host:port?transport=tcp."
            )
        (stun if found["scheme"].startswith("stun") else turn).append(text)
    return tuple(stun), tuple(turn)


def _check_credentials(turn: bool, username: str, credential: str, secret: str) -> None:
    if secret and (username or credential):
        raise IceError("ICE has both a secret and fixed credentials. Remove one of them.")
    if bool(username) != bool(credential):
        raise IceError("ICE has half of its fixed credentials. Set username and credential.")
    if turn and not (secret or credential):
        raise IceError(
            "A TURN server is set without credentials. Set username and credential, or coturn's "
            "secret."
        )
    if not turn and (secret or credential):
        raise IceError("ICE has credentials but no TURN server. Add turn:host:port to its urls.")


def _ttl_s(value: Any) -> int:
    try:
        seconds = int(value)
    except (TypeError, ValueError):
        seconds = 0
    if seconds < _SHORTEST_TTL_S:
        raise IceError(
            f"The ICE setting ttl_s is not usable. Set {_SHORTEST_TTL_S} seconds or more."
        )
    return seconds


def _yes(value: Any) -> bool:
    text = str(value).lower()
    if text not in _YES + _NO:
        raise IceError("The ICE setting server_turn is not usable. Set true or false.")
    return text in _YES
