"""How each account stands, and how far it has been read. The helpdesk is one of them.

Several things can be wrong with an account at once: each is a trouble of its own, about one
subject, and the account's state is that of the worst. Every change of the state is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Row, bindparam, delete, select

from bridge.ledger.store import Tx
from bridge.ledger.tables import account_changes, accounts, troubles


class State(StrEnum):
    """All that can be said of an account, worst last."""

    CONNECTED = "connected"
    RATE_LIMITED = "rate_limited"
    SILENT = "silent"
    DEGRADED = "degraded"
    WEBHOOK_DEAD = "webhook_dead"
    NEEDS_SIGN_IN = "needs_sign_in"
    DISABLED = "disabled"


_WORST = tuple(State)


class About(StrEnum):
    """What a trouble is about. Who finds out about a subject is who puts it right again."""

    READING = "reading"
    SENDING = "sending"
    EXAMINATION = "examination"
    EXPIRY = "expiry"
    RHYTHM = "rhythm"
    PINGS = "pings"
    HOOK = "hook"
    SIGNATURES = "signatures"
    PAUSED = "paused"
    MAPPING = "mapping"
    WEBHOOKS = "webhooks"


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which an account was not read, and how many items came when it was read again.
    `until` None: still catching up."""

    since: datetime
    until: datetime | None
    items: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`since` is when this state began; `read_at` when it was last read successfully; `gap` the
    last one, if there ever was one."""

    name: str
    cursor: str
    state: State
    because: str
    since: datetime
    read_at: datetime | None
    examined_at: datetime | None = None
    hooked_at: datetime | None = None
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """`since` is when this subject first was in trouble, whatever state it has had since."""

    about: About
    state: State
    because: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Change:
    state: State
    because: str
    at: datetime


def standing(tx: Tx, name: str) -> Standing:
    """How an account stands; one never heard of is connected and unread."""
    row = tx.conn.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
    return _standing(row) if row else Standing(name, "", State.CONNECTED, "", tx.now, None)


def everyone(tx: Tx) -> tuple[Standing, ...]:
    rows = tx.conn.execute(select(accounts).order_by(accounts.c.name))
    return tuple(_standing(row) for row in rows)


def is_on(tx: Tx, name: str, network: str) -> None:
    """The account is on this network. One that was on another begins anew: how far that was read
    means nothing here."""
    _locked(tx, name)
    known = tx.conn.execute(select(accounts.c.network).where(accounts.c.name == name)).scalar_one()
    if known == network:
        return
    _upsert(tx, name, network=network, **({"cursor": ""} if known else {}))


def read_to(
    tx: Tx,
    name: str,
    cursor: str,
    *,
    items: int = 0,
    more: bool = False,
    usual: timedelta | None = None,
    whole_at: datetime | None = None,
) -> Gap | None:
    """Everything up to the cursor is in the ledger. `items` are what is new of it.

    The gap that this read closes, if it does: `usual` is how long may lie between two reads,
    `more` tells that it is not all yet. `whole_at`: up to when all was read by now, where that is
    not now.
    """
    before = standing(tx, name)
    gap = before.gap if before.gap and before.gap.until is None else None
    if gap is None and usual is not None and before.read_at and tx.now - before.read_at > usual:
        gap = Gap(before.read_at, None, 0)
    _upsert(tx, name, cursor=cursor, read_at=whole_at or tx.now)
    if gap is None:
        return None
    gap = Gap(gap.since, None if more else tx.now, gap.items + items)
    _upsert(tx, name, gap_since=gap.since, gap_until=gap.until, gap_items=gap.items)
    return gap if gap.until else None


def examined(tx: Tx, name: str, at: datetime) -> None:
    _upsert(tx, name, examined_at=at)


def hooked(tx: Tx, name: str, at: datetime) -> None:
    """Somebody looked whether the network still calls us."""
    _upsert(tx, name, hooked_at=at)


def stands(
    tx: Tx, name: str, state: State, because: str = "", *, about: About = About.READING
) -> bool:
    """What is true of one subject; connected means that nothing is wrong with it. True if the
    account's state, which is that of its worst trouble, changed."""
    _locked(tx, name)
    here = (troubles.c.account == name, troubles.c.about == about)
    if state is State.CONNECTED:
        tx.conn.execute(delete(troubles).where(*here))
    else:
        news = {"state": state, "because": because}
        tx.conn.execute(
            tx.insert(troubles)
            .values(account=name, about=about, since=tx.now, **news)
            .on_conflict_do_update(index_elements=["account", "about"], set_=news)
        )
    left = all_troubles(tx, name)
    worst = left[0] if left else None
    now_is = worst.state if worst else State.CONNECTED
    why = worst.because if worst else ""
    before = standing(tx, name)
    if before.state is now_is:
        if before.because != why:
            _upsert(tx, name, because=why)
        return False
    _upsert(tx, name, state=now_is, because=why, since=tx.now)
    tx.conn.execute(
        account_changes.insert().values(account=name, state=now_is, because=why, at=tx.now)
    )
    return True


def trouble(tx: Tx, name: str, about: About) -> Trouble | None:
    return next((each for each in all_troubles(tx, name) if each.about is about), None)


_TROUBLES = select(troubles).where(troubles.c.account == bindparam("the_account"))


def all_troubles(tx: Tx, name: str) -> tuple[Trouble, ...]:
    """The worst first."""
    rows = tx.conn.execute(_TROUBLES, {"the_account": name})
    found = [Trouble(About(row.about), State(row.state), row.because, row.since) for row in rows]
    return tuple(
        sorted(found, key=lambda one: (_WORST.index(one.state), one.about.value), reverse=True)
    )


def changes(tx: Tx, name: str, most: int = 20) -> tuple[Change, ...]:
    """Newest first."""
    rows = tx.conn.execute(
        select(account_changes)
        .where(account_changes.c.account == name)
        .order_by(account_changes.c.id.desc())
        .limit(most)
    )
    return tuple(Change(State(row.state), row.because, row.at) for row in rows)


def _locked(tx: Tx, name: str) -> None:
    """Two at once must not judge an account by half of its troubles each."""
    tx.conn.execute(
        tx.insert(accounts)
        .values(name=name, since=tx.now)
        .on_conflict_do_update(index_elements=["name"], set_={"name": name})
    )


def _upsert(tx: Tx, name: str, **values: object) -> None:
    tx.conn.execute(
        tx.insert(accounts)
        .values(**{"name": name, "since": tx.now, **values})
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )


def _standing(row: Row[tuple[object, ...]]) -> Standing:
    return Standing(
        name=row.name,
        cursor=row.cursor,
        state=State(row.state),
        because=row.because,
        since=row.since,
        read_at=row.read_at,
        examined_at=row.examined_at,
        hooked_at=row.hooked_at,
        gap=Gap(row.gap_since, row.gap_until, row.gap_items) if row.gap_since else None,
    )
