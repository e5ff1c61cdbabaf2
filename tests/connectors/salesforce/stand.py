"""A stand-in of Salesforce: the parts of its REST API that the connector asks, with the bodies that
its documentation shows. Rows live in memory, found by their external id."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import defaultdict
from typing import Any
from xml.etree import ElementTree as Tree

from connectors.stand import Stand
from flask import Response, jsonify, request

KEY = "External_Id__c"
DATA = "/services/data/v62.0"
MOST_ROWS = 200
LENGTHS = {"Name": 80, "Text__c": 32_000}
NAMES = {"m": "http://soap.sforce.com/2006/04/metadata"}
Row = dict[str, Any]


class SalesforceStand(Stand):
    """`errors` are answered for the rows of these external ids."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, dict[str, Row]] = defaultdict(dict)
        self.objects: dict[str, set[str]] = {}
        self.lookups: dict[str, dict[str, str]] = {}
        self.assigned = True
        self.errors: dict[str, tuple[str, str]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.purged: list[str] = []
        self.looks = 1
        self.deploys = 0
        self._number = 0
        for rule, view, method in (
            ("/services/oauth2/token", self._token, "POST"),
            (f"{DATA}/limits", self._limits, "GET"),
            (f"{DATA}/sobjects/<thing>/describe", self._describe, "GET"),
            (f"{DATA}/composite/sobjects/<thing>/<key>", self._upsert, "PATCH"),
            (f"{DATA}/composite/sobjects", self._delete, "DELETE"),
            (f"{DATA}/query", self._query, "GET"),
            (f"{DATA}/metadata/deployRequest", self._deploy, "POST"),
            (f"{DATA}/metadata/deployRequest/<deploy>", self._deployed, "GET"),
            (f"{DATA}/jobs/ingest", self._job, "POST"),
            (f"{DATA}/jobs/ingest/<job>", self._job_state, "GET"),
            (f"{DATA}/jobs/ingest/<job>", self._job_state, "PATCH"),
            (f"{DATA}/jobs/ingest/<job>/batches", self._filled, "PUT"),
            (f"{DATA}/jobs/ingest/<job>/<which>Results", self._results, "GET"),
        ):
            self.app.add_url_rule(rule, f"{method} {rule}", view, methods=[method])

    # ---------------------------------------------------------------- sign-in and set-up

    def _token(self) -> Response:
        if request.form["client_secret"] != "app-secret":
            return _refused(400, "invalid_client", "invalid client credentials")
        self._number += 1
        return jsonify(access_token=f"00D!{self._number}", token_type="Bearer")

    def _limits(self) -> Response:
        return jsonify(DailyApiRequests={"Max": 100_000, "Remaining": 99_000})

    def _describe(self, thing: str) -> Response:
        if thing not in self.objects or not self.assigned:
            return _refused(404, "NOT_FOUND", "The requested resource does not exist")
        return jsonify(name=thing, fields=[{"name": name} for name in self.objects[thing]])

    def _deploy(self) -> Response:
        assert json.loads(request.form["json"])["deployOptions"]["singlePackage"]
        with zipfile.ZipFile(request.files["file"]) as package:
            for name in package.namelist():
                if name.startswith("objects/"):
                    self._made(name, Tree.fromstring(package.read(name)))
        self.deploys += 1
        return jsonify(id="0Af1")

    def _made(self, name: str, root: Tree.Element) -> None:
        thing = name.removeprefix("objects/").removesuffix(".object")
        fields = {
            each.findtext("m:fullName", "", NAMES): each
            for each in root.iterfind("m:fields", NAMES)
        }
        self.objects[thing] = set(fields)
        self.lookups[thing] = {
            field: each.findtext("m:referenceTo", "", NAMES)
            for field, each in fields.items()
            if each.findtext("m:type", "", NAMES) == "Lookup"
        }

    def _deployed(self, deploy: str) -> Response:
        return jsonify(id=deploy, deployResult={"done": True, "success": True})

    # ---------------------------------------------------------------- collections

    def _upsert(self, thing: str, key: str) -> Response:
        if thing not in self.objects:
            return _refused(404, "NOT_FOUND", "The requested resource does not exist")
        body = request.get_json()
        assert key == KEY
        assert body["allOrNone"] is False
        records = body["records"]
        if len(records) > MOST_ROWS:
            return _refused(400, "LIMIT_EXCEEDED", "record limit reached")
        assert {record["attributes"]["type"] for record in records} == {thing}
        before = set(self.rows[thing])  # a row of the same call cannot be referred to
        return jsonify([self._one(thing, record, before) for record in records])

    def _one(self, thing: str, record: Row, before: set[str]) -> Row:
        row_id = record[KEY]
        wrong = self._wrong(thing, record, before)
        if wrong:
            code, message = wrong
            error = {"statusCode": code, "message": message, "fields": []}
            return {"success": False, "errors": [error]}
        created = row_id not in self.rows[thing]
        row = self.rows[thing].setdefault(row_id, {"Id": self._new_id(thing)})
        for name, value in record.items():
            if name.endswith("__r"):
                row[name.replace("__r", "__c")] = value[KEY]
            elif name != "attributes":
                row[name] = value
        return {"id": row["Id"], "success": True, "errors": [], "created": created}

    def _wrong(self, thing: str, record: Row, before: set[str]) -> tuple[str, str] | None:
        if record[KEY] in self.errors:
            return self.errors[record[KEY]]
        for name, value in record.items():
            if name in ("attributes", KEY, "Name"):
                continue
            field = name.replace("__r", "__c")
            if field not in self.objects[thing]:
                return "INVALID_FIELD", f"No such column '{field}' on entity '{thing}'"
            if name.endswith("__r"):
                to = self.lookups[thing][field]
                if value[KEY] not in (before if to == thing else self.rows[to]):
                    message = f"Foreign key external ID: {value[KEY]} not found for field {KEY}"
                    return "INVALID_FIELD", message
            elif isinstance(value, str) and len(value) > LENGTHS.get(name, 255):
                return "STRING_TOO_LONG", f"{name}: data value too large: {value}"
        return None

    def _new_id(self, thing: str) -> str:
        self._number += 1
        return f"a0{len(thing):02}{self._number:011}AAA"

    def _query(self) -> Response:
        thing = re.search(r"FROM (\w+)", request.args["q"])[1]
        named = re.findall(r"'(\w+)'", request.args["q"])
        rows = [
            {"Id": row["Id"], KEY: key} for key, row in self.rows[thing].items() if key in named
        ]
        return jsonify(totalSize=len(rows), done=True, records=rows)

    def _delete(self) -> Response:
        ids = request.args["ids"].split(",")
        assert len(ids) <= MOST_ROWS
        return jsonify([self._deleted(each) for each in ids])

    def _deleted(self, remote_id: str) -> Row:
        for rows in self.rows.values():
            for key, row in list(rows.items()):
                if row["Id"] == remote_id:
                    del rows[key]
                    return {"id": remote_id, "success": True, "errors": []}
        error = {"statusCode": "ENTITY_IS_DELETED", "message": "entity is deleted", "fields": []}
        return {"id": remote_id, "success": False, "errors": [error]}

    # ---------------------------------------------------------------- bulk

    def _job(self) -> Response:
        body = request.get_json()
        assert (body["contentType"], body["lineEnding"]) == ("CSV", "LF")
        job = {**body, "id": f"750{len(self.jobs)}", "state": "Open", "looks": self.looks}
        self.jobs[job["id"]] = job
        return jsonify(job)

    def _filled(self, job: str) -> Response:
        assert request.mimetype == "text/csv"
        self.jobs[job]["content"] = request.get_data()
        return Response(status=201)

    def _job_state(self, job: str) -> Response:
        found = self.jobs[job]
        if request.method == "PATCH":
            found["state"] = request.get_json()["state"]
        elif found["state"] == "UploadComplete":
            found["looks"] -= 1
            if found["looks"] < 0:
                found["state"] = "JobComplete"
                self._work(found)
        return jsonify({key: value for key, value in found.items() if isinstance(value, str)})

    def _work(self, job: dict[str, Any]) -> None:
        text = job["content"].decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        job["tables"] = {"successful": [], "failed": []}
        before = set(self.rows[job["object"]])
        for row in rows:
            if job["operation"] == "hardDelete":
                self.purged.append(row["Id"])
                done = self._deleted(row["Id"])
            else:
                done = self._one(job["object"], _as_json(row), before)
            which = "successful" if done["success"] else "failed"
            error = next((f"{e['statusCode']}:{e['message']}:--" for e in done["errors"]), "")
            told = {"sf__Id": done.get("id", ""), "sf__Error": error, "sf__Created": "true"}
            job["tables"][which].append({**told, **row})

    def _results(self, job: str, which: str) -> Response:
        rows = self.jobs[job]["tables"][which]
        text = io.StringIO(newline="")
        if rows:
            table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
        return Response(text.getvalue(), mimetype="text/csv")


def _as_json(row: dict[str, str]) -> Row:
    """An empty value leaves a field as it is, #N/A empties it."""
    record: Row = {}
    for name, value in row.items():
        if "." in name and value:
            record[name.partition(".")[0]] = {KEY: value}
        elif value and "." not in name:
            record[name] = None if value == "#N/A" else value
    return record


def _refused(status: int, code: str, message: str) -> Response:
    response = jsonify([{"errorCode": code, "message": message}])
    response.status_code = status
    return response
