"""How records go out: a page, a single one, and neither when the client has it already."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, jsonify, request

from bridge.crm import schemas
from bridge.crm.feed import Page
from bridge.records import Change
from bridge.settings import Settings
from bridge.web.answers import complaint

NO_SUCH = "there is no such record, or no longer"


def page(settings: Settings, found: Page) -> Response:
    answer = jsonify(
        {
            "data": [schemas.row(change) for change in found.changes],
            "next_cursor": found.next_cursor or None,
            "resume_cursor": found.resume_cursor,
            "has_more": found.has_more,
        }
    )
    if found.has_more:
        way = _here(settings, cursor=found.next_cursor)
        answer.headers["Link"] = f'<{way}>; rel="next"'
    return _kept(answer)


def one(change: Change | None) -> Response:
    return no_such() if change is None else _kept(jsonify(schemas.row(change)))


def no_such() -> Response:
    return complaint(404, NO_SUCH, code=schemas.NO_SUCH_RECORD)


def expired(settings: Settings, because: str) -> Response:
    """410, with the address at which to begin anew."""
    return complaint(410, because, restart=_here(settings))


def _kept(answer: Response) -> Response:
    """May be kept if it is asked for again each time; the same bytes are not sent twice."""
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest())
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.add("Authorization")
    conditional: Any = answer.make_conditional(request)
    assert isinstance(conditional, Response)
    return conditional


def _here(settings: Settings, cursor: str = "") -> str:
    """This address, with what was asked for, to go on from there."""
    base = settings.public_url or request.host_url.rstrip("/")
    asked = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in ("cursor", "updated_since" if cursor else "cursor")
    ]
    asked += [("cursor", cursor)] if cursor else []
    return f"{base}{quote(request.path)}{'?' + urlencode(asked) if asked else ''}"
