"""The plan: the same seed the same plan, and nothing in it that could end one way or another."""

from __future__ import annotations

from collections import Counter

from soak.plan import (
    MOST_LOST,
    MOST_PRIVATE,
    MOST_PUBLIC,
    SHOP,
    Answer,
    Post,
    Thanks,
    Trouble,
    Wanted,
    draw,
)

LONG = Wanted(seconds=600, rate=5, workers=3)


def test_the_same_seed_is_the_same_plan() -> None:
    """And another seed another one."""
    assert draw(LONG) == draw(LONG)
    assert draw(LONG).acts != draw(Wanted(600, 5, 3, seed=2)).acts


def test_posts_come_by_schedule() -> None:
    """As many as were asked for, each at its time, in order."""
    posts = draw(Wanted(seconds=10, rate=4)).posts()
    assert [number / 4 for number in range(40)] == [post.at for post in posts]


def test_everything_is_in_it() -> None:
    """Both accounts, both visibilities, every way to answer, doubled and lost deliveries."""
    plan = draw(LONG)
    posts = plan.posts()
    answers = [act for act in plan.acts if isinstance(act, Answer)]
    assert 4 == len({(post.account, post.private) for post in posts})
    assert {"", "dm", "public"} == {answer.way for answer in answers}
    assert {True, False} == {answer.unheard for answer in answers}
    assert {True, False} == {post.twice for post in posts if post.account == SHOP}
    assert any(isinstance(act, Thanks) for act in plan.acts)
    assert {"web", "worker", "worker2", "worker3"} == {
        name for kill in plan.kills for name in kill.names
    }


def test_a_ticket_takes_what_it_is_given() -> None:
    """No conversation is so long that the helpdesk's limit for one ticket decides the run."""
    lengths = Counter((post.private, post.conversation) for post in draw(LONG).posts())
    assert MOST_PUBLIC == max(many for (private, _), many in lengths.items() if not private)
    assert MOST_PRIVATE >= max(many for (private, _), many in lengths.items() if private) > 1


def test_who_writes_privately_never_writes_publicly() -> None:
    """Else it would depend on what comes first which ticket a private message belongs to."""
    ways: dict[tuple[str, int], set[bool]] = {}
    for post in draw(LONG).posts():
        ways.setdefault((post.account, post.person), set()).add(post.private)
    assert {1} == {len(both) for both in ways.values()}


def test_a_conversation_has_one_author_and_only_answers_itself() -> None:
    """What stands above a post is in its conversation, and was said before it."""
    said: dict[str, Post] = {}
    for post in draw(LONG).posts():
        if post.above:
            above = said[post.above]
            assert (above.conversation, above.person) == (post.conversation, post.person)
        said[post.word] = post


def test_no_answer_is_lost_so_often_that_a_person_is_asked() -> None:
    """Even if one reply met every fault that loses the website's receipt."""
    lost = [
        act.times
        for act in draw(LONG).acts
        if isinstance(act, Trouble) and (act.side, act.fault) == (SHOP, "drop_after_write")
    ]
    assert MOST_LOST == sum(lost)


def test_nobody_is_killed_and_nothing_breaks_unless_wanted() -> None:
    """0 turns either off."""
    plan = draw(Wanted(seconds=60, rate=1, kill_every=0, trouble_every=0))
    assert () == plan.kills
    assert [] == [act for act in plan.acts if isinstance(act, Trouble)]
