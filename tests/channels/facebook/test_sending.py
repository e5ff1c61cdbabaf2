"""Answers of a Page: beneath a comment, and to its author alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from bridge.channels.facebook import comments
from bridge.errors import Gone, NobodyKnows, Refused, TooLong
from bridge.model import DAY, File, Kind, Post, Reply, Visibility

PRIVATE = Visibility.PRIVATE
PNG = File("size.png", "image/png", b"\x89PNG")


def sent(page: Any, path: str) -> list[Any]:
    return [one.json() for one in page.town.faults.asked("POST", path)]


def answer(page: Any, text: str = "We are sorry", *, private: bool = False, **more: Any) -> Reply:
    """An answer to a comment that was written just now."""
    visibility = PRIVATE if private else Visibility.PUBLIC
    reply: Reply = page.reply(text, to=page.says("Where is it?"), visibility=visibility)
    return replace(reply, **more)


# ------------------------------------------------------------------ in public


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"in_reply_to": ""}, Refused),
        ({"text": ""}, Refused),
        ({"text": "x" * 8001}, TooLong),
        ({"files": (PNG, PNG)}, Refused),
        ({"answers": Kind.DM}, Refused),
    ],
)
def test_what_cannot_be_said_in_public_is_refused(
    page: Any, changes: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        page.channel.send(answer(page, **changes))
    assert page.written() == ()


def test_a_public_answer_stands_beneath_the_comment_itself(page: Any) -> None:
    reply = answer(page)
    receipt = page.channel.send(reply)
    [comment] = page.page.said()
    assert (comment.id, comment.parent_id, comment.text) == (
        receipt.id, reply.in_reply_to, "We are sorry"
    )  # fmt: skip
    assert receipt.permalink.endswith(receipt.id)
    assert sent(page, "*/comments") == [{"message": "We are sorry"}]


def test_a_visitors_post_is_answered_by_a_comment(page: Any) -> None:
    post = page.page.post("jane", "Is your shop open?")
    reply = replace(answer(page), in_reply_to=post.id, answers=Kind.POST)
    page.channel.send(reply)
    assert page.page.said()[-1].parent_id == post.id


def test_a_picture_goes_with_the_words(page: Any) -> None:
    page.channel.send(answer(page, files=(PNG,)))
    [comment] = page.page.said()
    assert comment.text == "We are sorry"
    assert page.town.files.find(comment.files[0]).content == PNG.content


def test_our_own_answer_comes_back_as_ours(page: Any) -> None:
    reply = answer(page)
    receipt = page.channel.send(reply)
    found = [one for raw in page.arrivals() for one in page.channel.unpack(raw.body)]
    [ours] = [one for one in found if isinstance(one, Post) and one.by_us]
    assert (ours.id, ours.parent_id, ours.thread_id) == (
        receipt.id, reply.in_reply_to, reply.in_reply_to
    )  # fmt: skip


def test_a_comment_that_was_written_and_refused_all_the_same_is_found(page: Any) -> None:
    reply = answer(page)
    page.town.faults.add("created_but_400", method="POST", path="*/comments")
    with pytest.raises(NobodyKnows):
        page.channel.send(reply)
    found = page.channel.find_sent(reply, frozenset())
    assert [found.id] == [one.id for one in page.written()]
    assert page.channel.find_sent(reply, frozenset({found.id})) is None


def test_it_is_found_among_many_others(page: Any) -> None:
    """Newest first, a page at a time, and no further back than the intent."""
    reply = answer(page)
    receipt = page.channel.send(reply)
    for number in range(60):
        page.page.comment("kim", f"me too {number}", parent=reply.in_reply_to)
    assert page.channel.find_sent(reply, frozenset()) == receipt
    old = replace(reply, intended_at=page.now() + DAY)
    assert page.channel.find_sent(old, frozenset()) is None


def test_among_too_many_others_nobody_knows(page: Any) -> None:
    """It may stand behind the last one that was looked at."""
    reply = answer(page)
    page.channel.send(reply)
    for number in range(250):
        page.page.comment("kim", f"me too {number}", parent=reply.in_reply_to)
    with pytest.raises(NobodyKnows, match="too many"):
        page.channel.find_sent(reply, frozenset())


def test_one_that_is_seen_is_it_however_many_are_not(page: Any) -> None:
    reply = answer(page)
    for number in range(250):
        page.page.comment("kim", f"me too {number}", parent=reply.in_reply_to)
    receipt = page.channel.send(reply)
    assert page.channel.find_sent(reply, frozenset()) == receipt


def test_a_page_that_shows_nothing_is_not_the_last(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Graph leaves out what we may not see, and still names the next page."""
    reply = answer(page)
    receipt = page.channel.send(reply)
    whole, pages = comments._readable, count()
    monkeypatch.setattr(comments, "_readable", lambda rows: whole(rows) if next(pages) else ())
    for number in range(50):
        page.page.comment("kim", f"me too {number}", parent=reply.in_reply_to)
    assert page.channel.find_sent(reply, frozenset()) == receipt


def test_without_the_permission_to_look_nobody_knows(page: Any) -> None:
    """The sign-in is well, and nobody would make it better."""
    reply = answer(page)
    page.town.faults.add("created_but_400", method="POST", path="*/comments")
    with pytest.raises(NobodyKnows):
        page.channel.send(reply)
    page.town.faults.add("graph_error", method="GET", body="permission", times=None)
    with pytest.raises(NobodyKnows, match="cannot be looked up"):
        page.channel.find_sent(reply, frozenset())


def test_a_private_message_behind_too_many_newer_ones_is_unknown(page: Any) -> None:
    """Meta shows the newest of a conversation; what stands behind them may be ours."""
    said = page.says("Where is it?", private=True)
    reply = page.reply("We are sorry", to=said, visibility=PRIVATE)
    receipt = page.channel.send(reply)
    for number in range(20):
        assert page.channel.find_sent(reply, frozenset()) == receipt
        page.says(f"hello? {number}", private=True)
    with pytest.raises(NobodyKnows, match="more than 20"):
        page.channel.find_sent(reply, frozenset())
    later = replace(reply, intended_at=page.now() + DAY)
    assert page.channel.find_sent(later, frozenset()) is None


def test_somebody_elses_comment_with_the_same_words_is_not_ours(page: Any) -> None:
    reply = answer(page)
    page.page.comment("kim", "We are sorry", parent=reply.in_reply_to)
    assert page.channel.find_sent(reply, frozenset()) is None


def test_beneath_what_is_gone_nothing_is_found(page: Any) -> None:
    reply = answer(page)
    page.takes_down(reply.in_reply_to)
    assert page.channel.find_sent(reply, frozenset()) is None
    assert page.channel.find_sent(replace(reply, in_reply_to=""), frozenset()) is None


def test_where_we_may_not_look_nobody_knows(page: Any) -> None:
    """Nor with fewer fields."""
    reply = answer(page)
    page.town.faults.add(
        "graph_error", method="GET", path="*/comments", body="deprecated_tag", times=2
    )
    with pytest.raises(NobodyKnows):
        page.channel.find_sent(reply, frozenset())


# ------------------------------------------------------------------ privately


def test_a_private_answer_reaches_the_author_in_messenger(page: Any) -> None:
    """By the comment's id: their id on Messenger is another one, and comes with the receipt."""
    reply = answer(page, private=True)
    receipt = page.channel.send(reply)
    [body] = sent(page, "*/messages")
    assert body["recipient"] == {"comment_id": reply.in_reply_to}
    assert receipt.to == page.psid != reply.to.id
    assert page.page.notice(reply.in_reply_to) != ""


def test_the_author_of_a_visitors_post_is_reached_by_the_post(page: Any) -> None:
    post = page.page.post("jane", "Is your shop open?")
    reply = answer(page, private=True, in_reply_to=post.id, answers=Kind.POST)
    page.channel.send(reply)
    assert sent(page, "*/messages")[0]["recipient"] == {"post_id": post.id}


def test_who_is_not_named_can_be_answered_privately(page: Any) -> None:
    comment = page.page.comment("jane", "anonymous", anonymous=True)
    [post] = [one for raw in page.arrivals() for one in page.channel.unpack(raw.body)]
    assert post.author.id == f"comment:{comment.id}"
    reply = answer(page, private=True, in_reply_to=comment.id, to=post.author)
    assert page.channel.send(reply).to == page.psid


def test_who_is_not_named_is_reached_by_what_they_said_alone(page: Any) -> None:
    nobody = replace(page.customer, id="comment:9001_7001")
    reply = answer(page, private=True, in_reply_to="", answers=None, to=nobody)
    with pytest.raises(Refused) as refused:
        page.channel.send(reply)
    assert refused.value.code == "no_private_way"
    assert sent(page, "*/messages") == []


def test_a_second_private_answer_is_refused(page: Any) -> None:
    reply = answer(page, private=True)
    page.channel.send(reply)
    with pytest.raises(Refused) as refused:
        page.channel.send(replace(reply, text="And another thing", key="b"))
    assert refused.value.code == "private_once"
    assert len(page.written()) == 1


def test_a_repeated_private_answer_is_the_one_that_was_sent(page: Any) -> None:
    """Its answer was lost; Meta says only that there has been one."""
    reply = answer(page, private=True)
    page.town.faults.add("drop_after_write", method="POST", path="*/messages")
    with pytest.raises(NobodyKnows):
        page.channel.send(reply)
    again = page.channel.send(reply)
    assert [again.id] == [one.id for one in page.written()]
    assert again.to == page.psid


def test_a_lost_private_answer_is_found_by_the_persons_name(page: Any) -> None:
    """The same words went to somebody else meanwhile."""
    reply = answer(page, private=True)
    other = page.page.comment("kim", "Mine, too")
    kim = replace(reply.to, id=page.stranger, name="Kim Lee")
    to_kim = replace(reply, in_reply_to=other.id, to=kim, key="b")
    page.channel.send(to_kim)
    assert page.channel.find_sent(reply, frozenset()) is None
    receipt = page.channel.send(reply)
    found = page.channel.find_sent(reply, frozenset())
    assert (found.id, found.to) == (receipt.id, receipt.to)


def test_after_a_week_there_is_no_private_way(page: Any) -> None:
    reply = answer(page, private=True)
    page.later(days=8)
    assert page.channel.limits().of(PRIVATE).private_answer_window == 7 * DAY
    with pytest.raises(Refused) as refused:
        page.channel.send(reply)
    assert refused.value.code == "no_private_way"


def test_a_comment_that_is_gone_is_gone(page: Any) -> None:
    reply = answer(page, private=True)
    page.takes_down(reply.in_reply_to)
    with pytest.raises(Gone):
        page.channel.send(reply)


def test_the_network_tells_the_thread_by_itself(page: Any) -> None:
    limits = page.channel.limits()
    assert limits.shows_own_notice
    assert limits.of(PRIVATE).shows_own_notice
    assert (limits.length.most, limits.of(PRIVATE).length.most) == (8000, 2000)
    assert limits.of(PRIVATE).private_answers_once


def test_private_messages_go_the_way_of_messenger(page: Any) -> None:
    said = page.says("Order 4711", private=True)
    receipt = page.channel.send(page.reply("Thank you", to=said, visibility=PRIVATE))
    assert (receipt.to, sent(page, "*/messages")[0]["reply_to"]) == (page.psid, {"mid": said})
    assert page.channel.person(page.psid).name == "Jane Doe"
