"""The watch over an account: what no single call finds out. Each account and the helpdesk have a
lane for it, due every few minutes.

- Is it silent, against its own rhythm? (`bridge.flow.rhythm`)
- What does the network itself say is wrong? Asked on the first connect, then once a day.
- Does the network still call us? (`bridge.flow.hooks`)
- Does the helpdesk still ping? Are deliveries refused as not genuine?
- Will the sign-in end soon?
- Should an ops group be told? (`bridge.flow.ops`)
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bridge.channels.contract import Examined, Expires, Pushes, Reads
from bridge.errors import Again, BridgeError
from bridge.flow import lanes as names
from bridge.flow.bridge import Bridge
from bridge.flow.hooks import look_at_hook
from bridge.flow.lanes import Pause, Rest
from bridge.flow.ops import attend
from bridge.flow.polls import DEGRADED_AFTER
from bridge.flow.rhythm import SLACK, Span, too_quiet
from bridge.flow.standing import trouble, well
from bridge.ledger import Tx, accounts, alarms, deliveries, lanes
from bridge.ledger.accounts import About, State
from bridge.ledger.lanes import Lease
from bridge.model import DAY, HOUR, MINUTE, Finding, Urgency

log = structlog.get_logger()

EVERY, IN_TROUBLE_EVERY = 5 * MINUTE, MINUTE
EXAMINED_EVERY, WRONG_EXAMINED_EVERY = DAY, HOUR
OF_THIS_MACHINE = ("clock",)
"""Findings that say nothing about the account; they are for `bridge doctor`."""
UNPINGED = 3
PINGED_WITHIN = 10 * MINUTE
CLOCKS_APART = 2 * MINUTE
REFUSED_AT_LEAST, REFUSED_FOR, REFUSED_LATELY = 10, 10 * MINUTE, DAY
AHEAD = 7 * DAY


def watch(bridge: Bridge, lease: Lease) -> Pause:
    """Look at one account (or the helpdesk) from all sides."""
    name = lease.lane.partition(":")[2]
    _examine(bridge, lease, name)
    look_at_hook(bridge, lease, name)
    expires = _expires(bridge, name)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        _put(tx, name, About.EXPIRY, State.DEGRADED, expires)
        _lanes(bridge, tx, name)
        if name == bridge.desk:
            _pings(bridge, tx)
        else:
            _rhythm(bridge, tx, name)
        if name == bridge.desk or isinstance(bridge.channels[name], Pushes):
            look_at_signatures(tx, name)
        attend(bridge, tx, name)
        fine = accounts.standing(tx, name).state is State.CONNECTED
    return Rest(bridge.clock() + (EVERY if fine else IN_TROUBLE_EVERY))


def _put(tx: Tx, name: str, about: About, state: State, because: str) -> None:
    """A trouble where there is a reason, none where there is none."""
    if because:
        trouble(tx, name, state, because, about)
    else:
        well(tx, name, about)


def _lanes(bridge: Bridge, tx: Tx, name: str) -> None:
    """What reads an account fails again and again, and not by what the far side says (that is put
    down where it is heard): a defect of ours. The next read that works ends it."""
    lane = names.reconcile(name) if name == bridge.desk else names.poll(name)
    failures, because = lanes.failing(tx, lane)
    if failures > DEGRADED_AFTER and accounts.trouble(tx, name, About.READING) is None:
        because = f"reading has failed {failures} times in a row: {because}"
        trouble(tx, name, State.DEGRADED, because, About.READING)


# ------------------------------------------------------------------ silence


def _rhythm(bridge: Bridge, tx: Tx, name: str) -> None:
    """Nothing is judged while it is known that nothing can be heard, or while what has come is
    still being sorted. Once silent, it is silent until the next post."""
    until = _heard_until(bridge, tx, name)
    deaf = any(each.about in _DEAF for each in accounts.all_troubles(tx, name))
    if until is None or deaf or deliveries.next_waiting(tx, name, 1):
        return
    last = alarms.last_post_at(tx, name)
    silent = accounts.trouble(tx, name, About.RHYTHM)
    if silent is not None:
        if last is not None and (last > silent.since or until - last <= SLACK):
            well(tx, name, About.RHYTHM)
        return

    def count(spans: tuple[Span, ...]) -> tuple[int, ...]:
        return alarms.posts_within(tx, name, spans)

    because = too_quiet(alarms.first_post_at(tx, name), last, until, count)
    if because:
        trouble(tx, name, State.SILENT, because, About.RHYTHM)


_DEAF = (About.READING, About.PAUSED)


def _heard_until(bridge: Bridge, tx: Tx, name: str) -> datetime | None:
    """Up to when it is known whether somebody wrote."""
    if isinstance(bridge.channels[name], Reads):
        return accounts.standing(tx, name).read_at
    return tx.now


# ------------------------------------------------------------------ what the network says


def _examine(bridge: Bridge, lease: Lease, name: str) -> None:
    """What the network itself knows to be wrong: a notification policy that throws messages away,
    a missing scope. On the first connect, once a day, and hourly while something is wrong."""
    channel = bridge.channels.get(name)
    if not isinstance(channel, Examined):
        return
    with bridge.ledger.reading() as tx:
        now_is = accounts.standing(tx, name)
        found = accounts.all_troubles(tx, name)
    if any(each.about in _DEAF for each in found):
        return  # that is known to be wrong, and is asked about all the time
    wrong = any(each.about is About.EXAMINATION for each in found)
    every = WRONG_EXAMINED_EVERY if wrong else EXAMINED_EVERY
    if now_is.examined_at is not None and bridge.clock() - now_is.examined_at < every:
        return
    try:
        found_wrong = [each for each in channel.examine() if each.urgency is Urgency.PROBLEM]
        problems = [each for each in found_wrong if each.about not in OF_THIS_MACHINE]
    except Again:
        return
    except BridgeError as failed:
        problems = [Finding("examination", Urgency.PROBLEM, failed.because)]
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        accounts.examined(tx, name, tx.now)
        because = "; ".join(f"{each.about}: {each.says}" for each in problems)
        before = accounts.trouble(tx, name, About.EXAMINATION)
        if because and (before is None or before.because != because):
            for each in problems:
                log.warning("examined", account=name, about=each.about, says=each.says, do=each.do)
        _put(tx, name, About.EXAMINATION, State.DEGRADED, because)


def _expires(bridge: Bridge, name: str) -> str:
    party = bridge.helpdesk if name == bridge.desk else bridge.channels[name]
    at = party.expires_at() if isinstance(party, Expires) else None
    if at is None or at - bridge.clock() > AHEAD:
        return ""
    return f"the sign-in ends on {at:%Y-%m-%d} at {at:%H:%M} UTC: sign in again before that"


# ------------------------------------------------------------------ who calls us


def _pings(bridge: Bridge, tx: Tx) -> None:
    """Answers that were only found by asking, one after the other: the webhook is dead. The next
    genuine ping tells that it is not."""
    answers = alarms.last_answers(tx, bridge.desk, UNPINGED)
    pings = alarms.pings(tx, bridge.desk)
    dead = accounts.trouble(tx, bridge.desk, About.PINGS)
    if dead is not None:
        if pings and pings[0][1] > dead.since:
            well(tx, bridge.desk, About.PINGS)
        return
    if len(answers) < UNPINGED or answers[-1].found_at < tx.now - DAY:
        return
    for answer in answers:
        begins, ends = answer.written_at - CLOCKS_APART, answer.found_at + PINGED_WITHIN
        if tx.now <= ends or any(
            ticket == answer.ticket_id and begins <= at <= ends for ticket, at in pings
        ):
            return
    if pings and pings[0][1] > answers[-1].written_at:
        return
    every = bridge.settings.reconcile_seconds
    because = (
        f"no ping came for the last {UNPINGED} answers of agents, they were found by asking: is "
        "the helpdesk's webhook active, with our address and the right signing secret? Until "
        f"then answers go out up to {_spoken(every)} late"
    )
    trouble(tx, bridge.desk, State.WEBHOOK_DEAD, because, About.PINGS)


def _spoken(seconds: float) -> str:
    return f"{timedelta(seconds=seconds + 60) / MINUTE:.0f} minutes"


def look_at_signatures(tx: Tx, name: str) -> None:
    """Deliveries refused as not genuine, and no genuine one since: a secret was changed on one
    side only, or somebody tries it."""
    refused = alarms.refused(tx, name)
    if refused is None:
        well(tx, name, About.SIGNATURES)
        return
    genuine = alarms.last_pushed_at(tx, name)
    if (genuine is not None and genuine > refused.since) or tx.now - refused.last_at > (
        REFUSED_LATELY
    ):
        alarms.forget_refused(tx, name)
        well(tx, name, About.SIGNATURES)
        return
    if refused.times < REFUSED_AT_LEAST or refused.last_at - refused.since < REFUSED_FOR:
        return
    because = (
        f"{refused.times} deliveries refused as not genuine since {refused.since:%Y-%m-%d %H:%M} "
        "UTC, and no genuine one: is the signing secret the same on both sides?"
    )
    trouble(tx, name, State.DEGRADED, because, About.SIGNATURES)
