"""The contract checker sees what is wrong before it is trusted with what is right."""

from __future__ import annotations

import json

import pytest
from contract import ContractChecker

TICKET = {"id": 1, "requester_id": 2, "status": "open", "subject": "Hello"}


@pytest.fixture
def checker() -> ContractChecker:
    return ContractChecker()


def _body(data: object) -> bytes:
    return json.dumps(data).encode()


def _create(checker: ContractChecker, ticket: object, answer: object) -> None:
    checker.check(
        "POST",
        "/api/v2/tickets.json",
        body=_body({"ticket": ticket}),
        content_type="application/json",
        status=201,
        answer=_body(answer),
    )


@pytest.mark.parametrize(
    "ticket",
    [
        {"subject": "no comment"},
        {"comment": {"body": "x", "uploads": "token"}},
        {"comment": {"body": "x"}, "status": "opened"},
        {"comment": {"body": "x"}, "group_id": "social"},
    ],
)
def test_wrong_request_is_found(checker: ContractChecker, ticket: object) -> None:
    """A request that breaks the contract is named as such."""
    _create(checker, ticket, {"ticket": TICKET})
    assert [one.side for one in checker.violations] == ["request"]
    with pytest.raises(AssertionError, match=r"POST /api/v2/tickets: request"):
        checker.assert_kept()


@pytest.mark.parametrize(
    "answer",
    [
        {"ticket": {**TICKET, "id": "1"}},
        {"ticket": {"id": 1}},
        {"ticket": {**TICKET, "status": "OPEN"}},
        {"ticket": {**TICKET, "created_at": "yesterday"}},
    ],
)
def test_wrong_answer_is_found(checker: ContractChecker, answer: object) -> None:
    """An answer that breaks the contract is named as such."""
    _create(checker, {"comment": {"body": "x"}}, answer)
    assert [one.side for one in checker.violations] == ["response"]


def test_wrong_address_and_status_are_found(checker: ContractChecker) -> None:
    """An address or a status that the contract does not know is a violation."""
    checker.check("GET", "/api/v2/tickketts", answer=b"{}")
    checker.check("GET", "/api/v2/tickets/1", status=207, answer=b"{}")
    assert [one.side for one in checker.violations] == ["address", "response"]


def test_dropped_key_is_found(checker: ContractChecker) -> None:
    """A key that the helpdesk dropped silently is a violation, although the answer is a 201."""
    checker.check(
        "POST",
        "/api/v2/tickets",
        body=_body({"ticket": {"comment": {"body": "x"}, "colour": "red"}}),
        content_type="application/json",
        status=201,
        answer=_body({"ticket": TICKET}),
        headers={"x-zendesk-api-warn": 'Removed restricted keys ["ticket.colour"]'},
    )
    assert "ticket.colour" in checker.violations[0].what


def test_right_exchange_is_kept(checker: ContractChecker) -> None:
    """What the documentation shows passes: null values, custom fields by id, further keys."""
    ticket = {
        "comment": {"body": "x", "public": True, "uploads": ["token"]},
        "requester": {"name": "Ada", "external_id": "x:1"},
        "custom_fields": [{"id": 1, "value": "a"}],
        "metadata": {"bridge": {"msg": "1"}},
    }
    _create(checker, ticket, {"ticket": {**TICKET, "priority": None}})
    checker.check("GET", "/api/v2/incremental/tickets/cursor", query={"cursor": "x"}, answer=b"{}")
    checker.assert_kept()
    assert sum(checker.checked.values()) == 2


def test_uncovered_by_design(checker: ContractChecker) -> None:
    """What is not part of the Support API is listed, not judged."""
    checker.check("POST", "/oauth/tokens", status=418)
    checker.check("GET", "/api/v2/webhooks", answer=b"nonsense")
    assert (checker.violations, len(checker.uncovered)) == ((), 2)


def test_errors_are_answers_too(checker: ContractChecker) -> None:
    """A refused request is not judged, its error answer is."""
    checker.check("POST", "/api/v2/tickets", body=b"{", status=400, answer=_body({"oops": 1}))
    assert [one.side for one in checker.violations] == ["response"]
