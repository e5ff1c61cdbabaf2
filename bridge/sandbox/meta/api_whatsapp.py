"""WhatsApp's Cloud API: messages, files, templates.

- https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
- https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
- https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

from typing import Any

from bridge.sandbox.meta.api_hooks import account_api
from bridge.sandbox.meta.files import File
from bridge.sandbox.meta.graph import Answer, Call, Graph
from bridge.sandbox.meta.people import Person
from bridge.sandbox.meta.refusals import (
    CATALOGUE,
    Refusal,
    Wrong,
    refuse,
    unknown_object,
    whatsapp_parameter,
)
from bridge.sandbox.meta.selection import Known, picked
from bridge.sandbox.meta.shapes_whatsapp import failure
from bridge.sandbox.meta.whatsapp import Number, Template, Waba, WhatsApp, keeps
from bridge.sandbox.meta.whatsapp_asked import MEDIA, Asked, read_asked

MESSAGING = "whatsapp_business_messaging"
MANAGEMENT = "whatsapp_business_management"
MOST_BYTES = {"image": 5, "audio": 16, "video": 16, "file": 100}
"""Megabytes, by type."""


def whatsapp_api(graph: Graph) -> None:
    account_api(graph, Waba, MANAGEMENT)

    @graph.on(Number, "messages", "POST", MESSAGING)
    def send(call: Call, number: Number) -> Answer:
        hidden = ("_bearer", "access_token", "appsecret_proof")
        asked = read_asked({key: value for key, value in call.args.items() if key not in hidden})
        if isinstance(asked, str):
            number.one(asked)
            return {"success": True}
        return _sent(number, asked)

    @graph.on(Number, "media", "POST", MESSAGING)
    def upload(call: Call, number: Number) -> Answer:
        given = call.uploads.get("file")
        if given is None or call.text("messaging_product") != "whatsapp":
            raise whatsapp_parameter("file and messaging_product are required")
        content_type = call.text("type") or given.content_type
        kept = call.town.files.keep(number.id, given.content, content_type, given.filename)
        if len(kept.content) > MOST_BYTES[kept.type] * 1024 * 1024:
            call.town.files.drop(kept.id)
            raise whatsapp_parameter(f"File is larger than {MOST_BYTES[kept.type]} MB")
        return {"id": kept.id}

    @graph.on(File, "", "GET", MESSAGING)
    def media(call: Call, file: File) -> Answer:
        _of_number(call, file)
        return {
            "messaging_product": "whatsapp",
            "url": call.town.files.whatsapp_link(file),
            "mime_type": file.content_type,
            "sha256": file.sha256,
            "file_size": len(file.content),
            "id": file.id,
        }

    @graph.on(File, "", "DELETE", MESSAGING)
    def drop(call: Call, file: File) -> Answer:
        _of_number(call, file)
        call.town.files.drop(file.id)
        return {"success": True}

    @graph.on(Number, "", "GET", MANAGEMENT, MESSAGING)
    def number_itself(call: Call, number: Number) -> Answer:
        return _number(number, call)

    @graph.on(Waba, "", "GET", MANAGEMENT)
    def account(call: Call, waba: Waba) -> Answer:
        known: Known = {"id": lambda _: waba.id, "name": lambda _: waba.name}
        return picked(known, call.wants, ("id", "name"), "WhatsAppBusinessAccount")

    @graph.on(Waba, "phone_numbers", "GET", MANAGEMENT)
    def numbers(call: Call, waba: Waba) -> Answer:
        return {"data": [_number(call.town.nodes[waba.number_id], call)]}

    @graph.on(Waba, "message_templates", "GET", MANAGEMENT)
    def templates(call: Call, waba: Waba) -> Answer:
        number: Number = call.town.nodes[waba.number_id]
        wanted = call.text("name")
        found = [one for one in number.templates.values() if wanted in ("", one.name)]
        return {"data": [_template(one) for one in found]}


def _of_number(call: Call, file: File) -> None:
    number = call.town.node(call.text("phone_number_id") or file.owner)
    if not isinstance(number, Number) or not keeps(number, file):
        raise unknown_object(call.method, file.id)


def _number(number: Number, call: Call) -> Answer:
    known: Known = {
        "id": lambda _: number.id,
        "display_phone_number": lambda _: number.display,
        "verified_name": lambda _: number.name,
        "quality_rating": lambda _: "GREEN",
        "code_verification_status": lambda _: "VERIFIED",
        "platform_type": lambda _: "CLOUD_API",
        "status": lambda _: "CONNECTED",
    }
    usual = ("verified_name", "code_verification_status", "display_phone_number", "quality_rating")
    return picked(known, call.wants, (*usual, "id"), "WhatsAppBusinessPhoneNumber")


def _template(one: Template) -> Answer:
    return {
        "name": one.name,
        "language": one.language,
        "status": "APPROVED",
        "category": one.category.upper(),
        "components": [{"type": "BODY", "text": one.body}],
        "id": one.id,
    }


def _sent(number: Number, asked: Asked) -> Answer:
    person = number.reached(asked.recipient or asked.to)
    made = WhatsApp(
        id=number.new_id(),
        account_id=number.id,
        who=person.handle if person else "",
        by_brand=True,
        type=asked.kind,
        content=_content(number, asked, person),
        at=number.ground.clock(),
        context=asked.context,
        callback_data=asked.callback_data,
        to="".join(sign for sign in asked.to if sign.isdigit()),
    )
    if person and number.too_fast(person.handle):
        raise refuse("whatsapp_pair_rate")
    number.sends(made, _fate(number, asked, person))
    contact = _contact(asked, person, made)
    message = {"id": made.id}
    if asked.kind == "template":
        message["message_status"] = "accepted"
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}


def _fate(number: Number, asked: Asked, person: Person | None) -> dict[str, Any] | None:
    """The error it fails with some time later; None for a message that arrives."""
    if person is None or number.blocks(person.handle):
        return _as_status(CATALOGUE["whatsapp_undeliverable"])
    if asked.kind == "template" or number.is_open(person.handle):
        return None
    if number.refuses_at_once:
        raise refuse("whatsapp_window_closed")
    return _as_status(CATALOGUE["whatsapp_window_closed"])


def _as_status(wrong: Wrong) -> dict[str, Any]:
    return failure(wrong.code, wrong.message.partition(") ")[2], wrong.details)


def _contact(asked: Asked, person: Person | None, made: WhatsApp) -> Answer:
    if asked.recipient:
        return {"input": asked.recipient, "user_id": asked.recipient}
    return {"input": asked.to, "wa_id": person.phone if person else made.to}


def _content(number: Number, asked: Asked, person: Person | None) -> dict[str, Any]:
    if asked.kind == "contacts":
        return {"cards": asked.content}
    content: dict[str, Any] = asked.content
    if asked.kind == "template":
        return _filled(number, asked, person)
    media_id = content.get("id", "") if asked.kind in MEDIA else ""
    if media_id and not keeps(number, number.ground.files.find(media_id)):
        raise whatsapp_parameter(f"Media ID {media_id} does not exist")
    return content


def _filled(number: Number, asked: Asked, person: Person | None) -> dict[str, Any]:
    """The template's words. Raises `Refusal` if it does not exist or wants other variables."""
    name, code = asked.content["name"], asked.content["language"]["code"]
    template = number.templates.get((name, code))
    if template is None:
        raise _not_sendable(
            132001,
            "Template name does not exist in the translation",
            f"template name ({name}) does not exist in {code}",
        )
    if template.category == "authentication" and asked.recipient:
        raise _not_sendable(131062, "Recipient not supported", "Authentication needs a number.")
    parts = [one for one in asked.content.get("components", []) if one.get("type") == "body"]
    values = [str(each.get("text", "")) for one in parts for each in one.get("parameters", [])]
    if len(values) != template.variables:
        raise _not_sendable(
            132000,
            "Number of parameters does not match the expected number of params",
            f"body: number of localizable_params ({len(values)}) does not match the expected "
            f"number of params ({template.variables})",
        )
    body = template.body
    for at, value in enumerate(values, 1):
        body = body.replace(f"{{{{{at}}}}}", value)
    return {**asked.content, "body": body}


def _not_sendable(code: int, message: str, details: str) -> Refusal:
    return Refusal(Wrong(code, f"(#{code}) {message}", status=404, details=details))
