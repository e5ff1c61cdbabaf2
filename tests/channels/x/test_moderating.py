"""Hiding replies and keeping people from writing, held to X's own description of its API."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from bridge.errors import NeedsSignIn, Refused
from bridge.model import Act, Kind, Post
from bridge.sandbox.x.posts import Rules

HIDES, LIKES, BLOCKS = {Act.HIDE, Act.UNHIDE}, {Act.LIKE, Act.UNLIKE}, {Act.BLOCK, Act.UNBLOCK}


def heard(town: Any, wanted: str) -> Post:
    found = [post for raw in town.arrivals() for post in town.channel.unpack(raw.body)]
    return next(post for post in found if isinstance(post, Post) and post.id == wanted)


def test_a_reply_beneath_our_post_is_hidden_and_shown_again(town: Any) -> None:
    post = heard(town, town.says_beneath_us("buy my pills"))
    town.channel.do(Act.HIDE, post)
    assert town.town.is_hidden(town.town.at(post.id))
    town.channel.do(Act.UNHIDE, post)
    assert not town.town.is_hidden(town.town.at(post.id))


def test_a_reply_in_somebody_elses_thread_is_not_ours_to_hide(town: Any) -> None:
    post = replace(heard(town, town.says("hello")), kind=Kind.REPLY)
    with pytest.raises(Refused, match="not permitted to hide"):
        town.channel.do(Act.HIDE, post)


def test_who_wrote_privately_is_kept_from_writing(town: Any) -> None:
    post = heard(town, town.says("insults", private=True))
    us, ada = town.town.find("acme"), town.town.find("ada")
    town.channel.do(Act.BLOCK, post)
    assert not town.town.can_write(ada, us)
    town.channel.do(Act.UNBLOCK, post)
    assert town.town.can_write(ada, us)


def test_what_can_be_done_depends_on_what_it_is_and_on_the_plan(town: Any) -> None:
    """Likes by API are for Enterprise."""
    reply = heard(town, town.says_beneath_us("hm"))
    mention = heard(town, town.says("hello"))
    private = heard(town, town.says("hello", private=True))
    assert town.channel.acts(reply) == HIDES
    assert town.channel.acts(mention) == frozenset()
    assert town.channel.acts(private) == BLOCKS
    enterprise = town.open(plan="enterprise")
    assert enterprise.acts(reply) == HIDES | LIKES
    assert enterprise.acts(mention) == LIKES


def test_with_an_enterprise_plan_posts_are_liked(
    open_town: Callable[..., AbstractContextManager[Any]],
) -> None:
    with open_town(rules=Rules(summoned=False)) as town:
        channel = town.open(plan="enterprise")
        post = heard(town, town.says("thank you"))
        us = town.town.find("acme").id
        channel.do(Act.LIKE, post)
        assert town.town.likes(us, post.id)
        channel.do(Act.UNLIKE, post)
        assert not town.town.likes(us, post.id)


def test_a_like_without_the_plan_is_a_missing_permission(town: Any) -> None:
    """Should X say so of any of these: the account goes on answering."""
    post = heard(town, town.says("thank you"))
    with pytest.raises(NeedsSignIn) as caught:
        town.open(plan="enterprise").do(Act.LIKE, post)
    assert caught.value.code == "needs_permission"
