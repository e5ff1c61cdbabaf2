"""Erasing one person everywhere the bridge wrote.

The lanes of their conversations, and of the accounts that could bring news of them, are taken
first, so that no worker writes their words again in between. Then the helpdesk, where everything
may be done again; then the ledger, all in one transaction, with the certificate. A process that
dies before that transaction has removed nothing from the ledger, so running it again finds the
person and does everything; one that dies after it only has the database's files to write anew.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.errors import Again, LeaseLost
from bridge.flow.bridge import Bridge
from bridge.flow.intake import from_helpdesk, from_network
from bridge.flow.lanes import ERASING, Rested, broadcast, intake
from bridge.helpdesks.contract import Erased
from bridge.ledger import (
    Tx,
    deliveries,
    erasures,
    forgetting,
    forgetting_people,
    lanes,
    traces,
)
from bridge.ledger.conversations import lane_of
from bridge.ledger.deliveries import Delivery
from bridge.ledger.erasures import Erasure, digest_of
from bridge.ledger.lanes import Lease
from bridge.ledger.traces import Traces
from bridge.mapping import ErasedAt
from bridge.model import Person
from bridge.text.certificate import ALWAYS_LEFT, Certificate, as_json, note

AT_A_TIME = 500
BETWEEN_LOOKS = 0.5
BROADCAST = broadcast("")

Tick = Callable[[], None]

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would remove: table → rows, and the tickets it would go through."""

    ledger: tuple[tuple[str, int], ...]
    tickets: tuple[str, ...]


class _OnlyLooking(Exception):
    """Ends the transaction of a preview, which is rolled back."""


def find(bridge: Bridge, name: str) -> tuple[tuple[int, Person], ...]:
    """Everybody whom a name given by an admin may mean."""
    with bridge.ledger.reading() as tx:
        return traces.known_as(tx, name)


def earlier(bridge: Bridge, name: str) -> Erasure | None:
    """The erasure that was asked for by this name, if it has come to its end since."""
    network, _, network_id = name.strip().partition(":")
    with bridge.ledger.reading() as tx:
        asked = erasures.last(tx, _asked(name))
        return asked or erasures.last(tx, digest_of(network, network_id))


def preview(bridge: Bridge, row_id: int) -> Preview:
    """Nothing is changed: the ledger's part is done and taken back."""
    with bridge.ledger.reading() as tx:
        known = traces.gather(tx, row_id)
        found = tuple(sorted(_known_tickets(tx, known)))
    theirs, quoting = _raw(bridge, known, found)
    counts: dict[str, int] = {}
    try:
        with bridge.ledger.writing() as tx:
            begun = erasures.begin(tx, "", "")
            counts = forgetting.forget(tx, begun.id, known, theirs, quoting)
            raise _OnlyLooking
    except _OnlyLooking:
        return Preview(tuple(counts.items()), found)


def erase(bridge: Bridge, row_id: int, name: str, tick: Tick = lambda: None) -> str:
    """The certificate, as JSON. Raises `Again` when workers or the helpdesk are busy, or something
    new came meanwhile: nothing is lost by running it again."""
    with bridge.ledger.only_one("erasing"):
        with bridge.ledger.writing() as tx:
            person = traces.gather(tx, row_id).person
            begun_at = tx.now
            begun = erasures.begin(tx, _asked(name), digest_of(person.network, person.id))
        with _lanes_of(bridge, row_id, person) as leases:
            known, done = _at_the_helpdesk(bridge, row_id, leases, tick)
            document = _in_the_ledger(bridge, begun, known, done, begun_at, leases)
        tick()
        finish(bridge, begun.id)
        return document


def finish(bridge: Bridge, erasure_id: int) -> None:
    """Leave nothing in the database's files either. Safe to repeat."""
    bridge.ledger.compact()
    with bridge.ledger.writing() as tx:
        erasures.done(tx, erasure_id)


def _asked(name: str) -> str:
    return digest_of(name.strip().removeprefix("@").lower())


# ------------------------------------------------------------------ lanes


@contextmanager
def _lanes_of(bridge: Bridge, row_id: int, person: Person) -> Iterator[list[Lease]]:
    """Hold everything that could write about a person. What had arrived is sorted first: it may
    be theirs, and may begin conversations."""
    leases: list[Lease] = []
    try:
        # Events of the helpdesk carry what was said on tickets.
        leases.append(_take(bridge, intake(bridge.desk), leases))
        from_helpdesk(bridge, leases[-1])
        for account, channel in sorted(bridge.channels.items()):
            if channel.network == person.network:
                leases.append(_take(bridge, intake(account), leases, account))
                while isinstance(from_network(bridge, leases[-1]), Rested):
                    # Given back with the last that was sorted: taken anew, until none waits in it.
                    leases[-1] = _take(bridge, intake(account), leases[:-1], account)
                leases.append(_take(bridge, broadcast(account), leases, account))
        # What an admin takes out of an incident begins a conversation until its lane is held.
        while further := _reached(bridge, row_id) - {lease.lane for lease in leases}:
            _still_ours(bridge, leases)
            for lane in sorted(further):
                leases.append(_take(bridge, lane, leases))
        yield leases
    finally:
        for lease in leases:
            with suppress(LeaseLost), bridge.ledger.writing() as tx:
                if lease.lane.startswith(BROADCAST):
                    lanes.put_back(tx, lease)  # at its pace, and not before the network takes it
                else:
                    lanes.rest(tx, lease, tx.now)


def _reached(bridge: Bridge, row_id: int) -> set[str]:
    """The lanes of the conversations in which a person has left something."""
    with bridge.ledger.reading() as tx:
        return {lane_of(each) for each in forgetting.reach(tx, traces.gather(tx, row_id)).all}


def _take(bridge: Bridge, lane: str, leases: list[Lease], account: str = "") -> Lease:
    """Wait for a worker to end its step, and keep `leases` alive. Nobody else ever waits for a
    second lane, so this ends."""
    lease_for = timedelta(seconds=bridge.settings.lease_seconds)
    nothing = threading.Event()
    looks = int(2 * bridge.settings.lease_seconds / BETWEEN_LOOKS)
    for _ in range(looks):
        with bridge.ledger.writing() as tx:
            lease = lanes.take(tx, lane, ERASING, lease_for, account=account)
        if lease is not None:
            return lease
        _still_ours(bridge, leases)
        nothing.wait(BETWEEN_LOOKS)
    raise Again(f"a worker has {lane} in hand and does not give it back: run it again")


def _still_ours(bridge: Bridge, leases: list[Lease]) -> None:
    """A sign of life, and the fence: raises `LeaseLost` if this process froze."""
    lease_for = timedelta(seconds=bridge.settings.lease_seconds)
    with bridge.ledger.writing() as tx:
        # Most are at rest, where `prolong` does not look. By name, as whoever wakes several.
        for lease in sorted(leases, key=lambda lease: lease.lane):
            lanes.renew(tx, lease, lease_for)


# ------------------------------------------------------------------ helpdesk


def _known_tickets(tx: Tx, known: Traces) -> set[str]:
    return _tickets_of(tx, forgetting.reach(tx, known).all)


def _tickets_of(tx: Tx, conversation_ids: tuple[int, ...]) -> set[str]:
    return {ticket for each in conversation_ids for ticket in forgetting.tickets_of(tx, each)}


def _at_the_helpdesk(
    bridge: Bridge, row_id: int, leases: list[Lease], tick: Tick
) -> tuple[Traces, Erased]:
    with bridge.ledger.reading() as tx:
        known = traces.gather(tx, row_id)
        here = forgetting.reach(tx, known)
        tickets = _tickets_of(tx, (*here.own, *here.shared, *here.quoting))
        naming = _tickets_of(tx, here.naming)
        names = [forgetting.external_id(tx, each) for each in here.own]
    policy = bridge.mapping.erased_at
    if policy is ErasedAt.KEEP:
        return known, Erased(left=("everything at the helpdesk: the mapping says keep",))
    for name in names:
        _still_ours(bridge, leases)
        # Also the ones whose opening was never answered.
        tickets.update(bridge.helpdesk.tickets_named(name))
    tickets.update(_merged_into(bridge, tickets, leases))
    done: list[Erased] = []
    words = (*known.names, *known.said)
    says = note(bridge.mapping.agents_language)
    naming = (naming | _merged_into(bridge, naming, leases)) - tickets
    for ticket in sorted(tickets | naming):
        _still_ours(bridge, leases)
        # A ticket of theirs under another name is not theirs under this one: it keeps its words.
        what = words if ticket in tickets else known.addresses
        done.append(bridge.helpdesk.erase_from_ticket(ticket, known.helpdesk_id, what, says))
        tick()
    if known.helpdesk_id:
        _still_ours(bridge, leases)
        delete = policy is ErasedAt.DELETE_USER
        done.append(bridge.helpdesk.erase_user(known.helpdesk_id, delete=delete))
    return known, Erased(
        tuple(each for erased in done for each in erased.done),
        tuple(each for erased in done for each in erased.left),
    )


def _merged_into(bridge: Bridge, tickets: set[str], leases: list[Lease]) -> set[str]:
    """Merging copies words into the ticket that goes on."""
    found: set[str] = set()
    for ticket in tickets:
        _still_ours(bridge, leases)
        target = bridge.helpdesk.state(ticket).merged_into
        while target and target not in found | tickets:
            found.add(target)
            _still_ours(bridge, leases)
            target = bridge.helpdesk.state(target).merged_into
    return found


# ------------------------------------------------------------------ ledger


def _in_the_ledger(
    bridge: Bridge,
    begun: Erasure,
    known: Traces,
    done: Erased,
    begun_at: datetime,
    leases: list[Lease],
) -> str:
    with bridge.ledger.reading() as tx:
        tickets = tuple(_known_tickets(tx, known))
    theirs, quoting = _raw(bridge, known, tickets, lambda: _still_ours(bridge, leases))
    with bridge.ledger.writing() as tx:
        for lease in leases:
            lanes.fence(tx, lease)
        _all_held(forgetting.reach(tx, traces.gather(tx, known.row)).all, leases)
        told = _told_meanwhile(bridge, tx, known, tickets)
        counts = forgetting.forget(tx, begun.id, known, theirs, (*quoting, *told))
        # By now nobody joins them with anybody: what was about to name them is seen here, or
        # finds them gone.
        _all_held(forgetting_people.named_in(tx, known), leases)
        document = as_json(
            Certificate(
                network=known.person.network,
                person=begun.person,
                begun_at=begun_at.isoformat(),
                ended_at=tx.now.isoformat(),
                ledger=tuple(counts.items()),
                policy=bridge.mapping.erased_at,
                helpdesk=done.done,
                left=(*done.left, *_in_mapping(bridge, known), *ALWAYS_LEFT),
            )
        )
        erasures.removed(tx, begun.id, document)
    return document


def _all_held(conversation_ids: Iterable[int], leases: list[Lease]) -> None:
    """Agents write on tickets of others, and other networks are heard, all the while: what came of
    it stands on tickets that were not gone through."""
    if not {lane_of(each) for each in conversation_ids} <= {lease.lane for lease in leases}:
        raise Again("something new about them came meanwhile: run it again, and it goes as well")


def _in_mapping(bridge: Bridge, known: Traces) -> tuple[str, ...]:
    if known.anywhere.search(bridge.mapping.text):
        return ("the mapping names them, and so do its revisions: an admin must take them out",)
    return ()


def _raw(
    bridge: Bridge, known: Traces, tickets: tuple[str, ...], alive: Tick = lambda: None
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Raw deliveries that the person wrote, and those of others that show or name them."""
    theirs: list[int] = []
    quoting: list[int] = []
    last = 0
    while True:
        alive()
        with bridge.ledger.reading() as tx:
            some = deliveries.kept(tx, last, AT_A_TIME)
        if not some:
            return tuple(theirs), tuple(quoting)
        last = some[-1].id
        for each in some:
            channel = bridge.channels.get(each.source)
            events = channel.unpack(each.body) if channel else ()
            if any(known.is_theirs(event) for event in events):
                theirs.append(each.id)
            elif _shows(bridge, each, known, tickets):
                (theirs if each.state == deliveries.SET_ASIDE else quoting).append(each.id)


def _told_meanwhile(
    bridge: Bridge, tx: Tx, known: Traces, tickets: tuple[str, ...]
) -> tuple[int, ...]:
    """What the helpdesk told while its lane was held. Whoever takes it up looks at the ticket that
    it is about, and needs no body for that."""
    waiting = deliveries.waiting(tx, bridge.desk)
    return tuple(each.id for each in waiting if _shows(bridge, each, known, tickets))


def _shows(bridge: Bridge, delivery: Delivery, known: Traces, tickets: tuple[str, ...]) -> bool:
    return (delivery.source == bridge.desk and delivery.about in tickets) or _names(delivery, known)


def _names(delivery: Delivery, known: Traces) -> bool:
    """Generous: a settled delivery that is emptied too much is no loss."""
    text = delivery.body.decode("utf-8", "replace")
    # JSON writes characters beyond ASCII, and slashes, in more than one way.
    plain = text.replace("\\/", "/")
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), plain)
    return bool(known.everything.search(plain))
