"""Direct messages: https://docs.x.com/x-api/direct-messages/manage/introduction

Legacy readers see 30 days of what is not encrypted.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.x import asked, fields, pages
from bridge.sandbox.x.answers import Answers
from bridge.sandbox.x.checks import NO_MESSAGES
from bridge.sandbox.x.gate import PERSON, Gate
from bridge.sandbox.x.people import Refusal, invalid
from bridge.sandbox.x.posts import Message

READABLE = timedelta(days=30)
ALLOWED = ("max_results", "pagination_token", "event_types", *fields.OF_MESSAGES)
READ = ("dm.read", "tweet.read", "users.read")


def messages_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("x_messages", __name__), gate.town

    def listed(other: str = "") -> ResponseReturnValue:
        caller = gate.caller(PERSON, *READ)
        wanted = fields.wanted(request.args, ALLOWED, town.rules.names)
        most = fields.number(request.args, "max_results", 1, 100, 100)
        if "MessageCreate" not in request.args.get("event_types", "MessageCreate").split(","):
            return jsonify(meta={"result_count": 0})
        since = town.clock() - READABLE

        def theirs(one: Message) -> bool:
            mine = caller.id in (one.sender, one.recipient)
            return mine and not one.sealed and one.created_at >= since

        found = [one for one in town.messages() if theirs(one)]
        if other:
            found = [one for one in found if one.between(caller.id, other)]
        page = pages.cut(found, request.args, most, ends=False)
        town.costs.read("dm_event", [one.id for one in page.items])
        return jsonify(Answers(town, wanted, caller).messages(page.items) | {"meta": page.meta})

    @api.get("/2/dm_events")
    def everything() -> ResponseReturnValue:
        return listed()

    @api.get("/2/dm_conversations/with/<person_id>/dm_events")
    def between(person_id: str) -> ResponseReturnValue:
        return listed(fields.identifier("participant_id", person_id))

    @api.post("/2/dm_conversations/with/<person_id>/messages")
    def write(person_id: str) -> ResponseReturnValue:
        person = gate.member("dm.write", *READ)
        letter: asked.Letter = asked.read(asked.LetterSchema(), request)
        if len(letter.text) > town.rules.message_length:
            raise invalid("text: is too long", {"text": [letter.text[:20]]})
        recipient = town.by_id(fields.identifier("participant_id", person_id))
        if recipient is None:
            raise Refusal(403, NO_MESSAGES)
        message = town.write(person, recipient, letter.text, letter.media)
        town.costs.write("message")
        if gate.odd("echo_before_answer"):
            town.deliver()
        data = {"dm_conversation_id": message.conversation, "dm_event_id": message.id}
        return jsonify(data=data), 201

    return api
