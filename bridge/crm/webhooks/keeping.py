"""What admins do with endpoints, on the console and on the command line alike."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from bridge.crm.webhooks import disabling, events, posting
from bridge.errors import Refused, Unreachable
from bridge.flow import lanes as names
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, changes, deeds, endpoints, lanes, sendings
from bridge.ledger.endpoints import Endpoint, Stands, Wanted
from bridge.ledger.secrets import Safe
from bridge.ledger.sendings import Range
from bridge.settings import Secret

OVERLAP = timedelta(hours=24)
"""For so long an old secret signs beside a new one, unless said otherwise."""
LONGEST_OVERLAP = timedelta(days=30)
LONGEST_URL = 2_000
AT_A_TIME = 500
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Made:
    """A secret that is shown once, and never again."""

    endpoint: Endpoint
    secret: Secret


def new_secret() -> Secret:
    """As Standard Webhooks writes them, of 32 random bytes."""
    return Secret("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())


def wrong_with(wanted: Wanted, trusted_hosts: frozenset[str]) -> str:
    """Why this cannot be an endpoint, "" if it can."""
    if not _NAME.fullmatch(wanted.name):
        return "a name is small letters, digits, - and _, at most 40"
    if not wanted.events:
        return "choose at least one event"
    for event in wanted.events:
        if event != events.EVERYTHING and event not in events.EVENTS:
            return f"there is no event {event!r}: choose of {', '.join(events.EVENTS)}, or *"
    if len(wanted.url) > LONGEST_URL:
        return "the address is too long"
    try:
        posting.look(posting.door(wanted.url, trusted_hosts), trusted_hosts)
    except Refused as refusal:
        return refusal.because
    except Unreachable:
        return ""  # it may be there tomorrow; each try looks it up again
    return ""


def add(bridge: Bridge, wanted: Wanted, by: str, *, from_start: bool = False) -> Made:
    """It is told what changes from now on, or everything there is. Raises `Refused` with what is
    wrong, `Misconfigured` without BRIDGE_SECRET_KEY."""
    wrong = wrong_with(wanted, bridge.settings.trusted_hosts)
    if wrong:
        raise Refused(wrong)
    changes.catch_up(bridge.ledger)
    secret, safe = new_secret(), Safe(bridge.settings.secret_keys)
    try:
        with bridge.ledger.writing() as tx:
            lanes.wake(tx, names.feed(bridge.desk))
            seq = 0 if from_start else changes.stands(tx).last_seq
            number = endpoints.add(tx, wanted, by, seq)
            endpoints.keep_secret(tx, safe, number, secret)
            deeds.add(tx, by, "added a webhook endpoint", wanted.name, " ".join(wanted.events))
            made = endpoints.one(tx, number)
    except IntegrityError:
        raise Refused(f"there is an endpoint {wanted.name} already") from None
    assert made is not None
    return Made(made, secret)


def rotate(bridge: Bridge, endpoint: Endpoint, by: str, overlap: timedelta = OVERLAP) -> Made:
    """A new secret signs from now on, the one before beside it for a while. Raises `Refused` for an
    overlap that is none, `Misconfigured` without BRIDGE_SECRET_KEY."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Refused(f"the old secret signs for at most {LONGEST_OVERLAP.days} days more")
    secret, safe = new_secret(), Safe(bridge.settings.secret_keys)
    with bridge.ledger.writing() as tx:
        lanes.stand_still(tx, names.webhook(endpoint.id))
        until = tx.now + overlap if overlap else None
        endpoints.keep_secret(tx, safe, endpoint.id, secret, until)
        deeds.add(tx, by, "renewed the secret of a webhook endpoint", endpoint.name)
        now = endpoints.one(tx, endpoint.id)
    if now is None:
        raise Refused(f"{endpoint.name} was removed meanwhile")
    return Made(now, secret)


def pause(bridge: Bridge, tx: Tx, endpoint: Endpoint, by: str, because: str) -> None:
    """Nothing is sent, and what changes waits in the feed."""
    lanes.stand_still(tx, names.webhook(endpoint.id))
    endpoints.stands(tx, endpoint.id, Stands.PAUSED, because)
    disabling.tell(tx, bridge.desk)
    deeds.add(tx, by, "paused a webhook endpoint", endpoint.name, because)


def resume(bridge: Bridge, tx: Tx, endpoint: Endpoint, by: str) -> bool:
    """It goes on where it was left, and what waits is tried at once. False where deletions of the
    time between are told no more: then only a new copy of everything is whole."""
    lanes.wake(tx, names.feed(bridge.desk))
    lanes.release_now(tx, names.webhook(endpoint.id))
    endpoints.stands(tx, endpoint.id, Stands.ON)
    disabling.tell(tx, bridge.desk)
    sendings.hurry(tx, endpoint.id)
    deeds.add(tx, by, "resumed a webhook endpoint", endpoint.name)
    return endpoint.seq >= changes.stands(tx).horizon


def remove(bridge: Bridge, tx: Tx, endpoint: Endpoint, by: str) -> None:
    lanes.stand_still(tx, names.webhook(endpoint.id))
    endpoints.end(tx, Safe(()), endpoint.id)
    disabling.tell(tx, bridge.desk)
    sendings.call_off(tx, endpoint.id, "the endpoint was removed")
    deeds.add(tx, by, "removed a webhook endpoint", endpoint.name)


def test(tx: Tx, endpoint: Endpoint, by: str) -> int:
    """Queue an event about nothing, also where the endpoint is paused; its number."""
    lanes.release_now(tx, names.webhook(endpoint.id))
    seq = sendings.queue_test(tx, endpoint.id, events.TESTED)
    deeds.add(tx, by, "tested a webhook endpoint", endpoint.name)
    return seq


def replay(bridge: Bridge, endpoint: Endpoint, wanted: Range, by: str) -> Iterator[int]:
    """Send once more what changed in a range, each record as it stands now; a few hundred at a
    time, how many each time. What was not yet told for the first time comes by itself."""
    changes.catch_up(bridge.ledger)
    with bridge.ledger.writing() as tx:
        deeds.add(tx, by, "replayed webhooks", endpoint.name)
    after = 0
    while True:
        with bridge.ledger.writing() as tx:
            lanes.wake(tx, names.webhook(endpoint.id))
            now = endpoints.one(tx, endpoint.id)
            if now is None:
                return
            refs = sendings.in_range(tx, wanted, after, now.seq, AT_A_TIME)
            told = events.of_refs(tx, refs, bridge.helpdesk.said_in)
            count = sendings.queue(tx, now.id, [each for each in told if now.wants(each[1])])
        if not refs:
            return
        yield count
        after = refs[-1].seq
