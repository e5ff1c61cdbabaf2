"""The column that holds our ids, and the alternate key over it, in each of the tables.

https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity
https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-column-definitions-using-web-api
A key over `postid` or `uniqueprofileid` would not do: values with / : & ? and their like cannot be
asked for by key, and the networks' ids are full of them.
"""

from __future__ import annotations

from typing import Any

from bridge.connectors.calls import words
from bridge.connectors.contract import Step
from bridge.connectors.dynamics.asking import Dataverse, error
from bridge.errors import Refused
from bridge.model import Finding, Urgency

ACTIVE, FAILED = "Active", "Failed"
COLUMN, MARK, KEY = "column", "mark", "alternate key"
CONTACT = "contact"
_LANGUAGE = 1033


class Keys:
    """`prefix` is the publisher's; `tables` are logical names. Contacts have a second column, the
    `mark` of those who were merged into another by us."""

    def __init__(self, dataverse: Dataverse, prefix: str, tables: tuple[str, ...]) -> None:
        self._dataverse = dataverse
        self._tables = tables
        self._schema, self._mark = f"{prefix}_BridgeId", f"{prefix}_BridgeMergedInto"
        self.column, self.mark = self._schema.lower(), self._mark.lower()

    def plan(self) -> tuple[Step, ...]:
        return tuple(step for table in self._tables for step in self._steps(table))

    def make(self, step: Step) -> None:
        """Raises `Refused` with the CRM's words."""
        table = step.name
        address = f"EntityDefinitions(LogicalName='{table}')"
        if step.kind == KEY:
            answer = self._dataverse.ask("POST", f"{address}/Keys", body=self._new_key())
        else:
            body = self._new_column(self._schema if step.kind == COLUMN else self._mark)
            answer = self._dataverse.ask("POST", f"{address}/Attributes", body=body)
        is_there = any(each.kind == step.kind and each.there for each in self._steps(table))
        if not answer.good and not is_there:
            code, says = error(answer)
            said = f"{words(says)} ({code})"
            raise Refused(f"Dynamics does not make the {step.kind} of {table}: {said}")

    def examine(self) -> tuple[Finding, ...]:
        return tuple(self._looked_at(table) for table in self._tables)

    def _steps(self, table: str) -> tuple[Step, ...]:
        status = self._status(table)
        mend = (
            f"the index of the key could not be built: in Power Apps, table {table}, delete the "
            f"key over {self.column}, mend rows that have the same value, and set up again"
        )
        holds, marks = f"{self.column}: holds our ids", f"{self.mark}: marks who was merged"
        column = Step(COLUMN, table, holds, self._has(table, self.column))
        mark = Step(MARK, table, marks, self._has(table, self.mark)) if table == CONTACT else None
        key = Step(
            KEY,
            table,
            f"over {self.column}: rows are found by it",
            there=status not in ("", FAILED),
            person=mend if status == FAILED else "",
        )
        return (column, mark, key) if mark else (column, key)

    def _looked_at(self, table: str) -> Finding:
        missing = [step.says for step in self._steps(table) if not step.there and not step.person]
        if missing:
            says = f"this is missing: {'; '.join(missing)}"
            return Finding(table, Urgency.PROBLEM, says, "bridge crm setup")
        status = self._status(table)
        if status == ACTIVE:
            return Finding(table, Urgency.OK, f"the key over {self.column} is active")
        says = f"the key over {self.column} is not active yet ({status})"
        do = "look again in some minutes" if status != FAILED else "mend it in Power Apps"
        return Finding(table, Urgency.PROBLEM, says, do)

    def _has(self, table: str, column: str) -> bool:
        path = f"EntityDefinitions(LogicalName='{table}')/Attributes(LogicalName='{column}')"
        return self._dataverse.ask("GET", f"{path}?$select=LogicalName").good

    def _status(self, table: str) -> str:
        """Of the index: Pending, InProgress, Active or Failed; "" where there is no such key."""
        path = f"EntityDefinitions(LogicalName='{table}')/Keys"
        answer = self._dataverse.ask("GET", f"{path}?$select=KeyAttributes,EntityKeyIndexStatus")
        keys = answer.data.get("value") or () if isinstance(answer.data, dict) else ()
        for key in keys:
            if key.get("KeyAttributes") == [self.column]:
                return str(key.get("EntityKeyIndexStatus") or "Pending")
        return ""

    def _new_column(self, schema_name: str) -> dict[str, Any]:
        label = "Bridge ID" if schema_name == self._schema else "Bridge: merged into"
        return {
            "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
            "AttributeType": "String",
            "AttributeTypeName": {"Value": "StringType"},
            "SchemaName": schema_name,
            "DisplayName": _label(label),
            "Description": _label("Kept by the helpdesk bridge: leave it alone"),
            "RequiredLevel": {
                "Value": "None",
                "CanBeChanged": True,
                "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings",
            },
            "FormatName": {"Value": "Text"},
            "MaxLength": 100,
        }

    def _new_key(self) -> dict[str, Any]:
        return {
            "@odata.type": "Microsoft.Dynamics.CRM.EntityKeyMetadata",
            "SchemaName": f"{self._schema}Key",
            "DisplayName": _label("Bridge ID"),
            "KeyAttributes": [self.column],
        }


def _label(text: str) -> dict[str, Any]:
    kind = "Microsoft.Dynamics.CRM"
    label = {"@odata.type": f"{kind}.LocalizedLabel", "Label": text, "LanguageCode": _LANGUAGE}
    return {"@odata.type": f"{kind}.Label", "LocalizedLabels": [label]}
