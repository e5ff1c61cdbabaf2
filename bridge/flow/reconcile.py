"""Asking the helpdesk what changed, because pings may come late, twice, or never."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from bridge.errors import Again, NeedsSignIn, PersonMustAct, RateLimited
from bridge.flow import merging, satisfaction
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Pause, Rest
from bridge.flow.polls import DEGRADED_AFTER, UNREAD_AT_LEAST
from bridge.flow.standing import connected, helpdesk_signed_out, stands, told_gap
from bridge.flow.tickets import look_at
from bridge.helpdesks.contract import Changed, Commented
from bridge.ledger import Tx, accounts, conversations, lanes, replies, written
from bridge.ledger.accounts import About, State
from bridge.ledger.lanes import Lease

WORTH_A_CALL = 2
"""With fewer of our tickets changed, a look at each costs no more than to be told of all."""

OVERLAP = timedelta(minutes=5)
"""What was said so long before the last time is asked for again: the export leaves out the newest
minute, and clocks differ."""


def reconcile(bridge: Bridge, lease: Lease) -> Pause:
    """Queue a look at each of our tickets that changed since the last time."""
    with bridge.ledger.reading() as tx:
        before = accounts.standing(tx, bridge.desk)
    asked_at = bridge.clock()
    try:
        changed = bridge.helpdesk.changed_since(before.cursor, asked_at)
    except NeedsSignIn as dead:
        raise helpdesk_signed_out(bridge, lease, dead, About.READING) from dead
    except RateLimited as limited:
        if lease.failures >= DEGRADED_AFTER:  # once is no trouble: the export has limits of its own
            stands(bridge, lease, bridge.desk, State.RATE_LIMITED, limited.because)
        raise
    except Again as failed:
        if lease.failures >= DEGRADED_AFTER:
            stands(bridge, lease, bridge.desk, State.DEGRADED, failed.because)
        raise
    except PersonMustAct as refusal:
        stands(bridge, lease, bridge.desk, State.DEGRADED, refusal.because)
        raise
    every = timedelta(seconds=bridge.settings.reconcile_seconds)
    explained = _explained(bridge, changed, before.read_at)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        ours = 0
        for ticket_id in changed.ticket_ids:
            found = conversations.by_ticket(tx, bridge.desk, ticket_id)
            if found is not None:
                ours += 1
                if ticket_id in explained:
                    continue
                look_at(tx, conversations.one(tx, found), ticket_id)
        for state in changed.states:
            satisfaction.stands(bridge, tx, state)
            merging.stands(bridge, tx, state)
        gap = accounts.read_to(
            tx,
            bridge.desk,
            changed.cursor,
            items=ours,
            more=changed.more,
            usual=max(UNREAD_AT_LEAST, 3 * every),
            # On the way to the end the place in time stays: what is excused later is excused by
            # what was said since then.
            whole_at=(changed.more and before.read_at) or asked_at,
        )
        told_gap(tx, bridge.desk, gap, "tickets")
        connected(tx, bridge.desk)
    return Rest(bridge.clock() if changed.more else bridge.clock() + every)


def _explained(bridge: Bridge, changed: Changed, read_at: datetime | None) -> frozenset[str]:
    """Those of our tickets on which nothing was said that the ledger does not know: one more call
    spares a look at each. What it cannot explain for certain is looked at, and so is a ticket with
    a reply that is not out: it may have been taken back, of which no comment tells."""
    with bridge.ledger.reading() as tx:
        ours = {
            ticket_id
            for ticket_id in changed.ticket_ids
            if conversations.by_ticket(tx, bridge.desk, ticket_id) is not None
        }
        ours -= replies.tickets_waiting(tx, bridge.desk, ours)
    if len(ours) < WORTH_A_CALL or read_at is None or changed.more:
        return frozenset()
    try:
        said = bridge.helpdesk.comments_since(read_at - OVERLAP)
    except (Again, PersonMustAct):  # it only spares calls: without it all are looked at
        return frozenset()
    with bridge.ledger.reading() as tx:
        return frozenset(_are_known(bridge, tx, changed, said or (), ours))


def _are_known(
    bridge: Bridge, tx: Tx, changed: Changed, said: tuple[Commented, ...], ours: set[str]
) -> Iterator[str]:
    """Tickets of which some comments of this time are told, all of them known, and whose last
    change is among what was told. Where no comment is told, nothing is known: a ticket that was
    deleted before it could be read comes back like that."""
    at = {state.ticket_id: state.at for state in changed.states}
    told: dict[str, list[Commented]] = defaultdict(list)
    for each in said:
        if each.ticket_id in ours:
            told[each.ticket_id].append(each)
    comments = {each.comment_id for some in told.values() for each in some if each.comment_id}
    known = written.known_among(tx, bridge.desk, comments)
    known |= replies.taken_among(tx, bridge.desk, comments)
    for ticket_id, some in told.items():
        last = at.get(ticket_id)
        is_told = last is not None and any(each.at >= last for each in some)
        here = {each.comment_id for each in some} - {""}
        if is_told and here and here <= known:
            yield ticket_id
