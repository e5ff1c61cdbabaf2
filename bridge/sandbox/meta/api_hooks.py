"""The layers of subscriptions, set and read back.

- An app's: https://developers.facebook.com/docs/graph-api/reference/app/subscriptions
- A Page's: https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps
- Instagram's: https://developers.facebook.com/docs/instagram-platform/webhooks
- WhatsApp's: https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/subscribed_apps
"""

from __future__ import annotations

import secrets
from typing import Any

import requests

from bridge.outside import new_session
from bridge.sandbox.meta.graph import Answer, Call, Graph
from bridge.sandbox.meta.hooks import AppHook, known_fields
from bridge.sandbox.meta.page_wall import Page
from bridge.sandbox.meta.people import App
from bridge.sandbox.meta.refusals import Refusal, Wrong, parameter

VERSION = "v25.0"
PAGE_SCOPE = "pages_manage_metadata"
HANDSHAKE_TIMEOUT = (5.0, 5.0)


def hooks_api(graph: Graph) -> None:
    @graph.on(App, "subscriptions", "GET", as_app=True)
    def read(call: Call, app: App) -> Answer:
        return {"data": [_shown(one) for one in call.town.hooks.of_app(app.id)]}

    @graph.on(App, "subscriptions", "POST", as_app=True)
    def subscribe(call: Call, app: App) -> Answer:
        hook = AppHook(
            app.id,
            call.text("object"),
            call.text("callback_url"),
            call.text("verify_token"),
            _fields(call, "fields"),
        )
        known_fields(hook.object, hook.fields)
        if not hook.fields:
            raise parameter("Param fields must be a non-empty array")
        shake(hook)
        call.town.hooks.subscribe_app(hook)
        return {"success": True}

    @graph.on(App, "subscriptions", "DELETE", as_app=True)
    def unsubscribe(call: Call, app: App) -> Answer:
        call.town.hooks.unsubscribe_app(app.id, call.text("object"))
        return {"success": True}

    account_api(graph, Page, PAGE_SCOPE)


def account_api(graph: Graph, kind: type, *scopes: str) -> None:
    """`subscribed_apps` of one kind of account."""

    @graph.on(kind, "subscribed_apps", "GET", *scopes)
    def watching(call: Call, account: Any) -> Answer:
        watched = call.town.hooks.subscribed(account.id)
        return {"data": [_app(call, app, fields) for app, fields in watched.items()]}

    @graph.on(kind, "subscribed_apps", "POST", *scopes)
    def watch(call: Call, account: Any) -> Answer:
        fields = _fields(call, "subscribed_fields")
        what = call.town.object_of(account)
        if what != "whatsapp_business_account":
            if not fields:
                raise parameter("Param subscribed_fields is required")
            known_fields(what, fields)
        call.town.hooks.subscribe(account.id, call.app.id, fields)
        return {"success": True}

    @graph.on(kind, "subscribed_apps", "DELETE", *scopes)
    def leave(call: Call, account: Any) -> Answer:
        call.town.hooks.unsubscribe(account.id, call.app.id)
        return {"success": True}


def shake(hook: AppHook) -> None:
    """Ask the callback for the challenge. Raises `Refusal` unless it gives it back as it was.

    https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
    """
    challenge = str(secrets.randbelow(10**10))
    query = {
        "hub.mode": "subscribe",
        "hub.challenge": challenge,
        "hub.verify_token": hook.verify_token,
    }
    status, said = 0, ""
    with new_session() as session:
        try:
            with session.get(hook.callback_url, params=query, timeout=HANDSHAKE_TIMEOUT) as answer:
                status, said = answer.status_code, answer.text
        except requests.RequestException as error:
            raise _not_shaken(0, type(error).__name__) from None
    if status != 200 or said != challenge:
        raise _not_shaken(status, "")


def _not_shaken(status: int, trouble: str) -> Refusal:
    return Refusal(
        Wrong(
            2200,
            "(#2200) Callback verification failed with the following errors: "
            f"curl_error = {trouble}; HTTP Status Code = {status}",
        )
    )


def _fields(call: Call, name: str) -> tuple[str, ...]:
    given = call.args.get(name, "")
    parts = given if isinstance(given, list) else str(given).split(",")
    return tuple(str(one).strip() for one in parts if str(one).strip())


def _shown(hook: AppHook) -> Answer:
    return {
        "object": hook.object,
        "callback_url": hook.callback_url,
        "active": True,
        "fields": [{"name": one, "version": VERSION} for one in hook.fields],
    }


def _app(call: Call, app_id: str, fields: tuple[str, ...]) -> Answer:
    app = call.town.apps[app_id]
    if not fields:  # WhatsApp names the app and nothing else
        return {"whatsapp_business_api_data": {"id": app.id, "name": app.name, "link": ""}}
    return {"category": "Business", "name": app.name, "id": app.id, "subscribed_fields": [*fields]}
