"""The stand-in's Messenger: windows by its clock, echoes, other apps."""

from __future__ import annotations

import json
from typing import Any

import pytest
from meta.meta_client import Client, Taker, Time

from bridge.sandbox.meta import Town
from bridge.sandbox.meta.page_wall import Page
from bridge.sandbox.meta.people import META_INBOX

PNG = b"\x89PNG\r\n\x1a\n not really"


@pytest.fixture
def page(town: Town, taker: Taker, client: Client) -> Page:
    made = town.page("Acme")
    town.connect(made, taker.url)
    client.token = town.token_for(made)
    return made


def said(page: Page, text: str, **more: Any) -> dict[str, Any]:
    return {"recipient": {"id": page.inbox.id_of("jane")}, "message": {"text": text}, **more}


def test_a_message_is_answered_and_echoed(
    town: Town, page: Page, taker: Taker, client: Client
) -> None:
    asked = page.inbox.message("jane", "hello")
    send = said(page, "hi", messaging_type="RESPONSE", reply_to={"mid": asked.id})
    send["message"]["metadata"] = "key-1"
    sent = client.post(f"{page.id}/messages", send)
    town.deliver()
    _, echo = taker.items("messaging")
    assert echo["message"]["mid"] == sent["message_id"]
    assert echo["message"]["metadata"] == "key-1"
    assert echo["message"]["app_id"] == int(town.meta.id)
    assert (echo["sender"]["id"], echo["recipient"]["id"]) == (page.id, sent["recipient_id"])
    assert page.inbox.said()[0].reply_to == asked.id


def test_an_echo_can_come_before_the_answer(
    town: Town, page: Page, taker: Taker, client: Client
) -> None:
    page.inbox.message("jane", "hello")
    town.deliver()
    page.inbox.echo_first = True
    client.post(f"{page.id}/messages", said(page, "hi"))
    assert taker.items("messaging")[-1]["message"]["is_echo"] is True


def test_windows_close_by_the_clock(town: Town, page: Page, client: Client, time: Time) -> None:
    path = f"{page.id}/messages"
    human = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    assert client.refused("POST", path, said(page, "first")) == (10, 2018278)
    page.inbox.message("jane", "hello")
    time.passes(hours=24)
    client.post(path, said(page, "just in time"))
    time.passes(seconds=1)
    assert client.refused("POST", path, said(page, "late")) == (10, 2018278)
    client.post(path, said(page, "late", **human))
    time.passes(days=6)
    assert client.refused("POST", path, said(page, "too late", **human)) == (10, 2018278)
    tag = {"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}
    assert client.refused("POST", path, said(page, "tagged", **tag)) == (100, None)


def test_people_can_be_out_of_reach(town: Town, page: Page, client: Client) -> None:
    path = f"{page.id}/messages"
    page.inbox.message("jane", "hello")
    page.inbox.hands_over("jane", META_INBOX)
    assert client.refused("POST", path, said(page, "hi")) == (10, 2018300)
    page.inbox.hands_over("jane", "")
    page.inbox.block("jane")
    assert client.refused("POST", path, said(page, "hi")) == (551, 1545041)
    nobody = {"recipient": {"id": "12"}, "message": {"text": "hi"}}
    assert client.refused("POST", path, nobody) == (100, 2018001)


@pytest.mark.parametrize(
    "wrong",
    [
        {"recipient": {"id": "1"}},
        {"message": {"text": "hi"}},
        {"recipient": {"id": "1", "comment_id": "2"}, "message": {"text": "hi"}},
        {"recipient": {"id": "1"}, "message": {"text": ""}},
        {"recipient": {"id": "1"}, "message": {"text": "x" * 2001}},
        {"recipient": {"id": "1"}, "message": {"text": "hi", "colour": "red"}},
        {"recipient": {"id": "1"}, "message": {"text": "hi", "metadata": "x" * 1001}},
        {"recipient": {"id": "1"}, "message": {"text": "hi"}, "messaging_type": "SPAM"},
        {"recipient": {"id": "1"}, "message": {"text": "hi"}, "colour": "red"},
        {
            "recipient": {"id": "1"},
            "message": {"text": "hi", "attachment": {"type": "image", "payload": {"url": "x"}}},
        },
        {"recipient": {"id": "1"}, "message": {"attachment": {"type": "image", "payload": {}}}},
    ],
)
def test_wrong_bodies(wrong: dict[str, Any], page: Page, client: Client) -> None:
    assert client.refused("POST", f"{page.id}/messages", wrong) == (100, None)


def test_files_in_and_out(town: Town, page: Page, taker: Taker, client: Client, time: Time) -> None:
    page.inbox.message("jane", photos=[PNG], files=[("a.pdf", "application/pdf", b"%PDF")])
    town.deliver()
    (came,) = taker.items("messaging")
    image, document = came["message"]["attachments"]
    assert (image["type"], document["type"]) == ("image", "file")
    assert client.http.get(image["payload"]["url"], timeout=30).content == PNG
    time.passes(days=1)
    assert client.http.get(image["payload"]["url"], timeout=30).status_code == 403

    page.inbox.message("jane", "and now?")
    wanted = {"attachment": {"type": "image", "payload": {"is_reusable": True}}}
    kept = client.ask(
        "POST",
        f"{page.id}/message_attachments",
        data={"message": json.dumps(wanted)},
        files={"filedata": ("a.png", PNG, "image/png")},
    ).json()
    wanted["attachment"]["payload"] = {"attachment_id": kept["attachment_id"]}
    to = {"id": page.inbox.id_of("jane")}
    client.post(f"{page.id}/messages", {"recipient": to, "message": wanted})
    wanted["attachment"]["payload"] = {}
    sent = client.ask(
        "POST",
        f"{page.id}/messages",
        data={"recipient": json.dumps(to), "message": json.dumps(wanted)},
        files={"filedata": ("b.png", PNG, "image/png")},
    )
    assert sent.status_code == 200, sent.text
    files = [one.attachments[0].file_id for one in page.inbox.said()]
    assert [town.files.find(one).content for one in files] == [PNG, PNG]  # type: ignore[union-attr]


def test_conversations_are_read_back(page: Page, client: Client) -> None:
    page.inbox.message("jane", "hello")
    client.post(f"{page.id}/messages", said(page, "hi"))
    page.inbox.types("jane", "typed elsewhere")
    who = page.inbox.id_of("jane")
    fields = "messages{id,message,from,created_time}"
    (one,) = client.get(f"{page.id}/conversations", user_id=who, fields=fields)["data"]
    messages = one["messages"]["data"]
    assert [each["message"] for each in messages] == ["typed elsewhere", "hi", "hello"]
    assert [each["from"]["id"] for each in messages] == [page.id, page.id, who]
    assert client.get(messages[0]["id"], fields="message")["message"] == "typed elsewhere"
    nobody = client.get(f"{page.id}/conversations", user_id="12", fields=fields)
    assert nobody["data"] == []
    page.inbox.message("kim", "me too")
    everybody = client.get(f"{page.id}/conversations", fields="participants", limit=5)["data"]
    assert [one["participants"]["data"][0]["name"] for one in everybody] == ["Kim Lee", "Jane Doe"]


def test_who_never_wrote_is_not_looked_up(page: Page, client: Client) -> None:
    who = page.inbox.id_of("jane")
    assert client.refused("GET", who, fields="first_name") == (230, None)
    page.inbox.message("jane", "hello")
    assert client.get(who, fields="first_name,last_name")["last_name"] == "Doe"


def test_signs_of_life_are_no_messages(page: Page, client: Client) -> None:
    who = {"id": page.inbox.id_of("jane")}
    path = f"{page.id}/messages"
    seen = {"recipient": who, "sender_action": "mark_seen"}
    assert client.post(path, seen) == {"recipient_id": who["id"]}
    both = {**seen, "message": {"text": "hi"}}
    assert client.refused("POST", path, both) == (100, None)
    assert page.inbox.said() == ()


def test_an_edit_can_come_without_its_message(town: Town, page: Page, taker: Taker) -> None:
    page.inbox.edit(page.inbox.unsaid("jane", "helo").id, "hello")
    town.deliver()
    (edit,) = taker.items()
    assert edit["message_edit"]["text"] == "hello"


def test_who_comes_by_an_advertisement(town: Town, page: Page, taker: Taker) -> None:
    page.inbox.message("jane", "How much?", ad="120226")
    town.deliver()
    assert taker.items()[0]["message"]["referral"]["ad_id"] == "120226"


def test_buttons_edits_and_standby(town: Town, page: Page, taker: Taker) -> None:
    page.inbox.postback("jane", "Get Started", "START")
    page.inbox.edit(page.inbox.message("jane", "helo").id, "hello")
    page.inbox.hands_over("jane", META_INBOX)
    page.inbox.message("jane", "to the others")
    town.deliver(bundle=True)
    (body,) = taker.bodies
    assert [len(body["entry"]), [*body["entry"][1]][-1]] == [2, "standby"]
    assert [*body["entry"][0]["messaging"][2]][-1] == "message_edit"
