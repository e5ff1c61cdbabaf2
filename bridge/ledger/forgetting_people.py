"""What is known of one person besides what they said: facts, and who they are one customer with."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from bridge.ledger import customers, erasures, facts
from bridge.ledger.crm_tables import profile_facts, target_rows
from bridge.ledger.steps import IS_OPEN
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, intents, steps
from bridge.ledger.traces import GONE, Traces


def named_in(tx: Tx, traces: Traces) -> set[int]:
    """The conversations in which a note says whom this person is one customer with, or may be about
    to: whom a note will name is read as it is written, and may be more than it was asked for."""
    said = select(intents.c.conversation_id).where(_says_so(traces))
    about_to = and_(steps.c.kind == "join", IS_OPEN)
    asked_for = select(steps.c.lane).where(or_(_asked_for(traces), about_to))
    lanes = tx.conn.execute(asked_for).scalars()
    asked = {int(lane.partition(":")[2]) for lane in lanes}
    there = tx.conn.execute(select(conversations.c.id).where(conversations.c.id.in_(asked)))
    return {*tx.conn.execute(said).scalars(), *there.scalars()}


def notes_about(tx: Tx, traces: Traces) -> list[int]:
    """The intents of such notes. They name nobody but who is one customer, so they go whole."""
    return list(tx.conn.execute(select(intents.c.id).where(_says_so(traces))).scalars())


def of_person(tx: Tx, erasure_id: int, traces: Traces, counts: Counter[str]) -> None:
    """Before the person's own row goes. Locks as `customers.merge`."""
    counts["steps"] += tx.conn.execute(delete(steps).where(_asked_for(traces))).rowcount
    links = tx.conn.execute(
        select(profile_facts.c.id, profile_facts.c.value).where(
            profile_facts.c.fact.startswith(facts.LINK, autoescape=True)
        )
    ).all()
    to_them = [row.id for row in links if traces.anywhere.search(row.value)]
    counts["profile_facts"] += tx.conn.execute(
        delete(profile_facts).where(
            or_(profile_facts.c.person_id == traces.row, profile_facts.c.id.in_(to_them))
        )
    ).rowcount
    for number in customers.forget(tx, traces.row):
        erasures.bury(tx, erasure_id, "merge", number)
        counts["merges"] += 1
    _what_crms_said(tx, traces, counts)


def _what_crms_said(tx: Tx, traces: Traces, counts: Counter[str]) -> None:
    """A CRM's error may quote what it was sent."""
    rows = tx.conn.execute(
        select(target_rows.c.target, target_rows.c.object_id, target_rows.c.because).where(
            target_rows.c.because != ""
        )
    ).all()
    for row in rows:
        if traces.everything.search(row.because):
            tx.conn.execute(
                update(target_rows)
                .where(target_rows.c.target == row.target, target_rows.c.object_id == row.object_id)
                .values(because=traces.everything.sub(GONE, row.because))
            )
            counts["target_rows"] += 1


def _says_so(traces: Traces) -> ColumnElement[bool]:
    number = f"(identity_{traces.row})"
    return and_(intents.c.key.contains(":same:"), intents.c.body.contains(number, autoescape=True))


def _asked_for(traces: Traces) -> ColumnElement[bool]:
    return and_(steps.c.kind == "join", steps.c.about.contains(f":{traces.row}:"))
