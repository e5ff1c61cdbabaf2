"""The webhooks API, which is in no published OpenAPI file.

https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from flask import Blueprint, request
from marshmallow import EXCLUDE, Schema
from marshmallow import fields as f

from bridge.sandbox.zendesk import events, serial_settings
from bridge.sandbox.zendesk.api_people import read
from bridge.sandbox.zendesk.desk import Desk
from bridge.sandbox.zendesk.paging import page_of
from bridge.sandbox.zendesk.records import Refusal, not_found
from bridge.sandbox.zendesk.webhooks import Webhook


class KeySchema(Schema):
    class Meta:
        unknown = EXCLUDE

    name = f.String(load_default="")
    value = f.String(load_default="")


class AuthenticationSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    type = f.String(required=True)
    data = f.Nested(KeySchema, load_default=lambda: {"name": "", "value": ""})


class WebhookSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    name = f.String()
    description = f.String(allow_none=True)
    status = f.String()
    endpoint = f.Url(require_tld=False)
    http_method = f.String()
    request_format = f.String()
    subscriptions = f.List(f.String())
    authentication = f.Nested(AuthenticationSchema, allow_none=True)


def webhook_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("webhooks", __name__, url_prefix="/api/v2/webhooks")

    @routes.before_request
    def limited() -> None:
        desk.budgets.webhooks.take()

    def known(webhook_id: str) -> Webhook:
        found = desk.courier.find(webhook_id)
        if found is None:
            raise not_found()
        return found

    def written(webhook: Webhook, data: dict[str, Any]) -> Webhook:
        kept = {
            name: data[name]
            for name in ("name", "description", "status", "endpoint")
            if data.get(name) is not None
        }
        new = replace(webhook, **kept)
        authentication = data.get("authentication")
        if authentication and authentication["type"] == "api_key":
            key = authentication["data"]
            new = replace(new, key_header=key["name"], key=key["value"])
        return desk.courier.add(new)

    @routes.get("")
    def listed() -> dict[str, Any]:
        name = request.args.get("filter[name_contains]", "")
        rows = [serial_settings.webhook(one) for one in desk.courier.all() if name in one.name]
        return page_of(desk, "webhooks", rows)

    @routes.post("")
    def create() -> tuple[dict[str, Any], int]:
        data = read(WebhookSchema(), "webhook")
        missing = [
            name
            for name in ("name", "status", "endpoint", "http_method", "request_format")
            if not data.get(name)
        ]
        if missing:
            raise Refusal(400, "InvalidRequest", f"{', '.join(missing)} must be given")
        made = desk.add_webhook(
            data["endpoint"], subscriptions=tuple(data.get("subscriptions") or ())
        )
        return {"webhook": serial_settings.webhook(written(made, data))}, 201

    @routes.get("/<webhook_id>")
    def show(webhook_id: str) -> dict[str, Any]:
        return {"webhook": serial_settings.webhook(known(webhook_id))}

    @routes.route("/<webhook_id>", methods=["PUT", "PATCH"])
    def update(webhook_id: str) -> tuple[str, int]:
        """Subscriptions cannot be changed later."""
        webhook = known(webhook_id)
        data = read(WebhookSchema(), "webhook")
        wanted = data.get("subscriptions")
        if wanted is not None and set(wanted) != set(webhook.subscriptions):
            raise Refusal(400, "InvalidRequest", "subscriptions cannot be changed")
        written(webhook, data)
        return "", 204

    @routes.delete("/<webhook_id>")
    def remove(webhook_id: str) -> tuple[str, int]:
        known(webhook_id)
        desk.courier.remove(webhook_id)
        return "", 204

    @routes.route("/<webhook_id>/signing_secret", methods=["GET", "POST"])
    def signing_secret(webhook_id: str) -> tuple[dict[str, Any], int]:
        """POST makes a new one."""
        webhook = known(webhook_id)
        if request.method == "POST":
            webhook = desk.courier.add(replace(webhook, secret=secrets.token_urlsafe(32)))
        status = 201 if request.method == "POST" else 200
        return {"signing_secret": {"secret": webhook.secret, "algorithm": "SHA256"}}, status

    @routes.get("/<webhook_id>/invocations")
    def invocations(webhook_id: str) -> dict[str, Any]:
        known(webhook_id)
        rows = [
            {"id": one.id, "status": one.status, "status_code": one.status_code}
            for one in desk.courier.invocations()
            if one.webhook == webhook_id
        ]
        return page_of(desk, "invocations", rows[::-1])

    @routes.post("/test")
    def tested() -> dict[str, Any]:
        """Sends an example event, signed with the webhook's own secret."""
        webhook = known(request.args.get("webhook_id", ""))
        desk.courier.post_one(webhook, "zen:event-type:test", events.example(desk))
        return {"response": {"status": "queued"}}

    return routes
