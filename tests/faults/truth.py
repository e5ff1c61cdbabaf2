"""What is true in the end: what stands on both far sides, and whether the ledger says the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from bridge.ledger import deliveries, intents, steps
from bridge.ledger import tables as t
from bridge.model import Outcome

UNSURE = "may or may not have been posted"
TOLD = ("no longer accepts our sign-in", "after all", UNSURE)
"""What the notes say that a fault may leave on a ticket: that it was there, and that it is over."""
_PORT = re.compile(r"(?<=127\.0\.0\.1):\d+")
"""Each run has its own."""
TROUBLE = re.compile(r"bridge_(delivery_failed|needs_sign_in|unknown|delivered_after_retry)")


@dataclass(frozen=True)
class Comment:
    """`by` is who wrote it, as the helpdesk shows them."""

    public: bool
    by: str
    text: str
    files: int


@dataclass(frozen=True)
class OnTicket:
    subject: str
    requester: str
    group: int | None
    status: str
    tags: tuple[str, ...]
    fields: tuple[tuple[int, str], ...]
    said: tuple[Comment, ...]


@dataclass(frozen=True)
class Heard:
    """One message on the network or the website."""

    who: str
    seen_by: str
    text: str
    below: str
    files: int


@dataclass(frozen=True)
class Truth:
    """Both far sides, in order, without the ids that each run gives anew."""

    tickets: tuple[OnTicket, ...]
    thread: tuple[Heard, ...]


def found(world: Any, website: Any = None) -> Truth:
    """What stands there now."""
    desk = world.desk
    tickets = tuple(
        OnTicket(
            subject=ticket.subject,
            requester=desk.user(ticket.requester_id).name,
            group=ticket.group_id,
            status=ticket.status,
            tags=tuple(sorted(ticket.tags)),
            fields=tuple((name, _PORT.sub("", value or "")) for name, value in ticket.fields),
            said=tuple(
                Comment(
                    said.public,
                    desk.user(said.author_id).name,
                    _PORT.sub("", said.plain_body),
                    len(said.attachments),
                )
                for said in desk.comments(ticket.id)
            ),
        )
        for ticket in world.tickets()
    )
    return Truth(tickets, tuple(_heard(world, website)))


def _heard(world: Any, website: Any) -> list[Heard]:
    town = world.town
    names = {person.id: person.acct for person in town.people()}
    texts = {status.id: status.text for status in town.statuses()}
    on_network = [
        Heard(
            names[each.author],
            str(each.visibility),
            each.text,
            texts.get(each.in_reply_to, ""),
            len(each.now.media),
        )
        for each in town.statuses()
    ]
    messages = website.messages() if website else ()
    said = {message.id: message.text for message in messages}
    return on_network + [
        Heard(
            message.author,
            "direct" if message.private else "public",
            message.text,
            said.get(message.parent_id, ""),
            len(message.uploads),
        )
        for message in messages
    ]


def disagreements(world: Any, website: Any = None, *, unsure: bool = False) -> list[str]:
    """Where the ledger says something else than the far sides, or has not come to its end. Each
    settled intent has its one trace, and nothing of ours stands there that no intent speaks of;
    an intent of which nobody knows may have one."""
    with world.bridge.ledger.reading() as tx:
        undone = tx.conn.execute(
            select(t.steps.c.kind, t.steps.c.about, t.steps.c.because).where(
                t.steps.c.state != steps.DONE
            )
        ).all()
        waiting = tx.conn.execute(
            select(t.deliveries.c.source, t.deliveries.c.state, t.deliveries.c.because).where(
                t.deliveries.c.state.not_in((deliveries.DONE, deliveries.IGNORED))
            )
        ).all()
        rows = tx.conn.execute(
            select(t.intents, t.receipts.c.remote_id).outerjoin(
                t.receipts, t.receipts.c.intent_id == t.intents.c.id
            )
        ).all()
        said = tx.tally(t.replies.c.outcome)
    problems = [f"not done: {tuple(row)}" for row in (*undone, *waiting)]
    ends = {intents.SETTLED, intents.REFUSED}
    problems += [
        f"left {row.state}: {row.key}"
        for row in rows
        if row.state not in ends and not (unsure and row.kind == "send")
    ]
    pairs = (
        ("on tickets", ("open", "append", "note"), _ours_on_tickets(world)),
        ("on the network", ("send", "notice"), _ours_on_networks(world, website)),
    )
    for where, kinds, there in pairs:
        known = sorted(row.remote_id for row in rows if row.kind in kinds and row.remote_id)
        if known != sorted(there) and not (unsure and where == "on the network"):
            problems.append(f"{where} {sorted(there)}, in the ledger {known}")
    if unsure and set(said) != {Outcome.UNKNOWN.value}:
        problems.append(f"the ledger says {said}")
    return problems


def _ours_on_tickets(world: Any) -> list[str]:
    """The comments that carry our mark."""
    return [
        str(said.id)
        for ticket in world.tickets()
        for audit in world.desk.ticket_audits(ticket.id)
        if "bridge" in audit.custom_json and (said := audit.comment)
    ]


def _ours_on_networks(world: Any, website: Any) -> list[str]:
    town = world.town
    us = town.find("bridge").id
    replies = website.replies() if website else ()
    return [each.id for each in (*town.statuses(), *replies) if each.author in (us, "brand")]


def is_unsure(world: Any, truth: Truth) -> bool:
    """Whether the ticket says in every way that nobody knows: in words, by its tags and in its
    field."""
    (ticket,) = truth.tickets
    notes = [said.text for said in ticket.said if not said.public]
    field = world.ticket().value(world.delivery_field)
    in_words = len(notes) == 1 and UNSURE in notes[0]
    return in_words and "bridge_unknown" in ticket.tags and field == "unknown"


def without_notes_of_trouble(truth: Truth) -> Truth:
    """As it would be, had nobody been told that there was trouble, or that it is over."""
    return replace(truth, tickets=tuple(map(_calm, truth.tickets)))


def _calm(ticket: OnTicket) -> OnTicket:
    said = (each for each in ticket.said if each.public or not _tells_of_trouble(each.text))
    tags = (tag for tag in ticket.tags if not TROUBLE.fullmatch(tag))
    return replace(ticket, status="", tags=tuple(tags), fields=(), said=tuple(said))


def _tells_of_trouble(text: str) -> bool:
    return any(words in text for words in TOLD)


def difference(meant: tuple[Any, ...], there: tuple[Any, ...]) -> list[str]:
    return [] if meant == there else [f"meant {meant!r}\n        found {there!r}"]
