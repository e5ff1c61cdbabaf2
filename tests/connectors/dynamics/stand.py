"""A stand-in of Dynamics 365: the part of the Dataverse Web API that the connector uses.

Columns, lengths and what may be set when:
https://github.com/MicrosoftDocs/powerapps-docs/blob/086a694/powerapps-docs/developer/data-platform/reference/entities/socialactivity.md
Conditions and bodies of 404 and 412:
https://learn.microsoft.com/power-apps/developer/data-platform/webapi/perform-conditional-operations-using-web-api
Limits: https://learn.microsoft.com/power-apps/developer/data-platform/api-limits
That a column of create only is refused on update is stricter than what the pages say.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid5

from connectors.stand import Stand
from flask import Response, jsonify, request

BASE = "/api/data/v9.2"
NAMES = {"contacts": "contact", "socialprofiles": "socialprofile"} | {
    "socialactivities": "socialactivity"
}
LONGEST = {
    "contact": {"lastname": 50},
    "socialprofile": {
        "uniqueprofileid": 100,
        "profilename": 100,
        "profilefullname": 160,
        "profilelink": 100,
    },
    "socialactivity": {
        "subject": 200,
        "description": 2000,
        "postid": 160,
        "inresponseto": 160,
        "threadid": 160,
        "posturl": 200,
        "posttoprofileid": 200,
        "socialadditionalparams": 8192,
    },
}
OTHERS = {
    "contact": {"statecode", "statuscode"},
    "socialprofile": {"community"},
    "socialactivity": {"directioncode", "postmessagetype", "community", "postedon"},
}
NOT_ON_UPDATE = {"socialprofile": {"community"}, "socialactivity": {"socialadditionalparams"}}
BINDS = {
    "socialprofile": {"customerid_contact": "contacts"},
    "socialactivity": {
        "postfromprofileid": "socialprofiles",
        "regardingobjectid_contact_socialactivity": "contacts",
        "postauthor_contact": "contacts",
        "postauthoraccount_contact": "contacts",
    },
}
GUIDS = UUID("5f6a9a1e-3f0b-4f0e-9c5e-1d2a3b4c5d6e")
LIMITED = {
    "error": {
        "code": "0x80072322",
        "message": "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
    }
}


def wrong(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


class DynamicsStand(Stand):
    """One environment. `rows` are by table and by our id, `keys` by table: [columns, status]."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "token-1"
        self.columns: dict[str, set[str]] = {name: set() for name in LONGEST}
        self.keys: dict[str, list[Any]] = {}
        self.index = "Active"
        self.rows: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in LONGEST}
        self.app.before_request(self._signed_in)
        add = self.app.add_url_rule
        add("/tenant-1/oauth2/v2.0/token", view_func=self._token, methods=["POST"])
        add(f"{BASE}/WhoAmI", view_func=lambda: jsonify(UserId=str(GUIDS)))
        add(
            f"{BASE}/<path:path>",
            view_func=self._any,
            methods=["GET", "POST", "PATCH", "DELETE"],
        )

    def _token(self) -> Any:
        if request.form["client_secret"] != "hush":
            return jsonify(error="invalid_client", error_description="AADSTS7000215"), 401
        assert request.form["scope"] == f"{self.url}/.default"
        return jsonify(token_type="Bearer", expires_in=3599, access_token=self.token)

    def _signed_in(self) -> Any:
        if request.path.startswith(BASE):
            if request.headers.get("Authorization") != f"Bearer {self.token}":
                return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
            assert request.headers["OData-Version"] == "4.0"
        return None

    def _any(self, path: str) -> Any:
        about = re.fullmatch(r"EntityDefinitions\(LogicalName='(\w+)'\)/(.+)", path)
        if about:
            return self._definition(about[1], about[2])
        row = re.fullmatch(r"(\w+)\((\w+)='([^']*)'\)", path)
        assert row, path
        return self._row(row[1], NAMES[row[1]], row[2], row[3])

    def _definition(self, table: str, what: str) -> Any:
        if request.method == "GET" and what == "Keys":
            key = self.keys.get(table)
            found = [{"KeyAttributes": key[0], "EntityKeyIndexStatus": key[1]}] if key else []
            return jsonify(value=found)
        if request.method == "GET":
            name = what.split("'")[1]
            if name in self.columns[table]:
                return jsonify(LogicalName=name)
            return jsonify(wrong("0x80060888", f"Could not find an attribute '{name}'")), 404
        asked = request.get_json()
        if what == "Attributes":
            name = asked["SchemaName"].lower()
            if name in self.columns[table]:
                return jsonify(wrong("0x80044153", "An attribute with the name exists")), 400
            self.columns[table].add(name)
        else:
            if not set(asked["KeyAttributes"]) <= self.columns[table]:
                return jsonify(wrong("0x8004431a", "The attribute is not valid")), 400
            self.keys[table] = [asked["KeyAttributes"], self.index]
        return self._done(table, what)

    def _row(self, entity_set: str, table: str, column: str, key: str) -> Any:
        if self.keys.get(table) != [[column], "Active"]:
            says = "The key in the request URI is not valid for resource "
            return jsonify(wrong("0x80060888", f"{says}'Microsoft.Dynamics.CRM.{table}'.")), 400
        rows = self.rows[table]
        missing = f"A record with the specified key values does not exist in {table} entity"
        if request.method == "PATCH":
            return self._patched(entity_set, table, key, missing)
        if key not in rows:
            return jsonify(wrong("0x80060891", missing)), 404
        if request.method == "DELETE":
            del rows[key]
            return Response(status=204)
        return jsonify(rows[key])

    def _patched(self, entity_set: str, table: str, key: str, missing: str) -> Any:
        rows, asked = self.rows[table], request.get_json()
        is_there = key in rows
        if is_there and request.headers.get("If-None-Match") == "*":
            says = "A record with matching key values already exists."
            return jsonify(wrong("0x80060892", says)), 412
        if not is_there and request.headers.get("If-Match") == "*":
            return jsonify(wrong("0x80060891", missing)), 404
        refusal = self._refusal(table, asked, is_there)
        if refusal:
            return refusal
        rows.setdefault(key, {}).update(asked)
        return self._done(entity_set, key)

    def _refusal(self, table: str, asked: dict[str, Any], is_there: bool) -> Any:
        for name, value in asked.items():
            if name.endswith("@odata.bind"):
                bound = BINDS[table][name.removesuffix("@odata.bind")]
                key = re.fullmatch(rf"/{bound}\(\w+='([^']+)'\)", value)
                if not key or key[1] not in self.rows[NAMES[bound]]:
                    says = f"A record with the specified key values does not exist in {bound}"
                    return jsonify(wrong("0x80060891", says)), 404
                continue
            most = LONGEST[table].get(name)
            if most is None and name not in OTHERS[table] | self.columns[table]:
                says = f"Invalid property '{name}' was found in entity '{table}'."
                return jsonify(wrong("0x80048d19", says)), 400
            if most and value and len(value) > most:
                says = f"The length of the '{name}' attribute exceeded the maximum of '{most}'."
                return jsonify(wrong("0x80044331", f"A validation error occurred. {says}")), 400
            if is_there and name in NOT_ON_UPDATE.get(table, set()):
                return jsonify(wrong("0x80048d19", f"'{name}' is not valid for update")), 400
            if not is_there and name == "statecode":
                return jsonify(wrong("0x80048408", "statecode is not valid on create")), 400
        return None

    def _done(self, entity_set: str, key: str) -> Response:
        told = f"{self.url}{BASE}/{entity_set}({uuid5(GUIDS, entity_set + key)})"
        return Response(status=204, headers={"OData-EntityId": told})


__all__ = ["LIMITED", "DynamicsStand", "wrong"]
