"""What `bridge doctor` asks about an account on one of Meta's products.

- Permissions: https://developers.facebook.com/docs/permissions
- Access: https://developers.facebook.com/docs/graph-api/overview/access-levels
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bridge.channels.meta import subscriptions
from bridge.channels.meta.calls import Answer, Calls
from bridge.channels.meta.subscriptions import Subscription
from bridge.channels.meta.tokens import TokenFacts
from bridge.errors import BridgeError
from bridge.model import DAY, Finding, Urgency

SIGN_IN_AGAIN = (
    "Make a new access token with every permission that the network's page of this documentation "
    "names, and put it where the mapping refers to it."
)
_CLOCKS_APART = timedelta(minutes=2)
_ENDS_SOON = 14 * DAY


def findings(
    calls: Calls,
    app: Calls,
    *,
    wanted: Subscription,
    token: Callable[[], TokenFacts],
    scopes: tuple[str, ...],
    account: Callable[[], Answer],
) -> Iterator[Finding]:
    """Each question by itself: one that fails hides no other. `account` reads the account itself
    (`name` or `username`, `id`), as a proof that the token is good for it."""
    yield address(calls, wanted.public_url)
    yield from _token(token, scopes, calls.surroundings.clock())
    yield answered("account", lambda: account_named(account()))
    yield answered("clock", lambda: clock(account(), calls.surroundings.clock()))
    yield answered("webhooks of the app", lambda: _app(app, wanted))
    yield answered("webhooks of the account", lambda: subscribed_account(calls, wanted))


def answered(about: str, ask: Callable[[], Finding], do: str = "") -> Finding:
    try:
        return ask()
    except BridgeError as wrong:
        return Finding(about, Urgency.PROBLEM, wrong.because, do or SIGN_IN_AGAIN)


def address(calls: Calls, public_url: str) -> Finding:
    parts = urlsplit(calls.url)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        says = f"{calls.url} is not encrypted: the access token can be read on the way"
        return Finding("address", Urgency.ADVICE, says, "Use an https address.")
    if public_url and urlsplit(public_url).scheme != "https":
        says = f"Meta calls https addresses only, and ours is {public_url}"
        return Finding("address", Urgency.ADVICE, says, "Set BRIDGE_PUBLIC_URL to the https one.")
    return Finding("address", Urgency.OK, calls.url)


def _token(
    ask: Callable[[], TokenFacts], scopes: tuple[str, ...], now: datetime
) -> Iterator[Finding]:
    try:
        told = ask()
    except BridgeError as wrong:
        yield Finding("access token", Urgency.PROBLEM, wrong.because, SIGN_IN_AGAIN)
        return
    if not told.valid:
        says = told.words or "Meta says that it is not valid"
        yield Finding("access token", Urgency.PROBLEM, says, SIGN_IN_AGAIN)
        return
    if told.expires_at is None:
        yield Finding("access token", Urgency.OK, "valid, without an end")
    else:
        soon = told.expires_at - now < _ENDS_SOON
        yield Finding(
            "access token",
            Urgency.PROBLEM if soon else Urgency.ADVICE,
            f"valid until {told.expires_at:%Y-%m-%d %H:%M} UTC",
            "A system user's token need not end. " + SIGN_IN_AGAIN,
        )
    missing = [one for one in scopes if one not in told.scopes]
    if missing:
        says = f"not granted: {', '.join(missing)}"
        yield Finding("permissions", Urgency.PROBLEM, says, SIGN_IN_AGAIN)
    else:
        yield Finding("permissions", Urgency.OK, f"granted: {', '.join(scopes)}")


def account_named(answer: Answer) -> Finding:
    name = answer.text("name") or answer.text("username") or "without a name"
    return Finding("account", Urgency.OK, f"{name} ({answer.text('id')})")


def clock(answer: Answer, now: datetime) -> Finding:
    if answer.at is None:
        return Finding("clock", Urgency.ADVICE, "Meta does not tell its time")
    apart = abs(answer.at - now)
    says = f"{apart.total_seconds():.0f} seconds from Meta's clock"
    if apart > _CLOCKS_APART:
        do = "Set this machine's clock (NTP): a lost answer is looked for by the time of sending."
        return Finding("clock", Urgency.PROBLEM, says, do)
    return Finding("clock", Urgency.OK, says)


def _app(app: Calls, wanted: Subscription) -> Finding:
    wrong = subscriptions.missing_in_app(app, wanted)
    if wrong:
        fields = ", ".join(wanted.fields)
        do = f"Enter the callback URL, the verify token, and these fields: {fields}."
        return Finding("webhooks of the app", Urgency.PROBLEM, wrong, do)
    says = f"{wanted.object}: {', '.join(wanted.fields)}"
    return Finding("webhooks of the app", Urgency.OK, says)


def subscribed_account(calls: Calls, wanted: Subscription) -> Finding:
    wrong = subscriptions.missing_in_account(calls, wanted)
    if wrong:
        return Finding("webhooks of the account", Urgency.PROBLEM, wrong, "`bridge doctor --fix`")
    return Finding("webhooks of the account", Urgency.OK, "the account is subscribed to the app")
