"""Webhooks of the stand-in for X: the check, what is delivered, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from plugins_x import XSandbox
from werkzeug.wrappers import Response
from x_client import Client
from x_listener import Listener


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%d%H%M")


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Response("{}", content_type="application/json"),
        lambda: Response('{"response_token": "sha256=AAAA"}', content_type="application/json"),
        lambda: Response("no json"),
        lambda: Response(status=302, headers={"Location": "/elsewhere"}),
        lambda: Response(status=404),
        lambda: Response(status=500),
    ],
)
def test_an_address_that_is_not_ours_is_not_registered(
    app: Client, x_sandbox: XSandbox, listener: Listener, answer: Callable[[], Response]
) -> None:
    listener.answer = answer
    refused = app.call("POST", "/2/webhooks", json={"url": listener.url})
    assert refused.status_code == 400
    assert "CrcValidationFailed" in refused.text
    assert x_sandbox.town.hooks.webhooks() == ()


@pytest.mark.parametrize("url", ["http://example.com/hook", "https://example.com:8443/hook"])
def test_an_address_that_x_would_not_call(app: Client, url: str) -> None:
    refused = app.call("POST", "/2/webhooks", json={"url": url})
    assert "UrlValidationFailed" in refused.text


def test_one_registration_per_address(app: Client, listener: Listener, webhook: str) -> None:
    assert "DuplicateUrlFailed" in app.call("POST", "/2/webhooks", json={"url": listener.url}).text
    [shown] = app.get("/2/webhooks")["data"]
    assert (shown["id"], shown["url"], shown["valid"]) == (webhook, listener.url, True)
    assert app.call("DELETE", f"/2/webhooks/{webhook}").json() == {"data": {"deleted": True}}
    assert app.get("/2/webhooks") == {"data": [], "meta": {"result_count": 0}}


def test_only_the_app_itself_sees_webhooks(brand: Client, webhook: str) -> None:
    refused = brand.call("GET", "/2/webhooks")
    assert (refused.status_code, refused.json()["title"]) == (403, "Unsupported Authentication")


def test_signed_over_the_raw_body(
    x_sandbox: XSandbox, listener: Listener, subscribe: Callable[..., None]
) -> None:
    subscribe("post.mention.create")
    x_sandbox.town.post("ada", "grüße 🎁", mention="acme")
    [sent] = x_sandbox.town.deliver()
    assert sent.status == 200
    assert listener.signed == [True]
    assert listener.events()[0]["data"]["payload"]["text"] == "@acme grüße 🎁"


def test_a_reply_that_names_us_comes_twice(
    x_sandbox: XSandbox, listener: Listener, subscribe: Callable[..., None]
) -> None:
    """Once for each subscription that it fits, under different ids, of which some are negative."""
    town = x_sandbox.town
    subscribe("post.mention.create", "post.reply.create")
    ours = town.post("acme", "hello")
    town.post("ada", "hey @acme, this is broken", in_reply_to=ours.id)
    town.post("ben", "no name in it", in_reply_to=ours.id)
    town.deliver()
    assert listener.kinds() == ["post.mention.create", "post.reply.create", "post.reply.create"]
    events = [one["data"] for one in listener.events()]
    assert events[0]["payload"]["id"] == events[1]["payload"]["id"]
    uuids = [one["event_uuid"] for one in events]
    assert len(set(uuids)) == 3
    assert any(one.startswith("-") for one in uuids)


def test_what_is_not_told(
    x_sandbox: XSandbox, listener: Listener, subscribe: Callable[..., None]
) -> None:
    """Protected posts, answers to answers, whom we block, deletions by others."""
    town = x_sandbox.town
    subscribe("post.mention.create", "post.reply.create")
    ours = town.post("acme", "hello")
    below = town.post("ada", "first", in_reply_to=ours.id)
    town.deliver()
    town.post("ben", "second", in_reply_to=below.id)
    town.post("fay", "in secret", mention="acme")
    town.delete(below.id)
    town.block("acme", "dora")
    town.post("dora", "spam", mention="acme")
    assert town.deliver() == ()
    assert listener.kinds() == ["post.reply.create"]


def test_deletions_of_those_asked_for(
    app: Client, x_sandbox: XSandbox, listener: Listener, webhook: str
) -> None:
    """Public events need nobody's permission."""
    town = x_sandbox.town
    about = {"user_id": town.find("ada").id}
    app.post(
        "/2/activity/subscriptions", event_type="post.delete", filter=about, webhook_id=webhook
    )
    town.delete(town.post("ada", "never mind").id)
    in_secret = town.post("ada", "only for friends")
    town.change("ada", protected=True)
    town.delete(in_secret.id)
    town.deliver()
    assert listener.kinds() == ["post.delete"]
    assert "tag" not in listener.events()[0]["data"]


def test_private_events_need_the_person(app: Client, x_sandbox: XSandbox, webhook: str) -> None:
    body = {"event_type": "dm.received", "filter": {"user_id": x_sandbox.town.find("acme").id}}
    refused = app.call("POST", "/2/activity/subscriptions", json=body)
    assert refused.status_code == 403


def test_subscriptions_are_listed_changed_and_dropped(
    app: Client, brand: Client, x_sandbox: XSandbox, subscribe: Callable[..., None], webhook: str
) -> None:
    subscribe("dm.received", "post.mention.create")
    path = "/2/activity/subscriptions"
    first, second = brand.get(path)["data"]
    body = {"event_type": "dm.received", "filter": first["filter"]}
    assert "DuplicateSubscription" in brand.call("POST", path, json=body).text
    changed = app.call("PUT", f"{path}/{first['subscription_id']}", json={"tag": "other"}).json()
    assert changed["data"]["tag"] == "other"
    gone = app.call("DELETE", f"{path}/{second['subscription_id']}").json()
    assert gone == {"data": {"deleted": True}, "meta": {"total_subscriptions": 1}}
    unknown = app.call("DELETE", f"{path}/{second['subscription_id']}")
    assert unknown.status_code == 404


def test_an_unknown_kind_of_event(brand: Client, x_sandbox: XSandbox) -> None:
    me = x_sandbox.town.find("acme").id
    body = {"event_type": "PostMentionCreate", "filter": {"user_id": me}}
    assert brand.call("POST", "/2/activity/subscriptions", json=body).status_code == 400


def test_nobody_comes_a_second_time_unless_a_replay_asks(
    app: Client,
    x_sandbox: XSandbox,
    clock: Any,
    listener: Listener,
    subscribe: Callable[..., None],
    webhook: str,
) -> None:
    town = x_sandbox.town
    subscribe("post.mention.create")
    listener.taken = 503
    begin = clock.now
    town.post("ada", "one", mention="acme")
    assert [one.status for one in town.deliver()] == [503]
    assert town.deliver() == ()
    listener.taken = 200
    body = {
        "webhook_id": webhook,
        "from_date": stamp(begin),
        "to_date": stamp(begin + timedelta(minutes=30)),
    }
    early = app.call("POST", "/2/webhooks/replay", json=body)
    assert "QueryParamInvalid" in early.text
    clock.move(3600)
    job = app.post("/2/webhooks/replay", **body)["data"]["job_id"]
    town.deliver()
    first, second, done = listener.events()
    assert first == second
    assert done["replay_job_status"]["job_id"] == job


def test_a_webhook_dies_of_a_wrong_answer_and_is_revived(
    app: Client,
    x_sandbox: XSandbox,
    clock: Any,
    listener: Listener,
    subscribe: Callable[..., None],
    webhook: str,
) -> None:
    town = x_sandbox.town
    subscribe("post.mention.create")
    listener.answer = lambda: Response("{}")
    clock.move(25 * 3600)
    town.post("ada", "nobody hears this", mention="acme")
    assert [one.status for one in town.deliver()] == [None]
    assert app.get("/2/webhooks")["data"][0]["valid"] is False
    assert app.call("PUT", f"/2/webhooks/{webhook}").status_code == 400
    listener.answer = None
    assert app.call("PUT", f"/2/webhooks/{webhook}").json() == {"data": {"valid": True}}
    town.post("ada", "and this is heard", mention="acme")
    assert [one.status for one in town.deliver()] == [200]
    assert len(listener.bodies) == 1


def test_a_webhook_that_is_away_has_four_hours_more(
    app: Client, x_sandbox: XSandbox, clock: Any, listener: Listener, webhook: str
) -> None:
    listener.answer = lambda: Response(status=503)
    clock.move(27 * 3600)
    x_sandbox.town.deliver()
    assert app.get("/2/webhooks")["data"][0]["valid"] is True
    clock.move(2 * 3600)
    x_sandbox.town.deliver()
    assert app.get("/2/webhooks")["data"][0]["valid"] is False


@pytest.mark.parametrize(
    ("fault", "heard", "signed"),
    [
        ("webhook_twice", [0, 0, 1], [True, True, True]),
        ("webhook_never", [1], [True]),
        ("webhook_out_of_order", [1, 0], [True, True]),
        ("webhook_late", [1, 0], [True, True]),
        ("webhook_unsigned", [0, 0, 1], [False, True, True]),
    ],
)
def test_what_goes_wrong_on_purpose(
    x_sandbox: XSandbox,
    listener: Listener,
    subscribe: Callable[..., None],
    fault: str,
    heard: list[int],
    signed: list[bool],
) -> None:
    subscribe("post.mention.create")
    x_sandbox.faults.add(fault)
    posts = [x_sandbox.town.post("ada", f"number {n}", mention="acme").id for n in range(2)]
    x_sandbox.town.deliver()
    told = [one["data"]["payload"]["id"] for one in listener.events()]
    assert told == [posts[n] for n in heard]
    assert listener.signed == signed


def test_a_thread_of_its_own_delivers_what_waits(
    x_sandbox: XSandbox, listener: Listener, subscribe: Callable[..., None]
) -> None:
    subscribe("post.mention.create")
    x_sandbox.town.courier.start()
    x_sandbox.town.post("ada", "hello", mention="acme")
    x_sandbox.town.courier.flush(10)
    assert listener.kinds() == ["post.mention.create"]
    x_sandbox.town.courier.stop()


def test_who_takes_the_permission_back(
    brand: Client, x_sandbox: XSandbox, listener: Listener, subscribe: Callable[..., None]
) -> None:
    """It is told to who asked for it; nothing private comes any more, and the keys are dead."""
    town = x_sandbox.town
    subscribe("oauth.revoke", "dm.received")
    town.withdraw("acme")
    town.dm("ada", "hello?")
    town.deliver()
    assert listener.kinds() == ["oauth.revoke"]
    assert listener.events()[0]["data"]["filter"] == {}
    assert brand.call("GET", "/2/users/me").status_code == 401


def test_an_event_may_come_again(
    x_sandbox: XSandbox, listener: Listener, subscribe: Callable[..., None]
) -> None:
    """The same event, days later even, under the same id."""
    subscribe("dm.received")
    x_sandbox.town.dm("ada", "hello")
    [first] = x_sandbox.town.deliver()
    x_sandbox.town.courier.again(first.uuid)
    assert x_sandbox.town.deliver() == (first,)
    assert listener.bodies[0] == listener.bodies[1]
