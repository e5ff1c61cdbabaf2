"""What must exist in Salesforce, and making it.

What is there is read from each object's description; what is missing is deployed as one package:
https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_rest_deploy.htm. A
deployment adds and takes nothing away, so that it may be repeated.
"""

from __future__ import annotations

import json
from typing import Any

from urllib3 import encode_multipart_formdata
from urllib3.fields import RequestField

from bridge.connectors.calls import Answer, Calls, words
from bridge.connectors.contract import Around, Step
from bridge.connectors.salesforce import package as packing
from bridge.connectors.salesforce.errors import of_call
from bridge.connectors.salesforce.objects import THINGS, Thing
from bridge.errors import Refused, Unreachable

POLL, MOST_LOOKS = 5.0, 120
PACKAGE = "package"
_NO_API = (
    "the Metadata API is not open to this user: give it 'Customize Application', or deploy the "
    "package by hand (docs/crm-salesforce.md)"
)
_OPTIONS = {
    "allowMissingFiles": False,
    "checkOnly": False,
    "ignoreWarnings": False,
    "purgeOnDelete": False,
    "rollbackOnError": True,
    "singlePackage": True,
}


def package() -> bytes:
    return packing.zipped()


class Setup:
    """`path` is /services/data/vXX.0."""

    def __init__(self, calls: Calls, path: str, around: Around) -> None:
        self._calls = calls
        self._path = path
        self._around = around

    def plan(self) -> tuple[Step, ...]:
        """The package brings all of it at once; each object is shown by itself."""
        lacking = {thing.name: self.lacks(thing) for thing in THINGS.values()}
        missing = [name for name, fields in lacking.items() if fields]
        says = f"brings {', '.join(missing)}" if missing else "all of it is there"
        made = Step(PACKAGE, packing.PERMISSIONS, says, there=not missing)
        return (made, *(self._step(thing, lacking[thing.name]) for thing in THINGS.values()))

    def make(self, step: Step) -> None:
        """Deploy the package. Raises `Refused` with what Salesforce says of it."""
        if step.kind == PACKAGE:
            self._deploy()

    def lacks(self, thing: Thing) -> tuple[str, ...]:
        """Fields that are not there, or that the user may not see."""
        answer = self._calls.ask("GET", f"{self._path}/sobjects/{thing.name}/describe")
        if answer.status == 404:
            return tuple(sorted(thing.field_names))
        told = self._told(answer).get("fields", [])
        there = {str(field.get("name")) for field in told if isinstance(field, dict)}
        return tuple(sorted(thing.field_names - there))

    def ask_anything(self) -> None:
        """Raises where the sign-in does not work."""
        self._told(self._calls.ask("GET", f"{self._path}/limits"))

    def _step(self, thing: Thing, lacks: tuple[str, ...]) -> Step:
        if not lacks:
            return Step("object", thing.name, "is there, with its fields", there=True)
        person = (
            f"after the package: Setup, Permission Sets, {packing.PERMISSIONS}, Manage "
            "Assignments: assign it to the user of the app, and to whoever should see this"
        )
        shown = ", ".join(lacks[:4]) + (" …" if len(lacks) > 4 else "")
        return Step("object", thing.name, f"not there or not visible: {shown}", False, person)

    def _deploy(self) -> None:
        options = RequestField("json", json.dumps({"deployOptions": _OPTIONS}))
        options.make_multipart(content_type="application/json")
        file = RequestField("file", packing.zipped(), filename="package.zip")
        file.make_multipart(content_type="application/zip")
        body, kind = encode_multipart_formdata([options, file])
        way = f"{self._path}/metadata/deployRequest"
        begun = self._told(
            self._calls.ask("POST", way, raw=body, headers={"Content-Type": kind}, writes=False)
        )
        for _ in range(MOST_LOOKS):
            params = {"includeDetails": "true"}
            told = self._told(self._calls.ask("GET", f"{way}/{begun['id']}", params=params))
            result = told.get("deployResult") or {}
            if result.get("done"):
                if result.get("success"):
                    return
                raise Refused(f"Salesforce did not take the package: {_why(result)}")
            self._around.wait(POLL)
        raise Unreachable("Salesforce has not deployed the package for ten minutes")

    def _told(self, answer: Answer) -> dict[str, Any]:
        if not answer.good:
            raise of_call(answer, _NO_API)
        if not isinstance(answer.data, dict):
            raise Unreachable("Salesforce answered something that nobody can read")
        return answer.data


def _why(result: dict[str, Any]) -> str:
    details = result.get("details") or {}
    failures = details.get("componentFailures") or []
    said = [
        f"{each.get('fullName')}: {each.get('problem')}"
        for each in failures
        if isinstance(each, dict)
    ]
    return words("; ".join(said) or result.get("errorMessage") or result.get("status"))
