"""Liking posts and blocking people. What is so already is answered like what is done.

- https://docs.joinmastodon.org/methods/statuses/#favourite
- https://docs.joinmastodon.org/methods/accounts/#block
"""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.mastodon import shapes
from bridge.sandbox.mastodon.api_people import relationship
from bridge.sandbox.mastodon.gate import Gate
from bridge.sandbox.mastodon.people import Person, Refusal
from bridge.sandbox.mastodon.posts import Status

NOT_FOUND = "Record not found"


def moderating_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("moderating", __name__), gate.town

    def seen(status_id: str, person: Person) -> Status:
        one = town.status(status_id)
        if one is None or not town.can_see(person.id, one):
            raise Refusal(404, NOT_FOUND)
        return one

    def shown(one: Status, viewer: Person) -> ResponseReturnValue:
        base, direct_as = request.host_url[:-1], gate.direct_as()
        return jsonify(shapes.status(town, one, base, viewer.id, direct_as=direct_as))

    def there(person_id: str) -> Person:
        person = town.by_id(person_id)
        if person is None:
            raise Refusal(404, NOT_FOUND)
        return person

    @api.post("/api/v1/statuses/<status_id>/favourite")
    def favourite(status_id: str) -> ResponseReturnValue:
        person = gate.member("write:favourites")
        one = seen(status_id, person)
        town.favourite(person.acct, one.id)
        return shown(one, person)

    @api.post("/api/v1/statuses/<status_id>/unfavourite")
    def unfavourite(status_id: str) -> ResponseReturnValue:
        person = gate.member("write:favourites")
        one = seen(status_id, person)
        town.unfavourite(person.acct, one.id)
        return shown(one, person)

    @api.post("/api/v1/accounts/<person_id>/block")
    def block(person_id: str) -> ResponseReturnValue:
        person, other = gate.member("write:blocks"), there(person_id)
        town.block(person.acct, other.acct)
        return jsonify(relationship(town, person.id, other.id))

    @api.post("/api/v1/accounts/<person_id>/unblock")
    def unblock(person_id: str) -> ResponseReturnValue:
        person, other = gate.member("write:blocks"), there(person_id)
        town.unblock(person.acct, other.acct)
        return jsonify(relationship(town, person.id, other.id))

    return api
