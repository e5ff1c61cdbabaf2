"""The stand-in for Meta as a web application: the Graph API, its files, and pages for customers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bridge.sandbox import mastodon
from bridge.sandbox.meta.api_auth import auth_calls
from bridge.sandbox.meta.api_facebook import facebook_api
from bridge.sandbox.meta.api_files import files_api
from bridge.sandbox.meta.api_hooks import hooks_api
from bridge.sandbox.meta.api_instagram import instagram_api
from bridge.sandbox.meta.api_messages import messages_api
from bridge.sandbox.meta.api_moderating import moderating_api
from bridge.sandbox.meta.api_people import people_api
from bridge.sandbox.meta.api_whatsapp import whatsapp_api
from bridge.sandbox.meta.faults import GraphFaults
from bridge.sandbox.meta.graph import Graph, read_call
from bridge.sandbox.meta.page import page
from bridge.sandbox.meta.refusals import CATALOGUE, Refusal, unknown_object
from bridge.sandbox.meta.town import Town

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MOST_BODY = 110 * 1024 * 1024
LOOKS = Path(mastodon.__file__).parent / "static"
"""The customers' pages look as the one of the stand-in network does."""
_VERSION = re.compile(r"v[0-9]+\.[0-9]+/")


class _Faulty(Flask):
    """An application with its faults in front of it."""

    def __init__(self, faults: GraphFaults) -> None:
        super().__init__(__name__, static_folder=LOOKS, static_url_path="/static")
        self._behind_faults = faults.wrap(super().wsgi_app)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._behind_faults(environ, start_response)


def create_app(town: Town) -> Flask:
    """`town.faults` stands in front of everything."""
    app = _Faulty(town.faults)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = 2 * 1024 * 1024
    graph = Graph(town)
    apis = (facebook_api, messages_api, instagram_api, whatsapp_api, people_api, hooks_api)
    for part in (*apis, moderating_api):
        part(graph)
    app.register_blueprint(files_api(town))
    app.register_blueprint(page(town))
    nodeless = auth_calls(graph)

    @app.route("/<path:path>", methods=["GET", "POST", "DELETE"])
    def call(path: str) -> ResponseReturnValue:
        if ordered := town.faults.met(request.method, request.path):
            raise ordered
        path = _VERSION.sub("", path, count=1).rstrip("/")
        asked = read_call(town, request)
        if path in nodeless and request.method == "GET":
            answer = nodeless[path](asked)
        else:
            node, _, edge = path.partition("/")
            answer = graph.answer(asked, node, edge)
        for afterwards in asked.later:
            afterwards()
        if request.method == "POST" and town.faults.take(
            "created_but_400", method=request.method, path=request.path
        ):
            raise Refusal(CATALOGUE["ig_comment_created_then_400"])
        return jsonify(answer)

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> ResponseReturnValue:
        response = jsonify(error.wrong.body())
        response.status_code = error.wrong.status
        response.headers.extend(error.wrong.headers)
        if error.wrong.code == 190:
            response.headers["WWW-Authenticate"] = 'OAuth "Facebook Platform" "invalid_token"'
        return response

    @app.errorhandler(HTTPException)
    def not_served(error: HTTPException) -> ResponseReturnValue:
        if error.code == 404:
            return refused(unknown_object(request.method, request.path.strip("/")))
        return jsonify(error={"message": error.name, "type": "Exception", "code": 1}), (
            error.code or 500
        )

    @app.after_request
    def version(response: Response) -> Response:
        response.headers["facebook-api-version"] = "v25.0"
        return response

    return app
