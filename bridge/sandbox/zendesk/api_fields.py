"""Ticket fields and user fields.

- https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
- https://developer.zendesk.com/api-reference/ticketing/users/user_fields/

What is odd about them: a drop-down's tags belong to one field alone; a user field's key is unique
and never changes; system fields cannot be removed; what stood in a field is gone with it. The words
of the refusals are ours; their shape is Zendesk's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import Blueprint
from marshmallow import EXCLUDE, Schema, validate
from marshmallow import fields as f

from bridge.sandbox.zendesk import serial_settings
from bridge.sandbox.zendesk.api_people import read
from bridge.sandbox.zendesk.desk import Desk
from bridge.sandbox.zendesk.paging import page_of
from bridge.sandbox.zendesk.records import Choice, Field, invalid, not_found
from bridge.sandbox.zendesk.rules import Thing
from bridge.sandbox.zendesk.serial import JSON, stamp, url

TYPES = (
    "text",
    "textarea",
    "checkbox",
    "date",
    "integer",
    "decimal",
    "regexp",
    "partialcreditcard",
    "multiselect",
    "tagger",
    "lookup",
)
USER_TYPES = (
    "text",
    "textarea",
    "checkbox",
    "date",
    "integer",
    "decimal",
    "regexp",
    "dropdown",
    "lookup",
    "multiselect",
)
SYSTEM = (
    Field(360041100001, "subject", "Subject"),
    Field(360041100002, "description", "Description"),
    Field(360041100003, "status", "Status"),
    Field(360041100004, "priority", "Priority"),
    Field(360041100005, "group", "Group"),
    Field(360041100006, "assignee", "Assignee"),
)
_KEY = re.compile(r"[a-z][a-z0-9_-]*")


class _Loose(Schema):
    class Meta:
        unknown = EXCLUDE


class OptionSchema(_Loose):
    name = f.String(required=True)
    value = f.String(required=True)


class FieldSchema(_Loose):
    type = f.String(validate=validate.OneOf(TYPES))
    title = f.String(validate=validate.Length(min=1))
    description = f.String(allow_none=True)
    agent_description = f.String(allow_none=True)
    active = f.Boolean()
    custom_field_options = f.List(f.Nested(OptionSchema), allow_none=True)


class UserFieldSchema(_Loose):
    key = f.String()
    type = f.String(validate=validate.OneOf(USER_TYPES))
    title = f.String(validate=validate.Length(min=1))
    description = f.String(allow_none=True)
    active = f.Boolean()


def ticket_field_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("ticket_fields", __name__, url_prefix="/api/v2/ticket_fields")

    def known(field_id: int) -> Field:
        found = desk.fields.get(field_id)
        if found is None:
            raise not_found()
        return found

    def written(before: Field, data: dict[str, Any]) -> Field:
        choices = before.choices
        if data.get("custom_field_options") is not None:
            choices = tuple(Choice(o["name"], o["value"]) for o in data["custom_field_options"])
        if before.type in ("tagger", "multiselect") and not choices:
            raise invalid("field_options", "Field options: must contain at least one option")
        _only_here(choices, (one for one in desk.fields.values() if one.id != before.id))
        new = replace(
            before,
            title=data.get("title") or before.title,
            description=data.get("description", before.description) or "",
            agent_description=data.get("agent_description", before.agent_description) or "",
            active=data.get("active", before.active),
            choices=choices,
        )
        desk.fields[new.id] = new
        return new

    @routes.get("")
    def listed() -> JSON:
        shown = [
            {**serial_settings.field(desk, one, at), "removable": False}
            for at, one in enumerate(SYSTEM)
        ]
        own = enumerate(desk.fields.values(), len(shown))
        rows = [*shown, *(serial_settings.field(desk, one, at) for at, one in own)]
        return page_of(desk, "ticket_fields", rows)

    @routes.post("")
    def create() -> tuple[JSON, int]:
        data = read(FieldSchema(), "ticket_field")
        if not data.get("title"):
            raise invalid("title", "Title: cannot be blank")
        new = Field(desk.next_id(), data.get("type", "text"), "", created_at=desk.clock())
        made = written(new, data)
        return {"ticket_field": serial_settings.field(desk, made, len(desk.fields))}, 201

    @routes.get("/<int:field_id>")
    def show(field_id: int) -> JSON:
        return {"ticket_field": serial_settings.field(desk, known(field_id), 1)}

    @routes.put("/<int:field_id>")
    def update(field_id: int) -> JSON:
        """The type stays as it is."""
        made = written(known(field_id), read(FieldSchema(), "ticket_field"))
        return {"ticket_field": serial_settings.field(desk, made, 1)}

    @routes.delete("/<int:field_id>")
    def remove(field_id: int) -> tuple[str, int]:
        if any(one.id == field_id for one in SYSTEM):
            raise invalid("base", "System fields cannot be deleted")
        del desk.fields[known(field_id).id]
        return "", 204

    return routes


def user_field_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("user_fields", __name__, url_prefix="/api/v2/user_fields")
    things = desk.rules.user_fields

    def known(number: int) -> Thing:
        found = things.get(number)
        if found is None:
            raise not_found()
        return found

    def answer(thing: Thing, position: int) -> JSON:
        return {
            "url": url(desk, f"user_fields/{thing.id}"),
            "id": thing.id,
            "key": thing.key,
            "title": thing.title,
            "raw_title": thing.title,
            "description": thing.description,
            "raw_description": thing.description,
            "position": position,
            "active": thing.active,
            "system": False,
            "regexp_for_validation": None,
            "created_at": stamp(thing.created_at),
            "updated_at": stamp(thing.updated_at),
            **json.loads(thing.body_json),
        }

    def written(thing: Thing, data: dict[str, Any]) -> Thing:
        new = replace(
            thing,
            title=data.get("title") or thing.title,
            description=data.get("description", thing.description) or "",
            active=data.get("active", thing.active),
            updated_at=desk.clock(),
        )
        things[new.id] = new
        return new

    @routes.get("")
    def listed() -> JSON:
        rows = [answer(one, at) for at, one in enumerate(things.values())]
        return page_of(desk, "user_fields", rows)

    @routes.post("")
    def create() -> tuple[JSON, int]:
        data = read(UserFieldSchema(), "user_field")
        key = data.get("key") or ""
        if not _KEY.fullmatch(key):
            raise invalid("key", "Key: is invalid")
        if any(one.key == key for one in things.values()):
            raise invalid("key", f"Key: {key} has already been taken")
        if not data.get("title"):
            raise invalid("title", "Title: cannot be blank")
        kind = json.dumps({"type": data.get("type", "text")})
        new = Thing(desk.next_id(), "", key=key, body_json=kind, created_at=desk.clock())
        return {"user_field": answer(written(new, data), len(things))}, 201

    @routes.get("/<int:number>")
    def show(number: int) -> JSON:
        return {"user_field": answer(known(number), 1)}

    @routes.put("/<int:number>")
    def update(number: int) -> JSON:
        """Key and type stay as they are."""
        return {
            "user_field": answer(written(known(number), read(UserFieldSchema(), "user_field")), 1)
        }

    @routes.delete("/<int:number>")
    def remove(number: int) -> tuple[str, int]:
        key = known(number).key
        del things[number]
        for user in list(desk.users.values()):
            left = {
                name: said for name, said in json.loads(user.fields_json).items() if name != key
            }
            desk.users[user.id] = replace(user, fields_json=json.dumps(left, sort_keys=True))
        return "", 204

    return routes


def _only_here(choices: tuple[Choice, ...], others: Iterable[Field]) -> None:
    mine = [choice.tag for choice in choices]
    taken = {choice.tag for field in others for choice in field.choices}
    for tag in mine:
        if tag in taken or mine.count(tag) > 1:
            raise invalid("base", f"Field options: the tag {tag} is already in use")
