"""Posting, reading, editing, deleting: https://docs.joinmastodon.org/methods/statuses/"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.mastodon import asked, shapes
from bridge.sandbox.mastodon.gate import Gate
from bridge.sandbox.mastodon.people import Person, Refusal
from bridge.sandbox.mastodon.posts import Status
from bridge.sandbox.mastodon.town import Town

CLIENT = "Helpdesk"
NOT_FOUND = "Record not found"


def statuses_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("statuses", __name__), gate.town

    def shown(one: Status, viewer: Person | None) -> dict[str, Any]:
        me = viewer.id if viewer else ""
        return shapes.status(town, one, request.host_url[:-1], me, direct_as=gate.direct_as())

    def seen(status_id: str, viewer: Person | None) -> Status:
        one = town.status(status_id)
        if one is None or not town.can_see(viewer.id if viewer else "", one):
            raise Refusal(404, NOT_FOUND)
        return one

    def mine(status_id: str, person: Person) -> Status:
        one = town.status(status_id)
        if one is None or one.author != person.id:
            raise Refusal(404, NOT_FOUND)
        return one

    @api.post("/api/v1/statuses")
    def create() -> ResponseReturnValue:
        person = gate.member("write:statuses")
        draft = replace(
            asked.draft(request),
            key=request.headers.get("Idempotency-Key", ""),
            application=CLIENT,
        )
        return jsonify(shown(town.publish(person.id, draft, gate.leniency(draft)), person))

    @api.get("/api/v1/statuses")
    def several() -> ResponseReturnValue:
        if gate.odd("batch_statuses_missing"):
            raise Refusal(404, "Not Found")
        viewer = gate.viewer("read:statuses")
        me = viewer.id if viewer else ""
        wanted = request.args.getlist("id[]") or request.args.getlist("id")
        found = [one for one in map(town.status, dict.fromkeys(wanted)) if one]
        return jsonify([shown(one, viewer) for one in found if town.can_see(me, one)])

    @api.get("/api/v1/statuses/<status_id>")
    def show(status_id: str) -> ResponseReturnValue:
        viewer = gate.viewer("read:statuses")
        return jsonify(shown(seen(status_id, viewer), viewer))

    @api.get("/api/v1/statuses/<status_id>/context")
    def context(status_id: str) -> ResponseReturnValue:
        viewer = gate.viewer("read:statuses")
        above, below = around(town, seen(status_id, viewer), viewer.id if viewer else "")
        return jsonify(
            ancestors=[shown(one, viewer) for one in above],
            descendants=[shown(one, viewer) for one in below],
        )

    @api.get("/api/v1/statuses/<status_id>/history")
    def history(status_id: str) -> ResponseReturnValue:
        one = seen(status_id, gate.viewer("read:statuses"))
        base = request.host_url[:-1]
        return jsonify([shapes.edit(town, one, version, base) for version in one.versions])

    @api.get("/api/v1/statuses/<status_id>/source")
    def source(status_id: str) -> ResponseReturnValue:
        one = mine(status_id, gate.member("read:statuses"))
        return jsonify(id=one.id, text=one.text, spoiler_text=one.now.spoiler)

    @api.put("/api/v1/statuses/<status_id>")
    def rewrite(status_id: str) -> ResponseReturnValue:
        person = gate.member("write:statuses")
        one = mine(status_id, person)
        draft = asked.draft(request)
        language = draft.language or one.now.language
        return jsonify(shown(town.rewrite(one.id, replace(draft, language=language)), person))

    @api.delete("/api/v1/statuses/<status_id>")
    def delete(status_id: str) -> ResponseReturnValue:
        person = gate.member("write:statuses")
        one = mine(status_id, person)
        answer = shown(one, person) | {"text": one.text}
        town.delete(one.id)
        return jsonify(answer)

    return api


def around(town: Town, status: Status, viewer: str) -> tuple[list[Status], list[Status]]:
    """What stands above a status (oldest first) and below it (each answer followed by its own
    answers), as far as `viewer` may see it."""
    above: list[Status] = []
    parent = town.status(status.in_reply_to)
    while parent is not None:
        above.insert(0, parent)
        parent = town.status(parent.in_reply_to)
    everything = town.statuses()
    below: list[Status] = []
    waiting = [status]
    while waiting:
        one = waiting.pop()
        if one is not status:
            below.append(one)
        waiting += reversed([other for other in everything if other.in_reply_to == one.id])
    return (
        [one for one in above if town.can_see(viewer, one)],
        [one for one in below if town.can_see(viewer, one)],
    )
