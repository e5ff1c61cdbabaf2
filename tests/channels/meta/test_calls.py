"""How the Graph API is asked: what goes along, what comes to light, what a lost answer means."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from meta_samples import NOW
from werkzeug.wrappers import Request, Response

from bridge.channels.contract import Surroundings
from bridge.channels.meta import tokens
from bridge.channels.meta.calls import Calls, part
from bridge.errors import (
    BridgeError,
    Gone,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    Refused,
    Unreachable,
)
from bridge.model import File
from bridge.sandbox.server import Drop, serve
from bridge.settings import Secret

TOKEN = Secret("EAAG-very-secret")
APP_SECRET = Secret("app-secret")
Answers = Callable[[Request], Response]


@contextmanager
def graph(answers: Answers, app_secret: Secret = APP_SECRET) -> Iterator[tuple[Calls, list[Any]]]:
    """Calls to something that answers, and what it was asked."""
    asked: list[Any] = []

    def app(environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        asked.append(request)
        return answers(request)(environ, start_response)

    surroundings = Surroundings(clock=lambda: NOW, timeout=(20.0, 60.0))
    with serve(app) as running:
        yield Calls(f"{running.url}/v25.0", lambda: TOKEN, surroundings, app_secret), asked


def says(data: Any, status: int = 200) -> Answers:
    return lambda _: Response(json.dumps(data), status, content_type="application/json")


def wrong(code: int, message: str = "No.", status: int = 400) -> Answers:
    return says({"error": {"code": code, "message": message}}, status)


def drops(_: Request) -> Response:
    raise Drop("on purpose")


@pytest.mark.parametrize("said", ["", "<html>", "[" * 100_000, '{"error": {"code": 1}}'])
def test_an_answer_that_is_none_is_no_success(said: str) -> None:
    with graph(lambda _: Response(said)) as (calls, _):
        with pytest.raises(Unreachable):
            calls.get("/me")
        with pytest.raises(NobodyKnows):
            calls.write("/me/messages", {})


def test_a_lost_answer_to_a_write_is_known_by_nobody() -> None:
    with graph(drops) as (calls, _):
        with pytest.raises(NobodyKnows):
            calls.write("/me/messages", {})
        for harmless in (
            lambda: calls.get("/me"),
            lambda: calls.change("/me/subscribed_apps"),
            lambda: calls.upload("/me/photos", (), "source", File("a.png", "image/png", b"1")),
        ):
            with pytest.raises(Unreachable):
                harmless()


def test_what_was_never_sent_is_only_unreachable() -> None:
    with graph(says({})) as (calls, _):
        pass
    with pytest.raises(Unreachable):
        calls.write("/me/messages", {})


def test_an_address_that_leads_elsewhere_is_not_followed() -> None:
    moved: Answers = lambda _: Response(status=302, headers={"Location": "https://x.example/"})  # noqa: E731
    with graph(moved) as (calls, asked):
        for ask in (lambda: calls.get("/me"), lambda: calls.write("/me/messages", {})):
            with pytest.raises(Misconfigured):
                ask()
    assert len(asked) == 2


def test_the_token_travels_in_a_header_with_a_proof() -> None:
    with graph(says({"id": "1"})) as (calls, asked):
        answer = calls.get("/me", (("fields", "id"),))
    assert answer.text("id") == "1"
    [request] = asked
    assert request.path == "/v25.0/me"
    assert request.headers["Authorization"] == f"Bearer {TOKEN.reveal()}"
    assert TOKEN.reveal() not in request.url
    # printf EAAG-very-secret | openssl dgst -sha256 -hmac app-secret
    assert request.args["appsecret_proof"] == (
        "ca0cebe113812959c6a5ed5af2fd3ec8411564657a8b39267dfdb9bb746a125c"
    )


def test_without_the_apps_secret_there_is_no_proof() -> None:
    with graph(says({}), Secret("")) as (calls, asked):
        calls.get("/me")
    assert "appsecret_proof" not in asked[0].args


@pytest.mark.parametrize("answers", [drops, wrong(190, f"Malformed access token {TOKEN.reveal()}")])
def test_no_failure_holds_a_secret(answers: Answers) -> None:
    """Neither in its words nor in what a log would print of where it came from."""
    with graph(answers) as (calls, _), pytest.raises(BridgeError) as caught:
        calls.get("/debug_token", (("input_token", TOKEN.reveal()),))
    printed = "".join(traceback.format_exception(caught.value))
    assert TOKEN.reveal() not in printed
    assert APP_SECRET.reveal() not in printed


# ------------------------------------------------------------------ fewer fields


def by_fields(**answers: Answers) -> Answers:
    return lambda request: answers[request.args["fields"]](request)


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (wrong(190), NeedsSignIn),
        (wrong(100, status=404), None),
        (says({"error": {"code": 100, "error_subcode": 33}}, 400), Gone),
        (wrong(2, status=500), Unreachable),
    ],
)
def test_only_a_field_that_may_not_be_read_is_left_out(
    refusal: Answers, kind: type[BridgeError] | None
) -> None:
    with graph(by_fields(all=refusal, few=says({"id": "7"}))) as (calls, _):
        if kind is None:
            assert calls.read("/7", "all", "few").text("id") == "7"
            return
        with pytest.raises(kind):
            calls.read("/7", "all", "few")


@pytest.mark.parametrize("refusal", [wrong(100), wrong(10), wrong(200, status=403)])
def test_the_plainest_choice_is_the_last_word(refusal: Answers) -> None:
    with graph(by_fields(all=refusal, few=says({"id": "7"}))) as (calls, asked):
        assert calls.read("/7", "all", "few").text("id") == "7"
        assert len(asked) == 2
    with graph(refusal) as (calls, _), pytest.raises((Refused, NeedsSignIn)):
        calls.read("/7", "all", "few")


def test_an_id_is_one_part_of_a_path() -> None:
    assert part("1_2") == "1_2"
    assert part("../me?x") == "..%2Fme%3Fx"


@pytest.mark.parametrize(
    "answers",
    [
        wrong(100, f"Malformed access token {TOKEN.reveal()}"),
        says({"data": {"is_valid": False, "error": {"message": f"Malformed {TOKEN.reveal()}"}}}),
    ],
)
def test_a_token_that_is_asked_about_is_not_quoted(answers: Answers) -> None:
    """The app asks in its own name; what is said of the account's token must not hold it."""
    with graph(answers) as (calls, _):
        as_app = tokens.app_calls(calls, "42", APP_SECRET)
        try:
            said = tokens.facts(as_app, TOKEN).words
        except Refused as refused:
            said = refused.because
    assert "Malformed" in said
    assert TOKEN.reveal() not in said
