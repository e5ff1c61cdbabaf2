"""Conversations: found by who wrote, ticket, words or link; each as one timeline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from bridge.flow.bridge import Bridge
from bridge.ledger import browsing, searching
from bridge.ledger.searching import STATES, Found, Search
from bridge.web.console import numbers_in
from bridge.web.console.frame import Frame
from bridge.web.console.timeline import timeline

A_PAGE = 25


def pages(frame: Frame) -> None:
    bridge = frame.bridge

    @frame.get("/conversations")
    def conversations() -> Response:
        text, state = numbers_in.words("q"), request.args.get("state", "")
        search = Search(
            text=text,
            account=numbers_in.words("account"),
            state=state if state in STATES else "",
            before=_before(),
        )
        with bridge.ledger.reading() as tx:
            found = searching.find(tx, search, A_PAGE + 1)
            cut = bool(text) and searching.reaches_back(tx)
        asked: dict[str, Any] = {
            name: value
            for name, value in (("q", text), ("account", search.account), ("state", search.state))
            if value
        }
        shown = found[:A_PAGE]
        further = None
        if len(found) > A_PAGE:
            further = url_for("console.conversations", **{**asked, "before": _place(shown[-1])})
        return frame.page(
            "conversations.html",
            title="Conversations",
            found=shown,
            search=search,
            accounts=sorted(bridge.mapping.accounts),
            states=STATES,
            asked=asked,
            further=further,
            cut=cut,
            far_back=searching.FAR_BACK,
            ticket_url=lambda ticket_id: ticket_url(bridge, ticket_id),
        )

    @frame.get("/conversations/<int:number>")
    def conversation(number: int) -> Response:
        with bridge.ledger.reading() as tx:
            whole = browsing.whole(tx, numbers_in.row(number))
        if whole is None:
            raise NotFound("There is no such conversation. If there was one, it was erased.")
        head = whole.heading
        return frame.page(
            "conversation.html",
            title=f"Conversation {head.id}",
            whole=whole,
            head=head,
            moments=timeline(whole),
            most=browsing.MOST,
            ticket_url=lambda ticket_id: ticket_url(bridge, ticket_id),
        )


def ticket_url(bridge: Bridge, ticket_id: str) -> str:
    """Where agents see a ticket; "" for what is no number."""
    base = bridge.settings.zendesk.url
    return f"{base}/agent/tickets/{ticket_id}" if base and ticket_id.isdecimal() else ""


def _place(last: Found) -> str:
    return f"{last.last_word_at.timestamp():.6f}-{last.id}"


def _before() -> tuple[datetime, int] | None:
    """Where the page above ended; nonsense begins at the top."""
    at, _, number = request.args.get("before", "").rpartition("-")
    if not number.isdecimal() or int(number) > numbers_in.LARGEST:
        return None
    try:
        return datetime.fromtimestamp(float(at), UTC), int(number)
    except (ValueError, OverflowError, OSError):
        return None
