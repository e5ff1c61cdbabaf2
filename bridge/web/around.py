"""What holds for every request: its id in every log line, its headers out, its count."""

from __future__ import annotations

import re
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

from bridge.metrics import Metrics
from bridge.web.keeping import BROKEN_OFF

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html"""

_HSTS = "max-age=31536000"
_DISCARDED = 16 * 1024 * 1024
_PIECE = 64 * 1024


def install(app: Flask, metrics: Metrics, *, https: bool) -> None:
    """`https`: browsers are told to come by https only."""

    def begin() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", given) else uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    def finish(answer: Response) -> Response:
        if answer.status_code >= 400:
            _discard()
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
        if https:
            answer.headers.setdefault("Strict-Transport-Security", _HSTS)
        answer.headers["X-Request-ID"] = g.get("request_id", "")
        metrics.requests.labels(request.endpoint or "none", str(answer.status_code)).inc()
        return answer

    def leave(_error: BaseException | None) -> None:
        structlog.contextvars.clear_contextvars()

    app.before_request(begin)
    app.after_request(finish)
    app.teardown_request(leave)


def _discard() -> None:
    """Read what a refused sender still sends, within reason: who is cut off in the middle of
    sending sees a broken connection instead of our answer."""
    stream = request.environ["wsgi.input"]
    left = _DISCARDED
    if "wsgi.input_terminated" not in request.environ:
        return  # the server does not say where the body ends
    try:
        while left > 0:
            piece = stream.read(min(_PIECE, left))
            if not piece:
                return
            left -= len(piece)
    except BROKEN_OFF:
        return  # nobody is sending any more
