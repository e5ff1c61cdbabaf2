"""Users, groups and forms.

https://developer.zendesk.com/api-reference/ticketing/users/users/#create-or-update-user
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, request
from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow import fields as f

from bridge.sandbox.zendesk import partings, serial, serial_settings
from bridge.sandbox.zendesk.api_tickets import payload
from bridge.sandbox.zendesk.desk import Desk
from bridge.sandbox.zendesk.limits import Budget
from bridge.sandbox.zendesk.paging import page_of
from bridge.sandbox.zendesk.records import Refusal, User, invalid, not_found

USER_UPDATES = 5


class UserSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    id = f.Integer(allow_none=True)
    name = f.String(allow_none=True)
    external_id = f.String(allow_none=True)
    email = f.String(allow_none=True)
    user_fields = f.Dict(allow_none=True)


def read(schema: Schema, key: str) -> dict[str, Any]:
    """What stands under `key` in the request. Raises `Refusal` (400)."""
    data = payload()
    inner = data.get(key) if isinstance(data, dict) else None
    if not isinstance(inner, dict):
        raise Refusal(400, "ParameterMissing", f"Required parameter missing: {key}")
    try:
        loaded: dict[str, Any] = schema.load(inner)
    except ValidationError as error:
        name = next(iter(error.messages_dict))
        raise Refusal(
            400, "InvalidAttribute", f"You passed an invalid value for the {name} attribute"
        ) from error
    return loaded


def people_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("people", __name__, url_prefix="/api/v2/users")
    changed = Budget("this user", USER_UPDATES, timedelta(minutes=1), desk.clock)

    def written(user: User, data: dict[str, Any]) -> User:
        """The user with what was sent; an external id is taken over with its new case."""
        new = user
        if data.get("name"):
            new = replace(new, name=data["name"])
        if "external_id" in data:
            new = replace(new, external_id=data["external_id"] or None)
        if data.get("email"):
            new = replace(new, email=data["email"])
        if data.get("user_fields"):
            merged = {**json.loads(new.fields_json), **data["user_fields"]}
            new = replace(new, fields_json=json.dumps(merged, sort_keys=True))
        if new != user:
            new = replace(new, updated_at=desk.clock())
        desk.users[user.id] = new
        return new

    @routes.get("")
    def listed() -> dict[str, Any]:
        return page_of(desk, "users", [serial_settings.user(desk, one) for one in _wanted(desk)])

    @routes.get("/search")
    def searched() -> dict[str, Any]:
        return page_of(desk, "users", [serial_settings.user(desk, one) for one in _wanted(desk)])

    @routes.get("/show_many")
    def many() -> dict[str, Any]:
        ids = set(request.args.get("ids", "").split(","))
        found = [one for one in desk.users.values() if str(one.id) in ids]
        return page_of(desk, "users", [serial_settings.user(desk, one) for one in found])

    @routes.get("/me")
    def me() -> dict[str, Any]:
        return {"user": {**serial_settings.user(desk, g.user), "authenticity_token": None}}

    @routes.get("/<int:user_id>")
    def show(user_id: int) -> dict[str, Any]:
        return {"user": serial_settings.user(desk, desk.user(user_id))}

    @routes.put("/<int:user_id>")
    def update(user_id: int) -> dict[str, Any]:
        user = desk.user(user_id)
        changed.take(user_id)
        return {"user": serial_settings.user(desk, written(user, read(UserSchema(), "user")))}

    @routes.delete("/<int:user_id>")
    def delete(user_id: int) -> dict[str, Any]:
        user = partings.delete_user(desk, user_id)
        return {"user": {**serial_settings.user(desk, user), "active": False}}

    @routes.put("/<int:user_id>/merge")
    def merge(user_id: int) -> dict[str, Any]:
        into = read(UserSchema(), "user").get("id") or 0
        return {
            "user": serial_settings.user(desk, partings.merge_user(desk, user_id, into, g.user))
        }

    @routes.post("/create_or_update")
    def create_or_update() -> Response:
        data = read(UserSchema(), "user")
        known = desk.find_user(external_id=data.get("external_id"), email=data.get("email"))
        if known is None and not data.get("name"):
            raise invalid("name", "Name: is too short (minimum is 1 characters)")
        if known is None:
            known = desk.add_user(data["name"])
            status = 201
        else:
            status = 200
        user = written(known, data)
        response = Response(
            json.dumps({"user": serial_settings.user(desk, user)}),
            status,
            content_type="application/json",
        )
        response.headers["Location"] = serial.url(desk, f"users/{user.id}")
        return response

    return routes


def deleted_people_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("deleted_people", __name__, url_prefix="/api/v2/deleted_users")

    @routes.delete("/<int:user_id>")
    def destroy(user_id: int) -> dict[str, Any]:
        user = desk.deleted_users.pop(user_id, None)
        if user is None:
            raise not_found()
        shown = {**serial_settings.user(desk, user), "active": False, "name": "Permanently Deleted"}
        return {"deleted_user": {**shown, "shared_phone_number": None, "locale_id": 1}}

    return routes


def _wanted(desk: Desk) -> list[User]:
    found = list(desk.users.values())
    external_id = request.args.get("external_id")
    if external_id is not None:
        found = [u for u in found if (u.external_id or "").lower() == external_id.lower()]
    role = request.args.get("role")
    if role:
        found = [user for user in found if user.role == role]
    query = request.args.get("query", "").lower()
    return [u for u in found if query in f"{u.name} {u.email or ''}".lower()]


def setting_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("settings", __name__, url_prefix="/api/v2")

    @routes.get("/groups")
    def groups() -> dict[str, Any]:
        return page_of(
            desk, "groups", [serial_settings.group(desk, one) for one in desk.groups.values()]
        )

    @routes.get("/groups/<int:group_id>")
    def one_group(group_id: int) -> dict[str, Any]:
        known = desk.groups.get(group_id)
        if known is None:
            raise not_found()
        return {"group": serial_settings.group(desk, known)}

    @routes.get("/ticket_forms")
    def forms() -> dict[str, Any]:
        return page_of(desk, "ticket_forms", [serial_settings.form(desk)])

    return routes
