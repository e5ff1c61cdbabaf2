"""A row that cannot be read is told as far as it can, and stops nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from crm_village import everything
from sqlalchemy import update
from structlog.testing import capture_logs

from bridge.ledger import Ledger, legible
from bridge.ledger import tables as t
from bridge.ledger.shapes import draft_from_json

ON_ONE = pytest.mark.parametrize("database", ["sqlite"])
"""Where no SQL is asked that other tests here do not ask of both."""
WORDS = ("text", "platform", "thread_id", "kind", "external_url", "author", "because")


@ON_ONE
@pytest.mark.parametrize("body", ["", "{}", "[]", '{"kind":"[erased]","text":"secret"}'])
def test_broken_rows_are_told_without_words(full: Ledger, body: str) -> None:
    """Every record still comes, in the same order; of the broken ones all that stands elsewhere."""
    before = everything(full)
    with full.writing() as tx:
        for table in (t.revisions, t.replies, t.intents):
            tx.conn.execute(update(table).values(body=body))
    with capture_logs() as logs:
        after = everything(full)
    assert before.keys() == after.keys()
    broken = {key for key, row in after.items() if row.get("because") == legible.BROKEN}
    said = {key for key, row in before.items() if row.get("text") and row["type"] != "note"}
    assert said <= broken
    assert {each["record"] for each in logs} == broken
    assert "secret" not in str((after, logs))
    for key in broken:
        assert after[key]["visibility"] in (before[key]["visibility"], "private")
        assert _bare(before[key]) == _bare(after[key])


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    """What its own row's body does not say."""
    from_body = {*WORDS, "platform_user_id", "in_reply_to", "subject", "media", "language"}
    from_body |= {"visibility", "change_id", "updated_at", "identity_id"}
    return {name: value for name, value in row.items() if name not in from_body}


def test_a_defect_is_not_taken_for_a_broken_row() -> None:
    """Only what reading a body raises is caught."""

    def defect(_: str) -> None:
        raise ZeroDivisionError

    assert legible.read(draft_from_json, "no JSON", "reply_1") is None
    with pytest.raises(ZeroDivisionError):
        legible.read(defect, "", "reply_1")
