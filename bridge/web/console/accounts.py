"""The console's pages on accounts: how each stands, since when, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, request, stream_template
from werkzeug.exceptions import Conflict, NotFound

from bridge.channels.contract import Expires, Pushes
from bridge.connecting import examining
from bridge.connecting.findings import look
from bridge.connecting.stepwise import Stepwise, Told
from bridge.errors import BridgeError
from bridge.flow import standing
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, accounts, alarms, costs
from bridge.ledger.accounts import About, Standing, State
from bridge.model import DAY
from bridge.text import words
from bridge.web.console.frame import Frame

WORDS: dict[str, tuple[str, str, str]] = {
    State.CONNECTED: ("works", "good", ""),
    alarms.UNREAD: ("nothing heard yet", "warn", "See that a worker runs; test the account."),
    State.RATE_LIMITED: ("asked to slow down", "warn", "Nothing: it goes on by itself."),
    State.SILENT: ("too quiet", "warn", "Test it; look on the network whether somebody wrote."),
    State.DEGRADED: ("in trouble", "warn", "Test it, and do what the findings say."),
    State.WEBHOOK_DEAD: ("is not called", "bad", "Test it; see that our address can be reached."),
    State.NEEDS_SIGN_IN: ("must sign in", "bad", "Renew the sign-in."),
    State.DISABLED: ("paused", "plain", "Resume it when it may go on."),
}
"""State → what people call it, how it looks, what to do."""

RHYTHM_OVER = 28 * DAY
MOST_CHANGES = 30


@dataclass(frozen=True, slots=True)
class Shown:
    """An account (or the helpdesk) as the pages show it. `a_day`: posts a day over four weeks,
    None where nothing is known; `cost`: millionths of a dollar in 30 days."""

    name: str
    network: str
    called: str
    tone: str
    do: str
    standing: Standing
    is_paused: bool
    last_post_at: datetime | None
    a_day: float | None
    expires_at: datetime | None
    cost: int
    hook: str


def pages(frame: Frame) -> None:
    bridge = frame.bridge
    trials = Stepwise()

    @frame.get("/accounts")
    def accounts_() -> Response:
        with bridge.ledger.reading() as tx:
            shown = [_shown(bridge, tx, name) for name in sorted(bridge.mapping.accounts)]
            desk = _shown(bridge, tx, bridge.desk)
        return frame.page("accounts.html", title="Accounts", shown=shown, desk=desk)

    @frame.get("/accounts/<name>")
    def account(name: str) -> Response:
        _known(bridge, name)
        with bridge.ledger.reading() as tx:
            shown = _shown(bridge, tx, name)
            history = accounts.changes(tx, name, MOST_CHANGES)
            troubles = accounts.all_troubles(tx, name)
        return frame.page(
            "account.html",
            title=name if name != bridge.desk else "The helpdesk",
            shown=shown,
            history=[(each, *WORDS[each.state]) for each in history],
            troubles=[(each, *WORDS[each.state]) for each in troubles],
            is_desk=name == bridge.desk,
        )

    @frame.get("/accounts/<name>/limits")
    def account_limits(name: str) -> Response:
        """Asked apart: some networks tell their limits only when called."""
        _known(bridge, name)
        channel = bridge.channels.get(name)
        if channel is None:
            raise NotFound("The helpdesk has no limits of this kind.")
        try:
            limits, says = channel.limits(), ""
        except BridgeError as failed:
            limits, says = None, failed.because
        title = f"What {name} allows"
        return frame.page("limits.html", title=title, name=name, limits=limits, says=says)

    @frame.post("/accounts/<name>/test")
    def account_test(name: str) -> Response:
        _known(bridge, name)

        def job(told: Told) -> None:
            if name == bridge.desk:
                told(look("the helpdesk", lambda: examining.helpdesk(bridge)))
            else:
                told(look("the account", lambda: examining.account(bridge.channels[name])))

        parts = trials.run(name, job)
        if parts is None:
            raise Conflict("This account is being tested at this moment. Wait for its end.")
        with bridge.ledger.writing() as tx:
            frame.deed(tx, "tested an account", name)
        return Response(
            stream_template("console/tested.html", title=f"Test of {name}", parts=parts, name=name),
            content_type="text/html; charset=utf-8",
        )

    @frame.post("/accounts/<name>/pause")
    def account_pause(name: str) -> Response:
        _known(bridge, name, but_desk=True)
        because = " ".join(request.form.get("because", "").split())[:200]
        because = because or "an admin paused it on the console"
        with bridge.ledger.writing() as tx:
            standing.paused(tx, name, because)
            frame.deed(tx, "paused an account", name, because)
        frame.say(f"{name} is paused: it is not read, and replies wait.", "note")
        return frame.to("account", name=name)

    @frame.post("/accounts/<name>/resume")
    def account_resume(name: str) -> Response:
        _known(bridge, name, but_desk=True)
        with bridge.ledger.writing() as tx:
            standing.resumed(tx, name)
            frame.deed(tx, "resumed an account", name)
        frame.say(f"{name} goes on: it is read from where it was left, and what waited is sent.")
        return frame.to("account", name=name)


def _known(bridge: Bridge, name: str, *, but_desk: bool = False) -> None:
    if name not in bridge.mapping.accounts and (but_desk or name != bridge.desk):
        raise NotFound("The live mapping has no such account.")


def _shown(bridge: Bridge, tx: Tx, name: str) -> Shown:
    stands = accounts.standing(tx, name)
    called, tone, do = WORDS[alarms.shown(tx, stands)]
    channel = bridge.channels.get(name)
    party = channel if channel is not None else bridge.helpdesk
    first = alarms.first_post_at(tx, name)
    a_day = None
    if first is not None and tx.now > first:
        known = min(RHYTHM_OVER, tx.now - first)
        (count,) = alarms.posts_within(tx, name, ((tx.now - known, tx.now),))
        a_day = count / max(known / DAY, 1)
    network = bridge.mapping.accounts[name].network if channel is not None else ""
    base = bridge.settings.public_url.rstrip("/")
    return Shown(
        name=name,
        network=words.network_name(network or bridge.helpdesk.name),
        called=called,
        tone=tone,
        do=do,
        standing=stands,
        is_paused=accounts.trouble(tx, name, About.PAUSED) is not None,
        last_post_at=alarms.last_post_at(tx, name),
        a_day=a_day,
        expires_at=party.expires_at() if isinstance(party, Expires) else None,
        cost=costs.spent(tx, name, tx.now - 30 * DAY),
        hook=f"{base}/hooks/{network}/{name}" if isinstance(channel, Pushes) else "",
    )
