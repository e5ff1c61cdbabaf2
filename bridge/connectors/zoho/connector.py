"""The history in Zoho CRM: upserts by a unique field that holds our ids.

https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html
https://www.zoho.com/crm/developer/docs/api/v8/delete-records.html
https://github.com/zoho/crm-oas/blob/main/v8.0/record.json
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from bridge.connectors.contract import (
    Around,
    LeftOut,
    Limits,
    Lookup,
    NotWritten,
    RowResult,
    Step,
    Written,
)
from bridge.connectors.hushed import hushed
from bridge.connectors.zoho.asking import ZohoCalls, code_of, refused, rows_of
from bridge.connectors.zoho.modules import KEY, values
from bridge.connectors.zoho.options import OPTION_OF, ZohoOptions
from bridge.connectors.zoho.setup import SetUp
from bridge.errors import NobodyKnows, Refused
from bridge.model import Finding
from bridge.records import Change, CustomerRecord, Record, Resource, Why

AGAIN = frozenset({"RECORD_LOCKED", "INTERNAL_ERROR", "ALREADY_USED"})
NAMELESS = "MANDATORY_NOT_FOUND"


class Zoho:
    """Fulfils `contract.Crm`."""

    Options = ZohoOptions
    limits: ClassVar[Limits] = Limits(
        rows=100,
        calls=60,
        window=60.0,
        longest_text=32_000,
        sources=(
            "https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html",
            "https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html",
        ),
    )
    takes: ClassVar[frozenset[Resource]] = frozenset(OPTION_OF)

    def __init__(self, target: str, options: dict[str, Any], around: Around) -> None:
        self._link = around.record_url
        self._modules = {resource: str(options[name]) for resource, name in OPTION_OF.items()}
        self._triggers = ["workflow"] if options["workflows"] else []
        self._calls = ZohoCalls(target, options, around)
        self._setup = SetUp(self._calls, self._modules)

    def plan(self) -> tuple[Step, ...]:
        return self._setup.plan()

    def make(self, step: Step) -> None:
        if not step.there and not step.person:
            self._setup.make(step)

    def examine(self) -> tuple[Finding, ...]:
        return self._setup.examine()

    def write(self, batch: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        module = self._modules[batch[0].resource]
        if not module:
            return tuple(_left_out(change) for change in batch)
        known = [bool(look.remote_id(change.record.id)) for change in batch]
        rows = [
            self._values(change.record, look, is_known=is_known)
            for change, is_known in zip(batch, known, strict=True)
        ]
        results = list(self._upserted(module, batch, rows))
        for at, result in enumerate(results):
            if known[at] and isinstance(result, NotWritten) and result.code == NAMELESS:
                # Somebody deleted it there: it is made anew, with its name.
                whole = self._values(batch[at].record, look, is_known=False)
                results[at] = self._upserted(module, batch[at : at + 1], [whole])[0]
        return tuple(results)

    def remove(self, gone: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        module = self._modules[gone[0].resource]
        if not module:
            return tuple(_left_out(change) for change in gone)
        remote = {each.record.id: self._remote_id(module, each.record.id, look) for each in gone}
        there = [each for each in gone if remote[each.record.id]]
        results = dict.fromkeys((each.record.id for each in gone), _REMOVED)
        if there:
            ids = [remote[each.record.id] for each in there]
            for change, result in zip(there, self._deleted(module, there, ids), strict=True):
                results[change.record.id] = result
        return tuple(results[each.record.id] for each in gone)

    def _values(self, record: Record, look: Lookup, *, is_known: bool) -> Any:
        """A contact who is there keeps the name that they have in Zoho."""
        row = values(record, look, self._link.replace("{id}", record.id), self._modules)
        if is_known and isinstance(record, CustomerRecord):
            del row["Last_Name"]
        return row

    def _upserted(
        self, module: str, batch: Sequence[Change], rows: Sequence[Any]
    ) -> tuple[RowResult, ...]:
        body = {"data": rows, "duplicate_check_fields": [KEY], "trigger": self._triggers}
        answer = self._calls.ask("POST", f"/{module}/upsert", body=body)
        told = rows_of(answer)
        if told is None:
            raise refused(answer, module)
        if len(told) != len(batch):
            raise NobodyKnows(f"Zoho spoke of {len(told)} rows, where {len(batch)} were sent")
        return tuple(_result(row, change) for row, change in zip(told, batch, strict=True))

    def _deleted(self, module: str, gone: Sequence[Change], ids: Sequence[str]) -> list[RowResult]:
        params = {"ids": ",".join(ids), "wf_trigger": "true" if self._triggers else "false"}
        answer = self._calls.ask("DELETE", f"/{module}", params=params)
        told = rows_of(answer)
        if told is None and len(gone) == 1 and code_of(answer) == "INVALID_DATA":
            told = [{"code": "INVALID_DATA"}]
        if told is None:
            raise refused(answer, module)
        if len(told) != len(gone):
            raise Refused(f"Zoho spoke of {len(told)} rows, where {len(gone)} were to go")
        return [
            self._after(module, change, remote, row)
            for change, remote, row in zip(gone, ids, told, strict=True)
        ]

    def _after(self, module: str, change: Change, remote: str, row: dict[str, Any]) -> RowResult:
        was_there = row.get("code") == "SUCCESS"
        is_gone = was_there or (
            row.get("code") == "INVALID_DATA" and not self._is_there(module, remote)
        )
        if not is_gone:
            return _result(row, change)
        if change.record.deleted_reason != Why.ERASED:
            return Written(remote)  # in the bin, should an erasure come later
        return self._purged(module, remote, was_there=was_there)

    def _purged(self, module: str, remote: str, *, was_there: bool) -> RowResult:
        """Out of the recycle bin too. Where it was deleted earlier, a bin without it is right.

        https://github.com/zoho/crm-oas/blob/main/v8.0/recycle_bin.json"""
        answer = self._calls.ask("DELETE", f"/settings/recycle_bin/{remote}")
        rows = rows_of(answer, "recycle_bin") or rows_of(answer) or []
        code = str(rows[0].get("code")) if rows else code_of(answer)
        is_out = code == "SUCCESS" or (answer.good and not code)
        if is_out or (not was_there and (code == "INVALID_DATA" or answer.status == 404)):
            return _REMOVED
        because = (
            f"it is deleted, but may still be in Zoho's recycle bin: delete {module} {remote} "
            "there for good (Setup, Data Administration, Recycle Bin), then ask again"
        )
        return NotWritten(code or str(answer.status), because)

    def _is_there(self, module: str, remote: str) -> bool:
        answer = self._calls.ask("GET", f"/{module}/{remote}", params={"fields": KEY})
        return bool(rows_of(answer))

    def _remote_id(self, module: str, record_id: str, look: Lookup) -> str:
        """As it was told, else as Zoho finds it: the answer that told it may have been lost."""
        known = look.remote_id(record_id)
        if known:
            return known
        params = {"criteria": f"({KEY}:equals:{record_id})", "fields": KEY}
        answer = self._calls.ask("GET", f"/{module}/search", params=params)
        found = rows_of(answer)
        if found is None and answer.status != 204:
            raise refused(answer, module)
        return str(found[0].get("id") or "") if found else ""


_REMOVED: RowResult = Written()


def _left_out(change: Change) -> LeftOut:
    return LeftOut(f"this target is set to leave out every {change.resource}")


def _result(row: dict[str, Any], change: Change) -> RowResult:
    details = row.get("details") if isinstance(row.get("details"), dict) else {}
    assert isinstance(details, dict)
    code = str(row.get("code") or "no code")
    if code == "SUCCESS":
        return Written(str(details.get("id") or ""))
    field = details.get("api_name") or details.get("json_path") or ""
    says = hushed(f"{row.get('message') or 'without a word'} {field}".strip(), change.record)
    return NotWritten(code, f"Zoho does not take it: {says}", again=code in AGAIN)
