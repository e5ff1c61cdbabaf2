"""What must exist in Zoho CRM: modules and lookups, which a person makes, and fields, which the API
makes.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
https://www.zoho.com/crm/developer/docs/api/v8/create-custom-field.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.connectors.contract import Step
from bridge.connectors.zoho.asking import ZohoCalls, code_of, refused, rows_of
from bridge.connectors.zoho.modules import FIELDS, Field
from bridge.errors import Refused
from bridge.model import Finding, Urgency
from bridge.records import Resource

MODULE, FIELD = "module", "field"
_WHERE = "Setup, Customization, Modules and Fields"


class SetUp:
    """`modules` are the API names by what they hold, "" for what is left out."""

    def __init__(self, calls: ZohoCalls, modules: Mapping[Resource, str]) -> None:
        self._calls = calls
        self._modules = modules

    def plan(self) -> tuple[Step, ...]:
        steps: list[Step] = []
        for resource, module in self._modules.items():
            if not module:
                continue
            known = self._fields(module)
            person = f"{_WHERE}: make a module whose API name is {module}"
            says = f"for every {resource}"
            is_there = known is not None
            steps.append(Step(MODULE, module, says, is_there, "" if is_there else person))
            steps += [self._step(module, field, known or {}) for field in FIELDS[resource]]
        return tuple(steps)

    def make(self, step: Step) -> None:
        """Raises `Refused`, `PersonMustAct`."""
        module, _, name = step.name.partition(".")
        field = next(
            each
            for resource, api_name in self._modules.items()
            if api_name == module
            for each in FIELDS[resource]
            if each.name == name
        )
        answer = self._calls.ask(
            "POST", "/settings/fields", params={"module": module}, body={"fields": [_new(field)]}
        )
        rows = rows_of(answer, "fields")
        if rows is None:
            if code_of(answer) == "DUPLICATE_DATA":
                return
            raise refused(answer, module)
        code = str(rows[0].get("code")) if rows else "no answer"
        if code not in ("SUCCESS", "DUPLICATE_DATA"):
            raise Refused(f"Zoho does not make {step.name}: {rows[0].get('message')} ({code})")

    def examine(self) -> tuple[Finding, ...]:
        missing = [step for step in self.plan() if not step.there]
        if not missing:
            return (Finding("modules", Urgency.OK, "all modules and fields are there"),)
        return tuple(
            Finding(each.name, Urgency.PROBLEM, "is missing", each.person or "bridge crm setup")
            for each in missing
        )

    def _step(self, module: str, field: Field, known: Mapping[str, Any]) -> Step:
        name, there = f"{module}.{field.name}", known.get(field.name)
        if field.to:
            to = self._modules[field.to]
            says = f"{field.label}: leads to {to or 'nothing'}"
            person = f"{_WHERE}, {module}: add a lookup {field.label!r} to {to}"
            is_there = there is not None or not to
            return Step(FIELD, name, says, is_there, "" if is_there else person)
        if field.is_key and there is not None and not there.get("unique"):
            person = (
                f"{_WHERE}, {module}: for {field.label!r}, tick 'Do not allow duplicate values'"
            )
            return Step(FIELD, name, "our ids, each once", there=False, person=person)
        return Step(FIELD, name, f"{field.label} ({field.kind})", there is not None)

    def _fields(self, module: str) -> dict[str, Any] | None:
        """By API name; None where there is no such module."""
        answer = self._calls.ask("GET", "/settings/fields", params={"module": module})
        rows = rows_of(answer, "fields")
        if rows is not None:
            return {str(each.get("api_name")): each for each in rows}
        if answer.status == 204 or code_of(answer) in ("INVALID_MODULE", "INVALID_DATA"):
            return None
        raise refused(answer, module)


def _new(field: Field) -> dict[str, Any]:
    made: dict[str, Any] = {"field_label": field.label, "data_type": field.kind}
    if field.kind in ("text", "website"):
        made["length"] = field.most
    if field.kind == "textarea":
        made["textarea"] = {"type": "large"}
    if field.is_key:
        made["unique"] = {"casesensitive": False}
    return made
