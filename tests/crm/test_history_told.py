"""Whatever changes what a CRM is told puts that down: tried with every column of every row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from crm_village import everything, standing
from sqlalchemy import Boolean, Column, Table, Text, delete, select, update
from sqlalchemy.exc import IntegrityError

from bridge.ledger import Ledger, Tx, touching
from bridge.ledger import tables as t
from bridge.ledger.belonging import Named
from bridge.ledger.crm_tables import touched

TABLES = tuple({each.table: t.metadata.tables[each.table] for each in touching.TOUCHES}.values())
WRITTEN_ONCE = {
    "people": {"network", "network_id"},
    "conversations": {"account"},
    "posts": {"account", "network_id", "person_id", "conversation_id", "visibility", "by_us"},
    "intents": {"key", "conversation_id", "reply_id", "far_side", "kind"},
    "receipts": {"far_side", "remote_id"},
}
"""What no statement of ours changes, so that nothing waits for it beyond the row's own records."""


def another(column: Column[Any], value: Any, tx: Tx) -> Any:
    """Another value of a column, the same where there is no other."""
    if column.foreign_keys:
        (key,) = column.foreign_keys
        others = tx.conn.execute(select(key.column).order_by(key.column.desc())).scalars()
        return next((other for other in others if other != value), value)
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Text):
        if value and value.startswith("{"):
            return value.replace("parcel", "packet").replace("comes", "came").replace("We ", "I ")
        return f"{value}x"
    if isinstance(column.type, t.Instant):
        return (value or tx.now) + timedelta(hours=1)
    return (value or 0) + 1


def mutations(tx: Tx, table: Table) -> Iterator[tuple[str, list[Any]]]:
    """(what it is, the statements): another value in every row of a column, and a row's end. On
    PostgreSQL the columns of a table all at once: the triggers say the same on both."""
    rows = tx.conn.execute(select(table)).mappings().all()
    wheres = [[column == row[column.name] for column in table.primary_key] for row in rows]
    names = [
        column.name
        for column in table.columns
        if not column.primary_key and column.name not in WRITTEN_ONCE.get(table.name, ())
    ]
    for some in [names] if tx.postgres else [[name] for name in names]:
        yield (
            f"{table.name}.{' '.join(some)}",
            [
                update(table).where(*where).values(others)
                for where, row in zip(wheres, rows, strict=True)
                if (others := {name: another(table.c[name], row[name], tx) for name in some})
            ],
        )
    for where in wheres:
        yield f"the end of a row of {table.name}", [delete(table).where(*where)]


def tried(tx: Tx, statements: list[Any], before: Any) -> tuple[set[Named], set[Named]]:
    """(what is put down, what is told otherwise) when this is done."""
    tx.conn.execute(delete(touched))
    for statement in statements:
        tx.conn.execute(statement)
    now = standing(tx)
    put_down = {(row.kind, row.number) for row in tx.conn.execute(select(touched))}
    return put_down, {ref for ref in before.keys() | now if before.get(ref) != now.get(ref)}


def overlooked(ledger: Ledger, before: Any) -> tuple[set[str], list[str]]:
    """(records of which another thing is told now, how often nobody put that down)."""
    changed: set[str] = set()
    missed = []
    with ledger.writing() as tx:
        for table in TABLES:
            for what, statements in mutations(tx, table):
                savepoint = tx.conn.begin_nested()
                try:
                    put_down, differ = tried(tx, statements, before)
                except IntegrityError:  # something hangs on that row, and goes first
                    continue
                finally:
                    savepoint.rollback()
                changed |= {kind for kind, _ in differ}
                missed += [f"{what}: {ref}" for ref in sorted(differ - put_down)]
    return changed, missed


def test_every_change_of_every_row_is_put_down(full: Ledger) -> None:
    """A record that would be told otherwise is among what was put down, in that transaction."""
    with full.reading() as tx:
        before = standing(tx)
    changed, missed = overlooked(full, before)
    assert [] == missed
    assert {kind for kind, _ in before} == changed, "of some kind nothing was tried"


def test_what_nobody_puts_down_is_noticed(full: Ledger) -> None:
    """The test above can fail: without its triggers a table is overlooked."""
    with full.reading() as tx:
        before = standing(tx)
    with full.writing() as tx:
        savepoint = tx.conn.begin_nested()
        if tx.postgres:
            tx.conn.exec_driver_sql("ALTER TABLE tickets DISABLE TRIGGER USER")
        else:
            tx.conn.exec_driver_sql("DROP TRIGGER touch_tickets_update")
        put_down, differ = tried(tx, [update(t.tickets).values(status="solved")], before)
        savepoint.rollback()
    assert {("conversation", 1)} == differ - put_down


def test_what_is_told_of_one_of_everything(full: Ledger) -> None:
    """Copies of our messages, our own troubles, our own identity, the unheard: as tombstones, or
    not at all."""
    rows = everything(full)
    assert not [row for row in rows.values() if "ended" in str(row)], "an ops ticket"
    handles = {row["handle"] for row in rows.values() if row["resource"] == "identity"}
    assert {"ada@far.example", "ben@far.example", "ada"} == handles
    copies = {row["replaced_by"] for row in rows.values() if row["deleted_reason"] == "duplicate"}
    assert {"reply_1", "reply_2"} == copies
    (gone,) = [row for row in rows.values() if row["deleted_reason"] == "platform_delete"]
    assert ("", True) == (gone["text"], gone["deleted"])
    (answer,) = [row for row in rows.values() if row["id"] == "reply_1"]
    assert (["m1", "m2"], "read", "delivered") == (
        answer["parts"],
        answer["arrival"],
        answer["outcome"],
    )
    first = rows["post_1"]
    assert ("7", "zendesk", 2, "my blue parcel is late") == (
        first["ticket_id"],
        first["ticket_system"],
        first["revisions"],
        first["text"],
    )
    merged = [row for row in rows.values() if row.get("merged_into")]
    assert ["customer_1"] == [row["merged_into"] for row in merged]
