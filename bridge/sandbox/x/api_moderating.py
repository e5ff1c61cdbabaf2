"""Hiding replies, liking posts, keeping people from writing privately.

- https://docs.x.com/x-api/posts/hide-replies/introduction
- https://docs.x.com/x-api/posts/likes/introduction ; not for self-serve customers since 20 April
  2026 (https://docs.x.com/changelog)
- https://docs.x.com/x-api/direct-messages/blocks/introduction
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.x import fields
from bridge.sandbox.x.gate import Gate
from bridge.sandbox.x.people import PROBLEMS, Person, Refusal, invalid
from bridge.sandbox.x.posts import Post

LIKES = ("users.read", "tweet.read", "like.write")


def moderating_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("x_moderating", __name__), gate.town

    def there(post_id: str) -> Post:
        found = town.at(fields.identifier("id", post_id))
        if found is None:
            raise Refusal(404, f"Could not find tweet with id: [{post_id}].")
        return found

    def liker(person_id: str) -> Person:
        person = gate.member(*LIKES)
        if person.id != fields.identifier("id", person_id):
            raise Refusal(403, "You are not permitted to perform this action.")
        if town.rules.summoned:
            raise Refusal(
                403,
                "This endpoint is not available to self-serve customers.",
                title="Client Forbidden",
                kind=PROBLEMS + "client-forbidden",
                more={"reason": "client-not-enrolled", "client_id": town.app.id},
            )
        return person

    @api.put("/2/tweets/<post_id>/hidden")
    def hide(post_id: str) -> ResponseReturnValue:
        """A reply in a conversation that the caller began, and nowhere else."""
        person = gate.member("tweet.read", "tweet.moderate.write", "users.read")
        hidden = _only(("hidden",))["hidden"]
        if not isinstance(hidden, bool):
            raise invalid("hidden: is no truth value")
        reply = there(post_id)
        first = town.at(reply.conversation)
        if not reply.in_reply_to or first is None or first.author != person.id:
            raise Refusal(403, "You are not permitted to hide or unhide this reply.")
        town.hide(reply.id, hidden=hidden)
        return jsonify(data={"hidden": hidden})

    @api.post("/2/users/<person_id>/likes")
    def like(person_id: str) -> ResponseReturnValue:
        person = liker(person_id)
        wanted = _only(("tweet_id",))["tweet_id"]
        town.like(person.id, there(str(wanted)).id)
        return jsonify(data={"liked": True})

    @api.delete("/2/users/<person_id>/likes/<post_id>")
    def unlike(person_id: str, post_id: str) -> ResponseReturnValue:
        person = liker(person_id)
        town.like(person.id, there(post_id).id, on=False)
        return jsonify(data={"liked": False})

    @api.post("/2/users/<person_id>/dm/block")
    def block(person_id: str) -> ResponseReturnValue:
        town.bar(*_pair(person_id), on=True)
        return jsonify(data={"blocked": True})

    @api.post("/2/users/<person_id>/dm/unblock")
    def unblock(person_id: str) -> ResponseReturnValue:
        town.bar(*_pair(person_id), on=False)
        return jsonify(data={"blocked": False})

    def _pair(person_id: str) -> tuple[str, str]:
        person = gate.member("dm.write", "tweet.read", "users.read")
        other = town.by_id(fields.identifier("id", person_id))
        if other is None:
            raise Refusal(404, f"Could not find user with id: [{person_id}].")
        return person.id, other.id

    return api


def _only(names: tuple[str, ...]) -> dict[str, Any]:
    """The body, which holds these and nothing else."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or set(body) != set(names):
        raise invalid(f"the body holds {', '.join(names)} and nothing else")
    return body
