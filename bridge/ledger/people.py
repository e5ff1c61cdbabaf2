"""Who wrote: one row per person and network, as last seen."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, literal_column, select, update
from sqlalchemy.sql.dml import ReturningInsert

from bridge.ledger import facts
from bridge.ledger.made import Insert, Inserting, inserting
from bridge.ledger.store import Tx
from bridge.ledger.tables import people, posts
from bridge.model import Person

_THIS = (
    people.c.network == bindparam("the_network"),
    people.c.network_id == bindparam("the_network_id"),
)
_KNOWN = select(people).where(*_THIS)
_ONE = select(people).where(people.c.id == bindparam("the_person"))
_ID = select(people.c.id).where(*_THIS)
_HELPDESK_ID = select(people.c.helpdesk_id).where(*_THIS)
_SET_HELPDESK_ID = update(people).where(*_THIS).returning(people.c.id)
_WROTE = select(posts.c.person_id).where(posts.c.id == bindparam("the_post"))


@cache
def _remembering(news: tuple[str, ...]) -> Inserting:
    """With what is news of somebody who is known."""

    def saying(new: Insert) -> ReturningInsert[tuple[int]]:
        set_ = {name: new.excluded[name] for name in news}
        known = new.on_conflict_do_update(index_elements=["network", "network_id"], set_=set_)
        return known.returning(people.c.id)

    return inserting(people, saying)


def remember(tx: Tx, person: Person) -> int:
    """The ledger's id of this person; what the network shows of them now is kept. What it does not
    show this time (a message that comes without the name of its author) stays as it was."""
    shown = {
        "handle": person.handle,
        "name": person.name,
        "profile_url": person.profile_url,
        "avatar_url": person.avatar_url,
        "followers": person.followers,
        "language": person.language,
        "seen_at": tx.now,
    }
    news = tuple(name for name, value in shown.items() if value not in ("", None))
    new = {"network": person.network, "network_id": person.id, **shown}
    person_id: int = tx.conn.execute(_remembering(news).on(tx), new).scalar_one()
    return person_id


def known(tx: Tx, person: Person) -> Person | None:
    """A person as last seen, None for one who never was."""
    row = tx.conn.execute(_KNOWN, _named(person.network, person.id)).one_or_none()
    return from_row(row) if row is not None else None


def one(tx: Tx, person_id: int) -> Person | None:
    """A person by the ledger's id, None for one who is not there."""
    row = tx.conn.execute(_ONE, {"the_person": person_id}).one_or_none()
    return from_row(row) if row is not None else None


def from_row(row: Row[Any]) -> Person:
    """Somebody by the columns of their row."""
    return Person(
        network=row.network,
        id=row.network_id,
        handle=row.handle,
        name=row.name,
        profile_url=row.profile_url,
        avatar_url=row.avatar_url,
        followers=row.followers,
        language=row.language,
    )


def id_of(tx: Tx, network: str, network_id: str) -> int | None:
    """The ledger's id of somebody by the network's."""
    found: int | None = tx.conn.execute(_ID, _named(network, network_id)).scalar_one_or_none()
    return found


def who_wrote(tx: Tx, post_id: int) -> int | None:
    """The ledger's id of a post's author."""
    found: int | None = tx.conn.execute(_WROTE, {"the_post": post_id}).scalar_one()
    return found


def helpdesk_id(tx: Tx, person: Person) -> str:
    """The helpdesk's id of this person, "" while it has none."""
    here = _named(person.network, person.id)
    found: str | None = tx.conn.execute(_HELPDESK_ID, here).scalar_one_or_none()
    return found or ""


def set_helpdesk_id(tx: Tx, person: Person, helpdesk_id: str) -> int | None:
    """The ledger's id of this person, None for one who was erased meanwhile."""
    here = _named(person.network, person.id)
    person_id: int | None = tx.conn.execute(
        _SET_HELPDESK_ID, {**here, "helpdesk_id": helpdesk_id}
    ).scalar_one_or_none()
    if person_id is not None:
        facts.learn(tx, person_id, {"helpdesk_user_id": helpdesk_id}, facts.HELPDESK)
    return person_id


def with_helpdesk_id(tx: Tx, helpdesk_id: str) -> tuple[int, ...]:
    """Everybody whom the helpdesk has as this user."""
    found = tx.conn.execute(
        select(people.c.id)
        .where(people.c.helpdesk_id == helpdesk_id, people.c.helpdesk_id != literal_column("''"))
        .order_by(people.c.id)
    ).scalars()
    return tuple(found) if helpdesk_id else ()


def _named(network: str, network_id: str) -> dict[str, str]:
    return {"the_network": network, "the_network_id": network_id}
