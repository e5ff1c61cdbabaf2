"""A stand-in of Zoho CRM: the part of its API v8 that the connector uses.

https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html
Codes and shapes: https://github.com/zoho/crm-oas/tree/main/v8.0 (record.json, fields.json,
recycle_bin.json). What Zoho says of a record that is not in the recycle bin is an assumption.
"""

from __future__ import annotations

from typing import Any

from connectors.stand import Stand
from flask import Response, jsonify, request

MOST = 100
NAMES = {"Contacts": "Last_Name"}


def wrong(code: str, message: str, **details: Any) -> dict[str, Any]:
    return {"code": code, "details": details, "message": message, "status": "error"}


def good(message: str, **details: Any) -> dict[str, Any]:
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}


class ZohoStand(Stand):
    """One organisation. `fields` are by module and API name, `rows` by module and Zoho's id."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "access-1"
        self.fields: dict[str, dict[str, dict[str, Any]]] = {"Contacts": {}}
        self.rows: dict[str, dict[str, dict[str, Any]]] = {}
        self.bin: set[str] = set()
        self.credits = ""
        self._count = 5_000_000
        self.app.before_request(self._signed_in)
        self.app.after_request(self._told_credits)
        add = self.app.add_url_rule
        add("/oauth/v2/token", view_func=self._token, methods=["POST"])
        add("/crm/v8/settings/fields", view_func=self._fields, methods=["GET", "POST"])
        add("/crm/v8/settings/recycle_bin/<row>", view_func=self._purge, methods=["DELETE"])
        add("/crm/v8/<module>/upsert", view_func=self._upsert, methods=["POST"])
        add("/crm/v8/<module>/search", view_func=self._search)
        add("/crm/v8/<module>/<row>", view_func=self._read)
        add("/crm/v8/<module>", view_func=self._delete, methods=["DELETE"])

    def found(self, module: str, record_id: str) -> dict[str, Any]:
        """The one row that has this id of ours."""
        (row,) = [each for each in self.rows[module].values() if each["Bridge_ID"] == record_id]
        return row

    def _token(self) -> Any:
        if request.form["refresh_token"] != "refresh-me":
            return jsonify(error="invalid_code")
        return jsonify(access_token=self.token, expires_in=3600, token_type="Bearer")

    def _signed_in(self) -> Any:
        if request.path.startswith("/oauth"):
            return None
        if request.headers.get("Authorization") != f"Zoho-oauthtoken {self.token}":
            return jsonify(wrong("INVALID_TOKEN", "invalid oauth token")), 401
        module = (request.view_args or {}).get("module") or request.args.get("module")
        if module and module not in self.fields:
            return jsonify(
                wrong("INVALID_MODULE", "the module name given seems to be invalid")
            ), 400
        return None

    def _told_credits(self, response: Response) -> Response:
        if self.credits:
            response.headers["X-API-CREDITS-REMAINING"] = self.credits
        return response

    def _fields(self) -> Any:
        fields = self.fields[request.args["module"]]
        if request.method == "GET":
            return jsonify(fields=[{"api_name": name, **field} for name, field in fields.items()])
        (asked,) = request.get_json()["fields"]
        name = asked["field_label"].replace(" ", "_")
        if name in fields:
            told = wrong("DUPLICATE_DATA", "duplicate data", api_name="field_label")
            return jsonify(fields=[told]), 400
        fields[name] = {"unique": {}, **asked}
        return jsonify(fields=[good("field created", id="1")]), 201

    def _upsert(self, module: str) -> Any:
        asked = request.get_json()
        if len(asked["data"]) > MOST:
            return jsonify(wrong("INVALID_DATA", "body", maximum_length=MOST)), 400
        (key,) = asked["duplicate_check_fields"]
        if not self.fields[module].get(key, {}).get("unique"):
            told = wrong("INVALID_DATA", "invalid data", api_name="duplicate_check_fields")
            return jsonify(told), 400
        told = [self._one(module, key, row) for row in asked["data"]]
        are_good = [each["code"] == "SUCCESS" for each in told]
        return jsonify(data=told), 200 if all(are_good) else 207 if any(are_good) else 400

    def _one(self, module: str, key: str, row: dict[str, Any]) -> dict[str, Any]:
        rows = self.rows.setdefault(module, {})
        there = next((n for n, each in rows.items() if each[key] == row[key]), None)
        name = NAMES.get(module, "Name")
        if there is None and not row.get(name):
            return wrong("MANDATORY_NOT_FOUND", "required field not found", api_name=name)
        for field, value in row.items():
            known = self.fields[module].get(field, {"length": 100} if field == name else None)
            if known is None:
                return wrong("INVALID_DATA", "invalid data", api_name=field)
            if known.get("length") and value and len(value) > known["length"]:
                return wrong("INVALID_DATA", f"invalid data {value}", api_name=field)
            is_lookup = known.get("data_type") == "lookup" and value
            if is_lookup and not any(value["id"] in each for each in self.rows.values()):
                return wrong("INVALID_DATA", "the id given seems to be invalid", api_name=field)
        if there is None:
            self._count += 1
            there = str(self._count)
        rows.setdefault(there, {}).update(row)
        return good("record added", id=there)

    def _search(self, module: str) -> Any:
        key, _, value = request.args["criteria"].strip("()").split(":")
        rows = self.rows.get(module, {}).items()
        found = [{"id": number} for number, row in rows if row[key] == value]
        return jsonify(data=found) if found else Response(status=204)

    def _read(self, module: str, row: str) -> Any:
        there = row in self.rows.get(module, {})
        return jsonify(data=[{"id": row}]) if there else Response(status=204)

    def _delete(self, module: str) -> Any:
        told = []
        for row in request.args["ids"].split(","):
            if self.rows.get(module, {}).pop(row, None) is None:
                told.append(wrong("INVALID_DATA", "record not deleted", id=row))
            else:
                self.bin.add(row)
                told.append(good("record deleted", id=row))
        return jsonify(data=told)

    def _purge(self, row: str) -> Any:
        if row not in self.bin:
            return jsonify(recycle_bin=[wrong("INVALID_DATA", "not in the bin", id=row)]), 400
        self.bin.remove(row)
        return jsonify(recycle_bin=[good("record purged", id=row)])


__all__ = ["ZohoStand", "wrong"]
