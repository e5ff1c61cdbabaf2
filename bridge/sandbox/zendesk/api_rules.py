"""Views, macros, triggers and automations; the last two can only be read here.

- https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#create-view
- https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/
- https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
- https://developer.zendesk.com/api-reference/ticketing/business-rules/automations/

A view is asked for with `all`, `any` and `output` and answered with `conditions` and `execution`.
Two of one title are fine. The words of the refusals are ours; their shape is Zendesk's.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from flask import Blueprint, request
from marshmallow import EXCLUDE, Schema, validate
from marshmallow import fields as f

from bridge.sandbox.zendesk.api_people import read
from bridge.sandbox.zendesk.desk import Desk
from bridge.sandbox.zendesk.paging import page_of
from bridge.sandbox.zendesk.records import invalid, not_found
from bridge.sandbox.zendesk.rules import Thing
from bridge.sandbox.zendesk.serial import JSON, stamp, url

MUST_ASK = frozenset(("status", "type", "group_id", "assignee_id", "requester_id"))
COLUMNS = frozenset(
    (
        "assigned",
        "assignee",
        "brand",
        "created",
        "description",
        "due_date",
        "group",
        "locale_id",
        "nice_id",
        "organization",
        "priority",
        "requester",
        "satisfaction_score",
        "solved",
        "status",
        "submitter",
        "type",
        "updated",
        "updated_assignee",
        "updated_by_type",
        "updated_requester",
    )
)
MOST_COLUMNS = 10
ACTIONS = frozenset(
    (
        "assignee_id",
        "comment_mode_is_public",
        "comment_value",
        "comment_value_html",
        "current_tags",
        "group_id",
        "priority",
        "remove_tags",
        "set_tags",
        "status",
        "subject",
        "type",
    )
)


class _Loose(Schema):
    class Meta:
        unknown = EXCLUDE


class ConditionSchema(_Loose):
    field = f.String(required=True)
    operator = f.String(required=True)
    value = f.Raw(load_default=None, allow_none=True)


class ActionSchema(_Loose):
    field = f.String(required=True)
    value = f.Raw(required=True)


class OutputSchema(_Loose):
    columns = f.List(f.Raw(), load_default=list)
    group_by = f.String(load_default="")
    group_order = f.String(load_default="asc")
    sort_by = f.String(load_default="")
    sort_order = f.String(load_default="desc")


class RuleSchema(_Loose):
    title = f.String(validate=validate.Length(min=1))
    description = f.String(allow_none=True)
    active = f.Boolean()
    restriction = f.Dict(allow_none=True)


class ViewSchema(RuleSchema):
    all = f.List(f.Nested(ConditionSchema))
    any = f.List(f.Nested(ConditionSchema))
    output = f.Nested(OutputSchema)


class MacroSchema(RuleSchema):
    actions = f.List(f.Nested(ActionSchema))


def view_body(desk: Desk, before: JSON, data: JSON) -> JSON:
    """What a view is after a request. Raises `Refusal` (422)."""
    conditions = {**before.get("conditions", {"all": [], "any": []})}
    for half in ("all", "any"):
        if half in data:
            conditions[half] = data[half]
    if not any(each["field"] in MUST_ASK for each in conditions["all"]):
        raise invalid("base", "Conditions: must check status, type, group, assignee or requester")
    execution = before.get("execution", _execution(desk, OutputSchema().load({})))
    if "output" in data:
        execution = _execution(desk, data["output"])
    return {"conditions": conditions, "execution": execution}


def macro_body(desk: Desk, before: JSON, data: JSON) -> JSON:
    """What a macro is after a request. Raises `Refusal` (422)."""
    actions = data.get("actions", before.get("actions") or [])
    if not actions:
        raise invalid("actions", "Actions: cannot be blank")
    for each in actions:
        name = str(each["field"]).removeprefix("custom_fields_")
        own = each["field"] != name and name.isdigit() and int(name) in desk.fields
        if each["field"] not in ACTIONS and not own:
            raise invalid("actions", f"Actions: {each['field']} is not a valid action")
    return {"actions": actions}


def _execution(desk: Desk, output: JSON) -> JSON:
    columns: list[JSON] = []
    for each in output["columns"]:
        if str(each) in COLUMNS:
            columns.append({"id": each, "title": str(each).capitalize()})
        elif str(each).isdigit() and int(each) in desk.fields:
            field = desk.fields[int(each)]
            columns.append({"id": field.id, "title": field.title, "type": field.type})
        else:
            raise invalid("output", f"Output: {each} is not a valid column")
    if len(columns) > MOST_COLUMNS:
        raise invalid("output", f"Output: has more than {MOST_COLUMNS} columns")
    kept = {name: output[name] or None for name in ("group_by", "sort_by")}
    orders = {name: output[name] for name in ("group_order", "sort_order")}
    return {**kept, **orders, "columns": columns}


def answer(desk: Desk, path: str, thing: Thing, position: int) -> JSON:
    return {
        "url": url(desk, f"{path}/{thing.id}"),
        "id": thing.id,
        "title": thing.title,
        "raw_title": thing.title,
        "description": thing.description or None,
        "active": thing.active,
        "position": position,
        "default": False,
        "restriction": None,
        "created_at": stamp(thing.created_at),
        "updated_at": stamp(thing.updated_at),
        **json.loads(thing.body_json),
    }


def rule_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("rules", __name__, url_prefix="/api/v2")
    shelves = {
        "views": ("view", desk.rules.views, ViewSchema(), view_body),
        "macros": ("macro", desk.rules.macros, MacroSchema(), macro_body),
    }

    @routes.get("/<any(views, macros, triggers, automations):path>")
    def listed(path: str) -> JSON:
        things = getattr(desk.rules, path).values()
        active = request.args.get("active")
        wanted = [one for one in things if active is None or one.active == (active == "true")]
        return page_of(desk, path, [answer(desk, path, one, at) for at, one in enumerate(wanted)])

    @routes.post("/<any(views, macros):path>")
    def create(path: str) -> tuple[JSON, int]:
        name, things, schema, body = shelves[path]
        data = read(schema, name)
        if not data.get("title"):
            raise invalid("title", "Title: cannot be blank")
        new = Thing(desk.next_id(), data["title"], created_at=desk.clock())
        made = _written(desk, new, data, body(desk, {}, data))
        things[made.id] = made
        return {name: answer(desk, path, made, len(things))}, 201

    @routes.get("/<any(views, macros):path>/<int:number>")
    def show(path: str, number: int) -> JSON:
        name, things, _, _ = shelves[path]
        return {name: answer(desk, path, _known(things, number), 1)}

    @routes.put("/<any(views, macros):path>/<int:number>")
    def update(path: str, number: int) -> JSON:
        name, things, schema, body = shelves[path]
        known = _known(things, number)
        data = read(schema, name)
        new = body(desk, json.loads(known.body_json), data)
        things[number] = _written(desk, known, data, new)
        return {name: answer(desk, path, things[number], 1)}

    @routes.delete("/<any(views, macros):path>/<int:number>")
    def remove(path: str, number: int) -> tuple[str, int]:
        _, things, _, _ = shelves[path]
        del things[_known(things, number).id]
        return "", 204

    return routes


def _known(things: dict[int, Thing], number: int) -> Thing:
    found = things.get(number)
    if found is None:
        raise not_found()
    return found


def _written(desk: Desk, thing: Thing, data: dict[str, Any], body: JSON) -> Thing:
    if "restriction" in data:
        body = {**body, "restriction": data["restriction"]}
    return replace(
        thing,
        title=data.get("title") or thing.title,
        description=data.get("description", thing.description) or "",
        active=data.get("active", thing.active),
        body_json=json.dumps(body, sort_keys=True),
        updated_at=desk.clock(),
    )
