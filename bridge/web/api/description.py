"""The history API as OpenAPI 3.1, worked out from the schemas that check and shape everything.

https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import EXCLUDE, Schema, fields, validate

from bridge.crm import schemas
from bridge.crm.feed import KEPT_DAYS
from bridge.ledger.api_tokens import Scope
from bridge.records import Resource
from bridge.web.api import asking, merging
from bridge.web.api.door import READS
from bridge.web.api.reading import NESTED, PLURAL

ROOT = "/api/v1"
Described = dict[str, Any]

_ABOUT = f"""\
The customer history, as a CRM reads it: who is whom, what was said, and what became of it.

Read `{ROOT}/changes` to its end, keep `resume_cursor`, and go on from there later: every record
comes in the order of its latest change, at least once, so upsert by `id`. What is gone stays in the
feed for {KEPT_DAYS} days with `deleted`, `deleted_at` and `deleted_reason`, without its contents.
A 410 means: begin again without a cursor. A 429 says in `Retry-After` how many seconds to wait;
coming early costs nothing but another 429. Every GET may be repeated.

Fields may be added at any time: let unknown ones pass.
"""
_SAYS = {
    "304": "You have it already: `If-None-Match` names what would have been answered.",
    "400": "The body breaks off, or the request is none.",
    "401": "No token, or one that is unknown, revoked or past its end.",
    "403": "The token is not good for this; the error names the scope that is missing.",
    "404": "There is no such record, or no longer.",
    "410": "This cursor is unknown or expired. Begin again at `restart`, without one.",
    "413": "The body is larger than this address takes.",
    "422": "What is asked for is not as it should be; the error names it.",
    "429": "Too many requests with this token.",
    "503": "The database does not answer. Come back.",
}
_WAITS = ("429", "503")


class ErrorSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    error = fields.String(required=True, metadata={"description": "What is wrong, in words."})


class NoSuchSchema(ErrorSchema):
    code = fields.String(
        required=True,
        validate=validate.Equal(schemas.NO_SUCH_RECORD),
        metadata={"description": "Where it is missing, the 404 is not of this API."},
    )


class ExpiredSchema(ErrorSchema):
    restart = fields.String(
        required=True, metadata={"description": "The address at which to begin again."}
    )


def _row(resource: Resource) -> Schema:
    """A record as it goes out."""
    name = str(resource)
    shape = type(schemas.SCHEMAS[resource])
    more = {
        "resource": fields.String(validate=validate.Equal(name)),
        "change_id": fields.Integer(
            metadata={
                "description": "The number of its latest change: ascending, never used again."
            }
        ),
        "updated_at": schemas.Instant(metadata={"description": "When that was."}),
    }
    made: type[Schema] = type(f"{name.title()}RowSchema", (shape,), more)
    return made()


@cache
def whole() -> Described:
    """All of it. What the release knows of a record is always there, so it is `required`."""
    spec = APISpec(
        title="Helpdesk bridge: customer history",
        version="1",
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        info={"description": _ABOUT},
        security=[{"token": []}],
    )
    spec.components.security_scheme(
        "token",
        {"type": "http", "scheme": "bearer", "description": "`hb_…`, made in the console."},
    )
    spec.components.schema("Error", schema=ErrorSchema)
    spec.components.schema("NoSuch", schema=NoSuchSchema)
    spec.components.schema("Expired", schema=ExpiredSchema)
    for resource in Resource:
        spec.components.schema(_name(resource), schema=_row(resource))
        spec.components.schema(f"{_name(resource)}Page", _page(_ref(_name(resource))))
    spec.components.schema("Change", _any_record())
    spec.components.schema("ChangePage", _page(_ref("Change")))
    spec.components.schema("NewMerge", schema=merging.NewMerge)
    spec.components.schema("UndoneMerge", schema=merging.UndoneMerge)
    _describe(spec)
    described = spec.to_dict()
    for name, shape in described["components"]["schemas"].items():
        if name not in ("NewMerge", "UndoneMerge", "Change"):
            shape["required"] = list(shape["properties"])
    return described


def _describe(spec: APISpec) -> None:
    spec.path(
        f"{ROOT}/changes",
        operations={
            "get": _listed(
                "changes",
                "The change feed: every record in the order of its latest change.",
                "ChangePage",
                asking.CHANGES,
                (),
            )
        },
    )
    for resource, plural in PLURAL.items():
        scope, page = (READS[resource],), f"{_name(resource)}Page"
        about = f"The {plural}, in the order of their latest changes."
        listed = _listed(plural, about, page, asking.LISTS[resource], scope)
        spec.path(f"{ROOT}/{plural}", operations={"get": listed})
        spec.path(f"{ROOT}/{plural}/{{id}}", operations={"get": _single(resource)})
    for outer, within, resource in NESTED:
        plural = PLURAL[resource]
        listed = _listed(
            f"{outer}_{plural}",
            f"The {plural} of one {within}.",
            f"{_name(resource)}Page",
            asking.LISTS[resource],
            (READS[resource],),
            within,
        )
        spec.path(f"{ROOT}/{outer}/{{id}}/{plural}", operations={"get": listed})
    merges = f"{ROOT}/merges"
    spec.path(merges, operations={"post": _merge()})
    spec.path(f"{merges}/{{id}}/undo", operations={"post": _undo()})


def _listed(
    operation: str,
    summary: str,
    page: str,
    taken: Schema,
    scopes: tuple[Scope, ...],
    within: str = "",
) -> Described:
    answers = _answers("304", "401", "403", "422", "429", "503")
    answers["410"] = _answer(_SAYS["410"], "Expired")
    answers["200"] = _answer("A page.", page, {"Link": _LINK, "ETag": _ETAG})
    parameters: list[Described] = []
    if within:
        parameters.append(_path_id(asking.pattern(within)))
        taken = type(taken)(exclude=(within,))
    parameters.append({"in": "query", "schema": taken})
    return _operation(f"list_{operation}", summary, scopes, parameters, answers)


def _single(resource: Resource) -> Described:
    answers = _answers("304", "401", "403", "404", "429", "503")
    answers["200"] = _answer("The record as it stands.", _name(resource), {"ETag": _ETAG})
    summary = f"One {resource}, also one that is gone."
    return _operation(f"read_{resource}", summary, (READS[resource],), [_path_id("")], answers)


def _merge() -> Described:
    answers = _answers("400", "401", "403", "413", "422", "429", "503")
    answers["200"] = _answer("They were merged already, by this merge.", "Merge")
    answers["201"] = _answer("Merged.", "Merge", {"Location": _text("The merge's address.")})
    summary = "Two identities are one customer's, by the CRM's word. Changes the history."
    done = _operation("merge", summary, (Scope.MERGE,), [], answers)
    return {**done, "requestBody": _body("NewMerge")}


def _undo() -> Described:
    answers = _answers("400", "401", "403", "404", "413", "422", "429", "503")
    answers["200"] = _answer("Undone, now or before.", "Merge")
    summary = "They are not one customer's after all. Changes the history."
    done = _operation("undo_merge", summary, (Scope.MERGE,), [_path_id("")], answers)
    return {**done, "requestBody": _body("UndoneMerge")}


def _operation(
    name: str,
    summary: str,
    scopes: tuple[Scope, ...],
    parameters: list[Described],
    answers: Described,
) -> Described:
    """In the docs each stands under what it is about, which its scope names."""
    needs = f"Needs {' '.join(f'`{each}`' for each in scopes)}." if scopes else _ANY
    return {
        "operationId": name,
        "tags": [scopes[0].partition(":")[0] if scopes else "changes"],
        "summary": summary,
        "description": needs,
        "security": [{"token": [str(each) for each in scopes]}],
        "parameters": parameters,
        "responses": dict(sorted(answers.items())),
    }


_ANY = "Tells what the token may read; needs at least one of the scopes that end in `:read`."


def _path_id(pattern: str) -> Described:
    shape: Described = {"type": "string", "minLength": 1}
    return {
        "in": "path",
        "name": "id",
        "required": True,
        "schema": shape | ({"pattern": pattern} if pattern else {}),
    }


def _answers(*statuses: str) -> Described:
    told = {
        status: _answer(_SAYS[status], "NoSuch" if status == "404" else "Error")
        for status in statuses
        if status != "304"
    }
    for status in _WAITS:
        told[status]["headers"] = {
            "Retry-After": {
                "description": "Whole seconds.",
                "schema": {"type": "integer", "minimum": 1},
            }
        }
    told["401"]["headers"] = {"WWW-Authenticate": _text("Bearer, and what is wrong.")}
    return told | ({"304": {"description": _SAYS["304"]}} if "304" in statuses else {})


def _answer(description: str, schema: str, headers: Described | None = None) -> Described:
    told: Described = {
        "description": description,
        "content": {"application/json": {"schema": _ref(schema)}},
    }
    return told | ({"headers": headers} if headers else {})


def _body(schema: str) -> Described:
    return {"required": True, "content": {"application/json": {"schema": _ref(schema)}}}


def _text(description: str) -> Described:
    return {"description": description, "schema": {"type": "string"}}


_LINK = _text('`<address>; rel="next"`, where there is more.')
_ETAG = _text("Changes with what is answered.")


def _page(row: Described) -> Described:
    return {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": row},
            "next_cursor": {
                "type": ["string", "null"],
                "description": "The next page; null on the last one.",
            },
            "resume_cursor": {
                "type": "string",
                "description": "Where to go on later, on the last page too.",
            },
            "has_more": {"type": "boolean"},
        },
    }


def _any_record() -> Described:
    names = {str(resource): _ref(_name(resource)) for resource in Resource}
    return {
        "oneOf": list(names.values()),
        "discriminator": {
            "propertyName": "resource",
            "mapping": {name: ref["$ref"] for name, ref in names.items()},
        },
    }


def _name(resource: Resource) -> str:
    return str(resource).title()


def _ref(name: str) -> Described:
    return {"$ref": f"#/components/schemas/{name}"}
