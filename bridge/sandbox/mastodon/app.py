"""The stand-in network as a web application: Mastodon's API and a page for customers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bridge.sandbox.faults import Faults
from bridge.sandbox.mastodon.api_media import media_api
from bridge.sandbox.mastodon.api_moderating import moderating_api
from bridge.sandbox.mastodon.api_notifications import notifications_api
from bridge.sandbox.mastodon.api_people import people_api
from bridge.sandbox.mastodon.api_statuses import statuses_api
from bridge.sandbox.mastodon.gate import Gate
from bridge.sandbox.mastodon.page import page
from bridge.sandbox.mastodon.people import Refusal
from bridge.sandbox.mastodon.town import Town

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class _Faulty(Flask):
    """An application with its faults in front of it."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(__name__, static_folder="static", static_url_path="/static")
        self._behind_faults = faults.wrap(super().wsgi_app)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._behind_faults(environ, start_response)


def create_app(town: Town, faults: Faults) -> Flask:
    """`faults` stands in front of everything; make it with `new_faults()`."""
    app = _Faulty(faults)
    app.config["MAX_CONTENT_LENGTH"] = town.limits.video_size + 1024 * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = 2 * 1024 * 1024
    gate = Gate(town, faults)
    for part in (people_api, statuses_api, media_api, moderating_api, notifications_api):
        app.register_blueprint(part(gate))
    app.register_blueprint(page(town))

    @app.before_request
    def come_in() -> ResponseReturnValue | None:
        if not request.path.startswith("/api/"):
            return None
        gate.check_agent()
        g.standing = gate.standing()
        if g.standing.over:
            raise Refusal(429, "Too many requests")
        return None

    @app.after_request
    def how_much_is_left(response: Response) -> Response:
        if "standing" in g:
            response.headers.update(g.standing.headers())
        return response

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> ResponseReturnValue:
        if request.path.startswith(("/api/", "/system/")):
            return jsonify(error=error.error), error.status
        return render_template("sandbox_mastodon/gone.html", why=error.error), error.status

    @app.errorhandler(HTTPException)
    def not_served(error: HTTPException) -> ResponseReturnValue:
        return jsonify(error=error.name), error.code or 500

    return app
