"""Whoever is erased takes no word of the bridge's own with them, whatever they are called."""

from __future__ import annotations

import pytest
from crm_village import BEN, Village, draft, everything, said

from bridge.ledger import Ledger, erasures, forgetting, people, traces
from bridge.model import Person


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("handle", ["public", "mention", "mastodon"])
def test_a_handle_that_is_a_word_of_ours(ledger: Ledger, handle: str) -> None:
    """What others said and were answered is told as before, but for the one who is gone."""
    gone = Person("mastodon", "905", handle, "Carl")
    with ledger.writing() as tx:
        village = Village(tx)
        home = village.begun(BEN, "s1")
        asked = village.heard(said("p1", f"as @{handle} says", tx.now, BEN), home)
        answer = draft(BEN, "Indeed.")
        reply = village.answered(home, "c1", answer, asked)
        village.sent(home, "send:1", answer, reply, "m1")
        village.heard(said("p2", "It is late.", tx.now, gone), home)
    before = everything(ledger)
    with ledger.writing() as tx:
        known = traces.gather(tx, people.remember(tx, gone))
        forgetting.forget(tx, erasures.begin(tx, "", "").id, known, (), ())
    after = everything(ledger)
    assert handle not in str(after[f"post_{asked}"]["text"])
    for name in (f"post_{asked}", f"reply_{reply}"):
        changes = {"change_id", "updated_at", "text"}
        assert _without(changes, before[name]) == _without(changes, after[name])
    assert "Indeed." == after[f"reply_{reply}"]["text"]


def _without(names: set[str], row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in names}
