"""The customer history in Salesforce.

- sObject Collections, upsert: at most 200 rows of one object, results in the order of the request,
  HTTP 200 with an outcome for each row, `allOrNone` false:
  https://developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-sobjects-collections-upsert.html
- delete, at most 200 ids:
  https://developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-sobjects-collections-delete.html
- Why it is safe to repeat: a row is found by our id in `External_Id__c`, which is unique there. Our
  ids have no dots; one that ends like a file's name would be taken for a format in an address.
- Custom objects, because ConversationEntry is for legacy chat only:
  https://developer.salesforce.com/docs/platform/object-reference/references/standard-objects/object-conversationentry.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from bridge.connectors.calls import Answer, Calls
from bridge.connectors.contract import (
    Around,
    Limits,
    Lookup,
    NotWritten,
    RowResult,
    Step,
    Written,
)
from bridge.connectors.salesforce import bulk, errors, examining, setup
from bridge.connectors.salesforce.objects import KEY, LONG, THINGS, Kind, Thing, value
from bridge.connectors.salesforce.options import SalesforceOptions
from bridge.connectors.signin import Fetched
from bridge.errors import Unreachable
from bridge.model import Finding
from bridge.records import Change, Resource

_ROWS = 200
_SOURCE = (
    "https://developer.salesforce.com/docs/platform/api-rest/guide/"
    "resources-composite-sobjects-collections-upsert.html"
)


class Salesforce:
    """One organisation."""

    Options: ClassVar = SalesforceOptions
    limits: ClassVar[Limits] = Limits(
        rows=_ROWS,
        calls=1000,
        window=3600.0,
        longest_text=LONG,
        sources=(_SOURCE,),
    )
    takes: ClassVar[frozenset[Resource]] = frozenset(THINGS)
    load_rows: ClassVar[int] = 10_000

    def __init__(self, target: str, options: dict[str, Any], around: Around) -> None:
        self._options = options
        self._around = around
        self._path = f"/services/data/v{options['api_version']}"
        url = options["url"]
        self._calls = Calls(
            url,
            around,
            Fetched(f"crm {target}", f"{url}/services/oauth2/token", self._form, around),
        )
        self._jobs = bulk.Jobs(self._calls, self._path, around)
        self._setup = setup.Setup(self._calls, self._path, around)

    def _form(self, refresh: str) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self._options["client_id"],
            "client_secret": self._options["client_secret"].reveal(),
        }

    def plan(self) -> tuple[Step, ...]:
        return self._setup.plan()

    def make(self, step: Step) -> None:
        self._setup.make(step)

    def package(self) -> bytes:
        """What `make` deploys, for an admin who would rather do it by hand."""
        return setup.package()

    def examine(self) -> tuple[Finding, ...]:
        return examining.findings(self._setup, hard_delete=self._options["hard_delete"])

    def write(self, batch: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        thing = THINGS[batch[0].resource]
        answer = self._calls.ask(
            "PATCH",
            f"{self._path}/composite/sobjects/{thing.name}/{KEY}",
            body={
                "allOrNone": False,
                "records": [self._row(thing, each, look) for each in batch],
            },
        )
        results = self._results(answer, len(batch))
        return tuple(
            Written(str(result.get("id") or ""))
            if result.get("success")
            else errors.of_result(result.get("errors"), change.record)
            for change, result in zip(batch, results, strict=True)
        )

    def load(self, batch: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        """A column that sets a lookup by external id cannot empty it, so rows that are there
        already and lead nowhere now go by `write`."""
        thing = THINGS[batch[0].resource]
        rows = {each.record.id: self._cells(thing, each, look) for each in batch}
        by_hand = [each for each in batch if self._is_emptied(thing, each, rows, look)]
        results: dict[str, RowResult] = {}
        for start in range(0, len(by_hand), _ROWS):
            some = by_hand[start : start + _ROWS]
            done = self.write(some, look)
            results |= {each.record.id: one for each, one in zip(some, done, strict=True)}
        left = [each for each in batch if each.record.id not in results]
        results |= self._loaded(thing, left, rows)
        return tuple(results[each.record.id] for each in batch)

    def remove(self, gone: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        """Into the recycle bin, which empties itself after 15 days; past it where `hard_delete` is
        set, whatever the reason: what lies there cannot be deleted by an erasure that comes later.
        """
        thing = THINGS[gone[0].resource]
        ids = {each.record.id: look.remote_id(each.record.id) for each in gone}
        unknown = [row for row, remote in ids.items() if not remote]
        if unknown:
            ids |= self._found(thing, unknown)
        there = [each for each in gone if ids[each.record.id]]
        results: dict[str, RowResult] = {each.record.id: Written() for each in gone}
        if self._options["hard_delete"]:
            results |= self._purged(thing, there, ids)
        else:
            results |= self._deleted(there, ids)
        return tuple(results[each.record.id] for each in gone)

    # ---------------------------------------------------------------- rows

    def _row(self, thing: Thing, change: Change, look: Lookup) -> dict[str, Any]:
        record = change.record
        row: dict[str, Any] = {"attributes": {"type": thing.name}, KEY: record.id}
        for column in thing.columns:
            said = value(column, record, look, self._around.record_url)
            if column.kind is Kind.LOOKUP and said is not None:
                row[column.relation] = {KEY: said}
            else:
                row[column.name] = said
        return row

    def _cells(self, thing: Thing, change: Change, look: Lookup) -> dict[str, str]:
        cells = {KEY: change.record.id}
        for column in thing.columns:
            said = value(column, change.record, look, self._around.record_url)
            if column.kind is Kind.LOOKUP:
                cells[f"{column.relation}.{KEY}"] = "" if said is None else str(said)
            else:
                cells[column.name] = bulk.cell(said)
        return cells

    def _is_emptied(
        self, thing: Thing, change: Change, rows: dict[str, dict[str, str]], look: Lookup
    ) -> bool:
        cells = rows[change.record.id]
        lookups = (each for each in thing.columns if each.kind is Kind.LOOKUP)
        leads_nowhere = any(not cells[f"{each.relation}.{KEY}"] for each in lookups)
        return leads_nowhere and bool(look.remote_id(change.record.id))

    def _loaded(
        self, thing: Thing, left: Sequence[Change], rows: dict[str, dict[str, str]]
    ) -> dict[str, RowResult]:
        if not left:
            return {}
        columns = tuple(rows[left[0].record.id])
        what = {"object": thing.name, "operation": "upsert", "externalIdFieldName": KEY}
        silent = NotWritten("UNTOLD", "the bulk job told nothing of it", again=True)
        results: dict[str, RowResult] = {each.record.id: silent for each in left}
        records = {each.record.id: each.record for each in left}
        for _, content in bulk.files(columns, [rows[each.record.id] for each in left]):
            good, failed = self._jobs.run(what, content)
            results |= {row[KEY]: Written(row["sf__Id"]) for row in good if row[KEY] in records}
            results |= {
                row[KEY]: errors.of_line(row["sf__Error"], records[row[KEY]])
                for row in failed
                if row[KEY] in records
            }
        return results

    # ---------------------------------------------------------------- what is gone

    def _found(self, thing: Thing, row_ids: Sequence[str]) -> dict[str, str]:
        """Their ids over there. Ours are letters, digits and _, so they can stand in a query."""
        named = ", ".join(f"'{each}'" for each in row_ids)
        query = f"SELECT Id, {KEY} FROM {thing.name} WHERE {KEY} IN ({named})"  # noqa: S608
        answer = self._calls.ask("GET", f"{self._path}/query", params={"q": query})
        if not answer.good:
            raise errors.of_call(answer, f"{thing.name} (`bridge crm setup` makes it)")
        rows = answer.data.get("records", []) if isinstance(answer.data, dict) else []
        return {str(row[KEY]): str(row["Id"]) for row in rows}

    def _deleted(self, gone: Sequence[Change], ids: dict[str, str]) -> dict[str, RowResult]:
        if not gone:
            return {}
        answer = self._calls.ask(
            "DELETE",
            f"{self._path}/composite/sobjects",
            params={
                "ids": ",".join(ids[each.record.id] for each in gone),
                "allOrNone": "false",
            },
        )
        results = self._results(answer, len(gone))
        return {
            each.record.id: self._gone(result, each)
            for each, result in zip(gone, results, strict=True)
        }

    def _gone(self, result: dict[str, Any], change: Change) -> RowResult:
        if result.get("success"):
            return Written()
        failed = errors.of_result(result.get("errors"), change.record)
        return Written() if failed.code in errors.NOT_THERE else failed

    def _purged(
        self, thing: Thing, gone: Sequence[Change], ids: dict[str, str]
    ) -> dict[str, RowResult]:
        if not gone:
            return {}
        records = {ids[each.record.id]: each.record for each in gone}
        rows = [{"Id": each} for each in records]
        results: dict[str, RowResult] = {}
        for _, content in bulk.files(("Id",), rows):
            _, failed = self._jobs.run({"object": thing.name, "operation": "hardDelete"}, content)
            for row in failed:
                record = records[row["Id"]]
                said = errors.of_line(row["sf__Error"], record)
                if said.code not in errors.NOT_THERE:
                    results[record.id] = said
        return results

    def _results(self, answer: Answer, many: int) -> list[dict[str, Any]]:
        if not answer.good:
            raise errors.of_call(answer, "our objects (`bridge crm setup` makes them)")
        if not isinstance(answer.data, list) or len(answer.data) != many:
            raise Unreachable("Salesforce answered something else than a result for each row")
        return answer.data
