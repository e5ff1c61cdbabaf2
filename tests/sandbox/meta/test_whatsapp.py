"""The stand-in's WhatsApp: who writes is told, what is sent has a fate that is told later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from contract import SPECS, spec_file
from marshmallow import ValidationError
from meta.meta_client import Client, Taker, Time

from bridge.sandbox.meta import Town
from bridge.sandbox.meta.whatsapp import Number
from bridge.sandbox.meta.whatsapp_asked import MessageSchema, SeenSchema, read_asked

PNG = b"\x89PNG\r\n\x1a\n not really"
SENDS = SPECS / "meta" / "whatsapp_send"


@pytest.fixture
def number(town: Town, taker: Taker, client: Client) -> Number:
    made = town.whatsapp("Acme")
    town.connect(made, taker.url)
    client.token = town.token_for(made)
    return made


def text(to: str, body: str, **more: Any) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "type": "text",
        "text": {"body": body},
        **more,
    }


def told(taker: Taker, what: str) -> list[dict[str, Any]]:
    return [one for value in taker.items() for one in value.get(what, [])]


def test_a_message_is_answered_and_its_fate_is_told(
    town: Town, number: Number, taker: Taker, client: Client
) -> None:
    asked = number.message("jane", "Is it there?")
    sent = client.post(
        f"{number.id}/messages",
        text("+16505551234", "Yes", context={"message_id": asked.id}, biz_opaque_callback_data="k"),
    )
    (one,) = number.said()
    assert (one.text, one.context, one.who) == ("Yes", asked.id, "jane")
    assert sent["messages"] == [{"id": one.id}]
    assert sent["contacts"] == [{"input": "+16505551234", "wa_id": "16505551234"}]
    number.reads("jane")
    town.deliver()
    statuses = told(taker, "statuses")
    assert [each["status"] for each in statuses] == ["sent", "delivered", "read"]
    assert {each["biz_opaque_callback_data"] for each in statuses} == {"k"}


def test_somebody_without_a_number_is_reached_by_user_id(
    town: Town, number: Number, taker: Taker, client: Client
) -> None:
    number.message("kim", "hello")
    town.deliver()
    (value,) = taker.items()
    assert "wa_id" not in value["contacts"][0]
    assert "from" not in value["messages"][0]
    user_id = value["messages"][0]["from_user_id"]
    send = text("", "Hi Kim", recipient=user_id)
    assert client.refused("POST", f"{number.id}/messages", send) == (100, None)
    del send["to"]
    client.post(f"{number.id}/messages", send)
    assert number.said()[0].who == "kim"


def test_the_window_closes_after_a_day(
    town: Town, number: Number, taker: Taker, client: Client, time: Time
) -> None:
    number.message("jane", "hello")
    time.passes(hours=24, seconds=1)
    client.post(f"{number.id}/messages", text("16505551234", "Late"))
    town.deliver()
    (failed,) = told(taker, "statuses")
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131047)
    number.refuses_at_once = True
    late = text("16505551234", "Late again")
    assert client.refused("POST", f"{number.id}/messages", late) == (131047, None)
    number.template("order_news", "News of your order: {{1}}")
    named = {"name": "order_news", "language": {"code": "en_US"}}
    body = {"type": "body", "parameters": [{"type": "text", "text": "sent"}]}
    sent = {"messaging_product": "whatsapp", "to": "16505551234", "type": "template"}
    assert client.refused("POST", f"{number.id}/messages", {**sent, "template": named}) == (
        132000,
        None,
    )
    client.post(f"{number.id}/messages", {**sent, "template": {**named, "components": [body]}})
    assert number.said()[-1].text == "News of your order: sent"


def test_the_pair_limit(number: Number, client: Client, time: Time) -> None:
    number.message("jane", "hello")
    number.pair_burst = 1
    client.post(f"{number.id}/messages", text("16505551234", "one"))
    two = text("16505551234", "two")
    assert client.refused("POST", f"{number.id}/messages", two) == (131056, None)
    time.passes(seconds=6)
    client.post(f"{number.id}/messages", two)


def test_nobody_has_this_number(town: Town, number: Number, taker: Taker, client: Client) -> None:
    client.post(f"{number.id}/messages", text("4915112345", "hello"))
    town.deliver()
    (failed,) = told(taker, "statuses")
    assert (failed["recipient_id"], failed["errors"][0]["code"]) == ("4915112345", 131026)


def test_files_come_by_a_link_that_needs_the_token_and_runs_out(
    town: Town, number: Number, taker: Taker, client: Client, time: Time
) -> None:
    number.file("jane", PNG, "image/png", caption="look")
    town.deliver()
    (came,) = told(taker, "messages")
    where = client.get(came["image"]["id"])
    assert client.ask("GET", where["url"]).content == PNG
    stranger = client.http.get(where["url"], timeout=30)
    assert stranger.status_code == 401
    time.passes(minutes=5)
    assert client.ask("GET", where["url"]).status_code == 404

    upload = client.ask(
        "POST",
        f"{number.id}/media",
        data={"messaging_product": "whatsapp", "type": "image/png"},
        files={"file": ("a.png", PNG, "image/png")},
    ).json()
    send = {
        "messaging_product": "whatsapp",
        "to": "16505551234",
        "type": "image",
        "image": {"id": upload["id"], "caption": "here"},
    }
    client.post(f"{number.id}/messages", send)
    assert number.said()[-1].text == "here"
    send["image"] = {"id": "1"}
    assert client.refused("POST", f"{number.id}/messages", send) == (100, None)


def test_statuses_can_come_backwards(
    town: Town, number: Number, taker: Taker, client: Client
) -> None:
    number.message("jane", "hello")
    number.statuses_backwards = True
    client.post(f"{number.id}/messages", text("16505551234", "hi"))
    town.deliver()
    assert [one["status"] for one in told(taker, "statuses")] == ["delivered", "sent"]


def test_the_account_is_read(number: Number, client: Client) -> None:
    number.template("order_news", "News: {{1}}")
    assert client.get(number.id, fields="verified_name")["verified_name"] == "Acme"
    (one,) = client.get(f"{number.waba.id}/phone_numbers")["data"]
    assert one["id"] == number.id
    (template,) = client.get(f"{number.waba.id}/message_templates", name="order_news")["data"]
    assert (template["language"], template["status"]) == ("en_US", "APPROVED")
    seen = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"}
    assert client.refused("POST", f"{number.id}/messages", seen) == (100, 33)
    seen["message_id"] = number.message("jane", "hello").id
    assert client.post(f"{number.id}/messages", seen) == {"success": True}


def test_the_wrong_body_is_refused() -> None:
    good = text("1", "hello")
    assert MessageSchema().load(good).content == {"body": "hello"}
    for wrong in (
        {**good, "messaging_product": "sms"},
        {**good, "recipient": "US.1"},
        {**good, "body": "hello"},
        {**good, "type": "image"},
        {**good, "text": {"body": ""}},
        {**good, "text": {"body": "x" * 4097}},
        {**good, "biz_opaque_callback_data": "x" * 513},
        {**good, "image": {"id": "1"}},
        {**good, "type": "image", "image": {"id": "1", "link": "https://x.example"}, "text": None},
    ):
        with pytest.raises(ValidationError):
            MessageSchema().load(wrong)
    with pytest.raises(ValidationError):
        SeenSchema().load({"messaging_product": "whatsapp", "status": "delivered"})


def test_every_official_example_is_accepted() -> None:
    examples = sorted(spec_file(SENDS).glob("*.json"))
    assert len(examples) == 50
    for path in examples:
        read_asked(json.loads(Path(path).read_text("utf-8")))
