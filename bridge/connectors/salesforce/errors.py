"""What Salesforce says, sorted. For rows in `errors[].statusCode`, for whole calls in a list of
`{"errorCode", "message"}`, in the Bulk API as `CODE:message:fields`.

- Status codes: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
- HTTP: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bridge.connectors.calls import Answer, words
from bridge.connectors.contract import NotWritten
from bridge.connectors.hushed import hushed
from bridge.errors import BridgeError, Misconfigured, NeedsSignIn, RateLimited, Refused, Unreachable
from bridge.records import Record

BY_ITSELF = frozenset(
    (
        "UNABLE_TO_LOCK_ROW",
        "SERVER_UNAVAILABLE",
        "REQUEST_RUNNING_TOO_LONG",
        "QUERY_TIMEOUT",
        "API_CURRENTLY_DISABLED",
        "UNKNOWN_EXCEPTION",
    )
)
"""Codes of rows that go through later, unchanged."""
NOT_THERE = frozenset(("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"))
"""Of a row that was to be deleted."""
EVERYTHING = {
    "STORAGE_LIMIT_EXCEEDED": "the organisation's storage is full: nothing more can be written",
}
"""Codes that no row is to blame for, and what they mean."""
WAIT_FOR_CALLS = 900.0
"""The limit is of a rolling day, and no wait is named."""


def of_row(code: str, message: object, record: Record) -> NotWritten:
    """Raises where no row of the call is to blame."""
    if code == "REQUEST_LIMIT_EXCEEDED":
        raise RateLimited("Salesforce: no API calls are left for now", WAIT_FOR_CALLS)
    if code in EVERYTHING:
        raise Misconfigured(f"Salesforce: {EVERYTHING[code]}")
    return NotWritten(code, hushed(message, record), again=code in BY_ITSELF)


def of_result(errors: Any, record: Record) -> NotWritten:
    """The first of a row's errors."""
    first = errors[0] if isinstance(errors, list) and errors else {}
    said = first if isinstance(first, dict) else {}
    fields = ", ".join(map(str, said.get("fields") or ()))
    message = f"{said.get('message', '')}{f' ({fields})' if fields else ''}"
    return of_row(str(said.get("statusCode") or "UNKNOWN"), message, record)


def of_line(said: str, record: Record) -> NotWritten:
    """`sf__Error` of a bulk job."""
    code, _, message = said.partition(":")
    return of_row(code or "UNKNOWN", message, record)


def of_call(answer: Answer, missing: str) -> BridgeError:
    """A whole call that was not carried out. `missing` is what 404 would mean."""
    codes = dict(_codes(answer.data))
    says = "; ".join(f"{code}: {words(message)}" for code, message in codes.items())
    told = f"Salesforce answered {answer.status}" + (f" ({says})" if says else "")
    if "REQUEST_LIMIT_EXCEEDED" in codes:
        return RateLimited("Salesforce: no API calls are left for now", WAIT_FOR_CALLS)
    if codes.keys() & BY_ITSELF:
        return Unreachable(told)
    if answer.status == 403:
        return NeedsSignIn(f"{told}: the user of the app may not do that")
    if answer.status == 404 or "INVALID_TYPE" in codes:
        return Misconfigured(f"Salesforce has not what it takes: {missing}")
    if any("No such column" in message for message in codes.values()):
        return Misconfigured(f"{told}: `bridge crm check` tells which fields the user does not see")
    return Refused(told)


def _codes(data: Any) -> Iterable[tuple[str, str]]:
    for each in data if isinstance(data, list) else ():
        if isinstance(each, dict) and each.get("errorCode"):
            yield str(each["errorCode"]), str(each.get("message", ""))
