"""The history in Dynamics 365: contacts, their social profiles, and what was said as activities.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/update-delete-entities-using-web-api
Rows are found by an alternate key over a column of our own. Some columns can be set only when a row
is made, others only after it, and an upsert does not tell which of the two it will be: so each row
is first asked to be made (`If-None-Match: *`, 412 where it is there) or to be changed
(`If-Match: *`, 404 where it is not), whichever is likelier.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from bridge.connectors.calls import Answer
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
from bridge.connectors.dynamics import columns
from bridge.connectors.dynamics.asking import Dataverse, error, guid
from bridge.connectors.dynamics.columns import SETS, Row
from bridge.connectors.dynamics.keys import Keys
from bridge.connectors.dynamics.options import DynamicsOptions, numbers
from bridge.connectors.hushed import hushed
from bridge.model import Finding, Urgency
from bridge.records import (
    Change,
    CustomerRecord,
    IdentityRecord,
    InteractionRecord,
    Resource,
)

NOT_THERE = frozenset({"0x80040217", "0x80060891"})
"""ObjectDoesNotExist, RecordNotFoundByEntityKey: what a row is bound to is not there (any more)."""


NO_CONTACTS = "this target is set to make no contacts of customers"


class Dynamics:
    """Fulfils `contract.Crm`. Dynamics' own ids are the rows' GUIDs."""

    Options = DynamicsOptions
    limits: ClassVar[Limits] = Limits(
        rows=1,
        calls=5000,
        window=300.0,
        longest_text=2000,
        sources=("https://learn.microsoft.com/power-apps/developer/data-platform/api-limits",),
    )
    takes: ClassVar[frozenset[Resource]] = frozenset(SETS)

    def __init__(self, target: str, options: dict[str, Any], around: Around) -> None:
        self._has_contacts = options["customers"] == "contacts"
        self._communities = numbers(options["communities"])
        self._link = around.record_url
        self._dataverse = Dataverse(target, options, around)
        tables = ("socialprofile", "socialactivity")
        named = ("contact", *tables) if self._has_contacts else tables
        self._keys = Keys(self._dataverse, options["prefix"], named)

    def plan(self) -> tuple[Step, ...]:
        return self._keys.plan()

    def make(self, step: Step) -> None:
        if not step.there and not step.person:
            self._keys.make(step)

    def examine(self) -> tuple[Finding, ...]:
        answer = self._dataverse.ask("GET", "WhoAmI")
        if not answer.good:
            says = f"Dynamics does not say who we are ({answer.status})"
            return (Finding("sign-in", Urgency.PROBLEM, says, "see the address of the target"),)
        signed = Finding("sign-in", Urgency.OK, "the application user is signed in")
        return (signed, *self._keys.examine())

    def write(self, batch: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        return tuple(self._one(change, look) for change in batch)

    def remove(self, gone: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        return tuple(self._gone(change) for change in gone)

    def _one(self, change: Change, look: Lookup) -> RowResult:
        record = change.record
        known = look.remote_id(record.id)
        if isinstance(record, CustomerRecord):
            if not self._has_contacts:
                return LeftOut(NO_CONTACTS)
            answer = self._contact(change, record, is_known=bool(known))
        elif isinstance(record, IdentityRecord):
            row = columns.profile(record, self._communities, self._customer(record))
            answer = self._put(change, row, is_known=bool(known))
        else:
            answer = self._put(change, self._activity(change, look), is_known=bool(known))
        return Written(guid(answer) or known) if answer.good else _refused(answer, change)

    def _contact(self, change: Change, record: CustomerRecord, *, is_known: bool) -> Answer:
        """Nothing of a contact who is there is changed, but for a merge and for its end: a contact
        whom somebody else made inactive stays so."""
        address, mark = self._address(Resource.CUSTOMER, record.id), self._keys.mark
        if not is_known:
            made = self._made(address, columns.contact(record))
            if made.status != 412 and not (made.good and record.merged_into):
                return made
        if record.merged_into:
            state = columns.merged(record.merged_into, mark)
            answer = self._dataverse.ask("PATCH", address, body=state, match="*")
        else:
            answer = self._dataverse.ask("GET", f"{address}?$select={mark}")
            if answer.good and isinstance(answer.data, dict) and answer.data.get(mark):
                state = columns.merged("", mark)
                answer = self._dataverse.ask("PATCH", address, body=state, match="*")
        if answer.status == 404 and is_known:
            return self._contact(change, record, is_known=False)
        return answer

    def _activity(self, change: Change, look: Lookup) -> Row:
        record = change.record
        assert isinstance(record, InteractionRecord)
        who = look.record(record.identity_id) if record.identity_id else None
        there = who if isinstance(who, IdentityRecord) and not who.deleted else None
        return columns.activity(
            change,
            self._communities,
            who=there,
            profile=f"/{self._address(Resource.IDENTITY, there.id)}" if there else "",
            customer=self._customer(there) if there else "",
            link=self._link.replace("{id}", record.id),
        )

    def _put(self, change: Change, row: Row, *, is_known: bool) -> Answer:
        """Makes it where it is not there, changes it where it is."""
        address = self._address(change.resource, change.record.id)
        if not is_known:
            answer = self._made(address, row)
            return self._changed(address, row) if answer.status == 412 else answer
        answer = self._changed(address, row)
        if answer.status != 404:
            return answer
        # Somebody deleted it there, or what it is bound to is not there: making it tells which.
        answer = self._made(address, row)
        return self._changed(address, row) if answer.status == 412 else answer

    def _made(self, address: str, row: Row) -> Answer:
        body = {**row.both, **row.at_first}
        body = {name: value for name, value in body.items() if value is not None}
        return self._dataverse.ask("PATCH", address, body=body, none_match="*")

    def _changed(self, address: str, row: Row) -> Answer:
        return self._dataverse.ask("PATCH", address, body=dict(row.both), match="*")

    def _gone(self, change: Change) -> RowResult:
        if change.resource is Resource.CUSTOMER and not self._has_contacts:
            return LeftOut(NO_CONTACTS)
        address = self._address(change.resource, change.record.id)
        answer = self._dataverse.ask("DELETE", address)
        if answer.good or answer.status == 404:
            return Written()
        return _refused(answer, change)

    def _customer(self, record: IdentityRecord) -> str:
        if not self._has_contacts or not record.customer_id:
            return ""
        return f"/{self._address(Resource.CUSTOMER, record.customer_id)}"

    def _address(self, resource: Resource, record_id: str) -> str:
        return f"{SETS[resource]}({self._keys.column}='{record_id}')"


def _refused(answer: Answer, change: Change) -> NotWritten:
    code, says = error(answer)
    again = answer.status == 404 or code in NOT_THERE
    because = f"Dynamics does not take it: {hushed(says or answer.status, change.record)}"
    return NotWritten(code or str(answer.status), because, again=again)
