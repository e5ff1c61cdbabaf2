"""Whom a few words mean: a profile's link, a number of ours, a handle with its network, or an id.

Upper and lower case are the same for ASCII letters. The brand itself is never meant.
"""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, and_, func, or_, select

from bridge.ledger import facts
from bridge.ledger.belonging import is_us
from bridge.ledger.customers import members
from bridge.ledger.store import Tx
from bridge.ledger.tables import people

MOST = 10
_NUMBER = re.compile(r"(identity|customer)_([0-9]{1,18})", re.IGNORECASE)


def meant(tx: Tx, text: str) -> tuple[int, ...]:
    """The numbers of everybody it may mean, ascending, at most `MOST`.

    `identity_12`, `customer_7` (all of that customer), `https://…` (a profile), `ada@x` (a handle
    and its network), `x:2244994945` (a network and its id), or a handle alone, with or without @.
    """
    said = text.strip().strip("<>()[]").rstrip(".,;:").strip()
    number = _NUMBER.fullmatch(said)
    if number is not None and number[1].lower() == "customer":
        return members(tx, int(number[2]))[:MOST]
    if number is not None:
        return _found(tx, people.c.id == int(number[2]))
    if "://" in said:
        return facts.living_at(tx, said, any_case=True)[:MOST]
    network, colon, network_id = said.partition(":")
    if colon:
        of_network = func.lower(people.c.network) == network.lower()
        return _found(tx, and_(of_network, people.c.network_id == network_id))
    handle = said.removeprefix("@")
    alone = _handle(handle)
    before, at, last = handle.rpartition("@")
    if at:
        alone = or_(alone, and_(func.lower(people.c.network) == last.lower(), _handle(before)))
    return _found(tx, alone)


def _handle(handle: str) -> ColumnElement[bool]:
    return and_(
        people.c.handle != "",
        or_(people.c.handle == handle, func.lower(people.c.handle) == handle.lower()),
    )


def _found(tx: Tx, where: ColumnElement[bool]) -> tuple[int, ...]:
    return tuple(
        tx.conn.execute(
            select(people.c.id).where(where, ~is_us()).order_by(people.c.id).limit(MOST)
        ).scalars()
    )
