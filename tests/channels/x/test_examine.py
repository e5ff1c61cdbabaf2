"""What `bridge doctor` says about an account on X."""

from __future__ import annotations

from typing import Any

import pytest
from x.samples import ME, Till, channel

from bridge.channels.x import XOptions
from bridge.model import Urgency
from bridge.settings import Secret

GIVEN = {
    "user_id": ME,
    "handle": "@ExampleUser",
    "consumer_key": "key",
    "consumer_secret": Secret("consumer-secret"),
    "access_token": Secret("token"),
    "access_token_secret": Secret("token-secret"),
}


def findings(one: Any) -> dict[str, Any]:
    return {finding.about: finding for finding in one.examine()}


def problems(one: Any) -> set[str]:
    return {about for about, one in findings(one).items() if one.urgency is Urgency.PROBLEM}


def in_real_time(town: Any) -> Any:
    """The sandbox's server tells the time of this machine."""
    town.time = town.time.now(town.time.tzinfo)
    return town


def test_where_nothing_is_wrong_nothing_is_found(town: Any) -> None:
    found = findings(in_real_time(town).open(meter=Till()))
    assert set(found) == {
        "address", "credentials", "scopes", "clock", "webhook", "subscriptions", "cost",
    }  # fmt: skip
    assert problems(town.channel) == set()
    assert "@acme" in found["credentials"].says
    assert "about $0" in found["cost"].says


def test_dead_keys_are_found(town: Any) -> None:
    in_real_time(town).town.withdraw("acme")
    found = findings(town.channel)
    assert "credentials" in problems(town.channel)
    assert "console" in found["credentials"].do
    assert found["webhook"].urgency is Urgency.OK  # that is asked as the app


def test_keys_of_somebody_else_are_found(town: Any) -> None:
    """Answers would go out under their name."""
    other = in_real_time(town).open(user_id=town.town.find("ben").id, handle="ben")
    assert "not of" in findings(other)["credentials"].says
    assert "credentials" in problems(other)


def test_a_new_name_is_found(town: Any) -> None:
    """Mentions are known by it."""
    other = in_real_time(town).open(handle="acme_inc")
    assert findings(other)["credentials"].do == "Set handle: acme."


def test_a_wrong_clock_is_found(town: Any) -> None:
    in_real_time(town).later(minutes=5)
    assert "clock" in problems(town.channel)


def test_a_dead_webhook_and_missing_subscriptions_are_found(town: Any) -> None:
    [webhook] = in_real_time(town).town.hooks.webhooks()
    town.town.hooks.judge(webhook.id, valid=False)
    one = town.town.hooks.subscriptions()[0]
    town.town.hooks.unsubscribe(one.id)
    found = findings(town.channel)
    assert problems(town.channel) == {"webhook"}
    assert found["subscriptions"].urgency is Urgency.ADVICE  # the bridge mends it by itself
    assert one.kind in found["subscriptions"].says
    town.town.hooks.forget(webhook.id)
    assert "does not know" in findings(town.channel)["webhook"].says
    assert problems(town.channel) == set()


def test_without_a_webhook_it_is_told_what_that_means(town: Any) -> None:
    found = findings(in_real_time(town).open(bearer_token=None))
    assert found["webhook"].urgency is Urgency.ADVICE
    assert "bearer_token" in found["webhook"].do


@pytest.mark.parametrize(
    ("spent", "urgency"),
    [(0, Urgency.OK), (7_980_000, Urgency.OK), (8_000_000, Urgency.ADVICE),
     (9_980_000, Urgency.ADVICE), (9_990_000, Urgency.PROBLEM)],
)  # fmt: skip
def test_the_budget_is_told(town: Any, spent: int, urgency: Urgency) -> None:
    """Asking who we are costs a cent as well."""
    till = Till()
    till.spend("acme", "post", spent)
    cost = findings(town.open(meter=till, budget=10))["cost"]
    assert cost.urgency is urgency
    assert "of $10.00" in cost.says


def test_the_bill_is_for_a_calendar_month() -> None:
    """Of UTC, as X's own days are."""
    month = channel(meter=Till())._spending.month()
    assert month.isoformat() == "2026-08-01T00:00:00+00:00"


# ------------------------------------------------------------------ options


def test_the_least_that_is_needed() -> None:
    loaded = XOptions().load(GIVEN)
    assert loaded["handle"] == "ExampleUser"
    assert (loaded["plan"], loaded["budget"], loaded["poll_minutes"]) == ("self_serve", None, 15.0)
    assert XOptions().load({**GIVEN, "user_id": 2244994945})["user_id"] == "2244994945"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user_id", "acme"),
        ("user_id", True),
        ("handle", "no name at all"),
        ("consumer_secret", "in plain text"),
        ("plan", "free"),
        ("budget", -1),
        ("poll_minutes", 0),
        ("max_characters", 140),
        ("url", "api.x.com"),
        ("access_token", None),
        ("access_token_secret", None),
        ("consumer_key", ""),
        ("refresh_token", Secret("as well")),
        ("unknown", 1),
    ],
)
def test_a_wrong_option_is_named(name: str, value: Any) -> None:
    assert XOptions().validate(GIVEN) == {}
    assert XOptions().validate({**GIVEN, name: value})


def test_tokens_need_a_client() -> None:
    """OAuth 2.0, without and with its second half."""
    base = {name: GIVEN[name] for name in ("user_id", "handle", "consumer_secret")}
    with_refresh = {**base, "refresh_token": Secret("refresh")}
    assert "client_id" in XOptions().validate(with_refresh)
    assert XOptions().validate({**with_refresh, "client_id": "client"}) == {}
    assert XOptions().validate(base)
