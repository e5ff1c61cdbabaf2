"""Everything that WhatsApp is documented to send becomes something known, or says why not."""

from __future__ import annotations

import json
import random

import pytest

from bridge.model import (
    Arrival,
    Ignored,
    Kind,
    Label,
    Post,
    Removal,
    Report,
    Unreadable,
    Visibility,
)


def only(samples, name):
    (found,) = samples.events(name)
    return found


def test_what_nobody_wrote_is_set_aside(samples) -> None:
    """A message of which neither a number nor a user id is told has no author."""
    body = samples.body("Text_Message")
    value = body["entry"][0]["changes"][0]["value"]
    del value["contacts"], value["messages"][0]["from"]
    (found,) = samples.channel(body).unpack(json.dumps(body).encode())
    assert isinstance(found, Unreadable)
    assert "neither a number nor a user id" in found.because


def test_however_deep_it_is_taken_apart(samples) -> None:
    """Nobody knows at which depth Python gives up reading, and at which writing."""
    body = samples.body("Text_Message")
    channel = samples.channel(body)
    value = body["entry"][0]["changes"][0]["value"]
    value["messages"] = ["deep", *value["messages"]]
    for depth in range(700, 1_000):
        told = json.dumps(body).replace('"deep"', "[" * depth + "]" * depth)
        assert all(channel.unpack(raw.body) for raw in channel.apart(told.encode()))


def test_every_published_payload_is_known(samples) -> None:
    """No sample raises or is set aside; what is no message says why."""
    names = samples.names()
    assert len(names) > 60
    for name in names:
        found = samples.events(name)
        assert found, name
        for each in found:
            assert isinstance(each, Post | Removal | Report | Ignored), (name, each)
            assert not isinstance(each, Ignored) or each.because, name


def test_the_number_of_posts_is_that_of_the_messages(samples) -> None:
    """No message is taken for something that needs no answer: only reactions and notes of
    WhatsApp's own are."""
    silent = [
        name
        for name in samples.names()
        if name.startswith(("message:", "callback", "flow", "Text", "Image", "Button", "Inter"))
        and not any(isinstance(each, Post) for each in samples.events(name))
    ]
    assert all("reaction" in name for name in silent), silent


def test_a_text_by_somebody_with_a_number(samples) -> None:
    """The person is known by the number where nothing else is told."""
    post = only(samples, "Text_Message")
    assert "Does it come in another color?" == post.text
    assert (Kind.DM, Visibility.PRIVATE) == (post.kind, post.visibility)
    assert ("16505551234", "+16505551234", "Sheena Nelson") == (
        post.author.id,
        post.author.handle,
        post.author.name,
    )
    assert post.thread_id == post.author.id


def test_a_user_id_wins_over_the_number(samples) -> None:
    """The number may be hidden one day; the person stays the same."""
    post = only(samples, "message:text")
    assert "US.13491208655302741918" == post.author.id
    assert "+972987654321" == post.author.handle


def test_somebody_without_a_number_is_heard(samples) -> None:
    """Neither `from` nor `wa_id`: the user id is enough."""
    body = samples.body("message:text")
    value = body["entry"][0]["changes"][0]["value"]
    del value["contacts"][0]["wa_id"]
    value["messages"][0]["from_user_id"] = value["contacts"][0]["user_id"]
    del value["messages"][0]["from"]
    (post,) = samples.channel(body).unpack(json.dumps(body).encode())
    assert "US.13491208655302741918" == post.author.id
    assert "Test Name" == post.author.name


def test_a_picture_keeps_its_caption_and_names_its_file(samples) -> None:
    """Behind an id, asked for at the Graph API."""
    post = only(samples, "Image_Message")
    assert "Taj Mahal" == post.text
    (media,) = post.media
    assert media.url.endswith("/v25.0/1003383421387256")
    assert "image/jpeg" == media.content_type


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Button_Message", "Unsubscribe"),
        ("Interactive_Button_Reply_Message", "Cancel"),
        ("Interactive_List_Reply_Message", "Priority Mail Express: Next Day to 2 Days"),
        ("Location_Message", "geo:37.44221496582,-122.16165924072"),
        ("Contact_Sharing_Message", "Lucía Gómez, +1 (983) 555-2319"),
        ("Order_Message", "2 × di9ozbzfi4, 30 USD"),
    ],
)
def test_what_is_no_plain_text_is_put_into_words(samples, name, words) -> None:
    """Agents read what was pressed, chosen, shared or ordered."""
    assert words in only(samples, name).text


def test_what_was_answered_is_named(samples) -> None:
    """A button answers the message it stood below."""
    assert only(samples, "Button_Message").parent_id.startswith("wamid.")


def test_who_came_by_an_ad(samples) -> None:
    """The label says so; the words are those of the customer alone."""
    post = only(samples, "Text_Message_from_Click_to_WhatsApp_Ad")
    assert (Label.AD,) == post.labels
    assert "Hello! Can I get more info on this?" == post.text


def test_what_whatsapp_does_not_show_is_labelled(samples) -> None:
    """It becomes a ticket all the same: somebody wrote."""
    post = only(samples, "Unsupported_Message")
    assert (Label.UNSUPPORTED,) == post.labels


def test_an_edit_is_another_version_of_the_message_it_names(samples) -> None:
    """Under the first id, with a revision that sorts by time."""
    post = only(samples, "edited_message:image")
    assert post.id.endswith("OUQ1MDVGRjFGRDNFQUQA") or post.id.startswith("wamid.HBgLMTQx")
    assert "001749854575" == post.revision
    assert "Updated image caption" == post.text


def test_a_deleted_message_is_removed(samples) -> None:
    """The one it names, not the note of it."""
    removal = only(samples, "deleted_message:revoke")
    assert "<ORIGINAL_WHATSAPP_MESSAGE_ID>" == removal.post_id


def test_what_was_typed_in_the_business_app_is_ours(samples) -> None:
    """It belongs to the customer's thread."""
    post = only(samples, "outgoing_message:text")
    assert post.by_us
    assert "<BSUID>" == post.thread_id


def test_statuses_are_reports(samples) -> None:
    """In any order; a failure says why."""
    states = {
        name.partition(":")[2]: only(samples, name)
        for name in samples.names()
        if name.startswith("message_status:")
    }
    assert Arrival.SENT is states["sent"].state
    assert Arrival.DELIVERED is states["delivered"].state
    failed = [each for each in states.values() if getattr(each, "state", "") is Arrival.FAILED]
    assert failed
    assert all(each.because for each in failed)


def test_doubled_shuffled_and_bundled_they_are_the_same(samples) -> None:
    """One delivery with everything in it, twice and mixed, has the items of each alone."""
    names = ["Text_Message", "Image_Message", "Button_Message", "Order_Message"]
    bodies = [samples.body(name) for name in names]
    channel = samples.channel(bodies[0])
    alone = {
        raw.key: channel.unpack(raw.body)
        for body in bodies
        for raw in channel.apart(json.dumps(body).encode())
    }
    entries = [entry for body in bodies for entry in body["entry"]] * 2
    random.Random(7).shuffle(entries)
    together = json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()
    assert alone == {raw.key: channel.unpack(raw.body) for raw in channel.apart(together)}
    assert 4 == len(alone)


def test_several_messages_of_one_change_come_apart(samples) -> None:
    """A hundred and fifty of them: each by itself, none forgotten, also beside a poisoned one."""
    body = samples.body("Text_Message")
    value = body["entry"][0]["changes"][0]["value"]
    first = value["messages"][0]
    value["messages"] = [{**first, "id": f"wamid.{n}"} for n in range(150)]
    value["messages"][70] = {"type": "text"}
    channel = samples.channel(body)
    raws = channel.apart(json.dumps(body).encode())
    found = [event for raw in raws for event in channel.unpack(raw.body)]
    assert 150 == len({raw.key for raw in raws})
    assert [f"wamid.{n}" for n in range(150) if n != 70] == [
        each.id for each in found if isinstance(each, Post)
    ]
    assert isinstance(found[70], Unreadable)


def test_they_come_apart_in_the_order_in_which_they_were_sent(samples) -> None:
    body = samples.body("Text_Message")
    value = body["entry"][0]["changes"][0]["value"]
    [first] = value["messages"]
    value["messages"] = [{**first, "id": f"wamid.{n}", "timestamp": str(n)} for n in (3, 1, 2)]
    channel = samples.channel(body)
    raws = channel.apart(json.dumps(body).encode())
    found = [event.id for raw in raws for event in channel.unpack(raw.body)]
    assert ["wamid.1", "wamid.2", "wamid.3"] == found


def test_another_number_of_the_same_business_is_not_ours(samples) -> None:
    """Two numbers share an account: each takes its own."""
    body = samples.body("Text_Message")
    other = samples.channel(body, phone_number_id="999")
    assert () == other.apart(json.dumps(body).encode())
    assert 1 == len(samples.channel(body).apart(json.dumps(body).encode()))
