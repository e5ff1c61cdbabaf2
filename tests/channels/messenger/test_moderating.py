"""Keeping somebody from a Page's Messenger."""

from __future__ import annotations

from typing import Any

from bridge.model import Act, Post


def test_who_wrote_is_blocked_and_let_in_again(page: Any) -> None:
    page.says("insults", private=True)
    [post] = [one for raw in page.arrivals() for one in page.channel.unpack(raw.body)]
    assert isinstance(post, Post)
    assert page.channel.acts(post) == {Act.BLOCK, Act.UNBLOCK}
    page.channel.do(Act.BLOCK, post)
    assert page.page.barred == {"jane"}
    page.channel.do(Act.UNBLOCK, post)
    assert page.page.barred == set()
