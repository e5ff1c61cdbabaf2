"""`POST /zaf/ticket/<id>` and `/zaf/ticket/<id>/preview`: what the sidebar app shows, read-only.

Posted, because drafts and tokens belong in no address. What customers and agents wrote is answered
to whoever has the helpdesk's signature, and is neither kept nor logged.
"""

from __future__ import annotations

from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Response, jsonify, request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.errors import NotGenuine
from bridge.flow.bridge import Bridge
from bridge.flow.previewing import As, Wish, preview
from bridge.flow.priorities import Priorities
from bridge.flow.ticket_view import view
from bridge.web.answers import complaint
from bridge.web.keeping import away, body_of
from bridge.web.zaf import Caller, caller

log = structlog.get_logger()

MOST_BODY = 512 * 1024
MOST_TEXT = 65_536
MOST_FILES = 100
LONGEST_TICKET = 20
LONGEST_NAME = 300
NOT_OURS = "this ticket is none of ours"


class Asked(Schema):
    class Meta:
        unknown = EXCLUDE

    locale = fields.String(load_default="en", validate=validate.Length(max=40))


class Draft(Asked):
    text = fields.String(required=True, validate=validate.Length(max=MOST_TEXT))
    choice = fields.Enum(As, by_value=True, load_default=As.AUTO, data_key="as")
    agent = fields.String(load_default="", validate=validate.Length(max=LONGEST_NAME))
    files = fields.Integer(
        load_default=0, strict=True, validate=validate.Range(min=0, max=MOST_FILES)
    )


def blueprint(bridge: Bridge) -> Blueprint:
    beside = Blueprint("zaf", __name__)
    priorities = Priorities(bridge)

    @beside.post("/zaf/ticket/<ticket_id>")
    def ticket(ticket_id: str) -> Response:
        asked = _asked(bridge, Asked())
        if isinstance(asked, Response):
            return asked
        _, body = asked
        return _answer(lambda: view(bridge, ticket_id, body["locale"]), ticket_id)

    @beside.post("/zaf/ticket/<ticket_id>/preview")
    def look_ahead(ticket_id: str) -> Response:
        asked = _asked(bridge, Draft())
        if isinstance(asked, Response):
            return asked
        who, body = asked
        wish = Wish(
            text=body["text"],
            choice=body["choice"],
            language=body["locale"],
            files=body["files"],
            agent_id=who.agent_id,
            agent_name=body["agent"],
        )
        return _answer(lambda: preview(bridge, ticket_id, wish, priorities), ticket_id)

    return beside


def _asked(bridge: Bridge, schema: Schema) -> tuple[Caller, dict[str, Any]] | Response:
    """Who asks, and what; or what is wrong with it."""
    body = body_of(request, MOST_BODY)
    settings = bridge.settings.zendesk
    header = request.headers.get("Authorization", "")
    try:
        who = caller(header, settings.app_secret, settings.url, bridge.clock())
    except NotGenuine as doubt:
        log.warning("the sidebar app is refused", because=doubt.because)
        answer = complaint(401, doubt.because)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    try:
        return who, schema.loads(body.decode())
    except ValidationError as wrong:
        named = ", ".join(map(str, wrong.messages_dict))
        return complaint(422, f"this is not as it should be: {named}")
    except (ValueError, TypeError, RecursionError):
        return complaint(422, "the body is no JSON object")


def _answer(found: Any, ticket_id: str) -> Response:
    if not ticket_id.isdecimal() or not ticket_id.isascii() or len(ticket_id) > LONGEST_TICKET:
        return complaint(404, NOT_OURS)
    try:
        answer = found()
    except (DBAPIError, PoolTimeout, OSError) as trouble:
        log.error("the ledger cannot be read", error=type(trouble).__name__)
        raise away("the database does not answer") from trouble
    return complaint(404, NOT_OURS) if answer is None else jsonify(_plain(answer))


def _plain(value: Any) -> Any:
    """Frozen types as JSON has them: the names stay, instants are ISO 8601 in UTC."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields_of(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
