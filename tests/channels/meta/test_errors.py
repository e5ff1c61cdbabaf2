"""Every refusal that is known of the Graph API is sorted, and what is not known is not trusted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from contract import SPECS, spec_file

from bridge.channels.meta import errors
from bridge.errors import (
    BridgeError,
    Expired,
    Gone,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    PersonMustAct,
    RateLimited,
    Refused,
    Unreachable,
)
from bridge.text.words import CODES

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
BODIES = SPECS / "meta" / "doc_samples" / "_graph_error_bodies.json"
AFTER_A_WRITE: dict[str, tuple[type[BridgeError], str]] = {
    "token_expired": (NeedsSignIn, "needs_sign_in"),
    "window_closed_messenger": (Expired, "expired"),
    "window_closed_instagram": (Expired, "expired"),
    "person_unavailable": (Refused, "no_private_way"),
    "fb_private_reply_already_sent": (Refused, "private_once"),
    "ig_private_reply_invalid_comment": (Refused, "no_private_way"),
    "other_app_owns_thread": (Refused, "other_tool_answers"),
    "rate_limit": (RateLimited, ""),
    "transient_2": (NobodyKnows, ""),
    "ig_comment_created_then_400": (NobodyKnows, ""),
    "deprecated_tag": (Refused, "refused"),
}


def refusal(body: Any, *, status: int = 400, writes: bool = True, **headers: str) -> BridgeError:
    response = requests.Response()
    response.status_code = status
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return errors.refusal(response, body, writes=writes, host="graph.test", now=NOW)


def graph(code: int, subcode: int | None = None, **more: Any) -> dict[str, Any]:
    sub = {} if subcode is None else {"error_subcode": subcode}
    return {"error": {"message": f"(#{code}) No.", "code": code, **sub, **more}}


@pytest.mark.parametrize("name", AFTER_A_WRITE)
def test_what_is_recorded_is_sorted(name: str) -> None:
    """The bodies as Meta sends them, as answers to a write."""
    body = json.loads(spec_file(BODIES).read_text())[name]
    kind, code = AFTER_A_WRITE[name]
    made = refusal(body)
    assert type(made) is kind
    assert code == (made.code if isinstance(made, PersonMustAct) else "")


def test_no_recorded_body_is_forgotten() -> None:
    assert set(json.loads(spec_file(BODIES).read_text())) == set(AFTER_A_WRITE)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (graph(20, 1772107), 400),
        (graph(1), 500),
        (graph(2), 500),
        (graph(99999), 400),
        (graph(99999), 403),
        (None, 400),
        (None, 404),
        (None, 500),
        ({"error": "words"}, 400),
        ({"error": {"code": True}}, 400),
        ([], 502),
    ],
)
def test_after_a_write_what_is_not_in_the_table_is_known_by_nobody(body: Any, status: int) -> None:
    """Meta has carried out a write and answered 400."""
    assert type(refusal(body, status=status)) is NobodyKnows


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (graph(1), 500, Unreachable),
        (graph(2), 400, Unreachable),
        (graph(99, is_transient=True), 400, Unreachable),
        (None, 503, Unreachable),
        (graph(99999), 400, Refused),
        (None, 404, Gone),
        (graph(100, 33), 400, Gone),
    ],
)
def test_after_a_question_nothing_was_changed(
    body: Any, status: int, kind: type[BridgeError]
) -> None:
    assert type(refusal(body, status=status, writes=False)) is kind


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize(
    ("body", "status", "kind", "code"),
    [
        (None, 401, NeedsSignIn, "needs_sign_in"),
        (None, 429, RateLimited, ""),
        (None, 302, Misconfigured, "misconfigured"),
        (graph(190, 460), 400, NeedsSignIn, "needs_sign_in"),
        (graph(190), 401, NeedsSignIn, "needs_sign_in"),
        (graph(200), 403, NeedsSignIn, "needs_permission"),
        (graph(299, 5), 403, NeedsSignIn, "needs_permission"),
        (graph(3), 400, NeedsSignIn, "needs_permission"),
        (graph(10), 403, NeedsSignIn, "needs_permission"),
        (graph(10, 123), 403, Refused, "refused"),
        (graph(10, 2018108), 400, Refused, "no_private_way"),
        (graph(100, 2018001), 400, Refused, "no_private_way"),
        (graph(200, 1545041), 400, Refused, "no_private_way"),
        (graph(10903), 400, Refused, "no_private_way"),
        (graph(10904), 400, Misconfigured, "misconfigured"),
        (graph(368), 403, Refused, "blocked_by_policy"),
        (graph(506), 400, Refused, "refused"),
        (graph(80014), 400, RateLimited, ""),
        (graph(4), 403, RateLimited, ""),
    ],
)
def test_a_clear_refusal_is_one_whatever_was_asked(
    body: Any, status: int, kind: type[BridgeError], code: str, writes: bool
) -> None:
    made = refusal(body, status=status, writes=writes)
    assert type(made) is kind
    assert code == (made.code if isinstance(made, PersonMustAct) else "")


def test_every_sentence_that_is_named_exists() -> None:
    named = {meaning.tells for meaning in errors.MEANINGS.values()} - {""}
    assert named
    assert set() == named - CODES


def test_its_words_are_passed_on_without_the_number() -> None:
    body = graph(551)
    body["error"]["message"] = "(#551) This person\nisn't available right now."
    body["error"]["error_data"] = {"details": "Try later."}
    assert refusal(body).because == (
        "graph.test says: This person isn't available right now.: Try later."
    )


USAGE = json.dumps(
    {"1": [{"type": "pages", "estimated_time_to_regain_access": 3}, {"call_count": 1}], "2": 7}
)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"X_App_Usage": "not JSON"}, None),
        ({"X_App_Usage": "[" * 100_000}, None),
        ({"X_App_Usage": '{"call_count": 100}'}, None),
        ({"X_Business_Use_Case_Usage": '{"1": [{"estimated_time_to_regain_access": 0}]}'}, None),
        ({"X_Business_Use_Case_Usage": USAGE}, 180.0),
        ({"X_App_Usage": '{"estimated_time_to_regain_access": 1}'}, 60.0),
        ({"X_Business_Use_Case_Usage": '{"1":[{"estimated_time_to_regain_access":999}]}'}, 3600.0),
        ({"X_Business_Use_Case_Usage": USAGE, "Retry_After": "30"}, 30.0),
    ],
)
def test_the_wait_is_the_one_that_was_named(headers: dict[str, str], wait: float | None) -> None:
    """https://developers.facebook.com/docs/graph-api/overview/rate-limiting/#headers"""
    made = refusal(graph(613), **headers)
    assert isinstance(made, RateLimited)
    assert wait == made.wait
