"""Answers on Instagram: beneath a comment, and to its author alone, with either sign-in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.channels.contract import Unit
from bridge.channels.instagram.options import Login
from bridge.errors import Expired, Gone, NobodyKnows, Refused, TooLong
from bridge.model import DAY, MINUTE, File, Kind, Label, Post, Reply, Visibility

PRIVATE = Visibility.PRIVATE
PNG = File("größe.png", "image/png", b"\x89PNG")
PDF = File("bill.pdf", "application/pdf", b"%PDF")


def sent(insta: Any, path: str) -> list[Any]:
    return [one.json() for one in insta.town.faults.asked("POST", path)]


def events(insta: Any) -> list[Any]:
    return [one for raw in insta.arrivals() for one in insta.channel.unpack(raw.body)]


def answer(insta: Any, text: str = "We are sorry", *, private: bool = False, **more: Any) -> Reply:
    """An answer to a comment that was written just now."""
    visibility = PRIVATE if private else Visibility.PUBLIC
    reply: Reply = insta.reply(text, to=insta.says("Where is it?"), visibility=visibility)
    return replace(reply, **more)


def to_a_message(insta: Any, text: str = "We are sorry", **more: Any) -> Reply:
    said = insta.says("Order 4711", private=True)
    return replace(insta.reply(text, to=said, visibility=PRIVATE), **more)


# ------------------------------------------------------------------ in public


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"in_reply_to": ""}, Refused),
        ({"text": ""}, Refused),
        ({"text": "x" * 2201}, TooLong),
        ({"files": (PNG,)}, Refused),
        ({"answers": Kind.DM}, Refused),
    ],
)
def test_what_cannot_be_said_in_public_is_refused(
    own: Any, changes: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        own.channel.send(answer(own, **changes))
    assert own.written() == ()


def test_a_public_answer_goes_beneath_the_top_level_comment(insta: Any) -> None:
    """Whichever of the comments is answered; and nothing but the message is asked for."""
    top = insta.says("Where is it?")
    other = insta.page.comment("kim", "Mine, too", parent=top)
    reply = replace(answer(insta), in_reply_to=other.id, thread_id=top)
    receipt = insta.channel.send(reply)
    [comment] = insta.page.said()
    assert (comment.id, comment.parent_id, comment.text) == (receipt.id, top, "We are sorry")
    [call] = insta.town.faults.asked("POST", "*/replies")
    assert call.path == f"/v25.0/{top}/replies"
    assert call.json() == {"message": "We are sorry"}
    assert "fields" not in call.query


def test_our_own_answer_comes_back_as_ours(insta: Any) -> None:
    reply = answer(insta)
    receipt = insta.channel.send(reply)
    [ours] = [one for one in events(insta) if isinstance(one, Post) and one.by_us]
    assert (ours.id, ours.thread_id) == (receipt.id, reply.thread_id)


def test_a_comment_that_was_written_and_refused_all_the_same_is_found(insta: Any) -> None:
    """20/1772107: it stands there."""
    reply = answer(insta)
    insta.town.faults.add("created_but_400", method="POST", path="*/replies")
    with pytest.raises(NobodyKnows):
        insta.channel.send(reply)
    found = insta.channel.find_sent(reply, frozenset())
    assert [found.id] == [one.id for one in insta.written()]
    assert insta.channel.find_sent(reply, frozenset({found.id})) is None


def test_somebody_elses_comment_with_the_same_words_is_not_ours(own: Any) -> None:
    reply = answer(own)
    own.page.comment("kim", "We are sorry", parent=reply.in_reply_to)
    assert own.channel.find_sent(reply, frozenset()) is None
    receipt = own.channel.send(reply)
    assert own.channel.find_sent(reply, frozenset()) == receipt
    old = replace(reply, intended_at=own.now() + DAY)
    assert own.channel.find_sent(old, frozenset()) is None


def test_a_comment_of_nobody_we_are_told_of_may_be_ours(own: Any) -> None:
    """Better asked once too often than written twice."""
    reply = answer(own)
    made = own.page.comment("kim", "We are sorry", parent=reply.in_reply_to)
    own.town.put(replace(own.page.one(made.id), username=""))
    assert own.channel.find_sent(reply, frozenset()).id == made.id


def test_beneath_what_is_gone_nothing_is_found(own: Any) -> None:
    reply = answer(own)
    own.takes_down(reply.in_reply_to)
    assert own.channel.find_sent(reply, frozenset()) is None
    assert own.channel.find_sent(replace(reply, in_reply_to=""), frozenset()) is None


# ------------------------------------------------------------------ mentions elsewhere


def mentioned(linked: Any, *, comment: bool = True) -> Post:
    linked.page.mention("jane", "@acme is this yours?", comment=comment)
    [post] = [one for one in events(linked) if isinstance(one, Post)]
    return post


@pytest.mark.parametrize("comment", [True, False])
def test_a_mention_is_named_and_read_by_looking(linked: Any, comment: bool) -> None:
    """Facebook's login tells that it happened, not who it was and what was said."""
    post = mentioned(linked, comment=comment)
    assert linked.channel.person(post.author.id).name == "jane"
    [raw] = linked.channel.reread((post.id,))
    [read] = linked.channel.unpack(raw.body)
    assert (read.id, read.text, read.labels) == (post.id, "@acme is this yours?", ())
    assert post.revision < read.revision
    assert "/instagram/p/" in read.permalink
    assert linked.channel.reread((post.id,))[0].key == raw.key


@pytest.mark.parametrize("comment", [True, False])
def test_a_mention_is_answered_where_it_is(linked: Any, comment: bool) -> None:
    post = mentioned(linked, comment=comment)
    reply = replace(
        answer(linked), in_reply_to=post.id, thread_id=post.id, answers=Kind.MENTION, to=post.author
    )
    receipt = linked.channel.send(reply)
    assert receipt.id in [one.id for one in linked.page.said()]
    [body] = sent(linked, "*/mentions")
    assert ("comment_id" in body, "media_id" in body) == (comment, True)
    with pytest.raises(NobodyKnows):  # nothing says that others' posts can be looked through
        linked.channel.find_sent(reply, frozenset())


def test_nobody_is_answered_privately_for_a_mention(linked: Any) -> None:
    post = mentioned(linked)
    reply = answer(linked, private=True, in_reply_to=post.id, answers=Kind.MENTION)
    with pytest.raises(Refused) as refused:
        linked.channel.send(reply)
    assert refused.value.code == "no_private_way"
    assert linked.page.inbox.said() == ()


def test_a_mention_that_is_gone_is_a_removal(linked: Any) -> None:
    post = mentioned(linked)
    assert linked.channel.is_there(post.id)
    linked.page.remove(post.id.rpartition(":")[2])
    assert not linked.channel.is_there(post.id)
    [raw] = linked.channel.reread((post.id,))
    [gone] = linked.channel.unpack(raw.body)
    assert gone.post_id == post.id


# ------------------------------------------------------------------ privately


def test_a_private_answer_reaches_the_author_by_the_comment(insta: Any) -> None:
    reply = answer(insta, private=True)
    receipt = insta.channel.send(reply)
    [body] = sent(insta, "*/messages")
    assert body["recipient"] == {"comment_id": reply.in_reply_to}
    assert receipt.to == insta.psid == reply.to.id
    assert insta.page.said() == ()


def test_messages_go_by_the_node_that_the_sign_in_is_for(insta: Any) -> None:
    insta.channel.send(answer(insta, private=True))
    node = insta.linked.id if insta.login is Login.FACEBOOK else insta.page.id
    [call] = insta.town.faults.asked("POST", "*/messages")
    assert call.path == f"/v25.0/{node}/messages"


def test_a_second_private_answer_is_refused(insta: Any) -> None:
    reply = answer(insta, private=True)
    insta.channel.send(reply)
    with pytest.raises(Refused) as refused:
        insta.channel.send(replace(reply, text="And another thing", key="b"))
    assert refused.value.code == "no_private_way"
    assert len(insta.written()) == 1


def test_a_repeated_private_answer_is_the_one_that_was_sent(insta: Any) -> None:
    """Its answer was lost; Instagram says only that the comment is invalid for one."""
    reply = answer(insta, private=True)
    insta.town.faults.add("drop_after_write", method="POST", path="*/messages")
    with pytest.raises(NobodyKnows):
        insta.channel.send(reply)
    again = insta.channel.send(reply)
    assert [again.id] == [one.id for one in insta.written()]
    assert again.to == insta.psid


def test_the_same_words_to_somebody_else_are_not_the_lost_answer(insta: Any) -> None:
    """People have the same id in public and in private, so only their own talk is looked at."""
    reply = answer(insta, private=True)
    other = insta.page.comment("kim", "Mine, too")
    kim = replace(reply.to, id=insta.page.id_of("kim"), handle="kim", name="kim")
    insta.channel.send(replace(reply, in_reply_to=other.id, to=kim, key="b"))
    assert insta.channel.find_sent(reply, frozenset()) is None


def test_a_lost_message_is_found_by_whatever_id_the_account_goes_there(own: Any) -> None:
    """What the customer says in the very same words is not it."""
    reply = to_a_message(own, "Yes")
    own.page.inbox.message("jane", "Yes")
    as_the_app_sees_it = own.open(instagram_id=own.page.scoped_id)
    assert as_the_app_sees_it.find_sent(reply, frozenset()) is None
    receipt = own.channel.send(reply)
    assert as_the_app_sees_it.find_sent(reply, frozenset()) == receipt


def test_after_a_week_there_is_no_private_way(insta: Any) -> None:
    reply = answer(insta, private=True)
    insta.later(days=8)
    with pytest.raises(Refused) as refused:
        insta.channel.send(reply)
    assert refused.value.code == "no_private_way"


def test_a_message_is_measured_in_bytes(own: Any) -> None:
    private = own.channel.limits().of(PRIVATE)
    assert (private.length.most, private.length.unit) == (1000, Unit.UTF8_BYTES)
    reply = to_a_message(own, "ä" * 501)
    with pytest.raises(TooLong):
        own.channel.send(reply)
    own.channel.send(replace(reply, text="ä" * 500))
    assert len(own.written()) == 1


@pytest.mark.parametrize("file", [PNG, PDF])
def test_a_file_is_a_message_of_its_own(insta: Any, file: File) -> None:
    """Uploaded first, under a name that Instagram takes."""
    insta.channel.send(to_a_message(insta, "", files=(file,)))
    [message] = insta.page.inbox.said()
    kept = insta.town.files.find(message.attachments[0].file_id)
    assert kept.content == file.content
    assert kept.filename.isascii()
    assert kept.filename.endswith(file.filename[-4:])


def test_a_name_without_any_sign_that_is_taken_becomes_a_plain_one(own: Any) -> None:
    own.channel.send(to_a_message(own, "", files=(replace(PNG, filename="画像.png"),)))
    [message] = own.page.inbox.said()
    assert own.town.files.find(message.attachments[0].file_id).filename == "file.png"


def test_a_picture_that_is_too_large_is_refused_before_it_is_sent(own: Any) -> None:
    large = replace(PNG, content=b"x" * (8 * 1024 * 1024 + 1))
    with pytest.raises(Refused) as refused:
        own.channel.send(to_a_message(own, "", files=(large,)))
    assert refused.value.code == "attachment_refused"
    assert own.written() == ()


def test_the_window_is_a_day_or_a_week_with_the_feature(own: Any) -> None:
    """https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages"""
    reply = to_a_message(own)
    own.later(days=3)
    with pytest.raises(Expired):
        own.channel.send(reply)
    human = own.open(human_agent=True)
    human.send(reply)
    [body] = sent(own, "*/messages")
    assert (body["messaging_type"], body["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    assert human.limits().of(PRIVATE).reply_window == 7 * DAY


# ------------------------------------------------------------------ looking again


def test_only_comments_are_looked_at_again(insta: Any) -> None:
    """Instagram tells by itself what becomes of messages."""
    message = insta.says("Order 4711", private=True)
    assert insta.channel.reread((message,)) == ()
    assert insta.town.faults.asked("GET", "*") == ()
    assert insta.channel.reread_every >= 10 * MINUTE
    assert insta.channel.reread_public_first


def test_what_is_looked_at_again_is_the_same_comment(insta: Any) -> None:
    top = insta.says("Where is it?")
    below = insta.page.comment("kim", "Mine, too", parent=top)
    arrived = {one.id: one for one in events(insta)}
    for raw in insta.channel.reread((top, below.id)):
        [read] = insta.channel.unpack(raw.body)
        assert read == replace(arrived[read.id], created_at=read.created_at)


def test_a_field_that_may_not_be_read_hides_no_comment(insta: Any) -> None:
    top = insta.says("Where is it?")
    insta.town.faults.add("422_closed", method="GET", path=f"/v25.0/{top}")
    [raw] = insta.channel.reread((top,))
    [read] = insta.channel.unpack(raw.body)
    assert (read.id, read.text, read.author.handle) == (top, "Where is it?", "jane")


def test_what_a_token_may_no_longer_see_is_not_taken_for_gone(insta: Any) -> None:
    """Meta says the same of both; nobody's words are taken off a ticket for that."""
    kept = insta.says("Where is it?")
    insta.town.faults.add("404", method="GET", path=f"/v25.0/{kept}")
    insta.town.faults.add("404", method="GET", path=f"/v25.0/{insta.page.id}")
    with pytest.raises(Gone):
        insta.channel.reread((kept,))


def test_somebody_who_wrote_is_known_by_name_and_followers(insta: Any) -> None:
    insta.town.change("jane", followers=4_800, name="Jane Doe")
    insta.says("Hello", private=True)
    person = insta.channel.person(insta.psid)
    assert (person.id, person.handle, person.name) == (insta.psid, "jane", "Jane Doe")
    assert person.followers == 4_800
    assert person.avatar_url
    assert person.profile_url == "https://www.instagram.com/jane/"


def test_who_never_wrote_stays_without_a_name(insta: Any) -> None:
    """They have not agreed to be looked up; what their comment tells is all that is known."""
    with pytest.raises(Refused):
        insta.channel.person(insta.psid)


def test_a_story_is_never_fetched(insta: Any) -> None:
    insta.page.inbox.story_mention("jane", story=b"\xff\xd8")
    [post] = events(insta)
    assert post.labels == (Label.STORY_MENTION,)
    with pytest.raises(Refused):
        insta.channel.fetch(post.media[0], 1000)
