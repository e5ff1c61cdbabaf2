"""Who wrote: one row per person and network, as last seen."""

from __future__ import annotations

from sqlalchemy import select, update

from bridge.ledger.store import Tx
from bridge.ledger.tables import people
from bridge.model import Person


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
    news = {name: value for name, value in shown.items() if value not in ("", None)}
    person_id: int = tx.conn.execute(
        tx.insert(people)
        .values(network=person.network, network_id=person.id, **shown)
        .on_conflict_do_update(index_elements=["network", "network_id"], set_=news)
        .returning(people.c.id)
    ).scalar_one()
    return person_id


def known(tx: Tx, person: Person) -> Person | None:
    """A person as last seen, None for one who never was."""
    row = tx.conn.execute(
        select(people).where(people.c.network == person.network, people.c.network_id == person.id)
    ).one_or_none()
    if row is None:
        return None
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


def helpdesk_id(tx: Tx, person: Person) -> str:
    """The helpdesk's id of this person, "" while it has none."""
    found: str | None = tx.conn.execute(
        select(people.c.helpdesk_id).where(
            people.c.network == person.network, people.c.network_id == person.id
        )
    ).scalar_one_or_none()
    return found or ""


def set_helpdesk_id(tx: Tx, person: Person, helpdesk_id: str) -> None:
    tx.conn.execute(
        update(people)
        .where(people.c.network == person.network, people.c.network_id == person.id)
        .values(helpdesk_id=helpdesk_id)
    )
