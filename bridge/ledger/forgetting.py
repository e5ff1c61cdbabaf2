"""Removing one person's rows, and their traces from everybody else's, in one transaction.

What stood for them alone is deleted. Where other people take part, the conversation stays and what
they said is taken out of it. How many rows that were is told by table.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, delete, func, or_, select, update

from bridge.ledger import deliveries as raw
from bridge.ledger import (
    erasures,
    forgetting_people,
    forgetting_promises,
    forgetting_storms,
    forgetting_words,
    written,
)
from bridge.ledger.beside import MERGED
from bridge.ledger.broadcast_tables import broadcast_posts
from bridge.ledger.conversations import lane_of
from bridge.ledger.service_tables import acts, automatics, holds
from bridge.ledger.shapes import draft_from_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import (
    audit,
    conversation_keys,
    conversations,
    intents,
    lanes,
    outcomes,
    people,
    posts,
    receipts,
    replies,
    reports,
    revisions,
    steps,
    tickets,
)
from bridge.ledger.traces import Traces


@dataclass(frozen=True, slots=True)
class Reach:
    """`own` conversations are this person's and our own alone; in `shared` ones others take part;
    in `quoting` ones others' posts show what the person said above them; in `naming` ones only a
    note says whom they are one customer with."""

    own: tuple[int, ...]
    shared: tuple[int, ...]
    quoting: tuple[int, ...]
    naming: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        return tuple(sorted({*self.own, *self.shared, *self.quoting, *self.naming}))


def reach(tx: Tx, traces: Traces) -> Reach:
    """The conversations in which a person has left something."""
    begun = set(_ids(tx, conversations.c.id, conversations.c.person_id == traces.row))
    wrote = posts.c.person_id == traces.row
    spoke = set(_ids(tx, posts.c.conversation_id, wrote, posts.c.conversation_id.is_not(None)))
    others = set(
        _ids(
            tx,
            posts.c.conversation_id,
            posts.c.conversation_id.in_(begun),
            posts.c.by_us.is_(False),
            posts.c.person_id != traces.row,
        )
    )
    own = begun - others
    shared = (begun | spoke | forgetting_storms.incidents(tx, traces)) - own
    shown = forgetting_words.quoting(tx, traces)
    quoting = {place for _, place in shown if place is not None} - own - shared
    naming = forgetting_people.named_in(tx, traces) - own - shared - quoting
    return Reach(*(tuple(sorted(each)) for each in (own, shared, quoting, naming)))


def tickets_of(tx: Tx, conversation_id: int) -> tuple[str, ...]:
    """The helpdesk's tickets on which a conversation is or was."""
    found = tx.conn.execute(
        select(tickets.c.ticket_id).where(tickets.c.conversation_id == conversation_id)
    ).scalars()
    return tuple(sorted(found))


def external_id(tx: Tx, conversation_id: int) -> str:
    name: str = tx.conn.execute(
        select(conversations.c.external_id).where(conversations.c.id == conversation_id)
    ).scalar_one()
    return name


def forget(
    tx: Tx, erasure_id: int, traces: Traces, theirs: tuple[int, ...], quoting: tuple[int, ...]
) -> dict[str, int]:
    """`theirs` are raw deliveries that the person wrote, `quoting` those of others that show them.

    Table → how many rows were deleted, emptied or changed.
    """
    if not tx.postgres:
        tx.conn.exec_driver_sql("PRAGMA secure_delete=ON")
    counts: Counter[str] = Counter()
    here = reach(tx, traces)
    linked = _ids(tx, revisions.c.delivery_id, revisions.c.post_id.in_(traces.post_ids))
    shown = forgetting_words.quoting(tx, traces)
    erasures.bury(tx, erasure_id, "person", traces.row)
    for delivery_id in sorted({*theirs, *filter(None, linked)}):
        raw.erase(tx, delivery_id)
        counts["deliveries"] += 1
    for delivery_id in quoting:
        raw.empty(tx, delivery_id)
        counts["deliveries"] += 1
    for revision_id, _ in shown:
        forgetting_words.take_out(tx, traces, revision_id)
        counts["revisions"] += 1
    _intents(tx, erasure_id, forgetting_people.notes_about(tx, traces), counts)
    for conversation_id in here.shared:
        _from_shared(tx, erasure_id, traces, conversation_id, counts)
    forgetting_storms.of_person(tx, erasure_id, traces, counts)
    for conversation_id in here.own:
        _whole(tx, erasure_id, conversation_id, counts)
    _posts(tx, erasure_id, traces.post_ids, counts)
    network_id = traces.person.id
    keys = or_(
        conversation_keys.c.key.endswith(f":by:{network_id}", autoescape=True),
        conversation_keys.c.key.in_(
            f"{of}:{network_id}" for of in ("person:public", "person:private", "handover")
        ),
    )
    counts["conversation_keys"] += tx.conn.execute(delete(conversation_keys).where(keys)).rowcount
    forgetting_words.sweep(tx, traces, (*here.shared, *here.quoting), counts)
    forgetting_people.of_person(tx, erasure_id, traces, counts)
    counts["people"] += tx.conn.execute(delete(people).where(people.c.id == traces.row)).rowcount
    return {table: count for table, count in sorted(counts.items()) if count}


def _whole(tx: Tx, erasure_id: int, conversation_id: int, counts: Counter[str]) -> None:
    """A conversation that was this person's and ours: nothing of it stays but its lane's epoch."""
    _leave_tickets(tx, erasure_id, conversation_id)
    here = replies.c.conversation_id == conversation_id
    _replies(tx, erasure_id, _ids(tx, replies.c.id, here), counts)
    _intents(
        tx, erasure_id, _ids(tx, intents.c.id, intents.c.conversation_id == conversation_id), counts
    )
    counts["audit"] += tx.conn.execute(
        delete(audit).where(audit.c.conversation_id == conversation_id)
    ).rowcount
    counts["steps"] += tx.conn.execute(
        delete(steps).where(steps.c.lane == lane_of(conversation_id))
    ).rowcount
    forgetting_promises.of_whole(tx, conversation_id, counts)
    for table in (conversation_keys, tickets, automatics):
        counts[table.name] += tx.conn.execute(
            delete(table).where(table.c.conversation_id == conversation_id)
        ).rowcount
    _posts(tx, erasure_id, _ids(tx, posts.c.id, posts.c.conversation_id == conversation_id), counts)
    tx.conn.execute(update(lanes).where(lanes.c.key == lane_of(conversation_id)).values(because=""))
    counts["conversations"] += tx.conn.execute(
        delete(conversations).where(conversations.c.id == conversation_id)
    ).rowcount
    erasures.bury(tx, erasure_id, "conversation", conversation_id)


def _leave_tickets(tx: Tx, erasure_id: int, conversation_id: int) -> None:
    """A ticket on which somebody else's conversation goes on, because agents merged theirs into it,
    leads there from now on: else nobody would look at what is answered. What was merged into it,
    and that it is one of ours, stays known there; neither names anybody."""
    heir = (
        select(func.min(conversations.c.id))
        .where(
            conversations.c.ticket_id == tickets.c.ticket_id,
            conversations.c.id != conversation_id,
        )
        .scalar_subquery()
    )
    left = tx.conn.execute(
        update(tickets)
        .where(tickets.c.conversation_id == conversation_id, heir.is_not(None))
        .values(conversation_id=heir)
        .returning(tickets.c.helpdesk, tickets.c.ticket_id, tickets.c.conversation_id)
    ).all()
    lane = lane_of(conversation_id)
    for ticket in left:
        if written.has_opened(tx, ticket.helpdesk, ticket.ticket_id):
            name = written.opened_name(ticket.ticket_id)
            erasures.bury(tx, erasure_id, "ticket", conversation_id, ticket.helpdesk, name)
        tx.conn.execute(
            update(steps)
            .where(
                steps.c.lane == lane,
                steps.c.kind == MERGED,
                steps.c.about.startswith(f"{ticket.ticket_id}:", autoescape=True),
            )
            .values(lane=lane_of(ticket.conversation_id))
        )


def _from_shared(
    tx: Tx, erasure_id: int, traces: Traces, conversation_id: int, counts: Counter[str]
) -> None:
    """What this person said in a conversation with others, and what was answered to them."""
    here = tx.conn.execute(
        select(replies).where(replies.c.conversation_id == conversation_id)
    ).all()
    answers = [
        row.id
        for row in here
        if row.answers in traces.post_ids
        or (row.body and traces.is_by(draft_from_json(row.body).to))
    ]
    _replies(tx, erasure_id, answers, counts)
    lane = lane_of(conversation_id)
    versions = _ids(tx, revisions.c.id, revisions.c.post_id.in_(traces.post_ids))
    for kinds, about in ((("post", "edit", "ours"), versions), (("removal",), traces.post_ids)):
        counts["steps"] += tx.conn.execute(
            delete(steps).where(
                steps.c.lane == lane, steps.c.kind.in_(kinds), steps.c.about.in_(map(str, about))
            )
        ).rowcount
    for post_id in traces.post_ids:
        counts["steps"] += tx.conn.execute(
            delete(steps).where(
                steps.c.lane == lane,
                steps.c.kind == "remark",
                steps.c.about.startswith(f"{post_id}:"),
            )
        ).rowcount
    stem = external_id(tx, conversation_id)
    stems = [f"{stem}:{kind}:{each}@" for each in versions for kind in ("post", "edit", "ours")]
    stems += [f"{stem}:removal:{each}@" for each in traces.post_ids]
    stems += forgetting_promises.of_shared(tx, traces, conversation_id, stem, counts)
    written = [
        row.id
        for row in tx.conn.execute(
            select(intents.c.id, intents.c.key).where(intents.c.conversation_id == conversation_id)
        )
        if row.key.startswith(tuple(stems))
        or row.key in {f"{stem}:notice:{e}" for e in traces.post_ids}
    ]
    _intents(tx, erasure_id, written, counts)
    _said_by_itself(tx, erasure_id, traces, conversation_id, counts)
    begun_by = select(conversations.c.id).where(conversations.c.person_id == traces.row)
    counts["conversation_keys"] += tx.conn.execute(
        delete(conversation_keys).where(
            conversation_keys.c.conversation_id == conversation_id,
            conversation_keys.c.conversation_id.in_(begun_by),
            conversation_keys.c.key.startswith("handover:"),  # led there by them alone
        )
    ).rowcount
    other: int | None = tx.conn.execute(
        select(posts.c.person_id)
        .where(
            posts.c.conversation_id == conversation_id,
            posts.c.by_us.is_(False),
            posts.c.person_id != traces.row,
        )
        .order_by(posts.c.id)
        .limit(1)
    ).scalar_one_or_none()
    if other is not None:
        tx.conn.execute(
            update(conversations)
            .where(conversations.c.id == conversation_id, conversations.c.person_id == traces.row)
            .values(person_id=other)
        )


def _said_by_itself(
    tx: Tx, erasure_id: int, traces: Traces, conversation_id: int, counts: Counter[str]
) -> None:
    """What the bridge told this person by itself."""
    rows = tx.conn.execute(
        select(intents.c.id, intents.c.key, intents.c.body).where(
            intents.c.conversation_id == conversation_id, intents.c.kind == "automatic"
        )
    ).all()
    told = [row for row in rows if traces.is_by(draft_from_json(row.body).to)]
    _intents(tx, erasure_id, [row.id for row in told], counts)
    abouts = [row.key.partition(":automatic:")[2] for row in told]
    counts["automatics"] += tx.conn.execute(
        delete(automatics).where(automatics.c.about.in_(abouts))
    ).rowcount


def _replies(tx: Tx, erasure_id: int, ids: list[int], counts: Counter[str]) -> None:
    _intents(tx, erasure_id, _ids(tx, intents.c.id, intents.c.reply_id.in_(ids)), counts)
    counts["outcomes"] += tx.conn.execute(
        delete(outcomes).where(outcomes.c.reply_id.in_(ids))
    ).rowcount
    counts["holds"] += tx.conn.execute(delete(holds).where(holds.c.reply_id.in_(ids))).rowcount
    for reply_id in ids:
        row = tx.conn.execute(select(replies).where(replies.c.id == reply_id)).one()
        counts["steps"] += tx.conn.execute(
            delete(steps).where(
                steps.c.lane == lane_of(row.conversation_id),
                or_(
                    (steps.c.kind == "reply") & steps.c.about.startswith(f"{reply_id}:"),
                    steps.c.kind.in_(("notice", "reset")) & (steps.c.about == str(reply_id)),
                ),
            )
        ).rowcount
        # The comment stays on its ticket, which may be somebody else's: it is not taken up anew.
        erasures.bury(tx, erasure_id, "reply", reply_id, row.helpdesk, row.comment_id)
    counts["replies"] += tx.conn.execute(delete(replies).where(replies.c.id.in_(ids))).rowcount


def _intents(tx: Tx, erasure_id: int, ids: list[int], counts: Counter[str]) -> None:
    """With their receipts, and with the posts that are their echoes; what we posted on a network
    does not come back as another."""
    came_back: set[tuple[str, str]] = set()
    sent = tx.conn.execute(
        select(receipts.c.far_side, receipts.c.remote_id, intents.c.id)
        .join(intents, intents.c.id == receipts.c.intent_id)
        .where(receipts.c.intent_id.in_(ids), intents.c.kind.in_(("send", "notice", "automatic")))
    ).all()
    for row in sent:
        erasures.bury(tx, erasure_id, "message", row.id, row.far_side, row.remote_id)
        came_back.add((row.far_side, row.remote_id))
        counts["reports"] += tx.conn.execute(
            delete(reports).where(
                reports.c.account == row.far_side, reports.c.remote_id == row.remote_id
            )
        ).rowcount
    # Of a message without a receipt the network may have told all the same, by its mark.
    marks = select(intents.c.key).where(intents.c.id.in_(ids))
    for row in tx.conn.execute(select(reports).where(reports.c.mark.in_(marks))).all():
        erasures.bury(tx, erasure_id, "message", row.id, row.account, row.remote_id)
        came_back.add((row.account, row.remote_id))
        counts["reports"] += tx.conn.execute(delete(reports).where(reports.c.id == row.id)).rowcount
    for table, column in (
        (outcomes, outcomes.c.intent_id),
        (receipts, receipts.c.intent_id),
        (intents, intents.c.id),
    ):
        counts[table.name] += tx.conn.execute(delete(table).where(column.in_(ids))).rowcount
    for account, remote_id in sorted(came_back):
        _echo(tx, erasure_id, account, remote_id, counts)


def _echo(tx: Tx, erasure_id: int, account: str, remote_id: str, counts: Counter[str]) -> None:
    """A message of ours that the network showed us as a post before we had its receipt."""
    for row in tx.conn.execute(
        select(posts.c.id, posts.c.conversation_id).where(
            posts.c.account == account, posts.c.network_id == remote_id, posts.c.by_us
        )
    ).all():
        if row.conversation_id is not None:
            versions = _ids(tx, revisions.c.id, revisions.c.post_id == row.id)
            counts["steps"] += tx.conn.execute(
                delete(steps).where(
                    steps.c.lane == lane_of(row.conversation_id),
                    steps.c.kind == "ours",
                    steps.c.about.in_(map(str, versions)),
                )
            ).rowcount
        _posts(tx, erasure_id, [row.id], counts)


def _acts(tx: Tx, erasure_id: int, ids: tuple[int, ...] | list[int], counts: Counter[str]) -> None:
    """What agents did to these posts, or asked for."""
    rows = tx.conn.execute(select(acts).where(acts.c.post_id.in_(ids))).all()
    for row in rows:
        stem = f"{external_id(tx, row.conversation_id)}:act:{row.id}"
        written = intents.c.key.startswith(f"{stem}:", autoescape=True)
        where = (intents.c.key == stem) | written
        _intents(tx, erasure_id, _ids(tx, intents.c.id, where), counts)
        counts["steps"] += tx.conn.execute(
            delete(steps).where(
                steps.c.lane == lane_of(row.conversation_id),
                steps.c.kind == "act",
                steps.c.about.startswith(f"{row.id}:"),
            )
        ).rowcount
    counts["acts"] += tx.conn.execute(delete(acts).where(acts.c.post_id.in_(ids))).rowcount


def _posts(tx: Tx, erasure_id: int, ids: tuple[int, ...] | list[int], counts: Counter[str]) -> None:
    _acts(tx, erasure_id, ids, counts)
    rows = tx.conn.execute(
        select(posts.c.id, posts.c.account, posts.c.network_id).where(posts.c.id.in_(ids))
    ).all()
    for row in rows:
        erasures.bury(tx, erasure_id, "post", row.id, row.account, row.network_id)
    for table in (broadcast_posts, revisions):
        there = table.c.post_id.in_(ids)
        counts[table.name] += tx.conn.execute(delete(table).where(there)).rowcount
    counts["posts"] += tx.conn.execute(delete(posts).where(posts.c.id.in_(ids))).rowcount


def _ids(tx: Tx, column: Column[int], *where: ColumnElement[bool]) -> list[int]:
    return list(dict.fromkeys(tx.conn.execute(select(column).where(*where)).scalars()))
