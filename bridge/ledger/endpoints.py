"""Where webhooks go: addresses that an admin chose, how each stands, and how far it was told.

Whoever changes one takes its lane's row first (`lanes.wake`, `lanes.stand_still`, `lanes.fence`):
one order for all, so that nobody waits in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, select, update

from bridge.ledger.crm_tables import changes, endpoints
from bridge.ledger.secrets import Safe
from bridge.ledger.store import Tx
from bridge.settings import Secret

MOST_OLD = 3
"""So many secrets sign beside the newest at most: every one makes a header longer."""


class Stands(StrEnum):
    """Paused by an admin; disabled because the far side said so, or failed for days."""

    ON = "on"
    PAUSED = "paused"
    DISABLED = "disabled"


class Format(StrEnum):
    STANDARD = "standard"
    CLOUDEVENTS = "cloudevents"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an admin chooses. `events` are types, or "*" for all there are and will be."""

    name: str
    url: str
    events: tuple[str, ...]
    format: Format


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`seq` is the last change that was looked at for it. `failing_since` is the first try that
    failed after the last one that did not, or since there was nothing to tell it."""

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    format: Format
    state: Stands
    because: str
    seq: int
    old_secret_until: datetime | None
    failing_since: datetime | None
    made_by: str
    made_at: datetime
    ended_at: datetime | None

    def wants(self, event: str) -> bool:
        return "*" in self.events or event in self.events


def add(tx: Tx, wanted: Wanted, made_by: str, seq: int) -> int:
    """Its number. Raises `IntegrityError` where there is one of that name."""
    number: int = tx.conn.execute(
        endpoints.insert()
        .values(
            name=wanted.name,
            url=wanted.url,
            events=" ".join(wanted.events),
            format=wanted.format,
            state=Stands.ON,
            because="",
            seq=seq,
            made_by=made_by,
            made_at=tx.now,
        )
        .returning(endpoints.c.id)
    ).scalar_one()
    return number


def everyone(tx: Tx) -> tuple[Endpoint, ...]:
    """Those that were not removed, by name."""
    rows = tx.conn.execute(
        select(endpoints).where(endpoints.c.ended_at.is_(None)).order_by(endpoints.c.name)
    )
    return tuple(_endpoint(row) for row in rows)


def named(tx: Tx, name: str) -> Endpoint | None:
    row = tx.conn.execute(
        select(endpoints).where(endpoints.c.name == name, endpoints.c.ended_at.is_(None))
    ).one_or_none()
    return _endpoint(row) if row else None


def one(tx: Tx, number: int) -> Endpoint | None:
    """None also for one that was removed."""
    row = tx.conn.execute(
        select(endpoints).where(endpoints.c.id == number, endpoints.c.ended_at.is_(None))
    ).one_or_none()
    return _endpoint(row) if row else None


def stands(tx: Tx, number: int, state: Stands, because: str = "") -> None:
    """Whatever it failed before counts no more."""
    _set(tx, number, state=state, because=because, failing_since=None)


def told_to(tx: Tx, number: int, seq: int) -> None:
    """Every change up to here is queued for it, or not wanted by it."""
    _set(tx, number, seq=seq)


def failed(tx: Tx, endpoint: Endpoint) -> None:
    if endpoint.failing_since is None:
        _set(tx, endpoint.id, failing_since=tx.now)


def works(tx: Tx, endpoint: Endpoint) -> None:
    if endpoint.failing_since is not None:
        _set(tx, endpoint.id, failing_since=None)


def end(tx: Tx, safe: Safe, number: int) -> None:
    """It is removed: nothing is sent any more, its secrets are gone."""
    _set(tx, number, state=Stands.DISABLED, because="removed", ended_at=tx.now)
    for name in (_new(number), _old(number)):
        safe.drop(tx, name)


def behind(tx: Tx, endpoint: Endpoint) -> int:
    """How many records have changed since the last change that was looked at for it."""
    count: int = tx.conn.execute(
        select(func.count()).select_from(changes).where(changes.c.seq > endpoint.seq)
    ).scalar_one()
    return count


# ------------------------------------------------------------------ secrets


def keep_secret(
    tx: Tx, safe: Safe, number: int, secret: Secret, old_until: datetime | None = None
) -> None:
    """The one that signs from now on; those that sign now sign beside it until then: whoever
    renews twice in a row has nobody cut off who knows only the first. Raises `Misconfigured`
    without a key to seal it with."""
    now = one(tx, number) if old_until else None
    before = secrets_of(tx, safe, now)[:MOST_OLD] if now else ()
    safe.put(tx, _new(number), secret.reveal())
    if not before:
        safe.drop(tx, _old(number))
    else:
        safe.put(tx, _old(number), " ".join(each.reveal() for each in before))
    _set(tx, number, old_secret_until=old_until if before else None)


def secrets_of(tx: Tx, safe: Safe, endpoint: Endpoint) -> tuple[Secret, ...]:
    """What signs now, the newest first. Raises `Misconfigured` when no key opens it."""
    names = [_new(endpoint.id)]
    if endpoint.old_secret_until is not None and tx.now < endpoint.old_secret_until:
        names.append(_old(endpoint.id))
    found = (safe.get(tx, name) for name in names)
    return tuple(Secret(each) for value in found if value for each in value.split())


def drop_old_secrets(tx: Tx) -> int:
    """Those that sign no more are not kept; how many. Needs no key."""
    over = endpoints.c.old_secret_until <= tx.now
    numbers = tx.conn.execute(select(endpoints.c.id).where(over)).scalars().all()
    for number in numbers:
        Safe(()).drop(tx, _old(number))
        _set(tx, number, old_secret_until=None)
    return len(numbers)


def _new(number: int) -> str:
    return f"webhooks/{number}"


def _old(number: int) -> str:
    return f"webhooks/{number}/old"


def _set(tx: Tx, number: int, **values: object) -> None:
    tx.conn.execute(update(endpoints).where(endpoints.c.id == number).values(**values))


def _endpoint(row: Row[Any]) -> Endpoint:
    return Endpoint(
        id=row.id,
        name=row.name,
        url=row.url,
        events=tuple(row.events.split()),
        format=Format(row.format),
        state=Stands(row.state),
        because=row.because,
        seq=row.seq,
        old_secret_until=row.old_secret_until,
        failing_since=row.failing_since,
        made_by=row.made_by,
        made_at=row.made_at,
        ended_at=row.ended_at,
    )
