"""Posting, reading and deleting at the stand-in for X."""

from __future__ import annotations

from typing import Any

import pytest
from plugins_x import XSandbox
from x_client import Client

from bridge.sandbox.x import checks


def reply(brand: Client, to: str, text: str) -> Any:
    body = {"text": text, "reply": {"in_reply_to_tweet_id": to}}
    return brand.call("POST", "/2/tweets", json=body)


@pytest.mark.parametrize("text", ["", "   ", "x" * 281, "日" * 141])
def test_what_is_no_text_is_refused(brand: Client, x_sandbox: XSandbox, text: str) -> None:
    """Empty, too long, or too heavy: nothing is kept."""
    answer = brand.call("POST", "/2/tweets", json={"text": text})
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/invalid-request")
    assert x_sandbox.town.posts() == ()


def test_a_link_weighs_what_x_makes_of_it(brand: Client, x_sandbox: XSandbox) -> None:
    """A link of 300 characters fits; it is shortened and its meaning told."""
    made = brand.post("/2/tweets", text="x" * 250 + " https://example.com/" + "a" * 300)
    shown = brand.get(f"/2/tweets/{made['data']['id']}", **{"tweet.fields": "entities"})["data"]
    [link] = shown["entities"]["urls"]
    assert shown["text"][link["start"] : link["end"]] == link["url"]
    assert link["expanded_url"].endswith("aaa")


def test_only_who_calls_for_us_is_answered(brand: Client, x_sandbox: XSandbox) -> None:
    town = x_sandbox.town
    stranger = town.post("ada", "what a day")
    refused = reply(brand, stranger.id, "can we help?")
    assert (refused.status_code, refused.json()["detail"]) == (403, checks.NOT_SUMMONED)
    ours = town.post("acme", "hello world")
    below = town.post("ada", "nobody answers", in_reply_to=ours.id)
    assert below.text == "@acme nobody answers"
    assert reply(brand, below.id, "we do").status_code == 403  # X wrote our name, not Ada
    quoting = town.post("ben", "look at them", quotes=ours.id)
    naming = town.post("ada", "please help", mention="acme")
    assert [reply(brand, one.id, "yes?").status_code for one in (quoting, naming)] == [201, 201]


def test_the_same_words_twice(brand: Client, x_sandbox: XSandbox, clock: Any) -> None:
    """The second is refused with X's own sentence, until a day has gone by."""
    target = x_sandbox.town.post("ada", "please help", mention="acme")
    assert reply(brand, target.id, "Write to us.").status_code == 201
    again = reply(brand, target.id, "Write to us.")
    assert (again.status_code, again.json()["detail"]) == (403, checks.DUPLICATE)
    clock.move(25 * 3600)
    assert reply(brand, target.id, "Write to us.").status_code == 201


def test_an_author_may_say_who_answers(brand: Client, x_sandbox: XSandbox) -> None:
    """Also where one is called for by a quote, or need not be called for at all."""
    town = x_sandbox.town
    ours = town.post("acme", "hello world")
    closed = town.post("ada", "look at them", quotes=ours.id, open_to="mentionedUsers")
    refused = reply(brand, closed.id, "yes?")
    assert (refused.status_code, refused.json()["detail"]) == (403, checks.RESTRICTED)
    town.use(summoned=False)
    assert reply(brand, closed.id, "yes?").status_code == 403
    named = town.post("ada", "you may", mention="acme", open_to="mentionedUsers")
    assert reply(brand, named.id, "yes?").status_code == 201


def test_enterprise_customers_answer_everybody(brand: Client, x_sandbox: XSandbox) -> None:
    x_sandbox.town.use(summoned=False)
    stranger = x_sandbox.town.post("ada", "what a day")
    assert reply(brand, stranger.id, "indeed").status_code == 201


def test_a_post_that_is_gone_or_of_one_who_blocks(brand: Client, x_sandbox: XSandbox) -> None:
    town = x_sandbox.town
    target = town.post("ada", "please help", mention="acme")
    town.block("ada", "acme")
    assert reply(brand, target.id, "yes?").json()["detail"] == checks.NOT_PERMITTED
    town.delete(target.id)
    assert reply(brand, target.id, "yes?").json()["detail"] == checks.GONE


def test_what_is_missing_comes_as_errors(brand: Client, x_sandbox: XSandbox) -> None:
    """Deleted, protected and suspended: 200, and a problem for each beside the rest."""
    town = x_sandbox.town
    there = town.post("ada", "one")
    gone = town.delete(town.post("ada", "two").id)
    hidden = town.post("fay", "three")
    silenced = town.post("ben", "four")
    town.change("ben", suspended=True)
    ids = [one.id for one in (there, gone, hidden, silenced)]
    found = brand.get("/2/tweets", ids=",".join(ids))
    assert [one["id"] for one in found["data"]] == [there.id]
    assert {one["resource_id"]: one["title"] for one in found["errors"]} == {
        gone.id: "Not Found Error",
        hidden.id: "Authorization Error",
        silenced.id: "Not Found Error",
    }
    alone = brand.get(f"/2/tweets/{gone.id}")
    assert "data" not in alone
    assert alone["errors"][0]["type"].endswith("/resource-not-found")


def test_an_edit_is_a_new_post(brand: Client, x_sandbox: XSandbox, clock: Any) -> None:
    town = x_sandbox.town
    first = town.post("ada", "helo", mention="acme")
    second = town.edit(first.id, "@acme hello")
    shown = brand.get(f"/2/tweets/{second.id}")["data"]
    assert shown["edit_history_tweet_ids"] == [first.id, second.id]
    assert brand.get(f"/2/tweets/{first.id}")["data"] == {
        "id": first.id,
        "text": "@acme helo",
        "edit_history_tweet_ids": [first.id, second.id],
    }
    answer = town.post("ben", "me too", in_reply_to=second.id)
    with pytest.raises(checks.Refusal):
        town.edit(answer.id, "replies cannot be edited")
    clock.move(2 * 3600)
    with pytest.raises(checks.Refusal):
        town.edit(second.id, "too late")


def test_mentions_since(brand: Client, x_sandbox: XSandbox, clock: Any) -> None:
    """Newest first, page by page, and only what is newer than asked."""
    town, me = x_sandbox.town, x_sandbox.town.find("acme")
    posts = [town.post("ada", f"number {n}", mention="acme") for n in range(7)]
    path = f"/2/users/{me.id}/mentions"
    first = brand.get(path, max_results=5)
    rest = brand.get(path, max_results=5, pagination_token=first["meta"]["next_token"])
    ids = [one["id"] for one in first["data"] + rest["data"]]
    assert ids == [one.id for one in reversed(posts)]
    assert "next_token" not in rest["meta"]
    newer = brand.get(path, since_id=posts[4].id)
    assert [one["id"] for one in newer["data"]] == [posts[6].id, posts[5].id]
    assert brand.get(path, since_id=posts[6].id) == {"meta": {"result_count": 0}}


def test_a_conversation_is_found_by_its_first_post(brand: Client, x_sandbox: XSandbox) -> None:
    town = x_sandbox.town
    top = town.post("ada", "please help", mention="acme")
    below = town.post("ben", "same here", in_reply_to=top.id)
    town.post("chloe", "something else")
    query = f"conversation_id:{top.id} -from:ada"
    found = brand.get("/2/tweets/search/recent", query=query, max_results=10)
    assert [one["id"] for one in found["data"]] == [below.id]


def test_what_hangs_on_a_post_is_included(brand: Client, x_sandbox: XSandbox) -> None:
    town = x_sandbox.town
    top = town.post("ada", "please help", mention="acme")
    below = town.post("ben", "same here", in_reply_to=top.id)
    fields = {
        "tweet.fields": "created_at,in_reply_to_user_id,referenced_tweets",
        "expansions": "author_id,referenced_tweets.id",
        "user.fields": "public_metrics",
    }
    found = brand.get(f"/2/tweets/{below.id}", **fields)
    assert found["data"]["referenced_tweets"] == [{"type": "replied_to", "id": top.id}]
    assert found["includes"]["tweets"][0]["id"] == top.id
    assert found["includes"]["users"][0]["public_metrics"]["followers_count"] == 48_200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tweet.fields", "colour"),
        ("colour", "red"),
        ("expansions", "colour"),
        ("post.fields", "id"),
    ],
)
def test_unknown_parameters_are_refused(
    brand: Client, x_sandbox: XSandbox, name: str, value: str
) -> None:
    post = x_sandbox.town.post("ada", "hello")
    answer = brand.call("GET", f"/2/tweets/{post.id}", params={name: value})
    assert answer.status_code == 400
    assert f"[{value}]" in answer.text or f"[{name}]" in answer.text


def test_only_ones_own_posts_are_deleted(brand: Client, x_sandbox: XSandbox) -> None:
    town = x_sandbox.town
    theirs, ours = town.post("ada", "hello"), town.post("acme", "hello")
    assert brand.call("DELETE", f"/2/tweets/{theirs.id}").status_code == 403
    assert brand.call("DELETE", f"/2/tweets/{ours.id}").json() == {"data": {"deleted": True}}
    assert town.posts() == (theirs,)


@pytest.mark.parametrize(
    ("names", "sent", "status"),
    [
        ("tweet", {"tweet.fields": "created_at", "expansions": "referenced_tweets.id"}, 200),
        ("tweet", {"post.fields": "created_at"}, 400),
        ("tweet", {"expansions": "referenced_posts"}, 400),
        ("post", {"post.fields": "created_at", "expansions": "referenced_posts"}, 200),
        ("post", {"tweet.fields": "created_at"}, 400),
        ("post", {"post.fields": "author_id"}, 400),
        ("post", {"expansions": "referenced_tweets.id"}, 400),
        ("both", {"tweet.fields": "created_at", "expansions": "referenced_posts"}, 200),
        ("both", {"post.fields": "created_at", "expansions": "referenced_tweets.id"}, 200),
    ],
)
def test_which_names_are_understood(
    brand: Client, x_sandbox: XSandbox, names: str, sent: dict[str, str], status: int
) -> None:
    town = x_sandbox.town
    top = town.post("ada", "please help", mention="acme")
    below = town.post("ben", "same here", in_reply_to=top.id)
    town.use(names=names)
    answer = brand.call("GET", f"/2/tweets/{below.id}", params=sent)
    assert answer.status_code == status
    if status == 200:
        shown, named = answer.json(), "posts" if names == "post" else "tweets"
        assert shown["includes"][named][0]["id"] == top.id
        assert shown["data"][f"referenced_{named}"][0]["id"] == top.id
        assert "created_at" in shown["data"]
