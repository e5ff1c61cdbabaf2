"""`/api/v1/openapi.json` and `/api/v1/docs`: the description, and a page to try it, for anybody.

They say what every installation of this release can do, and nothing of this one.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from bridge.web.api import description

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def addresses(api: Blueprint) -> None:
    page = (Path(__file__).parent / "try.html").read_text("utf-8")

    def openapi() -> Response:
        body = json.dumps(description.whole(), indent=2)
        return _fresh(Response(f"{body}\n", mimetype="application/json"))

    def docs() -> Response:
        answer = _fresh(Response(page, mimetype="text/html"))
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    api.add_url_rule("/openapi.json", "openapi", openapi)
    api.add_url_rule("/docs", "docs", docs)
    api.after_request(_may_be_kept)


def _fresh(answer: Response) -> Response:
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest())
    conditional: Any = answer.make_conditional(request)
    assert isinstance(conditional, Response)
    return conditional


def _may_be_kept(answer: Response) -> Response:
    """What is the same for everybody may be kept, and asked for again each time."""
    if request.endpoint in ("api.openapi", "api.docs", "api.static"):
        answer.headers["Cache-Control"] = "no-cache"
    return answer
