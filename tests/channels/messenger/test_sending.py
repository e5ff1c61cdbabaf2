"""Messages of a Page: when they may be sent, what goes with them, and finding them again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bridge.channels.contract import Names
from bridge.errors import Expired, Gone, NeedsSignIn, NobodyKnows, Refused, TooLong, Unreachable
from bridge.model import DAY, File, Label, Post, Removal, Reply, Visibility

PNG = File("broken.png", "image/png", b"\x89PNG")


def sent(page: Any, path: str = "*/messages") -> list[Any]:
    return [one.json() for one in page.town.faults.asked("POST", path)]


def answer(page: Any, text: str = "On its way", **changes: Any) -> Reply:
    """An answer to something that was said just now."""
    reply: Reply = page.reply(text, to=page.says("Where is it?"))
    return replace(reply, **changes)


# ------------------------------------------------------------------ refused before it is sent


def test_nothing_is_public(page: Any) -> None:
    with pytest.raises(Refused):
        page.channel.send(answer(page, visibility=Visibility.PUBLIC))
    assert sent(page) == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"text": ""}, Refused),
        ({"text": "x" * 2001}, TooLong),
        ({"files": (PNG,)}, Refused),
        ({"text": "", "files": (PNG, PNG)}, Refused),
    ],
)
def test_what_would_be_half_sent_is_refused(
    page: Any, changes: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        page.channel.send(answer(page, **changes))
    assert sent(page) == []


# ------------------------------------------------------------------ the window


def test_after_a_day_the_window_has_closed(page: Any) -> None:
    reply = answer(page)
    page.later(hours=24, seconds=1)
    with pytest.raises(Expired):
        page.channel.send(reply)
    assert sent(page) == []


def test_people_may_answer_for_a_week_where_meta_allows_it(page: Any) -> None:
    channel = page.open(human_agent=True)
    assert channel.limits().reply_window == 7 * DAY
    reply = answer(page)
    channel.send(reply)
    page.later(hours=25)
    channel.send(replace(reply, text="Still there?", key="b"))
    page.later(days=7)
    with pytest.raises(Expired):
        channel.send(replace(reply, text="And now?", key="c"))
    first, second = sent(page)
    assert (first["messaging_type"], "tag" in first) == ("RESPONSE", False)
    assert (second["messaging_type"], second["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")


def test_what_no_person_wrote_has_a_day_also_with_the_feature(page: Any) -> None:
    """The tag is for answers by people only."""
    channel = page.open(human_agent=True)
    automatic = replace(answer(page), automatic=True)
    channel.send(automatic)
    page.later(hours=25)
    with pytest.raises(Expired, match="1 day after"):
        channel.send(replace(automatic, key="b"))
    assert [one["messaging_type"] for one in sent(page)] == ["RESPONSE"]


def test_without_the_feature_the_window_is_a_day(page: Any) -> None:
    assert page.channel.limits().reply_window == DAY


def test_a_window_that_meta_sees_closed_is_expired(page: Any) -> None:
    """It counts by its own clock."""
    reply = answer(page)
    page.later(hours=30)
    with pytest.raises(Expired):
        page.channel.send(replace(reply, heard_at=page.now()))


# ------------------------------------------------------------------ what is sent


def test_a_message_carries_its_mark_and_names_what_it_answers(page: Any) -> None:
    reply = answer(page, key="intent-9")
    receipt = page.channel.send(reply)
    [body] = sent(page)
    assert body["recipient"] == {"id": page.psid}
    assert body["message"] == {"text": "On its way", "metadata": "intent-9"}
    assert body["reply_to"] == {"mid": reply.in_reply_to}
    assert receipt.to == page.psid
    assert "EAA" not in str(page.town.faults.asked("POST", "*/messages"))


@pytest.mark.parametrize("in_reply_to", ["", "postback:7:20260601"])
def test_what_has_no_id_of_metas_cannot_be_named(page: Any, in_reply_to: str) -> None:
    page.channel.send(answer(page, in_reply_to=in_reply_to))
    assert "reply_to" not in sent(page)[0]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (PNG, "image"),
        (File("a.mp4", "video/mp4", b"film"), "video"),
        (File("a.mp3", "audio/mpeg", b"sound"), "audio"),
        (File("bill.pdf", "application/pdf", b"%PDF"), "file"),
    ],
)
def test_a_file_is_uploaded_and_sent(page: Any, file: File, kind: str) -> None:
    page.channel.send(answer(page, text="", files=(file,)))
    [body] = sent(page)
    assert body["message"]["attachment"]["type"] == kind
    [message] = page.page.inbox.said()
    kept = page.town.files.find(message.attachments[0].file_id)
    assert (kept.content, kept.content_type) == (file.content, file.content_type)


def test_an_upload_whose_answer_is_lost_sends_nothing(page: Any) -> None:
    page.town.faults.add("drop_after_write", method="POST", path="*/message_attachments")
    with pytest.raises(Unreachable):
        page.channel.send(answer(page, text="", files=(PNG,)))
    assert page.page.inbox.said() == ()


# ------------------------------------------------------------------ refused by Meta


def test_whoever_blocks_us_cannot_be_reached(page: Any) -> None:
    reply = answer(page)
    page.page.inbox.block("jane")
    with pytest.raises(Refused) as refused:
        page.channel.send(reply)
    assert refused.value.code == "no_private_way"


def test_what_another_app_has_taken_over_is_read_and_not_answered(page: Any) -> None:
    page.page.inbox.hands_over("jane", "42")
    reply = answer(page)
    [post] = [one for raw in page.arrivals() for one in page.channel.unpack(raw.body)]
    assert post.labels == (Label.STANDBY,)
    with pytest.raises(Refused) as refused:
        page.channel.send(reply)
    assert refused.value.code == "other_tool_answers"


def test_a_missing_permission_is_a_matter_for_an_administrator(page: Any) -> None:
    reply = answer(page)
    page.town.faults.add("graph_error", method="POST", path="*/messages", body="permission")
    with pytest.raises(NeedsSignIn) as refused:
        page.channel.send(reply)
    assert refused.value.code == "needs_permission"


def test_a_write_that_was_carried_out_and_refused_all_the_same_is_found(page: Any) -> None:
    """Meta has done so."""
    reply = answer(page)
    page.town.faults.add("created_but_400", method="POST", path="*/messages")
    with pytest.raises(NobodyKnows):
        page.channel.send(reply)
    found = page.channel.find_sent(reply, frozenset())
    assert [found.id] == [one.id for one in page.written()]
    assert found.to == page.psid


# ------------------------------------------------------------------ finding it again


def test_an_older_message_with_the_same_words_is_not_it(page: Any) -> None:
    page.channel.send(answer(page))
    page.later(minutes=3)
    later = answer(page, key="b")
    assert page.channel.find_sent(later, frozenset()) is None


def test_a_file_is_not_found_as_words_nor_words_as_a_file(page: Any) -> None:
    words = answer(page)
    page.channel.send(words)
    picture = replace(words, text="", files=(PNG,))
    assert page.channel.find_sent(picture, frozenset()) is None
    receipt = page.channel.send(picture)
    assert page.channel.find_sent(picture, frozenset()) == receipt


def test_where_we_may_not_look_nobody_knows(page: Any) -> None:
    """That Meta refuses the question says nothing about the message."""
    reply = answer(page)
    page.town.faults.add("graph_error", method="GET", path="*/conversations", body="deprecated_tag")
    with pytest.raises(NobodyKnows):
        page.channel.find_sent(reply, frozenset())


def test_somebody_who_never_wrote_has_no_conversation(page: Any) -> None:
    reply = answer(page)
    stranger = replace(reply.to, id="404")
    assert page.channel.find_sent(replace(reply, to=stranger), frozenset()) is None


# ------------------------------------------------------------------ coming back


def events(page: Any) -> list[Any]:
    return [one for raw in page.arrivals() for one in page.channel.unpack(raw.body)]


def test_the_echo_may_come_before_the_answer(page: Any) -> None:
    page.page.inbox.echo_first = True
    reply = answer(page, key="intent-9")
    receipt = page.channel.send(reply)
    echoes = [one for one in events(page) if isinstance(one, Post) and one.by_us]
    assert [("intent-9", receipt.id)] == [(one.mark, one.id) for one in echoes]


def test_what_is_typed_in_metas_inbox_is_by_us_and_not_ours(page: Any) -> None:
    page.says("Hello?")
    page.page.inbox.types("jane", "Hello from the inbox")
    _, typed = events(page)
    assert (typed.by_us, typed.mark, typed.thread_id) == (True, "", page.psid)


def test_an_edit_comes_as_a_revision(page: Any) -> None:
    said = page.says("Order 4711")
    page.page.inbox.edit(said, "Order 4712")
    first, second = events(page)
    assert (first.id, first.revision, second.id) == (said, "", said)
    assert second.revision > ""
    assert second.text == "Order 4712"
    assert not isinstance(second, Removal)


# ------------------------------------------------------------------ who it is


def test_names_are_asked_for(page: Any) -> None:
    assert isinstance(page.channel, Names)
    page.says("Hello?")
    found = page.channel.person(page.psid)
    assert (found.id, found.name) == (page.psid, "Jane Doe")
    assert found.avatar_url.startswith(page.town.url)


def test_who_does_not_let_us_see_it_has_no_name(page: Any) -> None:
    """Jane has not written yet, so that Meta tells nothing of her."""
    assert page.channel.person(page.psid).name == ""


def test_who_is_not_there_is_gone(page: Any) -> None:
    with pytest.raises(Gone):
        page.channel.person("404")


def test_a_field_that_is_not_there_does_not_cost_the_others(page: Any) -> None:
    page.says("Hello?")
    page.town.faults.add("graph_error", method="GET", path=f"*/{page.psid}", body="deprecated_tag")
    assert page.channel.person(page.psid).name == "Jane Doe"


def test_the_window_counts_from_what_was_heard(page: Any) -> None:
    reply = answer(page)
    page.later(hours=23)
    page.channel.send(replace(reply, heard_at=page.now() - timedelta(hours=23)))
    assert sent(page)[0]["messaging_type"] == "RESPONSE"
