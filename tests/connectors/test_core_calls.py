"""Calls to a CRM: within the budget, signed in, sorted; against a server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from connectors.stand import Stand
from flask import Response, jsonify

from bridge.connectors.budget import Budget
from bridge.connectors.calls import Calls
from bridge.connectors.signin import Fetched, Fixed
from bridge.errors import Misconfigured, NeedsSignIn, NobodyKnows, RateLimited, Unreachable
from bridge.settings import Secret


class Plain(Stand):
    """Answers whoever is signed in by the latest token."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0
        self.app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.app.add_url_rule("/rows", view_func=self.rows, methods=["GET", "POST"])

    def token(self) -> Response:
        self.given += 1
        return jsonify(access_token=f"t{self.given}", expires_in=3600)

    def rows(self) -> Response:
        if self.calls[-1].authorization != f"Bearer t{self.given}":
            return Response(status=401)
        return jsonify(rows=[1])


@pytest.fixture
def plain() -> Iterator[Plain]:
    stand = Plain()
    with stand.running():
        yield stand


@pytest.fixture
def calls(plain, around) -> Calls:
    made = Fetched("crm t", f"{plain.url}/token", lambda _: {"grant_type": "x"}, around)
    return Calls(plain.url, around, made)


def test_a_dead_token_is_fetched_anew_once(plain, calls):
    assert [1] == calls.ask("GET", "/rows").data["rows"]
    plain.given = 7  # somebody ended our token
    assert calls.ask("GET", "/rows").good
    assert 8 == plain.given


def test_credentials_that_give_no_token_are_a_persons(plain, calls):
    plain.goes_wrong("/token", 400, {"error": "invalid_client", "error_description": "s3cret"})
    with pytest.raises(NeedsSignIn) as wrong:
        calls.ask("GET", "/rows")
    assert "s3cret" not in wrong.value.because


def test_a_token_that_stays_and_is_refused_is_a_persons(plain, around):
    with pytest.raises(NeedsSignIn):
        Calls(plain.url, around, Fixed(Secret("old"))).ask("GET", "/rows")


@pytest.mark.parametrize(
    ("status", "method", "kind"),
    [
        (429, "POST", RateLimited),
        (503, "POST", Unreachable),
        (500, "POST", NobodyKnows),
        (500, "GET", Unreachable),
        (302, "GET", Misconfigured),
        (0, "POST", NobodyKnows),
        (0, "GET", Unreachable),
    ],
)
def test_what_http_says_is_sorted(plain, calls, status, method, kind):
    plain.goes_wrong("/rows", status, headers={"Retry-After": "7"})
    with pytest.raises(kind) as told:
        calls.ask(method, "/rows", body={} if method == "POST" else None)
    if status == 429:
        assert 7 == told.value.wait


def test_the_budget_waits_for_room_and_not_before(plain, around, clock, waits):
    budget = Budget(2, 10.0, clock, waits)
    calls = Calls(plain.url, replace(around, budget=budget), Fixed(Secret("t0")))
    calls.ask("GET", "/rows")
    clock.move(4)
    calls.ask("GET", "/rows")
    assert [] == waits.seconds
    calls.ask("GET", "/rows")
    assert [6.0] == waits.seconds
