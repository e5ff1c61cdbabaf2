"""What a Page does about comments, and about those who write to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.errors import Gone, NeedsSignIn, Refused
from bridge.model import Act, Kind, Person, Post

COMMENTS = {Act.LIKE, Act.UNLIKE, Act.HIDE, Act.UNHIDE, Act.DELETE}
PEOPLE = {Act.BLOCK, Act.UNBLOCK}


def heard(page: Any, *, private: bool = False) -> Post:
    wanted = page.says("buy my pills", private=private)
    found = [post for raw in page.arrivals() for post in page.channel.unpack(raw.body)]
    return next(post for post in found if isinstance(post, Post) and post.id == wanted)


def test_a_comment_is_hidden_and_shown_again(page: Any) -> None:
    post = heard(page)
    page.channel.do(Act.HIDE, post)
    assert page.page.one(post.id).hidden
    page.channel.do(Act.UNHIDE, post)
    assert not page.page.one(post.id).hidden


def test_a_comment_is_liked_as_the_page(page: Any) -> None:
    """The like comes back as an event that is none."""
    post = heard(page)
    page.channel.do(Act.LIKE, post)
    assert page.page.liked == {post.id}
    page.bodies.clear()
    [event] = [one for raw in page.arrivals() for one in page.channel.unpack(raw.body)]
    assert type(event).__name__ == "Ignored"
    page.channel.do(Act.UNLIKE, post)
    assert page.page.liked == set()


def test_a_deleted_comment_is_gone(page: Any) -> None:
    post = heard(page)
    page.channel.do(Act.DELETE, post)
    assert page.channel.is_there(post.id) is False
    with pytest.raises(Gone):
        page.channel.do(Act.DELETE, post)


@pytest.mark.parametrize("private", [False, True])
def test_somebody_is_kept_out_by_the_id_that_the_post_shows(page: Any, private: bool) -> None:
    """Comments and messages know people by different ids."""
    post = heard(page, private=private)
    page.channel.do(Act.BLOCK, post)
    assert page.page.barred == {"jane"}
    [asked] = page.town.faults.asked("POST", "*/blocked")
    assert asked.json() == {"psid" if private else "user": [post.author.id]}
    page.channel.do(Act.UNBLOCK, post)
    assert page.page.barred == set()


def test_what_can_be_done_depends_on_what_it_is(page: Any) -> None:
    """A comment beneath our posts is ours to hide; what stands elsewhere is not, nor is a message,
    and whoever is not named cannot be blocked."""
    comment = heard(page)
    assert page.channel.acts(comment) == COMMENTS | PEOPLE
    assert page.channel.acts(replace(comment, kind=Kind.MENTION)) == PEOPLE
    assert page.channel.acts(replace(comment, kind=Kind.POST)) == PEOPLE
    assert page.channel.acts(heard(page, private=True)) == PEOPLE
    nobody = Person("facebook", f"comment:{comment.id}", "", "Somebody")
    assert page.channel.acts(replace(comment, author=nobody)) == COMMENTS


def test_a_person_nobody_knows_is_no_gone_post(page: Any) -> None:
    post = replace(heard(page), author=Person("facebook", "1", "1", "Nobody"))
    with pytest.raises(Refused):
        page.channel.do(Act.BLOCK, post)


def test_a_missing_permission_is_not_a_dead_token(page: Any) -> None:
    post = heard(page)
    page.town.lacks(page.token, "pages_manage_engagement")
    with pytest.raises(NeedsSignIn) as caught:
        page.channel.do(Act.HIDE, post)
    assert caught.value.code == "needs_permission"
