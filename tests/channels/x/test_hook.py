"""The webhook is registered, revived and subscribed by itself, and what cannot be is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from x.samples import NOW

from bridge.channels.x.hook import PRIVATE_EVENTS, PUBLIC_EVENTS, is_gap
from bridge.errors import Unreachable
from bridge.model import MINUTE, Post
from bridge.sandbox.x import Rules


def kinds(town: Any) -> set[str]:
    me = town.town.find("acme").id
    return {one.kind for one in town.town.hooks.subscriptions() if one.person_id == me}


def test_everything_is_set_up_from_nothing(town: Any) -> None:
    """One webhook, one subscription for each kind of event, all leading to us."""
    [webhook] = town.town.hooks.webhooks()
    assert webhook.url == f"{town.url}/hooks/x/acme"
    assert webhook.valid
    assert kinds(town) == {*PUBLIC_EVENTS, *PRIVATE_EVENTS}
    assert {one.webhook_id for one in town.town.hooks.subscriptions()} == {webhook.id}


def test_nothing_is_changed_where_all_is_well(town: Any) -> None:
    asked = len(town.faults_on.asked("POST")) + len(town.faults_on.asked("PUT"))
    assert town.channel.keep_hook() == ""
    assert asked == len(town.faults_on.asked("POST")) + len(town.faults_on.asked("PUT"))


def test_a_dead_webhook_is_revived_and_what_was_missed_is_repeated(town: Any) -> None:
    """https://docs.x.com/x-api/webhooks/introduction#webhook-validation: it gets nothing while it
    is invalid; a replay brings what X tried to bring."""
    town.says("before")
    town.town.deliver()
    [webhook] = town.town.hooks.webhooks()
    town.town.hooks.judge(webhook.id, valid=False)
    missed = town.says("while it was dead")
    town.town.deliver()
    town.later(hours=2)
    town.taken.clear()
    assert town.channel.keep_hook() == ""
    [webhook] = town.town.hooks.webhooks()
    assert webhook.valid
    found = [event for raw in town.arrivals() for event in town.channel.unpack(raw.body)]
    assert missed in [one.id for one in found if isinstance(one, Post)]


def test_a_refused_replay_is_no_fault_of_the_webhook(town: Any) -> None:
    """One is under way already, say: https://docs.x.com/x-api/account-activity/quickstart#replay"""
    [webhook] = town.town.hooks.webhooks()
    town.town.hooks.judge(webhook.id, valid=False)
    town.faults_on.add("404", method="POST", path="/2/webhooks/replay", status=400)
    assert town.channel.keep_hook() == ""


def test_an_address_that_does_not_answer_is_told(town: Any) -> None:
    """Somebody has to see to it: a firewall, a wrong secret."""
    [webhook] = town.town.hooks.webhooks()
    town.town.hooks.judge(webhook.id, valid=False)
    shake = town.channel.shake
    town.channel.shake = lambda query: type(shake(query))("text/plain", "nothing")
    says = town.channel.keep_hook()
    assert says.startswith(f"X does not call {webhook.url}")
    assert "CrcValidationFailed" in says


def test_a_subscription_that_went_missing_is_made_again(town: Any) -> None:
    [gone] = [one for one in town.town.hooks.subscriptions() if one.kind == "dm.received"]
    town.town.hooks.unsubscribe(gone.id)
    assert "dm.received" not in kinds(town)
    assert town.channel.keep_hook() == ""
    assert "dm.received" in kinds(town)


def test_a_subscription_that_leads_elsewhere_is_led_here(town: Any) -> None:
    """To an address that was ours once."""
    [webhook] = town.town.hooks.webhooks()
    old = town.town.hooks.register("https://old.example/hooks/x/acme")
    [one] = [one for one in town.town.hooks.subscriptions() if one.kind == "post.quote.create"]
    town.town.hooks.resubscribe(one.id, webhook_id=old.id)
    assert town.channel.keep_hook() == ""
    assert {one.webhook_id for one in town.town.hooks.subscriptions()} == {webhook.id}


def test_subscriptions_that_x_refuses_are_named(open_town: Any) -> None:
    """The others are made all the same."""
    with open_town() as town:
        for one in town.town.hooks.subscriptions():
            town.town.hooks.unsubscribe(one.id)
        town.town.rules = town.town.hooks._rules = Rules(subscriptions=7)
        says = town.channel.keep_hook()
        assert says.startswith("X does not tell us of ")
        assert "maximum number of subscriptions" in says
        assert len(town.town.hooks.subscriptions()) == 7


def test_accounts_of_one_app_share_one_webhook(town: Any) -> None:
    """A self-serve app may have one only; each account has subscriptions of its own."""
    keys = town.town.keys_for("ben")
    ben = town.open(
        user_id=town.town.find("ben").id,
        handle="ben",
        access_token=type(town.options()["access_token"])(keys.token),
        access_token_secret=type(town.options()["access_token"])(keys.secret),
    )
    assert ben.keep_hook() == ""
    assert len(town.town.hooks.webhooks()) == 1
    assert len(town.town.hooks.subscriptions()) == 2 * len((*PUBLIC_EVENTS, *PRIVATE_EVENTS))


def test_without_messages_no_private_event_is_subscribed_to(open_town: Any) -> None:
    with open_town() as town:
        for one in town.town.hooks.subscriptions():
            town.town.hooks.unsubscribe(one.id)
        assert town.open(direct_messages=False).keep_hook() == ""
        assert kinds(town) == set(PUBLIC_EVENTS)


def test_without_the_apps_own_token_nothing_is_asked(town: Any) -> None:
    """Then mentions and messages are only read."""
    asked = len(town.faults_on.asked())
    assert town.open(bearer_token=None).keep_hook() == ""
    assert asked == len(town.faults_on.asked())


def test_an_unreachable_network_is_no_verdict(town: Any) -> None:
    """Raised, to be tried again, as with every read."""
    town.faults_on.add("503", path="/2/webhooks")
    with pytest.raises(Unreachable):
        town.channel.keep_hook()


@pytest.mark.parametrize(
    ("silence", "every", "gap"),
    [
        (timedelta(minutes=19), MINUTE, False),
        (timedelta(minutes=21), MINUTE, True),
        (timedelta(minutes=59), 15 * MINUTE, False),
        (timedelta(minutes=61), 15 * MINUTE, True),
    ],
)
def test_a_gap_is_some_reads_long(silence: timedelta, every: timedelta, gap: bool) -> None:
    assert is_gap(NOW - silence, NOW, every) is gap
