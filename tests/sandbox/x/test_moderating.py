"""Hiding, liking and blocking at the stand-in for X."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plugins_x import XSandbox
from x_client import Client


def test_only_replies_in_our_own_thread_are_hidden(brand: Client, x_sandbox: XSandbox) -> None:
    """Its author still sees it, readers no longer do."""
    town = x_sandbox.town
    ours = town.post("acme", "we are open")
    spam = town.post("ada", "buy my pills", in_reply_to=ours.id)
    theirs = town.post("ada", "elsewhere")
    beneath = town.post("ben", "hello", in_reply_to=theirs.id)
    hide = {"hidden": True}
    assert brand.call("PUT", f"/2/tweets/{spam.id}/hidden", json=hide).json() == {
        "data": {"hidden": True}
    }
    for post in (ours, theirs, beneath):
        assert brand.call("PUT", f"/2/tweets/{post.id}/hidden", json=hide).status_code == 403
    assert town.is_hidden(spam)
    assert "buy my pills" not in shown(x_sandbox, "ben")
    assert "buy my pills" in shown(x_sandbox, "ada")


def shown(x_sandbox: XSandbox, who: str) -> str:
    return x_sandbox.session.get(f"{x_sandbox.url}/?me={who}", timeout=30).text


def test_what_is_no_such_body_is_refused(brand: Client, x_sandbox: XSandbox) -> None:
    """A body that holds anything else, a post that is not there."""
    ours = x_sandbox.town.post("acme", "we are open")
    path = f"/2/tweets/{ours.id}/hidden"
    assert brand.call("PUT", path, json={"hidden": "yes"}).status_code == 400
    assert brand.call("PUT", path, json={}).status_code == 400
    assert brand.call("PUT", "/2/tweets/1/hidden", json={"hidden": True}).status_code == 404
    x_sandbox.contract.excuse()


def test_hiding_needs_its_scope(x_sandbox: XSandbox, bearer_of: Callable[[str], Client]) -> None:
    town = x_sandbox.town
    spam = town.post("ada", "spam", in_reply_to=town.post("acme", "we are open").id)
    body: Any = {"hidden": True}
    few = bearer_of(town.sign_in("acme", "tweet.read", "tweet.write", "users.read").access)
    assert few.call("PUT", f"/2/tweets/{spam.id}/hidden", json=body).status_code == 403
    all_of_them = bearer_of(town.sign_in("acme").access)
    assert all_of_them.call("PUT", f"/2/tweets/{spam.id}/hidden", json=body).status_code == 200


def test_likes_are_not_for_self_serve_customers(brand: Client, x_sandbox: XSandbox) -> None:
    """Since 20 April 2026: https://docs.x.com/changelog"""
    town = x_sandbox.town
    post, us = town.post("ada", "hello"), town.find("acme").id
    refused = brand.call("POST", f"/2/users/{us}/likes", json={"tweet_id": post.id})
    assert (refused.status_code, refused.json()["title"]) == (403, "Client Forbidden")
    town.use(summoned=False)
    for _ in range(2):
        assert brand.post(f"/2/users/{us}/likes", tweet_id=post.id) == {"data": {"liked": True}}
    assert town.likes(us, post.id)
    told = brand.call("DELETE", f"/2/users/{us}/likes/{post.id}").json()
    assert told == {"data": {"liked": False}}


def test_who_is_blocked_writes_no_more_messages(brand: Client, x_sandbox: XSandbox) -> None:
    town = x_sandbox.town
    ada, us = town.find("ada"), town.find("acme")
    town.dm("ada", "insults")
    assert brand.call("POST", f"/2/users/{ada.id}/dm/block").json() == {"data": {"blocked": True}}
    assert not town.can_write(ada, us)
    assert brand.call("POST", f"/2/users/{ada.id}/dm/unblock").json() == {
        "data": {"blocked": False}
    }
    assert town.can_write(ada, us)
    assert brand.call("POST", "/2/users/1/dm/block").status_code == 404
