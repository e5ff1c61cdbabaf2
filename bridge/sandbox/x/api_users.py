"""People: https://docs.x.com/x-api/users/lookup/introduction"""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.x import answers, fields
from bridge.sandbox.x.gate import PERSON, Caller, Gate
from bridge.sandbox.x.people import Person


def users_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("x_users", __name__), gate.town

    def shown(
        caller: Caller, found: list[tuple[str, Person | None]], parameter: str, *, single: bool
    ) -> ResponseReturnValue:
        allowed = fields.OF_USERS if single else (parameter, *fields.OF_USERS)
        wanted = fields.wanted(request.args, allowed, town.rules.names)
        people = [one for _, one in found if one and not one.suspended]
        problems = [answers.missing("user", asked, parameter) for asked, one in found if not one]
        problems += [answers.suspended(one, parameter) for _, one in found if one and one.suspended]
        town.costs.read("user", [one.id for one in people])
        body = answers.Answers(town, wanted, caller).users(people, problems, single=single)
        return jsonify(fields.renamed(body) if town.rules.names == "post" else body)

    @api.get("/2/users/me")
    def me() -> ResponseReturnValue:
        caller = gate.caller(PERSON, "tweet.read", "users.read")
        return shown(caller, [(caller.id, caller.person)], "id", single=True)

    @api.get("/2/users/<person_id>")
    def one(person_id: str) -> ResponseReturnValue:
        caller = gate.caller()
        found = town.by_id(fields.identifier("id", person_id))
        return shown(caller, [(person_id, found)], "id", single=True)

    @api.get("/2/users")
    def several() -> ResponseReturnValue:
        caller = gate.caller()
        ids = [fields.identifier("ids", one) for one in request.args.get("ids", "").split(",")]
        return shown(caller, [(one, town.by_id(one)) for one in ids], "ids", single=False)

    @api.get("/2/users/by/username/<username>")
    def named(username: str) -> ResponseReturnValue:
        caller = gate.caller()
        return shown(caller, [(username, town.known(username))], "username", single=True)

    return api
