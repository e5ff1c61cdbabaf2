"""Whoever is erased is erased from the feed: what was theirs is told gone, and none of it left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from crm_village import ADA, BEN, Copy, Village, everything, said
from sqlalchemy import select

from bridge.ledger import Ledger, changes, erasures, forgetting, people, posts, traces
from bridge.ledger import tables as t
from bridge.model import Person

WORDS = {
    ADA: ("tomorrow", "Ada Love", "ada@far", "blue parcel", "back at nine"),
    BEN: ("Your number?", "Ben Okri", "ben@far", "mine too"),
}
"""What each said, was told, and is called."""


@pytest.mark.parametrize("who", [ADA, BEN], ids=["who began it", "who joined in"])
def test_nothing_of_a_person_is_left(full: Ledger, who: Person) -> None:
    """Also not the copies of our answers to them, which came back from the network as posts."""
    copy = Copy(full)
    copy.pull()
    theirs = [row for row in copy.rows.values() if is_of(row, who)]
    assert len(theirs) > 2
    with full.writing() as tx:
        erasure = erasures.begin(tx, "", "")
        person = people.remember(tx, who)
        copies = select(t.posts.c.id).where(t.posts.c.by_us, t.posts.c.network_id.like("m%"))
        before = len(tx.conn.execute(copies).all())
        forgetting.forget(tx, erasure.id, traces.gather(tx, person), (), ())
        assert len(tx.conn.execute(copies).all()) < before
    copy.pull()
    assert [] == [row["id"] for row in copy.rows.values() if is_of(row, who)]
    assert everything(full) == copy.rows
    for row in theirs:
        now = copy.rows[row["id"]]
        assert now["change_id"] > row["change_id"]
        if now["deleted"]:
            assert "gdpr_erasure" == now["deleted_reason"], now["id"]
    assert copy.rows[f"identity_{person}"]["deleted"]


def test_what_went_from_the_network_long_ago_is_told_erased(full: Ledger, clock: Any) -> None:
    """The tombstone of its removal is forgotten. Whoever kept it all the same hears of this."""
    with full.writing() as tx:
        ada = people.remember(tx, ADA)
        village = Village(tx)
        gone = village.heard(said("s8", "Never mind.", tx.now), village.begun(ADA, "another"))
        posts.gone(tx, gone)
    copy = Copy(full)
    copy.pull()
    assert "platform_delete" == copy.rows[f"post_{gone}"]["deleted_reason"]
    clock.move(timedelta(days=91).total_seconds())
    with full.writing() as tx:
        assert changes.forget_tombstones(tx, tx.now - timedelta(days=90))
        erasure = erasures.begin(tx, "", "")
        forgetting.forget(tx, erasure.id, traces.gather(tx, ada), (), ())
    copy.pull()
    assert "gdpr_erasure" == copy.rows[f"post_{gone}"]["deleted_reason"]


def is_of(row: dict[str, object], who: Person) -> bool:
    return any(word in str(row) for word in WORDS[who])
