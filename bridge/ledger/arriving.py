"""What arrived together is kept together: a few statements for all of it.

The statements are made once, because making one costs more than running it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, LargeBinary, Text, bindparam, case, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.selectable import Select

from bridge.ledger import lanes
from bridge.ledger.deliveries import SET_ASIDE, WAITING, erased_key, id_of, receive
from bridge.ledger.store import Ledger, Tx
from bridge.ledger.tables import deliveries

MOST_AT_ONCE = 500
"""Rows of one statement: SQLite takes 32,766 values
(https://www.sqlite.org/limits.html#max_variable_number)."""

_KNOWN = select(deliveries.c.id, deliveries.c.source, deliveries.c.key, deliveries.c.state).where(
    deliveries.c.source.in_(bindparam("sources", expanding=True)),
    deliveries.c.key.in_(bindparam("keys", expanding=True)),
)
_WHERE = ("source", "key")
_BACK = (deliveries.c.id, deliveries.c.source, deliveries.c.key)
_INTO_POSTGRES = (
    postgresql.insert(deliveries).on_conflict_do_nothing(index_elements=_WHERE).returning(*_BACK)
)
_INTO_SQLITE = (
    sqlite.insert(deliveries).on_conflict_do_nothing(index_elements=_WHERE).returning(*_BACK)
)

_AT_REST = {"holder": "", "epoch": 0, "failures": 0, "because": ""}
"""What a new lane has besides what a wake says: an insert in another statement is given no column's
default."""


def _all_of_one_source() -> Select[tuple[int, str]]:
    """PostgreSQL: letters are kept, if none of them is here already, and their lane is woken, in
    one statement; which of them were kept. What waits for a lock does so for `patience`."""
    items = func.unnest(
        bindparam("keys", type_=ARRAY(Text)),
        bindparam("abouts", type_=ARRAY(Text)),
        bindparam("bodies", type_=ARRAY(LargeBinary)),
    )
    given = items.table_valued("key", "about", "body", with_ordinality="place", name="given")
    given = given.render_derived()
    patient = func.set_config("lock_timeout", bindparam("patience", type_=Text), literal(True))
    # Said with the names, which are always read, and first: beside `known` it is left out where
    # that alone decides, and the lane is woken all the same.
    patiently = case((patient.is_not(None), bindparam("names", type_=ARRAY(Text))))
    # One by one, and "from this key on" in the index's order: of a table that it has not counted
    # yet, PostgreSQL would rather read a whole source.
    names = func.unnest(patiently).table_valued("name", name="names").render_derived()
    next_key = (
        select(deliveries.c.key)
        .where(deliveries.c.source == bindparam("the_source"), deliveries.c.key >= names.c.name)
        .order_by(deliveries.c.source, deliveries.c.key)
        .limit(1)
        .correlate(names)
        .scalar_subquery()
    )
    known = select(names.c.name).where(next_key == names.c.name)
    fresh = (
        select(
            bindparam("the_source", type_=Text),
            given.c.key,
            bindparam("the_via", type_=Text),
            given.c.about,
            given.c.body,
            bindparam("now", type_=deliveries.c.received_at.type),
            literal(WAITING),
            literal(""),
        )
        .select_from(given)
        .where(~known.exists())
        .order_by(given.c.place)
    )
    made = (
        postgresql.insert(deliveries)
        .from_select(
            ["source", "key", "via", "about", "body", "received_at", "state", "because"], fresh
        )
        .on_conflict_do_nothing(index_elements=_WHERE)
        .returning(deliveries.c.id, deliveries.c.key)
        .cte("made")
    )
    woken = lanes.WAKE.postgres.values(_AT_REST).cte("woken")
    return select(made.c.id, made.c.key).add_cte(woken)


_AT_ONCE = _all_of_one_source()


@dataclass(frozen=True, slots=True)
class Letter:
    """One item on its way into the ledger."""

    source: str
    key: str
    body: bytes
    about: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A delivery in the ledger. `again` tells that it had been there already."""

    id: int
    again: bool


def receive_all(tx: Tx, letters: Sequence[Letter], via: str) -> tuple[Kept, ...]:
    """As `deliveries.receive` for each of them, in this order; the same letter twice is one."""
    kept: list[Kept] = []
    for first in range(0, len(letters), MOST_AT_ONCE):
        kept += _receive(tx, letters[first : first + MOST_AT_ONCE], via)
    return tuple(kept)


def receive_one(tx: Tx, letter: Letter, via: str) -> Kept:
    new = receive(
        tx, source=letter.source, key=letter.key, via=via, body=letter.body, about=letter.about
    )
    if new is None:
        return Kept(id_of(tx, letter.source, letter.key), again=True)
    return Kept(new, again=False)


def receive_at_once(
    ledger: Ledger, letters: Sequence[Letter], via: str, lane: str, account: str, patience: float
) -> dict[str, int]:
    """PostgreSQL: letters of one source are committed and their lane woken by one statement. Key →
    id of those that are new. Where one of them is here already nothing is kept, unless it came at
    the same moment: what is missing needs `receive_all`.

    Raises what the driver raises rather than wait longer than `patience` seconds for a lock.
    """
    keys = [letter.key for letter in letters]
    with ledger.at_once() as tx:
        given = {
            "the_source": letters[0].source,
            "the_via": via,
            "now": tx.now,
            "keys": keys,
            "abouts": [letter.about for letter in letters],
            "bodies": [letter.body for letter in letters],
            "names": keys + [erased_key(key) for key in keys],
            "patience": str(int(patience * 1000)),
        }
        rows = tx.conn.execute(_AT_ONCE, given | lanes.waking(lane, account, tx.now))
        tx.woken.add(lane)
        return {row.key: row.id for row in rows}


def _receive(tx: Tx, letters: Sequence[Letter], via: str) -> list[Kept]:
    known = _known(tx, letters)
    if any(state == SET_ASIDE for _, state in known.values()):
        return [receive_one(tx, letter, via) for letter in letters]
    fresh: dict[tuple[str, str], Letter] = {}
    here: dict[int, int] = {}
    for place, letter in enumerate(letters):
        there = known.get((letter.source, letter.key))
        there = there or known.get((letter.source, erased_key(letter.key)))
        if there is not None:
            here[place] = there[0]
        else:
            fresh.setdefault((letter.source, letter.key), letter)
    made = _insert(tx, fresh.values(), via) if fresh else {}
    kept = []
    for place, letter in enumerate(letters):
        name = (letter.source, letter.key)
        if place in here:
            kept.append(Kept(here[place], again=True))
        elif fresh[name] is letter and name in made:
            kept.append(Kept(made[name], again=False))
        else:  # its twin is in front of it, or another process was faster
            kept.append(receive_one(tx, letter, via))
    return kept


def _known(tx: Tx, letters: Sequence[Letter]) -> dict[tuple[str, str], tuple[int, str]]:
    """Source and key → id and state of what is here, under its own key or as erased."""
    keys = [key for letter in letters for key in (letter.key, erased_key(letter.key))]
    sources = list({letter.source for letter in letters})
    rows = tx.conn.execute(_KNOWN, {"sources": sources, "keys": keys})
    return {(row.source, row.key): (row.id, row.state) for row in rows}


def _insert(tx: Tx, letters: Iterable[Letter], via: str) -> dict[tuple[str, str], int]:
    """Source and key → the new id, of those that nobody else put there meanwhile."""
    rows = [
        {
            "source": letter.source,
            "key": letter.key,
            "via": via,
            "about": letter.about,
            "body": letter.body,
            "received_at": tx.now,
        }
        for letter in letters
    ]
    made = tx.conn.execute(_INTO_POSTGRES if tx.postgres else _INTO_SQLITE, rows)
    return {(row.source, row.key): row.id for row in made}
