"""The pretend helpdesk as a web application: the API, signing in, and a page for agents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from bridge.sandbox.faults import Faults
from bridge.sandbox.server import Running, serve
from bridge.sandbox.zendesk import preset, serial_settings
from bridge.sandbox.zendesk.api_exports import export_routes
from bridge.sandbox.zendesk.api_fields import ticket_field_routes, user_field_routes
from bridge.sandbox.zendesk.api_files import content_routes, upload_routes
from bridge.sandbox.zendesk.api_people import (
    deleted_people_routes,
    people_routes,
    setting_routes,
)
from bridge.sandbox.zendesk.api_rules import rule_routes
from bridge.sandbox.zendesk.api_tickets import redaction_routes, ticket_routes
from bridge.sandbox.zendesk.api_webhooks import webhook_routes
from bridge.sandbox.zendesk.apps import PROXY, app_routes
from bridge.sandbox.zendesk.desk import Desk
from bridge.sandbox.zendesk.oauth import DEAD
from bridge.sandbox.zendesk.page import page_routes
from bridge.sandbox.zendesk.records import Refusal, User

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OAUTH_ERRORS = frozenset(
    (
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_token",
        "unsupported_grant_type",
    )
)


class _Fronted(Flask):
    """A Flask application with something in front of it."""

    front: WSGIApplication

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.front(environ, start_response)

    def behind(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return super().wsgi_app(environ, start_response)


def create_app(desk: Desk, faults: Faults) -> Flask:
    """`desk` over HTTP, with `faults` in front. One request at a time has the desk's lock."""
    app = _Fronted(__name__)
    for routes in (
        ticket_routes(desk),
        redaction_routes(desk),
        people_routes(desk),
        deleted_people_routes(desk),
        setting_routes(desk),
        upload_routes(desk),
        content_routes(desk),
        export_routes(desk),
        webhook_routes(desk),
        page_routes(desk),
        app_routes(desk),
        ticket_field_routes(desk),
        user_field_routes(desk),
        rule_routes(desk),
    ):
        app.register_blueprint(routes)
    app.add_url_rule("/oauth/tokens", view_func=lambda: _token(desk), methods=["POST"])
    app.before_request(lambda: _sign_in(desk))
    app.after_request(_with_limits)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _odd)
    app.front = faults.wrap(_one_at_a_time(desk, _without_suffix(app.behind)))
    return app


def open_zendesk(desk: Desk, port: int = 0) -> Running:
    """Serve `desk` on loopback and tell it its own address."""
    running = serve(create_app(desk, desk.faults), port=port)
    desk.address = running.url
    return running


def _sign_in(desk: Desk) -> None:
    if not desk.address:
        desk.address = request.host_url.rstrip("/")
    if not request.path.startswith("/api/"):
        return
    header = request.headers.get("Authorization", "")
    agent = request.headers.get("X-Sandbox-Agent", "")
    if not header and agent:
        # The ticket page's own agent, as a session would say; no other website can send this.
        g.user = _agent(desk, agent)
        g.left = desk.budgets.account.take()
        return
    if not header:
        raise Refusal(401, "Couldn't authenticate you")
    if not header.startswith("Bearer ") or not desk.tokens.is_good(header.removeprefix("Bearer ")):
        raise Refusal(401, "invalid_token", DEAD)
    g.user = desk.users[preset.BRIDGE_USER]
    g.left = desk.budgets.account.take()


def _agent(desk: Desk, number: str) -> User:
    known = desk.users.get(int(number)) if number.isdecimal() else None
    if known is None or known.role != "agent":
        raise Refusal(401, "Couldn't authenticate you")
    return known


def _with_limits(response: Response) -> Response:
    left = g.get("left")
    if left:
        headers = response.headers
        headers["X-Rate-Limit"] = headers["ratelimit-limit"] = str(left.total)
        headers["X-Rate-Limit-Remaining"] = headers["ratelimit-remaining"] = str(left.remaining)
        headers["ratelimit-reset"] = str(left.resets)
    return response


def _token(desk: Desk) -> Response:
    form = request.get_json(silent=True) or request.form
    seconds = form.get("expires_in")
    wanted = int(seconds) if seconds is not None and str(seconds).isdigit() else None
    if seconds is not None and wanted is None:
        raise Refusal(400, "invalid_request", "expires_in must be a number of seconds")
    desk.tokens.by_secret(str(form.get("client_id")), str(form.get("client_secret")))
    if form.get("grant_type") == "client_credentials":
        grant = desk.tokens.grant(str(form.get("scope") or "read"), wanted, refreshable=False)
    elif form.get("grant_type") == "refresh_token":
        grant = desk.tokens.refresh(str(form.get("refresh_token")), wanted)
    else:
        raise Refusal(400, "unsupported_grant_type", "client_credentials or refresh_token")
    return Response(json.dumps(serial_settings.grant(grant)), content_type="application/json")


def _refused(refusal: Refusal) -> Response:
    """The error JSON of the API; wrong attributes come with an object under `error`."""
    data: dict[str, object] = {"error": refusal.error, "description": refusal.description}
    if refusal.error == "InvalidAttribute":
        data = {"error": {"title": "Invalid attribute", "message": refusal.description}}
    elif refusal.error in OAUTH_ERRORS:
        data = {"error": refusal.error, "error_description": refusal.description}
    if refusal.details:
        data["details"] = {name: [{"description": text}] for name, text in refusal.details}
    response = Response(json.dumps(data), refusal.status, content_type="application/json")
    if refusal.wait is not None:
        response.headers["Retry-After"] = str(refusal.wait)
    return response


def _odd(error: HTTPException) -> BaseResponse:
    """An address that is not there, as JSON for the API and as a page for people."""
    if not request.path.startswith("/api/"):
        return error.get_response(request.environ)
    data = {"error": "InvalidEndpoint", "description": error.description}
    return Response(json.dumps(data), error.code or 500, content_type="application/json")


def _without_suffix(app: WSGIApplication) -> WSGIApplication:
    """Clients may put `.json` behind any path of the API."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/api/") and path.endswith(".json"):
            environ["PATH_INFO"] = path.removesuffix(".json")
        return app(environ, start_response)

    return answer


def _one_at_a_time(desk: Desk, app: WSGIApplication) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PROXY:
            # It waits for somebody who may be asking this desk meanwhile.
            return app(environ, start_response)
        with desk.lock:
            response = BaseResponse.from_app(app, environ, buffered=True)
        return response(environ, start_response)

    return answer
