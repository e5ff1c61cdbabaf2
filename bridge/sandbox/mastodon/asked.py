"""What clients send, as forms or as JSON, read with marshmallow into frozen types.

Rails takes lists as `media_ids[]=1&media_ids[]=2` and as JSON arrays, and ignores what it does not
know; so does this. What the sandbox cannot do (polls, schedules, quotes) it refuses to.
"""

from __future__ import annotations

from typing import Any

from flask import Request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from bridge.sandbox.mastodon.people import POLICY_RULES, Policy, Refusal, Verdict
from bridge.sandbox.mastodon.posts import Draft, Reach

NOT_HERE = ("poll", "scheduled_at", "quoted_status_id")


class DraftSchema(Schema):
    """https://docs.joinmastodon.org/methods/statuses/#form-data-parameters"""

    class Meta:
        unknown = EXCLUDE

    status = fields.String(load_default="", allow_none=True)
    visibility = fields.String(load_default="", allow_none=True)
    in_reply_to_id = fields.Raw(load_default="", allow_none=True)
    media_ids = fields.List(fields.Raw(), load_default=list, allow_none=True)
    language = fields.String(load_default="", allow_none=True)
    spoiler_text = fields.String(load_default="", allow_none=True)
    sensitive = fields.Boolean(load_default=False, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Draft:
        wanted = data["visibility"] or Reach.PUBLIC.value
        if wanted not in list(Reach):
            raise ValidationError(f"'{wanted}' is not a valid visibility")
        return Draft(
            text=data["status"] or "",
            reach=Reach(wanted),
            in_reply_to=_id(data["in_reply_to_id"]),
            language=data["language"] or "",
            media=tuple(_id(one) for one in data["media_ids"] or ()),
            spoiler=data["spoiler_text"] or "",
            sensitive=bool(data["sensitive"]),
        )


class PolicySchema(Schema):
    """What may be changed; `change` leaves the rest as it stands."""

    class Meta:
        unknown = EXCLUDE

    for_not_following = fields.String(validate=validate.OneOf(list(Verdict)))
    for_not_followers = fields.String(validate=validate.OneOf(list(Verdict)))
    for_new_accounts = fields.String(validate=validate.OneOf(list(Verdict)))
    for_private_mentions = fields.String(validate=validate.OneOf(list(Verdict)))
    for_limited_accounts = fields.String(validate=validate.OneOf(list(Verdict)))


def draft(request: Request) -> Draft:
    """Raises `Refusal`."""
    sent = _sent(request)
    for name in sent:
        if name.split("[", 1)[0] in NOT_HERE and sent[name]:
            raise Refusal(422, f"Validation failed: the sandbox has no {name.split('[', 1)[0]}")
    try:
        found: Draft = DraftSchema().load(sent)
    except ValidationError as error:
        raise Refusal(422, _words(error)) from error
    try:
        (found.text + found.spoiler).encode()
    except UnicodeEncodeError as error:
        raise Refusal(400, "Invalid encoding") from error
    return found


def policy(request: Request, stands: Policy) -> Policy:
    """`stands` with what was sent. Raises `Refusal`."""
    try:
        changes: dict[str, str] = PolicySchema().load(_sent(request))
    except ValidationError as error:
        raise Refusal(422, _words(error)) from error
    return Policy(
        **{rule: Verdict(changes.get(rule, getattr(stands, rule))) for rule in POLICY_RULES}
    )


def text(request: Request, name: str) -> str:
    value = _sent(request).get(name, "")
    return value if isinstance(value, str) else ""


def _sent(request: Request) -> dict[str, Any]:
    """Raises `Refusal` for JSON that is none, or that is no object."""
    if not request.is_json:
        form = request.form
        return {
            name.removesuffix("[]"): form.getlist(name) if name.endswith("[]") else form[name]
            for name in form
        }
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Refusal(400, "Error occurred while parsing request parameters")
    return sent


def _id(value: Any) -> str:
    """Rails takes numbers for ids as well."""
    if value is None or isinstance(value, str | int):
        return "" if value is None else str(value)
    raise ValidationError("an id must be a string")


def _words(error: ValidationError) -> str:
    said = error.messages_dict
    if set(said) == {"_schema"}:
        return "; ".join(said["_schema"])
    return f"Validation failed: {'; '.join(f'{name} {why}' for name, why in said.items())}"
