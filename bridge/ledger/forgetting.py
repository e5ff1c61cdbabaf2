"""Removing one person's rows, and their traces from everybody else's, in one transaction.

What stood for them alone is deleted. Where other people take part, the conversation stays and what
they said is taken out of it. How many rows that were is told by table.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Select, Table, delete, or_, select, update

from bridge.ledger import deliveries as raw
from bridge.ledger import erasures
from bridge.ledger.conversations import lane_of
from bridge.ledger.shapes import draft_from_json, post_from_json, post_to_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import (
    accounts,
    audit,
    conversation_keys,
    conversations,
    deliveries,
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

AT_A_TIME = 500

SPOKEN: tuple[tuple[Table, str, tuple[str, ...]], ...] = (
    (audit, "id", ("what", "because")),
    (outcomes, "id", ("because",)),
    (steps, "id", ("because",)),
    (posts, "id", ("because",)),
    (replies, "id", ("body", "because")),
    (intents, "id", ("body",)),
    (revisions, "id", ("body",)),
    (receipts, "intent_id", ("permalink",)),
    (reports, "id", ("because",)),
    (lanes, "key", ("because",)),
    (accounts, "name", ("because",)),
    (deliveries, "id", ("because", "about")),
)
"""Everywhere that something a person wrote, or a sentence about them, can stand."""


@dataclass(frozen=True, slots=True)
class Reach:
    """`own` conversations are this person's and our own alone; in `shared` ones others take part;
    in `quoting` ones others' posts show what the person said above them."""

    own: tuple[int, ...]
    shared: tuple[int, ...]
    quoting: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        return tuple(sorted({*self.own, *self.shared, *self.quoting}))


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
    shared = (begun | spoke) - own
    quoting = {place for _, place in _quoting(tx, traces) if place is not None} - own - shared
    return Reach(tuple(sorted(own)), tuple(sorted(shared)), tuple(sorted(quoting)))


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
    shown = _quoting(tx, traces)
    erasures.bury(tx, erasure_id, "person", traces.row)
    for delivery_id in sorted({*theirs, *filter(None, linked)}):
        raw.erase(tx, delivery_id)
        counts["deliveries"] += 1
    for delivery_id in quoting:
        raw.empty(tx, delivery_id)
        counts["deliveries"] += 1
    for revision_id, _ in shown:
        _take_out(tx, traces, revision_id)
        counts["revisions"] += 1
    for conversation_id in here.shared:
        _from_shared(tx, erasure_id, traces, conversation_id, counts)
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
    _sweep(tx, traces, (*here.shared, *here.quoting), counts)
    counts["people"] += tx.conn.execute(delete(people).where(people.c.id == traces.row)).rowcount
    return {table: count for table, count in sorted(counts.items()) if count}


def _whole(tx: Tx, erasure_id: int, conversation_id: int, counts: Counter[str]) -> None:
    """A conversation that was this person's and ours: nothing of it stays but its lane's epoch."""
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
    for table in (conversation_keys, tickets):
        counts[table.name] += tx.conn.execute(
            delete(table).where(table.c.conversation_id == conversation_id)
        ).rowcount
    _posts(tx, erasure_id, _ids(tx, posts.c.id, posts.c.conversation_id == conversation_id), counts)
    tx.conn.execute(update(lanes).where(lanes.c.key == lane_of(conversation_id)).values(because=""))
    counts["conversations"] += tx.conn.execute(
        delete(conversations).where(conversations.c.id == conversation_id)
    ).rowcount
    erasures.bury(tx, erasure_id, "conversation", conversation_id)


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
    written = [
        row.id
        for row in tx.conn.execute(
            select(intents.c.id, intents.c.key).where(intents.c.conversation_id == conversation_id)
        )
        if row.key.startswith(tuple(stems))
        or row.key in {f"{stem}:notice:{e}" for e in traces.post_ids}
    ]
    _intents(tx, erasure_id, written, counts)
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


def _replies(tx: Tx, erasure_id: int, ids: list[int], counts: Counter[str]) -> None:
    _intents(tx, erasure_id, _ids(tx, intents.c.id, intents.c.reply_id.in_(ids)), counts)
    counts["outcomes"] += tx.conn.execute(
        delete(outcomes).where(outcomes.c.reply_id.in_(ids))
    ).rowcount
    for reply_id in ids:
        lane = select(replies.c.conversation_id).where(replies.c.id == reply_id)
        conversation_id: int = tx.conn.execute(lane).scalar_one()
        counts["steps"] += tx.conn.execute(
            delete(steps).where(
                steps.c.lane == lane_of(conversation_id),
                or_(
                    (steps.c.kind == "reply") & steps.c.about.startswith(f"{reply_id}:"),
                    steps.c.kind.in_(("notice", "reset")) & (steps.c.about == str(reply_id)),
                ),
            )
        ).rowcount
        erasures.bury(tx, erasure_id, "reply", reply_id)
    counts["replies"] += tx.conn.execute(delete(replies).where(replies.c.id.in_(ids))).rowcount


def _intents(tx: Tx, erasure_id: int, ids: list[int], counts: Counter[str]) -> None:
    """With their receipts; what we posted on a network does not come back as an echo."""
    sent = tx.conn.execute(
        select(receipts.c.far_side, receipts.c.remote_id, intents.c.id)
        .join(intents, intents.c.id == receipts.c.intent_id)
        .where(receipts.c.intent_id.in_(ids), intents.c.kind.in_(("send", "notice")))
    ).all()
    for row in sent:
        erasures.bury(tx, erasure_id, "message", row.id, row.far_side, row.remote_id)
        counts["reports"] += tx.conn.execute(
            delete(reports).where(
                reports.c.account == row.far_side, reports.c.remote_id == row.remote_id
            )
        ).rowcount
    # Of a message without a receipt the network may have told all the same, by its mark.
    marks = select(intents.c.key).where(intents.c.id.in_(ids))
    for row in tx.conn.execute(select(reports).where(reports.c.mark.in_(marks))).all():
        erasures.bury(tx, erasure_id, "message", row.id, row.account, row.remote_id)
        counts["reports"] += tx.conn.execute(delete(reports).where(reports.c.id == row.id)).rowcount
    for table, column in (
        (outcomes, outcomes.c.intent_id),
        (receipts, receipts.c.intent_id),
        (intents, intents.c.id),
    ):
        counts[table.name] += tx.conn.execute(delete(table).where(column.in_(ids))).rowcount


def _posts(tx: Tx, erasure_id: int, ids: tuple[int, ...] | list[int], counts: Counter[str]) -> None:
    rows = tx.conn.execute(
        select(posts.c.id, posts.c.account, posts.c.network_id).where(posts.c.id.in_(ids))
    ).all()
    for row in rows:
        erasures.bury(tx, erasure_id, "post", row.id, row.account, row.network_id)
    counts["revisions"] += tx.conn.execute(
        delete(revisions).where(revisions.c.post_id.in_(ids))
    ).rowcount
    counts["posts"] += tx.conn.execute(delete(posts).where(posts.c.id.in_(ids))).rowcount


def _quoting(tx: Tx, traces: Traces) -> list[tuple[int, int | None]]:
    """(revision, conversation) of others' posts that show this person above them or name them."""
    found: list[tuple[int, int | None]] = []
    last = 0
    while True:
        rows = tx.conn.execute(
            select(revisions.c.id, revisions.c.body, posts.c.conversation_id)
            .join(posts, posts.c.id == revisions.c.post_id)
            .where(revisions.c.id > last, posts.c.person_id != traces.row)
            .order_by(revisions.c.id)
            .limit(AT_A_TIME)
        ).all()
        if not rows:
            return found
        last = rows[-1].id
        found += [
            (row.id, row.conversation_id)
            for row in rows
            if traces.anywhere.search(row.body)
            or any(traces.is_by(above.author) for above in post_from_json(row.body).history)
        ]


def _take_out(tx: Tx, traces: Traces, revision_id: int) -> None:
    body: str = tx.conn.execute(
        select(revisions.c.body).where(revisions.c.id == revision_id)
    ).scalar_one()
    tx.conn.execute(
        update(revisions)
        .where(revisions.c.id == revision_id)
        .values(body=post_to_json(traces.without(post_from_json(body))))
    )


def _sweep(tx: Tx, traces: Traces, conversation_ids: tuple[int, ...], counts: Counter[str]) -> None:
    """What is left in sentences and frozen bodies: in the conversations that were touched by
    everything they said and are called, elsewhere by what is nobody else's."""
    near = set(conversation_ids)
    for table, key, columns in SPOKEN:
        last: object = None
        while True:
            rows = tx.conn.execute(_page(table, table.c[key], last)).mappings().all()
            if not rows:
                break
            last = rows[-1][key]
            for row in rows:
                everything = row.get("conversation_id") in near
                changed = {
                    name: traces.scrubbed(row[name])
                    for name in columns
                    if (traces.everything if everything else traces.anywhere).search(row[name])
                }
                if changed:
                    tx.conn.execute(update(table).where(table.c[key] == row[key]).values(**changed))
                    counts[table.name] += 1


def _page(table: Table, key: Column[object], last: object) -> Select[tuple[object, ...]]:
    page = select(table).order_by(key).limit(AT_A_TIME)
    return page if last is None else page.where(key > last)


def _ids(tx: Tx, column: Column[int], *where: ColumnElement[bool]) -> list[int]:
    return list(dict.fromkeys(tx.conn.execute(select(column).where(*where)).scalars()))
