"""The stand-in for X as a web application: its API and a page for customers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bridge.sandbox import mastodon
from bridge.sandbox.faults import Faults
from bridge.sandbox.x.api_hooks import activity_api, webhooks_api
from bridge.sandbox.x.api_media import media_api
from bridge.sandbox.x.api_messages import messages_api
from bridge.sandbox.x.api_moderating import moderating_api
from bridge.sandbox.x.api_oauth import oauth_api
from bridge.sandbox.x.api_posts import posts_api
from bridge.sandbox.x.api_users import users_api
from bridge.sandbox.x.gate import Gate
from bridge.sandbox.x.page import page
from bridge.sandbox.x.people import Refusal
from bridge.sandbox.x.town import Town

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

API = ("/2/", "/1.1/")
LOOKS = Path(mastodon.__file__).parent / "static"
"""The customer's page looks as the one of the stand-in network does."""


class _Faulty(Flask):
    """An application with its faults in front of it."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(__name__, static_folder=LOOKS, static_url_path="/static")
        self._behind_faults = faults.wrap(super().wsgi_app)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._behind_faults(environ, start_response)


def create_app(town: Town, faults: Faults) -> Flask:
    """`faults` stands in front of everything; make it with `new_faults()`."""
    app = _Faulty(faults)
    town.courier.faults = faults
    gate = Gate(town, faults)
    apis = (posts_api, users_api, messages_api, media_api, webhooks_api, activity_api)
    for part in (*apis, moderating_api):
        app.register_blueprint(part(gate))
    app.register_blueprint(oauth_api(town))
    app.register_blueprint(page(town))

    @app.after_request
    def how_much_is_left(response: Response) -> Response:
        if "standing" in g:
            response.headers.update(g.standing.headers())
        return response

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> ResponseReturnValue:
        answer = jsonify(error.problem())
        answer.content_type = "application/problem+json"
        return answer, error.status

    @app.errorhandler(HTTPException)
    def not_served(error: HTTPException) -> ResponseReturnValue:
        """X says nothing at all about an address that it does not have, seen in
        https://github.com/xdevplatform/docs/issues/395"""
        if request.path.startswith(API):
            return Response(b"", error.code or 500, content_type="text/plain")
        return jsonify(error=error.name), error.code or 500

    return app
