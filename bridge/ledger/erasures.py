"""Who was erased and when, without saying who: hashes, certificates, and tombstones.

A tombstone keeps what was erased from coming back, and is what whoever copied it must be told.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update

from bridge.ledger.store import Tx
from bridge.ledger.tables import erasures, tombstones

BEGUN, REMOVED, DONE = "begun", "removed", "done"


@dataclass(frozen=True, slots=True)
class Erasure:
    """`asked` is a hash of what was asked for, `person` of the network and its id of them."""

    id: int
    asked: str
    person: str
    state: str
    certificate: str


def digest_of(*parts: str) -> str:
    """SHA-256 of words that must not be kept themselves."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def begin(tx: Tx, asked: str, person: str) -> Erasure:
    """A new erasure, or the one of this person that was begun and not ended."""
    row = tx.conn.execute(
        select(erasures).where(erasures.c.person == person, erasures.c.state == BEGUN)
    ).first()
    if row is None:
        row = tx.conn.execute(
            erasures.insert()
            .values(asked=asked, person=person, begun_at=tx.now)
            .returning(erasures)
        ).one()
    return Erasure(row.id, row.asked, row.person, row.state, row.certificate)


def last(tx: Tx, digest: str) -> Erasure | None:
    """The newest erasure that was asked for so, or was of this person, and whose rows are gone."""
    row = tx.conn.execute(
        select(erasures)
        .where(
            (erasures.c.asked == digest) | (erasures.c.person == digest), erasures.c.state != BEGUN
        )
        .order_by(erasures.c.id.desc())
        .limit(1)
    ).one_or_none()
    return Erasure(row.id, row.asked, row.person, row.state, row.certificate) if row else None


def removed(tx: Tx, erasure_id: int, certificate: str) -> None:
    """In the transaction that removes the rows."""
    tx.conn.execute(
        update(erasures)
        .where(erasures.c.id == erasure_id)
        .values(state=REMOVED, certificate=certificate, ended_at=tx.now)
    )


def done(tx: Tx, erasure_id: int) -> None:
    """Nothing of the removed rows is left in the database's files either."""
    tx.conn.execute(update(erasures).where(erasures.c.id == erasure_id).values(state=DONE))


def bury(
    tx: Tx, erasure_id: int, what: str, number: int, account: str = "", network_id: str = ""
) -> None:
    """`what` is person, conversation, post or reply; `number` is the ledger's own of it."""
    tx.conn.execute(
        tombstones.insert().values(
            erasure_id=erasure_id,
            what=what,
            number=number,
            account=account,
            digest=digest_of(account, network_id) if network_id else "",
            at=tx.now,
        )
    )


_BURIED = select(tombstones.c.id).where(
    tombstones.c.account == bindparam("the_account"),
    tombstones.c.digest == bindparam("the_digest"),
)


def is_buried(tx: Tx, account: str, network_id: str) -> bool:
    """Whether a post (or a message of ours) was erased: it does not come back."""
    here = {"the_account": account, "the_digest": digest_of(account, network_id)}
    return tx.conn.execute(_BURIED, here).first() is not None
