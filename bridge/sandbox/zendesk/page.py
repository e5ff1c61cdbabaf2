"""A plain page on which a person is the agent. All it shows is escaped: customers are hostile."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bridge.model import File
from bridge.sandbox.zendesk import apps, preset
from bridge.sandbox.zendesk.desk import REPLY_AS, Desk
from bridge.sandbox.zendesk.records import Afterwards, Changed, Refusal, Said, Ticket, not_found
from bridge.sandbox.zendesk.wishes import STATUSES

POLICY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "form-action 'self'; base-uri 'none'"
)
SHOWN_INLINE = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))
REPLY_AS_CHOICES = (
    ("", "Leave as it is"),
    ("auto", "As the customer wrote"),
    ("private", "Private message"),
    ("public", "Public reply"),
)


def page_routes(desk: Desk) -> Blueprint:
    routes = Blueprint(
        "agent",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/agent/static",
    )

    @routes.context_processor
    def helpers() -> dict[str, object]:
        return {
            "user": desk.author,
            "group": lambda group_id: desk.groups[group_id].name if group_id else "–",
            "field": lambda field_id: desk.fields[field_id],
            "is_image": lambda file: file.content_type in SHOWN_INLINE,
            "changes": lambda audit: [told for one in audit.events if (told := _told(desk, one))],
            "shown": lambda field_id, value: _shown(desk, field_id, value),
            "network": lambda ticket: ticket.value(preset.FIELD_NETWORK),
            "is_link": lambda value: (value or "").startswith(("https://", "http://")),
            "agents": [one for one in desk.users.values() if one.role == "agent"],
            "statuses": STATUSES[1:5],
            "reply_as": REPLY_AS_CHOICES,
        }

    @routes.before_request
    def same_site() -> None:
        """Another website open in the same browser must not answer customers: the network behind
        this desk may be a real one."""
        origin = request.headers.get("Origin", "")
        if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
            abort(403)

    @routes.after_request
    def guarded(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.get("/")
    def tickets() -> str:
        newest = sorted(desk.all_tickets(), key=lambda one: (one.updated_at, one.id), reverse=True)
        counts = {one.id: len(desk.comments(one.id)) for one in newest}
        return render_template("tickets.html", tickets=newest, counts=counts)

    @routes.get("/agent/tickets/<int:ticket_id>")
    def ticket(ticket_id: int) -> str:
        return _ticket_page(desk, desk.ticket(ticket_id))

    @routes.post("/agent/tickets/<int:ticket_id>")
    def submit(ticket_id: int) -> BaseResponse | tuple[str, int]:
        form = request.form
        files = tuple(
            File(one.filename or "file", one.mimetype, one.read())
            for one in request.files.getlist("files")
            if one.filename
        )
        agent = int(form.get("agent") or preset.INES)
        status = form.get("status") or None
        choice = form.get("reply_as")
        try:
            if form.get("text", "").strip() or files:
                desk.answer(
                    ticket_id,
                    form.get("text", ""),
                    public=form.get("kind") == "public",
                    reply_as=next((one for one in REPLY_AS if one == choice), None),
                    files=files,
                    agent=agent,
                    status=status,
                )
            elif status:
                desk.set_status(ticket_id, status, agent)
        except Refusal as refusal:
            ticket = desk.ticket(ticket_id)
            return _ticket_page(desk, ticket, _why(refusal), form.get("text", "")), 422
        return redirect(url_for("agent.ticket", ticket_id=ticket_id), 303)

    @routes.post("/agent/tickets/<int:ticket_id>/close")
    def close(ticket_id: int) -> BaseResponse:
        if desk.ticket(ticket_id).status != "closed":
            desk.close(ticket_id)
        return redirect(url_for("agent.ticket", ticket_id=ticket_id), 303)

    @routes.post("/agent/tickets/<int:ticket_id>/merge")
    def merge(ticket_id: int) -> BaseResponse | tuple[str, int]:
        into = request.form.get("into", "")
        try:
            desk.merge(ticket_id, into=int(into) if into.isdecimal() else 0)
        except Refusal as refusal:
            return _ticket_page(desk, desk.ticket(ticket_id), _why(refusal)), 422
        return redirect(url_for("agent.ticket", ticket_id=int(into)), 303)

    @routes.get("/agent/files/<secret>")
    def file(secret: str) -> Response:
        known = desk.files.get(secret)
        if known is None:
            raise not_found()
        shown = known.content_type in SHOWN_INLINE
        kind = known.content_type if shown else "application/octet-stream"
        response = Response(known.content, content_type=kind)
        response.headers.set(
            "Content-Disposition", "inline" if shown else "attachment", filename=known.filename
        )
        return response

    return routes


def _ticket_page(desk: Desk, ticket: Ticket, problem: str = "", text: str = "") -> str:
    return render_template(
        "ticket.html",
        ticket=ticket,
        audits=desk.ticket_audits(ticket.id),
        problem=problem,
        text=text,
        app=_app(desk, ticket),
    )


def _app(desk: Desk, ticket: Ticket) -> dict[str, object] | None:
    """What the page's script needs to know to host the installed app."""
    about = apps.shown_to(desk)
    if about is None:
        return None
    return about | {
        "ticket": str(ticket.id),
        "agent": str(preset.INES),
        "reply_as_field": preset.FIELD_REPLY_AS,
        "reply_as": ticket.value(preset.FIELD_REPLY_AS),
    }


def _why(refusal: Refusal) -> str:
    return "; ".join(text for _, text in refusal.details) or refusal.description


def _shown(desk: Desk, field_id: int, value: str | None) -> str:
    """A field's value as agents see it: a drop-down's choice by its name."""
    names = {choice.tag: choice.name for choice in desk.fields[field_id].choices}
    return names.get(value or "", value or "")


def _told(desk: Desk, change: Said | Changed | Afterwards) -> str:
    """A change in words, "" for what the page shows elsewhere."""
    if not isinstance(change, Changed) or change.kind == "Create" or change.field_name == "tags":
        return ""
    name, value = change.field_name, str(change.value or "")
    if name.isdigit():
        name, value = desk.fields[int(name)].title, _shown(desk, int(name), value)
    elif name == "assignee_id" and value:
        name, value = "assignee", desk.author(int(value)).name
    elif name == "group_id" and value:
        name, value = "group", desk.groups[int(value)].name
    return f"{name} is now {value or 'empty'}"
