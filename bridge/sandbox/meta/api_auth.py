"""Tokens: what one is, and a longer-lived one for it. These calls name no node.

- https://developers.facebook.com/docs/graph-api/reference/debug_token
- https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
- https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
- https://developers.facebook.com/docs/instagram-platform/reference/access_token
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from bridge.sandbox.meta.graph import Answer, Call, Graph
from bridge.sandbox.meta.people import LONG_LIVED, App, Holder, Token
from bridge.sandbox.meta.refusals import CATALOGUE, Refusal, Wrong, expired, parameter, refuse

YOUNGEST = timedelta(hours=24)
"""Instagram refreshes no token that is younger."""


def auth_calls(graph: Graph) -> dict[str, Callable[[Call], Answer]]:
    """The paths of these calls, and what answers them. All are GET."""

    def debug(call: Call) -> Answer:
        graph.check(call)
        given = call.text("input_token")
        found = call.town.token(given)
        if found is None:
            wrong = CATALOGUE["token_unreadable"]
            error = {"code": wrong.code, "message": wrong.message}
            return {"data": {"error": error, "is_valid": False, "scopes": []}}
        asker = call.app
        if found.app_id != asker.id:
            raise parameter("The App_id in the input_token did not match the Viewing App")
        return {"data": _described(call, found)}

    def exchange(call: Call) -> Answer:
        kind = call.text("grant_type")
        app = _app(call)
        if kind == "client_credentials":
            return {"access_token": f"{app.id}|{app.secret}", "token_type": "bearer"}
        if kind != "fb_exchange_token":
            raise parameter("Invalid grant_type")
        return _longer(call, _good(call, call.text("fb_exchange_token")), Holder.USER)

    def instagram_exchange(call: Call) -> Answer:
        if call.text("grant_type") != "ig_exchange_token":
            raise parameter("Invalid grant_type")
        token = _good(call, call.text("access_token"))
        if not hmac.compare_digest(call.text("client_secret"), call.town.apps[token.app_id].secret):
            raise _no_app()
        return _longer(call, token, Holder.INSTAGRAM)

    def instagram_refresh(call: Call) -> Answer:
        """At least a day old, and not run out: that one is dead for good."""
        if call.text("grant_type") != "ig_refresh_token":
            raise parameter("Invalid grant_type")
        token = _good(call, call.text("access_token"))
        if call.town.clock() - token.issued_at < YOUNGEST:
            raise refuse("permission", code=10, message="(#10) The token is not 24 hours old yet")
        return _longer(call, token, Holder.INSTAGRAM)

    return {
        "debug_token": debug,
        "oauth/access_token": exchange,
        "access_token": instagram_exchange,
        "refresh_access_token": instagram_refresh,
    }


def _good(call: Call, value: str) -> Token:
    token = call.town.token(value)
    if token is None:
        raise refuse("token_unreadable")
    if token.wrong:
        raise refuse(token.wrong)
    now = call.town.clock()
    if token.expires_at and token.over(now):
        raise expired(token.expires_at, now)
    return token


def _longer(call: Call, token: Token, holder: Holder) -> Answer:
    """A new token; the old one stays good until it runs out by itself."""
    if token.holder is not holder and holder is Holder.INSTAGRAM:
        raise refuse("token_unreadable")
    made = call.town.issue(token.holder, token.account_id, token.app_id, token.scopes, LONG_LIVED)
    answer: Answer = {
        "access_token": made.value,
        "token_type": "bearer",
        "expires_in": int(LONG_LIVED.total_seconds()),
    }
    if holder is Holder.INSTAGRAM:
        answer["permissions"] = ",".join(made.scopes)
    return answer


def _app(call: Call) -> App:
    app = call.town.apps.get(call.text("client_id"))
    if app is None or not hmac.compare_digest(app.secret, call.text("client_secret")):
        raise _no_app()
    return app


def _no_app() -> Refusal:
    return Refusal(Wrong(101, "Error validating application. Cannot get application info"))


def _described(call: Call, token: Token) -> Answer:
    now = call.town.clock()
    told: Answer = {
        "app_id": token.app_id,
        "type": token.holder.value,
        "application": call.town.apps[token.app_id].name,
        "data_access_expires_at": _seconds(token.data_access_expires_at),
        "expires_at": _seconds(token.expires_at),
        "is_valid": True,
        "issued_at": _seconds(token.issued_at),
        "scopes": list(token.scopes),
        "granular_scopes": [{"scope": one} for one in token.scopes],
        "user_id": call.town.system_user,
    }
    if token.holder is Holder.PAGE:
        told["profile_id"] = token.account_id
    over = expired(token.expires_at, now).wrong if token.expires_at and token.over(now) else None
    wrong = CATALOGUE[token.wrong] if token.wrong else over
    if wrong is not None:
        told["is_valid"] = False
        told["error"] = {
            "code": wrong.code,
            "message": wrong.message,
            "subcode": wrong.subcode,
        }
    return told


def _seconds(at: datetime | None) -> int:
    """0 stands for never."""
    return int(at.timestamp()) if at else 0
