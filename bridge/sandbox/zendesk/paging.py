"""Lists in pages, in the two ways the API knows.

https://developer.zendesk.com/api-reference/introduction/pagination/ : `page[size]` asks for
cursors (`meta.has_more`, `links.next`), anything else gets offsets (`next_page`, `count`).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request

from bridge.sandbox.zendesk.desk import Desk
from bridge.sandbox.zendesk.records import Refusal

MOST = 100


def whole_number(name: str, default: int) -> int:
    """A query parameter. Raises `Refusal` (400) if it is no whole number."""
    raw = request.args.get(name)
    if raw is None:
        return default
    try:
        return int(raw)
    except ValueError as error:
        raise Refusal(400, "InvalidAttribute", f"{name} is not an integer") from error


def page_of(desk: Desk, key: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One page of `rows` (each with an `id`, in the order wanted) as the request asks for it."""
    if any(name.startswith("page[") for name in request.args):
        return _by_cursor(desk, key, rows)
    size = min(max(whole_number("per_page", MOST), 1), MOST)
    number = max(whole_number("page", 1), 1)
    start = (number - 1) * size
    more = start + size < len(rows)
    return {
        key: list(rows[start : start + size]),
        "next_page": _address(desk, page=number + 1) if more else None,
        "previous_page": _address(desk, page=number - 1) if number > 1 else None,
        "count": len(rows),
    }


def _by_cursor(desk: Desk, key: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    size = min(max(whole_number("page[size]", MOST), 1), MOST)
    ids = [str(row["id"]) for row in rows]
    start = 0
    after = request.args.get("page[after]")
    if after:
        start = _place(ids, after) + 1
    before = request.args.get("page[before]")
    if before:
        start = max(0, _place(ids, before) - size)
    page = list(rows[start : start + size])
    more = start + size < len(rows)
    last = _cursor(page[-1]["id"]) if page else None
    first = _cursor(page[0]["id"]) if page else None
    return {
        key: page,
        "meta": {"has_more": more, "after_cursor": last, "before_cursor": first},
        "links": {
            "next": _address(desk, **{"page[after]": last}) if more else None,
            "prev": _address(desk, **{"page[before]": first}) if start else None,
        },
    }


def _cursor(row_id: object) -> str:
    return base64.urlsafe_b64encode(f"o:{row_id}".encode()).decode()


def _place(ids: list[str], cursor: str) -> int:
    known = {_cursor(one): at for at, one in enumerate(ids)}
    if cursor not in known:
        raise Refusal(400, "InvalidPaginationParameter", "The cursor is not valid")
    return known[cursor]


def _address(desk: Desk, **changed: object) -> str:
    kept = {
        name: value
        for name, value in request.args.items()
        if name not in changed and not name.startswith(("page[after", "page[before"))
    }
    return f"{desk.address}{request.path}.json?{urlencode({**kept, **changed})}"
