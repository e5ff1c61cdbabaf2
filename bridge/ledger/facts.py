"""What is known of people, where it was learnt, and when: one row for each thing and source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from sqlalchemy import bindparam, delete, func, select

from bridge.ledger.belonging import is_us
from bridge.ledger.crm_tables import profile_facts
from bridge.ledger.made import Insert, inserting
from bridge.ledger.portions import portions
from bridge.ledger.store import Tx
from bridge.ledger.tables import people
from bridge.model import Person
from bridge.records import Fact

HELPDESK = "helpdesk"
LINK = "verified_link "
"""How a fact is called that is a checked link: the address, as `address_of` writes it, follows."""


_OF_SOURCE = (
    profile_facts.c.person_id == bindparam("the_person"),
    profile_facts.c.source == bindparam("the_source"),
)
_KNOWN = select(profile_facts.c.fact, profile_facts.c.value).where(*_OF_SOURCE)


def _learning(new: Insert) -> Insert:
    return new.on_conflict_do_update(
        index_elements=["person_id", "fact", "source"],
        set_={"value": new.excluded.value, "learnt_at": new.excluded.learnt_at},
    )


_LEARN = inserting(profile_facts, _learning)


def learn(tx: Tx, person_id: int, known: Mapping[str, str], source: str) -> frozenset[str]:
    """Put down what is new or has changed, and nothing else; which facts those are. A link that is
    shown no more is known no more: who lives there may change. What followed from it stays."""
    told = {name: value for name, value in known.items() if value}
    rows = tx.conn.execute(_KNOWN, {"the_person": person_id, "the_source": source})
    before = {row.fact: row.value for row in rows}
    news = {name: value for name, value in told.items() if before.get(name) != value}
    stale = [name for name in before if name.startswith(LINK) and name not in told]
    if stale:
        tx.conn.execute(
            delete(profile_facts).where(
                profile_facts.c.person_id == person_id,
                profile_facts.c.source == source,
                profile_facts.c.fact.in_(stale),
            )
        )
    if news:
        tx.conn.execute(
            _LEARN.on(tx),
            [
                {
                    "person_id": person_id,
                    "fact": name,
                    "value": value,
                    "source": source,
                    "learnt_at": tx.now,
                }
                for name, value in sorted(news.items())
            ],
        )
    return frozenset(news)


def shown_by(person: Person) -> dict[str, str]:
    """What a network shows of somebody, as facts. A link that it has checked is one of its own."""
    return {
        "handle": person.handle,
        "name": person.name,
        "profile_url": person.profile_url,
        "followers": "" if person.followers is None else str(person.followers),
        "language": person.language,
        **{f"{LINK}{address_of(link)}": link for link in person.links},
    }


def source_of(network: str, account: str) -> str:
    """Where something was learnt that a network told one of our accounts."""
    return f"{network}:{account}"


def of(tx: Tx, person_id: int) -> tuple[Fact, ...]:
    return of_each(tx, (person_id,))[person_id]


def of_each(tx: Tx, person_ids: Sequence[int]) -> dict[int, tuple[Fact, ...]]:
    """Person → what is known of them, nothing perhaps."""
    found: dict[int, list[Fact]] = {each: [] for each in person_ids}
    for some in portions(person_ids):
        rows = tx.conn.execute(
            select(profile_facts)
            .where(profile_facts.c.person_id.in_(some))
            .order_by(profile_facts.c.fact, profile_facts.c.source)
        )
        for row in rows:
            found[row.person_id].append(Fact(row.fact, row.value, row.source, row.learnt_at))
    return {each: tuple(known) for each, known in found.items()}


def linking_to(tx: Tx, profile_url: str) -> tuple[tuple[int, str], ...]:
    """(person, link) of everybody whose profile has a checked link to this one."""
    address = address_of(profile_url)
    if not address:
        return ()
    rows = tx.conn.execute(
        select(profile_facts.c.person_id, profile_facts.c.value)
        .where(profile_facts.c.fact == f"{LINK}{address}")
        .order_by(profile_facts.c.person_id)
    )
    return tuple((row.person_id, row.value) for row in rows)


def living_at(tx: Tx, link: str, *, any_case: bool = False) -> tuple[int, ...]:
    """Everybody but the brand whose profile is at this link. It reads everybody: no index.
    `any_case` is for what people type: a proof compares as servers may."""
    address = address_of(link)
    host = address.partition("/")[0]
    if not host:
        return ()
    rows = tx.conn.execute(
        select(people.c.id, people.c.profile_url)
        .where(func.lower(people.c.profile_url).contains(host, autoescape=True), ~is_us())
        .order_by(people.c.id)
    ).all()
    found = tuple(row.id for row in rows if address_of(row.profile_url) == address)
    if found or not any_case:
        return found
    typed = address.lower()
    for each in (typed, re.split(r"[?#]", typed)[0]):  # people paste what their browser added
        found = tuple(row.id for row in rows if address_of(row.profile_url).lower() == each)
        if found:
            break
    return found


def address_of(link: str) -> str:
    """A link without what may be written in two ways: scheme, `www.`, a slash at the end of the
    path. "" for what is no link to a page of its own. Query and fragment stay: on some sites they
    alone say whose profile it is (`/user?id=7`)."""
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").removeprefix("www.")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    path = parts.path.rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    page = f"{path}{query}{fragment}"
    return f"{host}{port}{page}" if host and page else ""
