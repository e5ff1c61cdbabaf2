"""Likes and blocks on Mastodon."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.errors import NeedsSignIn
from bridge.model import Act, Post
from bridge.settings import Secret

FEWER = ("read:accounts", "read:notifications", "read:statuses", "write:statuses", "write:media")


def heard(town: Any) -> Post:
    town.says("thank you!")
    [post] = town.channel.unpack(town.arrivals()[-1].body)
    return post


def test_a_like_is_ours_and_is_taken_back(town: Any) -> None:
    post = heard(town)
    us = town.town.find("bridge").id
    town.channel.do(Act.LIKE, post)
    assert town.town.favourited_by(post.id) == {us}
    town.channel.do(Act.UNLIKE, post)
    assert town.town.favourited_by(post.id) == frozenset()


def test_a_block_is_about_the_author(town: Any) -> None:
    post = heard(town)
    us, ada = town.town.find("bridge").id, town.town.find("ada").id
    town.channel.do(Act.BLOCK, post)
    assert town.town.blocks(us, ada)
    town.channel.do(Act.UNBLOCK, post)
    assert not town.town.blocks(us, ada)


@pytest.mark.parametrize("act", [Act.LIKE, Act.BLOCK])
def test_a_missing_scope_is_a_missing_permission(town: Any, act: Act) -> None:
    """The sign-in itself is good, and everything else goes on."""
    post = heard(town)
    town.channel = town.open(town.url, token=Secret(town.town.token_for("bridge", *FEWER)))
    with pytest.raises(NeedsSignIn) as caught:
        town.channel.do(act, post)
    assert caught.value.code == "needs_permission"


def test_missing_scopes_are_advice(town: Any) -> None:
    """Whoever only answers needs no more."""
    town.channel = town.open(town.url, token=Secret(town.town.token_for("bridge", *FEWER)))
    [scopes] = [one for one in town.channel.examine() if one.about == "scopes"]
    assert scopes.urgency == "advice"
    assert "write:blocks, write:favourites" in scopes.says
    assert "write:blocks" in scopes.do
