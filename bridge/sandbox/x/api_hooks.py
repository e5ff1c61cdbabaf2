"""Webhooks and subscriptions.

- https://docs.x.com/x-api/webhooks/quickstart
- https://docs.x.com/x-api/activity/quickstart; private events are subscribed to by the person whom
  they concern: https://docs.x.com/x-api/activity/introduction#private-events
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.x import asked, fields
from bridge.sandbox.x.courier import REPLAYABLE, Verdict
from bridge.sandbox.x.gate import ANY, APP, Gate
from bridge.sandbox.x.hooks import KNOWN, PRIVATE, Subscription, Webhook
from bridge.sandbox.x.people import Refusal, Scheme, invalid
from bridge.sandbox.x.shapes import instant

MANAGERS = (Scheme.APP, Scheme.OAUTH1)
FROM_BEFORE = timedelta(minutes=31)
TO_BEFORE = timedelta(minutes=10)


def webhooks_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("x_webhooks", __name__), gate.town

    def proven(url: str) -> None:
        if town.courier.challenge(url) is not Verdict.OURS:
            raise invalid("CrcValidationFailed: the URL did not answer the check correctly")

    @api.post("/2/webhooks")
    def create() -> ResponseReturnValue:
        gate.caller(MANAGERS)
        url = asked.read(asked.WebhookSchema(), request)["url"]
        town.hooks.check_url(url)
        proven(url)
        return jsonify(data=_webhook(town.hooks.register(url)))

    @api.get("/2/webhooks")
    def several() -> ResponseReturnValue:
        gate.caller(APP)
        found = [_webhook(one) for one in town.hooks.webhooks()]
        return jsonify(data=found, meta={"result_count": len(found)})

    @api.put("/2/webhooks/<webhook_id>")
    def revive(webhook_id: str) -> ResponseReturnValue:
        gate.caller(MANAGERS)
        webhook = town.hooks.webhook(webhook_id)
        ours = town.courier.challenge(webhook.url) is Verdict.OURS
        town.hooks.judge(webhook_id, valid=ours)
        if not ours:
            raise invalid("CrcValidationFailed: the URL did not answer the check correctly")
        return jsonify(data={"valid": True})

    @api.delete("/2/webhooks/<webhook_id>")
    def delete(webhook_id: str) -> ResponseReturnValue:
        gate.caller(MANAGERS)
        town.hooks.forget(webhook_id)
        return jsonify(data={"deleted": True})

    @api.post("/2/webhooks/replay")
    def replay() -> ResponseReturnValue:
        gate.caller(APP)
        wish = asked.read(asked.ReplaySchema(), request)
        webhook = town.hooks.webhook(wish["webhook_id"])
        begin, end = wish["from_date"].replace(tzinfo=UTC), wish["to_date"].replace(tzinfo=UTC)
        _check_span(begin, end, town.clock())
        proven(webhook.url)
        town.hooks.judge(webhook.id, valid=True)
        job = town.courier.replay(webhook.id, begin, end)
        return jsonify(data={"job_id": job, "created_at": instant(town.clock())})

    return api


def activity_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("x_activity", __name__), gate.town

    def counted() -> dict[str, int]:
        return {"total_subscriptions": len(town.hooks.subscriptions())}

    @api.post("/2/activity/subscriptions")
    def create() -> ResponseReturnValue:
        caller = gate.caller(ANY, "tweet.read")
        wish: asked.Wish = asked.read(asked.WishSchema(), request)
        if wish.kind not in KNOWN or (wish.kind == "oauth.revoke" and gate.odd("no_oauth_revoke")):
            raise invalid(f"$.event_type: {wish.kind} is not known", {"event_type": [wish.kind]})
        if not wish.person_id and wish.kind != "oauth.revoke":
            raise invalid("$.filter.user_id: is required", {"filter": []})
        if wish.person_id and town.by_id(wish.person_id) is None:
            raise invalid("$.filter.user_id: nobody has this id", {"filter": [wish.person_id]})
        if wish.kind in PRIVATE and caller.id != wish.person_id:
            raise Refusal(403, "The user has not authorized this app for private events.")
        new = town.hooks.subscribe(wish.kind, wish.person_id, wish.tag, wish.webhook_id)
        return jsonify(data=[_subscription(new)], meta=counted())

    @api.get("/2/activity/subscriptions")
    def several() -> ResponseReturnValue:
        gate.caller()
        fields.wanted(request.args, ("max_results", "pagination_token"), town.rules.names)
        most = fields.number(request.args, "max_results", 1, 1000, 1000)
        found = [_subscription(one) for one in town.hooks.subscriptions()][:most]
        return jsonify(data=found, meta=counted())

    @api.put("/2/activity/subscriptions/<subscription_id>")
    def change(subscription_id: str) -> ResponseReturnValue:
        gate.caller(APP)
        changes = asked.read(asked.ChangeSchema(), request)
        changed = town.hooks.resubscribe(subscription_id, **changes)
        return jsonify(data=_subscription(changed), meta=counted())

    @api.delete("/2/activity/subscriptions/<subscription_id>")
    def delete(subscription_id: str) -> ResponseReturnValue:
        gate.caller(APP)
        town.hooks.unsubscribe(subscription_id)
        return jsonify(data={"deleted": True}, meta=counted())

    @api.delete("/2/activity/subscriptions")
    def delete_several() -> ResponseReturnValue:
        gate.caller(APP)
        for one in request.args.get("ids", "").split(","):
            town.hooks.unsubscribe(one)
        return jsonify(data={"deleted": True}, meta=counted())

    return api


def _check_span(begin: datetime, end: datetime, now: datetime) -> None:
    """https://docs.x.com/x-api/account-activity/quickstart#replay"""
    if begin >= end or begin < now - REPLAYABLE:
        raise invalid("QueryParamInvalid: from_date is too old, or not before to_date")
    if begin > now - FROM_BEFORE or end > now - TO_BEFORE:
        raise invalid("QueryParamInvalid: the dates are too recent")


def _webhook(one: Webhook) -> dict[str, Any]:
    made = instant(one.created_at)
    return {"id": one.id, "url": one.url, "valid": one.valid, "created_at": made}


def _subscription(one: Subscription) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "subscription_id": one.id,
        "event_type": one.kind,
        "filter": {"user_id": one.person_id} if one.person_id else {},
        "created_at": instant(one.created_at),
        "updated_at": instant(one.updated_at),
    }
    if one.tag:
        shown["tag"] = one.tag
    if one.webhook_id:
        shown["webhook_id"] = one.webhook_id
    return shown
