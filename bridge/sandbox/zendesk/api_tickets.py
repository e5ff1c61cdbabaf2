"""Tickets, comments, audits, tags, merging, redaction: the part of the API a bridge lives in.

https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from flask import Blueprint, Response, g, request

from bridge.sandbox.zendesk import changes, endings, serial, serial_settings
from bridge.sandbox.zendesk.desk import Desk
from bridge.sandbox.zendesk.limits import Left
from bridge.sandbox.zendesk.paging import page_of
from bridge.sandbox.zendesk.records import Audit, Job, Refusal, Via, not_found
from bridge.sandbox.zendesk.wishes import Wish, Words, read_wish

API = Via("api")


def payload() -> Any:
    """The request's JSON. Raises `Refusal` (400) if it is none."""
    try:
        return json.loads(request.get_data())
    except ValueError as error:
        raise Refusal(400, "InvalidJSON", "The request body is not valid JSON") from error


def ticket_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("tickets", __name__, url_prefix="/api/v2/tickets")

    def answered(audit: Audit, wish: Wish, status: int) -> Response:
        data = {
            "ticket": serial.ticket(desk, desk.tickets[audit.ticket_id]),
            "audit": serial.audit(desk, audit),
        }
        response = Response(json.dumps(data), status, content_type="application/json")
        if wish.dropped:
            keys = ", ".join(f'"ticket.{name}"' for name in wish.dropped)
            response.headers["x-zendesk-api-warn"] = (
                f"Removed restricted keys [{keys}] from parameters according to whitelist"
            )
        return response

    @routes.post("")
    def create() -> Response:
        key = request.headers.get("Idempotency-Key", "")
        sent = request.get_data()
        known = desk.keys.find(key, sent) if key else None
        if known:
            response = Response(known.body, 201, content_type="application/json")
            response.headers["Location"] = known.location
            response.headers["x-idempotency-lookup"] = "hit"
            return response
        wish = read_wish(payload())
        audit = changes.open_ticket(desk, wish, g.user, API)
        response = answered(audit, wish, 201)
        response.headers["Location"] = serial.url(desk, f"tickets/{audit.ticket_id}")
        if key:
            desk.keys.keep(key, sent, response.get_data(), response.headers["Location"])
            response.headers["x-idempotency-lookup"] = "miss"
        return response

    @routes.get("")
    def listed() -> dict[str, Any]:
        external_id = request.args.get("external_id")
        found = desk.all_tickets()
        if external_id is not None:
            found = desk.by_external_id(external_id)
        return page_of(desk, "tickets", [serial.ticket(desk, one) for one in found])

    @routes.get("/show_many")
    def many() -> dict[str, Any]:
        wanted = {one for one in request.args.get("ids", "").split(",") if one}
        found = [one for one in desk.all_tickets() if str(one.id) in wanted]
        return page_of(desk, "tickets", [serial.ticket(desk, one) for one in found])

    @routes.get("/<int:ticket_id>")
    def show(ticket_id: int) -> dict[str, Any]:
        return {"ticket": serial.ticket(desk, desk.ticket(ticket_id))}

    @routes.put("/<int:ticket_id>")
    def update(ticket_id: int) -> Response:
        desk.ticket(ticket_id)
        left = desk.budgets.per_ticket.take((g.user.id, ticket_id))
        desk.budgets.updates.take()
        wish = read_wish(payload())
        response = answered(changes.update_ticket(desk, ticket_id, wish, g.user, API), wish, 200)
        if left:
            response.headers["zendesk-ratelimit-per-ticket-updates"] = _shown(left)
        return response

    @routes.delete("/<int:ticket_id>")
    def delete(ticket_id: int) -> tuple[str, int]:
        endings.delete(desk, ticket_id, g.user)
        return "", 204

    @routes.get("/<int:ticket_id>/comments")
    def comments(ticket_id: int) -> dict[str, Any]:
        inline = request.args.get("include_inline_images") == "true"
        rows = [
            serial.comment(desk, audit, audit.comment, inline=inline)
            for audit in desk.ticket_audits(ticket_id)
            if audit.comment
        ]
        if request.args.get("sort") == "-created_at" or request.args.get("sort_order") == "desc":
            rows.reverse()
        page = page_of(desk, "comments", rows)
        if request.args.get("include") == "users":
            authors = dict.fromkeys(row["author_id"] for row in page["comments"])
            known = [desk.users[each] for each in authors if each in desk.users]
            page["users"] = [serial_settings.user(desk, each) for each in known]
        return page

    @routes.get("/<int:ticket_id>/audits")
    def audits(ticket_id: int) -> dict[str, Any]:
        rows = [serial.audit(desk, one) for one in desk.ticket_audits(ticket_id)]
        if request.args.get("sort") == "-created_at" or request.args.get("sort_order") == "desc":
            rows.reverse()
        page = page_of(desk, "audits", rows)
        if request.args.get("include") == "users":
            updaters = dict.fromkeys(row["author_id"] for row in page["audits"])
            known = [desk.users[each] for each in updaters if each in desk.users]
            page["users"] = [serial_settings.user(desk, each) for each in known]
        return page

    @routes.get("/<int:ticket_id>/audits/<int:audit_id>")
    def one_audit(ticket_id: int, audit_id: int) -> dict[str, Any]:
        for one in desk.ticket_audits(ticket_id):
            if one.id == audit_id:
                return {"audit": serial.audit(desk, one)}
        raise not_found()

    @routes.put("/<int:ticket_id>/audits/<int:audit_id>/make_private")
    def make_private(ticket_id: int, audit_id: int) -> Response:
        endings.make_private(desk, ticket_id, audit_id, g.user)
        return Response(json.dumps(""), 200, content_type="application/json")

    @routes.put("/<int:ticket_id>/comments/<int:comment_id>/redact")
    def redact_text(ticket_id: int, comment_id: int) -> dict[str, Any]:
        text = str(payload().get("text", ""))
        said = endings.redact(desk, ticket_id, comment_id, text=text, by=g.user)
        return {"comment": serial.comment(desk, desk.comment(ticket_id, said.id)[0], said)}

    @routes.route("/<int:ticket_id>/tags", methods=["GET", "PUT", "POST", "DELETE"])
    def tags(ticket_id: int) -> Response:
        status = {"GET": 200, "PUT": 200, "POST": 201, "DELETE": 204}[request.method]
        if request.method != "GET":
            names = {"PUT": "additional_tags", "POST": "tags", "DELETE": "remove_tags"}
            desk.budgets.per_ticket.take((g.user.id, ticket_id))
            wish = read_wish({"ticket": {names[request.method]: payload().get("tags")}})
            changes.update_ticket(desk, ticket_id, wish, g.user, API)
        data = json.dumps({"tags": list(desk.ticket(ticket_id).tags)})
        return Response(data, status, content_type="application/json")

    @routes.post("/<int:ticket_id>/merge")
    def merge(ticket_id: int) -> dict[str, Any]:
        data = payload()
        ids = tuple(int(one) for one in data.get("ids", ()))
        endings.merge(
            desk,
            ticket_id,
            ids,
            g.user,
            source_words=_merge_words(data, "source"),
            target_words=_merge_words(data, "target"),
        )
        job = Job(secrets.token_hex(16), "Bulk Ticket Merge", "Completed", len(ids))
        desk.jobs[job.id] = job
        return {"job_status": serial_settings.job(desk, job, "queued")}

    return routes


def redaction_routes(desk: Desk) -> Blueprint:
    """The newer redaction, which also takes closed tickets, and the state of background jobs."""
    routes = Blueprint("redactions", __name__, url_prefix="/api/v2")

    @routes.put("/comment_redactions/<int:comment_id>")
    def redact(comment_id: int) -> dict[str, Any]:
        data = payload()
        if not data.get("ticket_id"):
            raise Refusal(400, "ParameterMissing", "Required parameter missing: ticket_id")
        ticket_id = int(data["ticket_id"])
        urls = tuple(data.get("external_attachment_urls") or ())
        html = data.get("html_body")
        said = endings.redact(desk, ticket_id, comment_id, html=html, attachments=urls, by=g.user)
        return {"comment": serial.comment(desk, desk.comment(ticket_id, said.id)[0], said)}

    @routes.get("/job_statuses/<job_id>")
    def job(job_id: str) -> dict[str, Any]:
        known = desk.jobs.get(job_id)
        if known is None:
            raise not_found()
        return {"job_status": serial_settings.job(desk, known, "completed")}

    return routes


def _merge_words(data: dict[str, Any], which: str) -> Words | None:
    text = data.get(f"{which}_comment")
    if not text:
        return None
    return Words(body=str(text), public=bool(data.get(f"{which}_comment_is_public", False)))


def _shown(left: Left) -> str:
    return f"total={left.total}; remaining={left.remaining}; resets={left.resets}"
