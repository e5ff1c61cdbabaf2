"""Who may call the stand-in for X, how often, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from plugins_x import XSandbox
from requests_oauthlib import OAuth1
from x_client import Client
from x_listener import Listener

from bridge.sandbox.x import Pair

Bearer = Callable[[str], Client]


def renew(sandbox: XSandbox, refresh: str, **details: Any) -> requests.Response:
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    app = sandbox.town.app
    details.setdefault("auth", (app.client_id, app.client_secret))
    return sandbox.session.post(f"{sandbox.url}/2/oauth2/token", data=form, timeout=20, **details)


@pytest.mark.parametrize("spoiled", ["consumer", "secret", "token", "token_secret"])
def test_a_wrong_signature(x_sandbox: XSandbox, spoiled: str) -> None:
    app, grant = x_sandbox.town.app, x_sandbox.town.keys_for("acme")
    keys = {
        "consumer": app.consumer_key,
        "secret": app.consumer_secret,
        "token": grant.token,
        "token_secret": grant.secret,
    }
    keys[spoiled] += "x"
    answer = Client(x_sandbox, OAuth1(*keys.values())).call("GET", "/2/users/me")
    assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized")


def test_a_signature_covers_the_query_and_serves_once(x_sandbox: XSandbox) -> None:
    signed = requests.Request("GET", f"{x_sandbox.url}/2/users/me", auth=x_sandbox.keys()).prepare()
    header = {"Authorization": signed.headers["Authorization"]}
    other = f"{x_sandbox.url}/2/users/me?user.fields=location"
    assert x_sandbox.session.get(other, headers=header, timeout=30).status_code == 401
    signed = requests.Request("GET", f"{x_sandbox.url}/2/users/me", auth=x_sandbox.keys()).prepare()
    assert x_sandbox.session.send(signed, timeout=30).status_code == 200
    assert x_sandbox.session.send(signed, timeout=30).status_code == 401


def test_the_app_by_itself_writes_nothing(app: Client) -> None:
    refused = app.call("POST", "/2/tweets", json={"text": "hello"})
    assert (refused.status_code, refused.json()["title"]) == (403, "Unsupported Authentication")
    assert app.call("GET", "/2/dm_events").status_code == 403


@pytest.mark.parametrize("bearer", ["", "nobody"])
def test_who_is_nobody(x_sandbox: XSandbox, bearer: str) -> None:
    assert Client(x_sandbox, bearer=bearer).call("GET", "/2/users/me").status_code == 401


def test_tokens_end_after_two_hours(x_sandbox: XSandbox, bearer_of: Bearer, clock: Any) -> None:
    pair = x_sandbox.town.sign_in("acme")
    assert bearer_of(pair.access).get("/2/users/me")["data"]["username"] == "acme"
    clock.move(7200)
    assert bearer_of(pair.access).call("GET", "/2/users/me").status_code == 401
    renewed = renew(x_sandbox, pair.refresh).json()
    assert renewed["expires_in"] == 7200
    assert bearer_of(renewed["access_token"]).get("/2/users/me")["data"]["username"] == "acme"


def test_tokens_are_not_recorded(x_sandbox: XSandbox) -> None:
    pair = x_sandbox.town.sign_in("acme")
    renew(x_sandbox, pair.refresh)
    [asked] = x_sandbox.faults.asked("POST")
    assert pair.refresh not in f"{asked}"


def test_a_refresh_token_serves_once(x_sandbox: XSandbox, bearer_of: Bearer) -> None:
    """The second use is refused, and all that came of it is dead."""
    pair: Pair = x_sandbox.town.sign_in("acme")
    renewed = renew(x_sandbox, pair.refresh).json()
    again = renew(x_sandbox, pair.refresh)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")
    assert bearer_of(renewed["access_token"]).call("GET", "/2/users/me").status_code == 401
    assert renew(x_sandbox, renewed["refresh_token"]).status_code == 400


def test_who_renews_must_be_the_client(x_sandbox: XSandbox) -> None:
    pair = x_sandbox.town.sign_in("acme")
    refused = renew(x_sandbox, pair.refresh, auth=("somebody", "else"))
    assert (refused.status_code, refused.json()["error"]) == (401, "unauthorized_client")
    assert renew(x_sandbox, pair.refresh).status_code == 200


def test_no_refresh_token_without_the_scope(x_sandbox: XSandbox, bearer_of: Bearer) -> None:
    pair = x_sandbox.town.sign_in("acme", "tweet.read", "users.read")
    assert pair.refresh == ""
    assert bearer_of(pair.access).call("GET", "/2/users/me").status_code == 200
    assert bearer_of(pair.access).call("GET", "/2/dm_events").status_code == 403


def test_a_hundred_posts_in_a_quarter_of_an_hour(
    brand: Client, x_sandbox: XSandbox, clock: Any
) -> None:
    answers = [brand.call("POST", "/2/tweets", json={"text": f"n {n}"}) for n in range(101)]
    assert [one.status_code for one in answers] == [201] * 100 + [429]
    assert answers[0].headers["x-rate-limit-remaining"] == "99"
    clock.move(900)
    assert brand.call("POST", "/2/tweets", json={"text": "next"}).status_code == 201


@pytest.mark.parametrize(
    ("fault", "status", "title"),
    [
        ("rate_limited", 429, "Too Many Requests"),
        ("usage_capped", 429, "UsageCapExceeded"),
        ("client_forbidden", 403, "Client Forbidden"),
    ],
)
def test_faults_of_its_own(
    brand: Client, x_sandbox: XSandbox, fault: str, status: int, title: str
) -> None:
    x_sandbox.faults.add(fault)
    refused = brand.call("GET", "/2/users/me")
    assert (refused.status_code, refused.json()["title"]) == (status, title)
    assert brand.call("GET", "/2/users/me").status_code == 200


def test_without_credit_nothing_goes(brand: Client, x_sandbox: XSandbox) -> None:
    x_sandbox.town.costs.credit = 15_000
    assert brand.call("POST", "/2/tweets", json={"text": "hello"}).status_code == 201
    refused = brand.call("POST", "/2/tweets", json={"text": "and good-bye"})
    assert (refused.status_code, refused.json()["title"]) == (402, "CreditsDepleted")
    assert brand.call("GET", "/2/users/me").status_code == 402


def test_the_bill(
    brand: Client,
    x_sandbox: XSandbox,
    clock: Any,
    listener: Listener,
    subscribe: Callable[..., None],
) -> None:
    """Each thing once a day, a post however it came; a link in a post is dear."""
    town = x_sandbox.town
    subscribe("post.mention.create", "dm.received", "dm.sent")
    asked = town.post("ada", "please help", mention="acme")
    town.dm("ada", "hello")
    town.deliver()
    assert town.costs.spent() == 5_000 + 10_000
    brand.get(f"/2/tweets/{asked.id}")
    brand.get("/2/dm_events")
    brand.get("/2/dm_events")
    assert town.costs.spent() == 15_000 + 10_000
    brand.post("/2/tweets", text="yes", reply={"in_reply_to_tweet_id": asked.id})
    brand.post("/2/tweets", text="see https://example.com")
    ada = town.find("ada").id
    brand.post(f"/2/dm_conversations/with/{ada}/messages", text="hello")
    brand.get(f"/2/users/{ada}")
    town.deliver()
    assert town.costs.spent() == 25_000 + 10_000 + 200_000 + 15_000 + 10_000
    clock.move(24 * 3600)
    brand.get(f"/2/tweets/{asked.id}")
    assert town.costs.bill()["post read"] == 1
    assert town.costs.spent() == 260_000 + 5_000


def test_ones_own_reads_are_cheap_for_the_owner(brand: Client, x_sandbox: XSandbox) -> None:
    town = x_sandbox.town
    town.app = town.app.owned_by("acme")
    town.post("ada", "please help", mention="acme")
    brand.get(f"/2/users/{town.find('acme').id}/mentions")
    assert town.costs.spent() == 1_000
