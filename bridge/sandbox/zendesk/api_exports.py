"""Incremental exports: what changed since, without the newest minute.

https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
"""

from __future__ import annotations

import base64
from typing import Any

from flask import Blueprint, g, request

from bridge.sandbox.zendesk import serial
from bridge.sandbox.zendesk.desk import Desk
from bridge.sandbox.zendesk.paging import whole_number
from bridge.sandbox.zendesk.records import Refusal

PAGE = 1000


def export_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("exports", __name__, url_prefix="/api/v2/incremental")

    def allowed() -> None:
        if g.user.role != "admin":
            raise Refusal(403, "Forbidden", "You do not have access to this page")
        desk.budgets.exports.take()

    def visible_until() -> int:
        return int((desk.clock() - desk.hide).timestamp())

    def size() -> int:
        return min(max(whole_number("per_page", PAGE), 1), PAGE)

    def since() -> int:
        start = whole_number("start_time", -1)
        if start < 0:
            raise Refusal(400, "InvalidAttribute", "start_time is missing")
        if start > visible_until():
            raise Refusal(422, "InvalidValue", "Too recent start_time")
        return start

    @routes.get("/tickets/cursor")
    def tickets() -> dict[str, Any]:
        allowed()
        cursor = request.args.get("cursor")
        place = _place(cursor) if cursor else (since(), 0)
        until = visible_until()
        rows = sorted(
            (int(one.updated_at.timestamp()), one.id)
            for one in desk.tickets.values()
            if int(one.updated_at.timestamp()) <= until
        )
        later = [row for row in rows if row > place]
        page = later[: size()]
        after = _cursor(page[-1]) if page else cursor or _cursor(place)
        return {
            "tickets": [serial.ticket(desk, desk.tickets[ticket_id]) for _, ticket_id in page],
            "after_cursor": after,
            "after_url": f"{desk.address}{request.path}.json?cursor={after}",
            "before_cursor": None,
            "before_url": None,
            "end_of_stream": len(page) == len(later),
        }

    @routes.get("/ticket_events")
    def ticket_events() -> dict[str, Any]:
        """The start is inclusive, so the last second comes again on the next page."""
        allowed()
        start, until = since(), visible_until()
        comments = "comment_events" in request.args.get("include", "").split(",")
        found = sorted(
            (
                audit
                for audits in desk.audits.values()
                for audit in audits
                if start <= int(audit.created_at.timestamp()) <= until
            ),
            key=lambda audit: (int(audit.created_at.timestamp()), audit.id),
        )
        page = found[: size()]
        # A page never ends inside a second: the next one would start at its beginning again.
        if page and len(page) < len(found):
            last = int(page[-1].created_at.timestamp())
            page = [one for one in found if int(one.created_at.timestamp()) <= last]
        end = int(page[-1].created_at.timestamp()) if page else None
        more = f"{desk.address}{request.path}.json?start_time={end}"
        if comments:
            more += "&include=comment_events"
        return {
            "ticket_events": [serial.ticket_event(desk, one, comments=comments) for one in page],
            "count": len(page),
            "end_time": end,
            "next_page": more if page else None,
            "end_of_stream": len(page) == len(found),
        }

    return routes


def _cursor(place: tuple[int, int]) -> str:
    return base64.urlsafe_b64encode(f"{place[0]}.0||{place[1]}".encode()).decode()


def _place(cursor: str) -> tuple[int, int]:
    try:
        moment, ticket_id = base64.urlsafe_b64decode(cursor).decode().split(".0||")
        return int(moment), int(ticket_id)
    except ValueError as error:
        raise Refusal(400, "InvalidPaginationParameter", "The cursor is not valid") from error
