"""What `bridge doctor` asks a Mastodon account, and what it says about the answers.

- https://docs.joinmastodon.org/methods/notifications/#get-policy
- https://docs.joinmastodon.org/methods/apps/#verify_credentials
- https://docs.joinmastodon.org/api/oauth-scopes/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from bridge.channels.mastodon.calls import Calls
from bridge.channels.mastodon.instance import Instance
from bridge.channels.mastodon.moderating import SCOPES
from bridge.channels.mastodon.translate import Me
from bridge.errors import BridgeError, Gone, Refused
from bridge.model import Finding, Urgency

NEEDED = (
    "read:accounts",
    "read:notifications",
    "read:statuses",
    "write:media",
    "write:statuses",
)
POLICY = "/api/v2/notifications/policy"
SIGN_IN_AGAIN = (
    "In Mastodon: Preferences, Development, your application: tick the scopes "
    f"{', '.join(NEEDED)}, save, regenerate the access token, and put the new token where the "
    "mapping refers to it."
)
TICK_THEM = f"To let them, tick {' and '.join(SCOPES)} as well, and regenerate the access token."

_RULES = {
    "for_private_mentions": "private messages",
    "for_not_following": "people the account does not follow",
    "for_not_followers": "people who do not follow the account",
    "for_new_accounts": "accounts younger than thirty days",
    "for_limited_accounts": "accounts limited by moderators",
    "for_bots": "automated accounts",
}
_CLOCKS_APART = timedelta(seconds=30)
_CLOCKS_WRONG = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Asked:
    """The two questions that the channel itself remembers the answers of."""

    instance: Callable[[], Instance]
    me: Callable[[], Me]


def findings(calls: Calls, asked: Asked) -> Iterator[Finding]:
    """Everything worth knowing, each question by itself: one that fails hides no other."""
    yield _address(calls)
    yield _answered("server", lambda: _server(asked.instance()))
    yield _answered("credentials", lambda: _account(asked.me()), SIGN_IN_AGAIN)
    yield _answered("scopes", lambda: _scopes(calls), SIGN_IN_AGAIN)
    yield _answered("mentions", lambda: _mentions(calls), SIGN_IN_AGAIN)
    yield _answered("clock", lambda: _clock(calls))
    yield from _policy(calls)


def refused_by_policy(calls: Calls) -> dict[str, str]:
    """The policy's rules that do not let everything through: `accept`, `filter`, `drop`."""
    told = calls.get(POLICY).data
    rules = told if isinstance(told, dict) else {}
    return {
        rule: value
        for rule, value in rules.items()
        if rule.startswith("for_") and isinstance(value, str) and value != "accept"
    }


def _answered(about: str, ask: Callable[[], Finding], do: str = "") -> Finding:
    try:
        return ask()
    except BridgeError as wrong:
        return Finding(about, Urgency.PROBLEM, wrong.because, do)


def _address(calls: Calls) -> Finding:
    parts = urlsplit(calls.url)
    loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme == "http" and not loopback:
        return Finding(
            "address",
            Urgency.ADVICE,
            f"{calls.url} is not encrypted: the access token can be read on the way",
            "Use the server's https address.",
        )
    return Finding("address", Urgency.OK, calls.url)


def _server(instance: Instance) -> Finding:
    limits = instance.limits
    return Finding(
        "server",
        Urgency.OK,
        f"{instance.domain or 'a server without a name'}, version "
        f"{instance.version or 'unknown'}: {limits.length.most} characters, "
        f"{limits.length.url_weight} per link, {limits.files} files of at most "
        f"{limits.file_bytes // (1024 * 1024)} MiB",
    )


def _account(me: Me) -> Finding:
    return Finding("credentials", Urgency.OK, f"signed in as @{me.acct}@{me.domain}")


def _scopes(calls: Calls) -> Finding:
    """The scopes of the application; a token made before they were changed has fewer, and only
    trying tells."""
    try:
        told: Any = calls.get("/api/v1/apps/verify_credentials").data
    except (Gone, Refused):
        told = {}
    granted = told.get("scopes") if isinstance(told, dict) else None
    if not isinstance(granted, list):
        return Finding(
            "scopes",
            Urgency.ADVICE,
            "the server does not tell which scopes were granted (Mastodon does since 4.3)",
            f"Make sure that they are: {', '.join(NEEDED)}.",
        )
    missing = [
        scope for scope in NEEDED if scope not in granted and scope.split(":")[0] not in granted
    ]
    if missing:
        says = f"not granted: {', '.join(missing)}"
        return Finding("scopes", Urgency.PROBLEM, says, SIGN_IN_AGAIN)
    lacking = [one for one in SCOPES if one not in granted and one.split(":")[0] not in granted]
    if lacking:
        says = f"not granted: {', '.join(lacking)}; agents can answer, and not like or block"
        return Finding("scopes", Urgency.ADVICE, says, TICK_THEM)
    return Finding("scopes", Urgency.OK, f"granted: {', '.join((*NEEDED, *SCOPES))}")


def _mentions(calls: Calls) -> Finding:
    calls.get("/api/v1/notifications", (("types[]", "mention"), ("limit", "1")))
    return Finding("mentions", Urgency.OK, "mentions can be read")


def _clock(calls: Calls) -> Finding:
    there = calls.get("/api/v1/accounts/verify_credentials").at
    if there is None:
        return Finding("clock", Urgency.ADVICE, "the server does not tell its time")
    apart = abs(calls.surroundings.clock() - there)
    says = f"{apart.total_seconds():.0f} seconds from the server's clock"
    do = "Set this machine's clock (NTP): a lost answer is looked for by the time it was sent."
    if apart > _CLOCKS_WRONG:
        return Finding("clock", Urgency.PROBLEM, says, do)
    if apart > _CLOCKS_APART:
        return Finding("clock", Urgency.ADVICE, says, do)
    return Finding("clock", Urgency.OK, says)


def _policy(calls: Calls) -> Iterator[Finding]:
    """`drop` loses messages for good. `filter` only hides them: we ask for filtered ones, too,
    but servers before 4.3 and some others do not give them."""
    about = "notification policy"
    try:
        found = refused_by_policy(calls)
    except Gone:
        yield Finding(about, Urgency.OK, "this server has none, so it holds nothing back")
        return
    except BridgeError as wrong:
        yield Finding(about, Urgency.PROBLEM, wrong.because, SIGN_IN_AGAIN)
        return
    for rule, value in found.items():
        whom = _RULES.get(rule, rule)
        lost = value != "filter"
        says = (
            f"messages are thrown away unseen: {whom} ({rule}: {value})"
            if lost
            else f"messages are filtered: {whom} ({rule}: {value})"
        )
        severe = lost or rule == "for_private_mentions"
        yield Finding(
            about,
            Urgency.PROBLEM if severe else Urgency.ADVICE,
            says,
            "In Mastodon: Notifications, settings, manage notifications from this group: Accept; "
            "or `bridge doctor --fix`, which needs the scope write:notifications.",
        )
    if not found:
        yield Finding(about, Urgency.OK, "everything is let through")
