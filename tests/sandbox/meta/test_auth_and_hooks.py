"""The stand-in's tokens, its layers of subscriptions, and its courier."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
import requests
from contract import SPECS, spec_file
from meta.meta_client import Client, Taker, Time

from bridge.sandbox.meta import Town, village
from bridge.sandbox.meta.courier import SIGNATURE, signature
from bridge.sandbox.meta.envelope import raw
from bridge.sandbox.meta.page_wall import Page
from bridge.sandbox.meta.refusals import CATALOGUE

META = SPECS / "meta"


@pytest.fixture
def page(town: Town, client: Client) -> Page:
    made = town.page("Acme")
    client.token = town.token_for(made)
    return made


# -------------------------------------------------------------------- refusals and signatures


def test_refusals_are_those_that_were_recorded() -> None:
    recorded = json.loads(
        spec_file(META / "doc_samples" / "_graph_error_bodies.json").read_text("utf-8")
    )
    for name, body in recorded.items():
        ours, theirs = CATALOGUE[name].body()["error"], body["error"]
        assert set(ours) == set(theirs), name
        for key in ("code", "error_subcode", "type", "is_transient"):
            assert ours.get(key) == theirs.get(key), name
        if name != "token_expired":  # its message has two times in it
            assert ours["message"] == theirs["message"]


def test_signatures_are_over_the_escaped_bytes() -> None:
    vectors = json.loads(spec_file(META / "signature_vectors.json").read_text("utf-8"))["meta"]
    assert vectors
    for one in vectors:
        body = raw(json.loads(one["raw_body"]))
        assert body == one["raw_body"].encode()
        assert signature(one["app_secret"], body) == one["X-Hub-Signature-256"]
        assert signature("another", body) != one["X-Hub-Signature-256"]


# -------------------------------------------------------------------- tokens


def test_tokens_are_needed_and_die(town: Town, page: Page, client: Client, time: Time) -> None:
    good = client.token
    assert client.get("me")["id"] == page.id
    client.token = ""
    assert client.refused("GET", "me") == (104, None)
    client.token = "EAAVnobody"
    assert client.refused("GET", "me") == (190, None)
    client.token = town.token_for(page, expires_in=timedelta(hours=1))
    time.passes(hours=1)
    assert client.refused("GET", "me") == (190, 463)
    for wrong, subcode in (("token_invalidated", 460), ("app_removed", 458)):
        town.revoke(good, wrong)
        client.token = good
        assert client.refused("GET", "me") == (190, subcode)


def test_a_token_is_for_one_account_and_some_permissions(
    town: Town, page: Page, client: Client
) -> None:
    other = town.page("Other")
    asked = other.comment("jane", "hello")
    assert client.refused("POST", f"{asked.id}/comments", {"message": "hi"}) == (100, 33)
    client.token = town.token_for(other, "pages_read_engagement")
    assert client.refused("POST", f"{asked.id}/comments", {"message": "hi"}) == (200, None)
    client.token = town.system_token()
    client.post(f"{asked.id}/comments", {"message": "hi"})
    assert client.get("me")["id"] == town.system_user
    client.token = client.get(other.id, fields="access_token")["access_token"]
    assert client.get("me")["id"] == other.id


def test_a_proof_of_the_secret_must_be_right(town: Town, page: Page, client: Client) -> None:
    proof = hmac.new(town.meta.secret.encode(), client.token.encode(), hashlib.sha256).hexdigest()
    assert client.get("me", appsecret_proof=proof)["id"] == page.id
    assert client.refused("GET", "me", appsecret_proof=proof[::-1]) == (100, None)


def test_a_token_is_looked_into(town: Town, page: Page, client: Client) -> None:
    asked, client.token = client.token, f"{town.meta.id}|{town.meta.secret}"
    data = client.get("debug_token", input_token=asked)["data"]
    assert (data["is_valid"], data["expires_at"], data["profile_id"]) == (True, 0, page.id)
    assert "pages_messaging" in data["scopes"]
    town.revoke(asked)
    data = client.get("debug_token", input_token=asked)["data"]
    assert (data["is_valid"], data["error"]["subcode"]) == (False, 460)
    assert client.get("debug_token", input_token="nobody's")["data"]["is_valid"] is False


def test_tokens_are_made_longer(town: Town, page: Page, client: Client, time: Time) -> None:
    short = town.token_for(page, expires_in=timedelta(hours=1))
    query = {
        "grant_type": "fb_exchange_token",
        "client_id": town.meta.id,
        "client_secret": town.meta.secret,
        "fb_exchange_token": short,
    }
    client.token = ""
    wrong = {**query, "client_secret": "guessed"}
    assert client.refused("GET", "oauth/access_token", **wrong) == (101, None)
    assert client.get("oauth/access_token", **query)["expires_in"] == 5184000

    account = town.instagram("mybrand")
    old = town.token_for(account)
    refresh = {"grant_type": "ig_refresh_token", "access_token": old}
    assert client.refused("GET", "refresh_access_token", **refresh) == (10, None)
    time.passes(hours=24)
    made = client.get("refresh_access_token", **refresh)
    assert made["access_token"] != old
    time.passes(days=59)
    assert client.refused("GET", "refresh_access_token", **refresh) == (190, 463)
    client.token = made["access_token"]
    assert client.get("me", fields="user_id")["user_id"] == account.id


# -------------------------------------------------------------------- subscriptions


def subscribe(town: Town, client: Client, taker: Taker, **changes: str) -> dict[str, Any]:
    return {
        "object": "page",
        "callback_url": taker.url,
        "verify_token": "verify",
        "fields": "feed,messages",
        "access_token": f"{town.meta.id}|{town.meta.secret}",
        **changes,
    }


def test_without_every_layer_nobody_is_told(
    town: Town, page: Page, taker: Taker, client: Client
) -> None:
    token, client.token = client.token, ""
    path = f"{town.meta.id}/subscriptions"
    page.comment("jane", "one")
    wrong = subscribe(town, client, taker, verify_token="wrong")
    assert client.refused("POST", path, wrong) == (2200, None)
    unknown = subscribe(town, client, taker, fields="feed,weather")
    assert client.refused("POST", path, unknown) == (100, None)
    client.post(path, subscribe(town, client, taker))
    page.comment("jane", "two")

    client.token = token
    assert client.get(f"{page.id}/subscribed_apps")["data"] == []
    client.post(f"{page.id}/subscribed_apps", subscribed_fields="feed")
    page.comment("jane", "three")
    page.inbox.message("jane", "not among the fields")
    assert town.deliver() == 1
    assert [one["message"] for one in taker.items()] == ["three"]
    assert len(town.courier.unheard()) == 4  # the Page's welcome is one of them

    (app,) = client.get(f"{page.id}/subscribed_apps")["data"]
    assert (app["id"], app["subscribed_fields"]) == (town.meta.id, ["feed"])
    assert client.ask("DELETE", f"{page.id}/subscribed_apps").json() == {"success": True}
    page.comment("jane", "four")
    assert town.deliver() == 0
    client.token = f"{town.meta.id}|{town.meta.secret}"
    (hook,) = client.get(path)["data"]
    assert hook["callback_url"] == taker.url
    assert [one["name"] for one in hook["fields"]] == ["feed", "messages"]


def test_instagram_and_whatsapp_are_subscribed_to_as_well(
    town: Town, taker: Taker, client: Client
) -> None:
    account, number = town.instagram("mybrand"), town.whatsapp("Acme")
    for app, kind, fields in (
        (town.instagram_app, "instagram", "comments"),
        (town.meta, "whatsapp_business_account", "messages"),
    ):
        client.token = f"{app.id}|{app.secret}"
        wanted = subscribe(town, client, taker, object=kind, fields=fields)
        client.post(f"{app.id}/subscriptions", {**wanted, "access_token": client.token})
    account.comment("jane", "hello")
    number.message("jane", "hello")
    assert town.deliver() == 0
    client.token = town.token_for(account)
    client.post(f"{account.id}/subscribed_apps", subscribed_fields="comments")
    client.token = town.token_for(number)
    client.post(f"{number.waba.id}/subscribed_apps")
    (app,) = client.get(f"{number.waba.id}/subscribed_apps")["data"]
    assert app["whatsapp_business_api_data"]["id"] == town.meta.id
    account.comment("jane", "hello")
    account.inbox.message("jane", "not among the fields of the app")
    number.message("jane", "hello")
    assert town.deliver() == 2
    signed = [one.headers[SIGNATURE] for one in town.courier.sent()]
    bodies = [one.body for one in town.courier.sent()]
    assert signed[0] == signature(town.instagram_app.secret, bodies[0])
    assert signed[1] == signature(town.meta.secret, bodies[1])


# -------------------------------------------------------------------- the courier


def test_deliveries_are_bundled_shuffled_and_doubled(town: Town, page: Page, taker: Taker) -> None:
    other = town.page("Other")
    for one in (page, other):
        town.connect(one, taker.url)
    for number in range(4):
        page.comment("jane", str(number))
        other.comment("jane", f"other {number}")
    assert town.deliver(bundle=True, shuffle=3, twice=True) == 1
    first, second = taker.bodies
    assert first == second
    assert {one["id"] for one in first["entry"]} == {other.id, page.id}
    came = [one["message"] for one in taker.items()]
    assert sorted(came) == sorted([*"01230123", *(f"other {n}" for n in "01230123")])
    assert came[:4] != ["0", "1", "2", "3"]


def test_what_is_not_taken_comes_again(town: Town, page: Page, taker: Taker, time: Time) -> None:
    town.connect(page, taker.url)
    page.comment("jane", "hello")
    taker.statuses = [500, 503]
    assert [town.deliver(), town.deliver(), town.deliver(), town.deliver()] == [0, 0, 1, 0]
    assert [one["message"] for one in taker.items()] == ["hello"]

    page.comment("jane", "lost")
    taker.statuses = [500, 500]
    town.deliver()
    time.passes(hours=36)
    town.deliver()
    assert town.courier.waiting() == ()


@pytest.mark.parametrize("unsubscribes", [True, False])
def test_an_hour_of_failed_messages_ends_the_subscription(
    unsubscribes: bool, town: Town, page: Page, taker: Taker, client: Client, time: Time
) -> None:
    town.connect(page, taker.url)
    town.courier.unsubscribes = unsubscribes
    page.inbox.message("jane", "hello")
    taker.statuses = [500, 500]
    town.deliver()
    time.passes(minutes=59)
    town.deliver()
    assert len(client.get(f"{page.id}/subscribed_apps")["data"]) == 1
    time.passes(minutes=1)
    taker.statuses = [500]
    town.deliver()
    assert len(client.get(f"{page.id}/subscribed_apps")["data"]) == (not unsubscribes)
    page.inbox.message("jane", "anybody there?")
    assert town.deliver() == (0 if unsubscribes else 2)


def test_the_thread_delivers_by_itself_and_ends(town: Town, page: Page, taker: Taker) -> None:
    town.connect(page, taker.url)
    town.courier.start()
    page.comment("jane", "hello")
    town.courier.flush(10)
    town.courier.stop()
    assert [one["message"] for one in taker.items()] == ["hello"]


def test_deliveries_go_wrong_by_name(town: Town, page: Page, taker: Taker, time: Time) -> None:
    town.connect(page, taker.url)
    faults = town.faults
    for name in ("webhook_never", "webhook_twice", "webhook_out_of_order", "webhook_unsigned"):
        faults.add(name, path="feed")
    for number in range(5):
        page.comment("jane", str(number))
    town.deliver()
    assert [one["message"] for one in taker.items()] == ["1", "1", "3", "2", "4"]
    assert taker.unsigned == 1
    faults.add("webhook_late", path="feed", seconds=30)
    page.comment("jane", "late")
    assert town.deliver() == 0
    time.passes(seconds=30)
    assert town.deliver() == 1


# -------------------------------------------------------------------- faults


def test_faults_speak_graph(town: Town, page: Page, client: Client) -> None:
    asked = page.comment("jane", "hello")
    path, body = f"{asked.id}/comments", {"message": "hi"}
    for fault, code in (
        ("401", (190, 463)),
        ("403", (200, None)),
        ("404", (100, 33)),
        ("429", (4, None)),
        ("500", (1, None)),
        ("503", (2, None)),
    ):
        town.faults.add(fault, path="*/comments")
        assert client.refused("POST", path, body) == code, fault
    assert page.said() == ()
    town.faults.add("graph_error", body="other_app_owns_thread", method="POST")
    assert client.refused("POST", path, body) == (10, 2018300)
    town.faults.add("rate_limited", body="page_rate_limit", retry_after=7)
    answer = client.ask("POST", path, json=body)
    usage = json.loads(answer.headers["X-Business-Use-Case-Usage"])
    (case,) = next(iter(usage.values()))
    assert answer.json()["error"]["code"] == 80001
    assert case["estimated_time_to_regain_access"] == 7
    with pytest.raises(ValueError, match="no refusal"):
        town.faults.add("graph_error", body="sunshine")


def test_written_and_refused(town: Town, page: Page, client: Client) -> None:
    asked = page.comment("jane", "hello")
    town.faults.add("created_but_400", path="*/comments")
    body = {"message": "hi"}
    assert client.refused("POST", f"{asked.id}/comments", body) == (20, 1772107)
    town.faults.add("504_after_write", path="*/comments")
    assert client.refused("POST", f"{asked.id}/comments", body) == (2, None)
    assert [one.text for one in page.said()] == ["hi", "hi"]


def test_connections_drop(town: Town, page: Page, client: Client) -> None:
    asked = page.comment("jane", "hello")
    for fault, written in (("drop_before_write", 0), ("drop_after_write", 1)):
        town.faults.add(fault, path="*/comments")
        with pytest.raises(requests.ConnectionError):
            client.post(f"{asked.id}/comments", {"message": "hi"})
        assert len(page.said()) == written, fault


def test_a_town_to_show(time: Time) -> None:
    town = village(time)
    assert [town.object_of(one) for one in town.accounts()] == [
        "page",
        "instagram",
        "instagram",
        "whatsapp_business_account",
    ]
    page, linked, own, _ = town.accounts()
    assert town.beside(page.id) is linked
    assert (town.app_of(linked), town.app_of(own)) == (town.meta, town.instagram_app)
