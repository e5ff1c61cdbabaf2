"""Blocking numbers on WhatsApp."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.errors import Refused
from bridge.model import Act, Post


def heard(number: Any) -> Post:
    number.says("insults")
    [post] = [one for raw in number.arrivals() for one in number.channel.unpack(raw.body)]
    assert isinstance(post, Post)
    return post


def test_a_number_is_blocked_and_let_in_again(number: Any) -> None:
    post = heard(number)
    number.channel.do(Act.BLOCK, post)
    assert number.number.barred == {"jane"}
    [asked] = number.town.faults.asked("POST", "*/block_users")
    assert asked.json() == {
        "messaging_product": "whatsapp",
        "block_users": [{"user": post.author.id}],
    }
    number.channel.do(Act.UNBLOCK, post)
    assert number.number.barred == set()


def test_only_who_wrote_within_the_last_day_can_be_blocked(number: Any) -> None:
    """WhatsApp answers 400; nothing was done."""
    post = heard(number)
    number.later(hours=25)
    with pytest.raises(Refused, match="24 hours"):
        number.channel.do(Act.BLOCK, post)
    assert number.number.barred == set()
    number.channel.do(Act.UNBLOCK, post)


def test_who_has_no_number_cannot_be_blocked(number: Any) -> None:
    post = heard(number)
    assert number.channel.acts(post) == {Act.BLOCK, Act.UNBLOCK}
    unnamed = replace(post, author=replace(post.author, id="US.13491208655302741918"))
    assert number.channel.acts(unnamed) == frozenset()
