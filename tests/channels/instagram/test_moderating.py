"""What an Instagram account does about comments, and, with Facebook's login, about its writers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.channels.instagram.options import Login
from bridge.errors import Gone, Refused
from bridge.model import Act, Kind, Post


def heard(stand: Any, *, private: bool = False) -> Post:
    wanted = stand.says("buy my pills", private=private)
    found = [post for raw in stand.arrivals() for post in stand.channel.unpack(raw.body)]
    return next(post for post in found if isinstance(post, Post) and post.id == wanted)


@pytest.mark.parametrize("login", Login)
def test_a_comment_is_hidden_shown_and_deleted(open_with: Any, login: Login) -> None:
    with open_with(login) as stand:
        post = heard(stand)
        assert stand.channel.acts(post) == {Act.HIDE, Act.UNHIDE, Act.DELETE}
        stand.channel.do(Act.HIDE, post)
        assert stand.page.one(post.id).hidden
        stand.channel.do(Act.UNHIDE, post)
        assert not stand.page.one(post.id).hidden
        stand.channel.do(Act.DELETE, post)
        assert stand.channel.is_there(post.id) is False
        with pytest.raises(Gone):
            stand.channel.do(Act.HIDE, post)


def test_who_wrote_privately_is_blocked_by_the_linked_page(open_with: Any) -> None:
    with open_with(Login.FACEBOOK) as stand:
        post = heard(stand, private=True)
        assert stand.channel.acts(post) == {Act.BLOCK, Act.UNBLOCK}
        stand.channel.do(Act.BLOCK, post)
        assert stand.page.barred == {"jane"}
        [asked] = stand.town.faults.asked("POST", "*/moderate_conversations")
        assert asked.json() == {"user_ids": [{"id": post.author.id}], "actions": ["block_user"]}
        stand.channel.do(Act.UNBLOCK, post)
        assert stand.page.barred == set()


def test_with_its_own_login_nobody_is_blocked(open_with: Any) -> None:
    with open_with(Login.INSTAGRAM) as stand:
        assert stand.channel.acts(heard(stand, private=True)) == frozenset()


def test_the_word_false_is_a_refusal(open_with: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moderating conversations is answered with words in quotes."""
    with open_with(Login.FACEBOOK) as stand:
        post = heard(stand, private=True)
        calls = type(stand.channel._calls)
        answer = type("Answer", (), {"data": {"success": "false"}})
        monkeypatch.setattr(calls, "write", lambda *_, **__: answer)
        with pytest.raises(Refused):
            stand.channel.do(Act.BLOCK, post)


def test_what_stands_elsewhere_is_not_ours_to_hide(open_with: Any) -> None:
    with open_with(Login.FACEBOOK) as stand:
        comment = heard(stand)
        mention = replace(comment, kind=Kind.MENTION, id="mention:1:2")
        assert stand.channel.acts(mention) == frozenset()
