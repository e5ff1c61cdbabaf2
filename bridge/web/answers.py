"""Every answer is JSON, errors as well, and none tells more than the caller may know."""

from __future__ import annotations

import structlog
from flask import Flask, Response, json, jsonify
from werkzeug.exceptions import HTTPException, InternalServerError

from bridge.errors import BridgeError
from bridge.web.keeping import away

log = structlog.get_logger()

_SAYS = {
    404: "there is nothing at this address",
    405: "this address does not take this method; see the Allow header",
    413: "the body is larger than this address takes",
    500: "something went wrong here; it has been written down",
}


def complaint(status: int, error: str, **more: str) -> Response:
    """`{"error": …}` with what else helps the caller mend it."""
    answer = jsonify({"error": error, **more})
    answer.status_code = status
    return answer


def install(app: Flask) -> None:
    """Every way a request can fail, as JSON."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(BridgeError, _ours)
    app.register_error_handler(Exception, _defect)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    own_words = "description" in vars(error) and error.description
    answer = Response(headers=_kept(error), status=code, mimetype="application/json")
    answer.set_data(json.dumps({"error": own_words or _SAYS.get(code, error.name.lower())}) + "\n")
    return answer


def _kept(error: HTTPException) -> list[tuple[str, str]]:
    """`Allow`, `Retry-After`, `Location`: what the status needs, without the body's own headers."""
    return [(name, value) for name, value in error.get_headers() if name != "Content-Type"]


def _ours(error: BridgeError) -> Response:
    """Something of ours is not as it should be: the sender has done nothing wrong."""
    log.error("a request could not be served", because=error.because)
    return _http(away("this cannot be taken just now"))


def _defect(_error: Exception) -> Response:
    log.exception("defect in a request")
    return _http(InternalServerError())
