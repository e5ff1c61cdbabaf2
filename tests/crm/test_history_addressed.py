"""What the bridge says by itself is the history of whoever it was said to."""

from __future__ import annotations

import pytest
from crm_village import ADA, BEN, everything
from sqlalchemy import select

from bridge.crm import feed
from bridge.crm.feed import Asked
from bridge.ledger import Ledger
from bridge.ledger import tables as t
from bridge.records import Resource


@pytest.mark.parametrize("database", ["sqlite"])
def test_in_somebody_elses_thread(full: Ledger) -> None:
    """Ada began the conversation; Ben is told in it that he was answered privately."""
    with full.reading() as tx:
        ids = dict(
            tx.conn.execute(
                select(t.people.c.handle, t.people.c.id).where(t.people.c.network == ADA.network)
            ).all()
        )
    ada, ben = ids[ADA.handle], ids[BEN.handle]
    notice = next(row for row in everything(full).values() if row.get("type") == "notice")

    assert f"identity_{ben}" == notice["identity_id"]
    assert notice["id"] in _of(full, ben)
    assert notice["id"] not in _of(full, ada)


def _of(ledger: Ledger, person_id: int) -> list[str]:
    asked = Asked((Resource.INTERACTION,), people=(person_id,))
    return [each.record.id for each in feed.read(ledger, asked, str).changes]
