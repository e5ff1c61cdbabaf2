"""Posting, seeing, editing and deleting keep Mastodon's rules."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bridge.sandbox.faults import Faults
from bridge.sandbox.mastodon import Town


def test_a_post_comes_back_as_mastodon_shows_it(brand: Any, town: Town, url: str) -> None:
    """Ids are strings, times end in Z, the HTML names the person without their server."""
    said = brand.say("@ben@elsewhere.example hello", language="en")
    ben = town.find("ben@elsewhere.example")
    assert isinstance(said["id"], str)
    assert int(said["id"]) > 2**53
    assert said["created_at"] == "2026-11-21T10:00:00.000Z"
    assert (
        f'<p><span class="h-card" translate="no"><a href="{url}/@ben@elsewhere.example" '
        'class="u-url mention">@<span>ben</span></a></span> hello</p>' == said["content"]
    )
    assert [
        {
            "id": ben.id,
            "username": "ben",
            "acct": "ben@elsewhere.example",
            "url": f"{url}/@ben@elsewhere.example",
        }
    ] == said["mentions"]
    assert (said["visibility"], said["language"], said["edited_at"]) == ("public", "en", None)


def test_json_is_as_good_as_a_form(brand: Any) -> None:
    """Clients may send either."""
    answer = brand.call("POST", "/api/v1/statuses", json={"status": "hi", "visibility": "unlisted"})
    assert (answer.status_code, answer.json()["visibility"]) == (200, "unlisted")


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"status": "a" * 501}, 422, "Validation failed: Text character limit of 500 exceeded"),
        (
            {"status": "a" * 499, "spoiler_text": "bc"},
            422,
            "Validation failed: Text character limit of 500 exceeded",
        ),
        ({"status": "  \n"}, 422, "Validation failed: Text can't be blank"),
        ({}, 422, "Validation failed: Text can't be blank"),
        ({"status": "x", "visibility": "secret"}, 422, "'secret' is not a valid visibility"),
        (
            {"status": "x", "in_reply_to_id": "12"},
            404,
            "The post you are trying to reply to does not appear to exist.",
        ),
        (
            {"status": "x", "media_ids": ["12"]},
            422,
            "Media 12 not found or already attached to another post",
        ),
        ({"status": "x", "media_ids": list("12345")}, 422, "Cannot attach more than 4 files"),
        ({"status": {"a": 1}}, 422, "Validation failed: status ['Not a valid string.']"),
        (
            {"status": "x", "poll": {"options": ["a"]}},
            422,
            "Validation failed: the sandbox has no poll",
        ),
        ({"status": "\ud800"}, 400, "Invalid encoding"),
        (["status"], 400, "Error occurred while parsing request parameters"),
    ],
)
def test_what_is_refused(brand: Any, town: Town, body: Any, status: int, error: str) -> None:
    """Each refusal has Mastodon's status, and nothing is posted."""
    answer = brand.call("POST", "/api/v1/statuses", json=body)
    assert (status, {"error": error}) == (answer.status_code, answer.json())
    assert town.statuses() == ()


def test_exactly_the_limit_is_accepted(brand: Any) -> None:
    """Counted as Mastodon counts: the server of a mention and the rest of a link are free."""
    link = "https://example.com/" + "y" * 100
    brand.say("@ben@elsewhere.example " + "a" * (500 - 5 - 24) + " " + link)


def test_one_key_one_post_for_an_hour(brand: Any, ada: Any, town: Town, clock: Any) -> None:
    """The same key gives the same status, per person, until an hour has passed."""

    def say(client: Any, key: str) -> str:
        answer = client.call(
            "POST", "/api/v1/statuses", data={"status": "hi"}, headers={"Idempotency-Key": key}
        )
        return str(answer.json()["id"])

    first = say(brand, "k")
    clock.pass_by(minutes=59)
    assert first == say(brand, "k")
    assert first != say(brand, "other")
    assert first != say(ada, "k")
    clock.pass_by(minutes=2)
    assert first != say(brand, "k")
    assert len(town.statuses()) == 4


def test_one_key_at_the_same_time(sign_in: Callable[..., Any], town: Town) -> None:
    """Eight tries at once make one post."""
    clients = [sign_in("bridge") for _ in range(8)]

    def say(client: Any) -> str:
        key = {"Idempotency-Key": "k"}
        answer = client.call("POST", "/api/v1/statuses", data={"status": "hi"}, headers=key)
        return str(answer.json()["id"])

    with ThreadPoolExecutor(8) as pool:
        answered = set(pool.map(say, clients))
    assert [one.id for one in town.statuses()] == list(answered)


def test_a_key_of_a_deleted_post_is_not_found(brand: Any, town: Town) -> None:
    """Mastodon remembers the id, not the post."""
    key = {"Idempotency-Key": "k"}
    said = brand.call("POST", "/api/v1/statuses", data={"status": "a"}, headers=key).json()
    town.delete(said["id"])
    again = brand.call("POST", "/api/v1/statuses", data={"status": "a"}, headers=key)
    assert again.status_code == 404


def test_direct_is_seen_by_the_two_alone(
    brand: Any, ada: Any, stranger: Any, sign_in: Callable[..., Any], town: Town
) -> None:
    """Everyone else gets 404, alone or in a batch, in context or in a list."""
    public = town.post("ada", "@bridge help")
    direct = brand.say("@ada hello", visibility="direct", in_reply_to_id=public.id)
    assert ("direct", public.id) == (direct["visibility"], direct["in_reply_to_id"])
    path = f"/api/v1/statuses/{direct['id']}"
    mine = brand.get("/api/v1/accounts/verify_credentials")["id"]
    for client in (brand, ada):
        assert direct["id"] == client.get(path)["id"]
        assert [direct["id"]] == [
            one["id"] for one in client.get(f"/api/v1/statuses/{public.id}/context")["descendants"]
        ]
    for client in (stranger, sign_in("dora")):
        for tail in ("", "/context", "/history"):
            answer = client.call("GET", path + tail)
            assert (answer.status_code, answer.json()) == (404, {"error": "Record not found"})
        assert [public.id] == [
            one["id"]
            for one in client.get("/api/v1/statuses", **{"id[]": [direct["id"], public.id, "9"]})
        ]
        assert client.get(f"/api/v1/statuses/{public.id}/context")["descendants"] == []
        assert client.get(f"/api/v1/accounts/{mine}/statuses") == []
    assert [direct["id"]] == [one["id"] for one in brand.get(f"/api/v1/accounts/{mine}/statuses")]
    assert [direct["id"]] == [one.id for one in town.direct_between("ada", "bridge")]
    assert [public.id] == [one.id for one in town.public_timeline()]


def test_followers_only(brand: Any, ada: Any, stranger: Any, town: Town) -> None:
    """`private` is for followers and those named."""
    said = town.post("dora", "for friends", "private")
    path = f"/api/v1/statuses/{said.id}"
    assert brand.call("GET", path).status_code == 404
    town.follow("bridge", "dora")
    assert brand.get(path)["visibility"] == "private"
    assert stranger.call("GET", path).status_code == 404


def test_context_is_in_reading_order(stranger: Any, town: Town) -> None:
    """Ancestors oldest first; each answer is followed by its own answers."""
    root = town.post("ada", "1")
    left = town.post("bridge", "2", in_reply_to=root.id)
    right = town.post("ben@elsewhere.example", "3", in_reply_to=root.id)
    deep = town.post("ada", "4", in_reply_to=left.id)

    def ids(status_id: str, part: str) -> list[str]:
        found = stranger.get(f"/api/v1/statuses/{status_id}/context")[part]
        return [one["id"] for one in found]

    assert [root.id, left.id] == ids(deep.id, "ancestors")
    assert [left.id, deep.id, right.id] == ids(root.id, "descendants")
    assert [root, left, right, deep] == list(town.thread(deep.id))


def test_an_edit_keeps_its_history(ada: Any, brand: Any, clock: Any, town: Town) -> None:
    """`edited_at` appears, the id stays, saving the same words again changes nothing."""
    said = ada.say("@bridge helo")
    clock.pass_by(minutes=1)
    path = f"/api/v1/statuses/{said['id']}"
    edited = ada.call("PUT", path, data={"status": "@bridge hello"}).json()
    assert (said["id"], "2026-11-21T10:01:00.000Z") == (edited["id"], edited["edited_at"])
    clock.pass_by(minutes=1)
    same = ada.call("PUT", path, data={"status": "@bridge hello"}).json()
    assert edited["edited_at"] == same["edited_at"]
    history = brand.get(path + "/history")
    assert [said["content"], edited["content"]] == [one["content"] for one in history]
    assert ada.get(path + "/source")["text"] == "@bridge hello"
    refused = brand.call("PUT", path, data={"status": "mine now"})
    assert (refused.status_code, town.thread(said["id"])[0].text) == (404, "@bridge hello")


def test_a_deleted_post_is_gone(ada: Any, brand: Any, town: Town) -> None:
    """404 from then on; its answers stay and lose their parent; no reply is taken any more."""
    said = ada.say("@bridge hello")
    answer = brand.say("@ada hi", in_reply_to_id=said["id"])
    path = f"/api/v1/statuses/{said['id']}"
    assert brand.call("DELETE", path).status_code == 404
    assert ada.call("DELETE", path).json()["text"] == "@bridge hello"
    assert ada.call("GET", path).status_code == 404
    assert ada.call("DELETE", path).status_code == 404
    left = brand.get(f"/api/v1/statuses/{answer['id']}")
    assert (None, said["account"]["id"]) == (left["in_reply_to_id"], left["in_reply_to_account_id"])
    again = brand.call(
        "POST", "/api/v1/statuses", data={"status": "x", "in_reply_to_id": said["id"]}
    )
    assert again.status_code == 404
    assert brand.get("/api/v1/notifications") == []
    assert None is town.status(said["id"])


def test_some_posts_take_no_replies(brand: Any, faults: Faults, town: Town) -> None:
    """A reply that is refused for good: by the customer's setting, or by a fault for one reply."""
    locked, usual = town.post("dora", "@bridge grr"), town.post("ada", "@bridge hm")
    refusal = {"error": "Validation failed: This post does not accept replies"}

    def reply(to: str, visibility: str = "public") -> Any:
        body = {"status": "x", "in_reply_to_id": to, "visibility": visibility}
        return brand.call("POST", "/api/v1/statuses", data=body)

    for visibility in ("public", "direct"):
        answer = reply(locked.id, visibility)
        assert (422, refusal) == (answer.status_code, answer.json())
    faults.add("refuse_replies")
    brand.say("no reply at all")
    assert reply(usual.id).status_code == 422
    assert reply(usual.id).status_code == 200


def test_who_blocked_us_hears_nothing(brand: Any, ada: Any, town: Town) -> None:
    """A mention is accepted and not delivered; their posts are not there to be answered."""
    public = town.post("ada", "@bridge I am off")
    town.block("ada", "bridge")
    sent = brand.say("@ada please stay", visibility="direct")
    assert [one["acct"] for one in sent["mentions"]] == ["ada"]
    assert town.direct_between("ada", "bridge") == ()
    assert ada.get("/api/v1/notifications", include_filtered="true") == []
    assert ada.call("GET", f"/api/v1/statuses/{sent['id']}").status_code == 404
    body = {"status": "@ada x", "in_reply_to_id": public.id}
    assert brand.call("POST", "/api/v1/statuses", data=body).status_code == 404
    found = brand.get("/api/v1/accounts/relationships", **{"id[]": town.find("ada").id})
    assert [one["blocked_by"] for one in found] == [True]


def test_ids_grow_even_while_the_clock_stands_still(town: Town) -> None:
    """Two posts in one millisecond are two posts, in order."""
    ids = [int(town.post("ada", "x").id) for _ in range(50)]
    assert sorted(set(ids)) == ids
