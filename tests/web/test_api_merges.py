"""What a CRM knows of who is whom: merges through the history API, and taking them back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_stage import Reader, make_token, say
from flask.testing import FlaskClient

from bridge.ledger import Ledger
from bridge.model import Person

NEW = {"identity_id": "identity_1", "other_identity_id": "identity_2", "evidence": "contact 003A"}


@pytest.fixture
def reader(client: FlaskClient, ledger: Ledger) -> Reader:
    """Somebody may be known twice: on Mastodon and on X."""
    say(ledger, "110", Person("mastodon", "1", "ada@example.social", "Ada Lovelace"))
    say(ledger, "111", Person("x", "7", "ada_l", "Ada"))
    return Reader(client, make_token(ledger, name="the CRM"))


def test_two_are_one_by_the_crms_word(reader: Reader) -> None:
    """Told with its proof, evidence and by whom, and in the feed; said again, it is the same."""
    start = reader.get("/changes").get_json()["resume_cursor"]
    answer = reader.post("/merges", NEW)
    row = answer.get_json()
    assert (201, "/api/v1/merges/merge_1") == (answer.status_code, answer.headers["Location"])
    assert ("merge_1", "crm", "contact 003A", "api:the CRM", "customer_1") == tuple(
        row[name] for name in ("id", "proof", "evidence", "by", "customer_id")
    )
    assert {"merge_1", "customer_1", "customer_2", "identity_2"} <= set(
        reader.ids(f"/changes?cursor={start}")
    )
    assert "customer_1" == reader.get("/customers/customer_2").get_json()["merged_into"]

    turned = {**NEW, "identity_id": "identity_2", "other_identity_id": "identity_1"}
    for same in (NEW, turned):
        again = reader.post("/merges", same)
        assert (200, row) == (again.status_code, again.get_json())


def test_and_are_not_after_all(reader: Reader) -> None:
    """Undone with a reason; once more is no mistake and changes nothing. A new merge is new."""
    reader.post("/merges", NEW)
    answer = reader.post("/merges/merge_1/undo", {"because": "two people share a desk"})
    row = answer.get_json()
    assert (200, "api:the CRM", "two people share a desk", "") == (
        answer.status_code,
        row["undone_by"],
        row["undone_because"],
        row["customer_id"],
    )
    assert "" == reader.get("/customers/customer_2").get_json()["merged_into"]
    again = reader.post("/merges/merge_1/undo", {"because": "so we said"})
    assert (200, row) == (again.status_code, again.get_json())
    anew = reader.post("/merges", NEW)
    assert (201, "merge_2") == (anew.status_code, anew.get_json()["id"])


def test_what_cannot_be_merged_is_refused(reader: Reader) -> None:
    """By the field's name, or in words; nothing of it is kept."""
    for body, named in (
        ({**NEW, "other_identity_id": "identity_1"}, "itself"),
        ({**NEW, "other_identity_id": "identity_99"}, "identity_99"),
        ({**NEW, "other_identity_id": "customer_2"}, "other_identity_id"),
        ({**NEW, "other_identity_id": 2}, "other_identity_id"),
        ({**NEW, "identity_id": "identity_" + "9" * 18}, "identity_"),
        ({**NEW, "evidence": ""}, "evidence"),
        ({**NEW, "evidence": " \n"}, "evidence"),
        ({**NEW, "evidence": "a\0b"}, "evidence"),
        ({**NEW, "evidence": "\ud800"}, "evidence"),
        ({**NEW, "evidence": "x" * 1001}, "evidence"),
        ({**NEW, "evidence": None}, "evidence"),
        ({**NEW, "proof": "agent"}, "proof"),
        ({"identity_id": "identity_1"}, "evidence"),
        ([], "wrong"),
        (None, "wrong"),
    ):
        answer = reader.post("/merges", body)
        assert 422 == answer.status_code, body
        assert named in answer.get_json()["error"] or isinstance(body, list | None)
    assert [] == reader.rows("/merges")


def test_what_is_no_json_is_refused(reader: Reader, client: FlaskClient) -> None:
    headers = {"Authorization": f"Bearer {reader.token}", "Content-Type": "application/json"}
    deep: bytes = b"[" * 9_000
    for raw, status in (
        (b"", 422),
        (b"{", 422),
        (b"\xff\xfe", 422),
        (deep, 422),
        (json.dumps(NEW).encode() + b"9" * 6_000, 422),
        (b'{"evidence": ' + b"9" * 6_000 + b"}", 422),
        (b" " * 20_000, 413),
    ):
        answer = client.post("/api/v1/merges", data=raw, headers=headers)
        assert status == answer.status_code, raw[:20]
        assert "error" in answer.get_json()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_to_undo(reader: Reader) -> None:
    why: dict[str, Any] = {"because": "they are two"}
    reader.post("/merges", NEW)
    for number in ("merge_2", "merge_01", "merge_", "1", "merge_1%0A", "merge_" + "9" * 30):
        assert 404 == reader.post(f"/merges/{number}/undo", why).status_code, number
    for body in ({}, {"because": ""}, {"because": "x", "by": "y"}, {"because": ["x"]}):
        assert 422 == reader.post("/merges/merge_1/undo", body).status_code
    assert None is reader.get("/merges/merge_1").get_json()["undone_at"]
