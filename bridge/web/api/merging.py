"""`POST /api/v1/merges` and `POST /api/v1/merges/<id>/undo`: what a CRM knows of who is whom."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from bridge.crm import feed, people, schemas
from bridge.crm.people import CannotMerge, Proof
from bridge.flow.bridge import Bridge
from bridge.ledger import customers
from bridge.ledger.api_tokens import ApiToken, Scope
from bridge.records import Change
from bridge.web.answers import complaint
from bridge.web.api.asking import Number, wrong
from bridge.web.api.door import Door, Refusal
from bridge.web.api.telling import no_such
from bridge.web.keeping import body_of

MOST_BODY = 16 * 1024
MOST_WORDS = 1_000


def _keepable(text: str) -> None:
    """Raises `ValidationError` for what no database keeps."""
    if "\0" in text or not text.strip():
        raise ValidationError("must say something, without a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValidationError("must not contain half a surrogate pair") from None


class _Words(fields.String):
    def __init__(self, description: str) -> None:
        super().__init__(
            required=True,
            validate=[validate.Length(min=1, max=MOST_WORDS), _keepable],
            metadata={"description": description},
        )


class NewMerge(Schema):
    class Meta:
        unknown = RAISE

    identity_id = Number("identity", required=True)
    other_identity_id = Number("identity", required=True)
    evidence = _Words("By what it is known, for people to read: a CRM's record, a case.")


class UndoneMerge(Schema):
    class Meta:
        unknown = RAISE

    because = _Words("Why it is undone, for people to read.")


def addresses(api: Blueprint, bridge: Bridge, door: Door) -> None:
    ledger = bridge.ledger

    @api.post("/merges")
    def merge() -> Response:
        token, body = _asked(door, NewMerge())
        one, other = body["identity_id"], body["other_identity_id"]
        try:
            with ledger.writing() as tx:
                before = customers.between(tx, one, other)
                number = people.merge(
                    tx, one, other, proof=Proof.CRM, evidence=body["evidence"], by=_by(token)
                )
        except CannotMerge as never:
            return complaint(422, never.because)
        answer = _told(number)
        if before is None:
            answer.status_code = 201
            answer.headers["Location"] = url_for("api.one_merge", id=f"merge_{number}")
        return answer

    @api.post("/merges/<id>/undo")
    def undo(id: str) -> Response:  # noqa: A002  # in the address
        token, body = _asked(door, UndoneMerge())
        if not re.fullmatch(r"merge_[1-9][0-9]{0,17}", id, re.ASCII):
            return no_such()
        number = int(id.removeprefix("merge_"))
        try:
            with ledger.writing() as tx:
                people.undo(tx, number, by=_by(token), because=body["because"])
        except CannotMerge:
            return no_such()
        return _told(number)

    def _told(number: int) -> Response:
        found: Change | None = feed.one(ledger, f"merge_{number}", bridge.helpdesk.said_in)
        return no_such() if found is None else jsonify(schemas.row(found))


def _by(token: ApiToken) -> str:
    return f"api:{token.name}"


def _asked(door: Door, schema: Schema) -> tuple[ApiToken, dict[str, Any]]:
    """Who asks, and what. Raises `Refusal`."""
    token = door.admit(Scope.MERGE)
    body = body_of(request, MOST_BODY)
    try:
        return token, schema.loads(body.decode())
    except ValidationError as mistakes:
        raise wrong(mistakes.messages_dict) from None
    except (ValueError, TypeError, RecursionError):
        raise Refusal(complaint(422, "the body is no JSON object")) from None
