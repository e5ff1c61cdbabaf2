"""Who mentioned us, what we let through, and direct conversations.

- https://docs.joinmastodon.org/methods/notifications/
- https://docs.joinmastodon.org/methods/conversations/
"""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.mastodon import asked, paging, shapes
from bridge.sandbox.mastodon.api_people import with_links
from bridge.sandbox.mastodon.gate import Gate
from bridge.sandbox.mastodon.people import Refusal
from bridge.sandbox.mastodon.posts import Notification, Reach, Status
from bridge.sandbox.mastodon.town import Town


def notifications_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("notifications", __name__), gate.town

    @api.get("/api/v1/notifications")
    def index() -> ResponseReturnValue:
        me = gate.member("read:notifications")
        types = _several("types")
        without = _several("exclude_types")
        who = request.args.get("account_id", "")
        filtered = request.args.get("include_filtered", "").lower() in ("1", "true", "t", "on")
        found = [
            one
            for one in town.notifications(me.acct)
            if (not types or one.kind in types)
            and one.kind not in without
            and who in ("", one.who)
            and (filtered or not one.filtered)
        ]
        page = paging.asked(request.args.to_dict(), 40, 80)
        cut = page.cut(found, _number)
        base, direct_as = request.host_url[:-1], gate.direct_as()
        answer = jsonify([shapes.notification(town, o, base, me.id, direct_as) for o in cut])
        return with_links(gate, answer, page, [one.number for one in cut])

    @api.get("/api/v1/notifications/<number>")
    def show(number: str) -> ResponseReturnValue:
        me = gate.member("read:notifications")
        for one in town.notifications(me.acct):
            if str(one.number) == number:
                base, direct_as = request.host_url[:-1], gate.direct_as()
                return jsonify(shapes.notification(town, one, base, me.id, direct_as))
        raise Refusal(404, "Record not found")

    @api.get("/api/v2/notifications/policy")
    def policy() -> ResponseReturnValue:
        if gate.odd("policy_missing"):
            raise Refusal(404, "Not Found")
        return jsonify(shapes.policy(town, gate.member("read:notifications")))

    @api.route("/api/v2/notifications/policy", methods=["PATCH", "PUT"])
    def set_policy() -> ResponseReturnValue:
        if gate.odd("policy_missing"):
            raise Refusal(404, "Not Found")
        me = gate.member("write:notifications")
        town.set_policy(me.acct, asked.policy(request, town.policy(me.acct)))
        return jsonify(shapes.policy(town, me))

    @api.get("/api/v1/conversations")
    def conversations() -> ResponseReturnValue:
        me = gate.member("read:statuses")
        page = paging.asked(request.args.to_dict(), 20, 40)
        cut = page.cut(_conversations(town, me.id), lambda one: int(one[-1].id))
        base, direct_as = request.host_url[:-1], gate.direct_as()
        answer = jsonify(
            [
                {
                    "id": one[0].id,
                    "unread": one[-1].author != me.id,
                    "accounts": [
                        shapes.account(town, person, base)
                        for person in map(town.by_id, _others(one[-1], me.id))
                        if person
                    ],
                    "last_status": shapes.status(town, one[-1], base, me.id, direct_as=direct_as),
                }
                for one in cut
            ]
        )
        return with_links(gate, answer, page, [int(one[-1].id) for one in cut])

    return api


def _several(name: str) -> tuple[str, ...]:
    return tuple(request.args.getlist(f"{name}[]") or request.args.getlist(name))


def _number(notification: Notification) -> int:
    return notification.number


def _others(status: Status, me: str) -> list[str]:
    return [one for one in dict.fromkeys((status.author, *status.mentions)) if one != me]


def _conversations(town: Town, me: str) -> list[list[Status]]:
    """One per thread and set of people, as Mastodon keeps them; each oldest first."""
    found: dict[tuple[str, frozenset[str]], list[Status]] = {}
    for one in town.statuses():
        if one.reach is Reach.DIRECT and (me == one.author or me in one.reached):
            found.setdefault((one.thread, frozenset(_others(one, me))), []).append(one)
    return list(found.values())
