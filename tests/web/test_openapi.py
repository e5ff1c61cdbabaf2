"""Every address, asked in every way that its description allows and forbids: never a 5xx."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from api_stage import make_token, say
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bridge.crm import people, schemas
from bridge.crm.people import Proof
from bridge.crm.schemas import GONE
from bridge.flow.bridge import Bridge
from bridge.ledger.api_tokens import Scope
from bridge.model import Person
from bridge.web import create_app
from bridge.web.api import asking, description

DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


WRITTEN = json.loads(DESCRIPTION.read_text("utf-8"))
HISTORY = description.whole()
"""The history API's own description, worked out from its schemas."""


def told(described: dict[str, Any]) -> list[tuple[str, str]]:
    return [(path, way) for path, ways in described["paths"].items() for way in ways]


ADDRESSES = told(WRITTEN)
RESOURCES = sorted({path.split("/")[3] for path, _ in told(HISTORY)})


def loaded(described: dict[str, Any], app: Flask) -> Any:
    schema = schemathesis.openapi.from_dict(described)
    schema.app = app
    return schema


def asked(
    operation: Any, mode: GenerationMode, times: int = 60, headers: dict[str, str] | None = None
) -> None:
    """So many requests, always the same ones, that follow the description or break it."""

    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS, headers=headers)

    ask()


@pytest.mark.parametrize(("path", "method"), ADDRESSES)
def test_no_address_fails(bridge: Bridge, path: str, method: str) -> None:
    """What the description allows is answered as the description says, and never by a 5xx."""
    asked(loaded(WRITTEN, create_app(bridge))[path][method], GenerationMode.POSITIVE)


@pytest.mark.parametrize(("path", "method"), [each for each in ADDRESSES if each[1] == "post"])
def test_no_address_fails_on_nonsense(bridge: Bridge, path: str, method: str) -> None:
    """What the description forbids is refused as the description says, and never by a 5xx."""
    asked(loaded(WRITTEN, create_app(bridge))[path][method], GenerationMode.NEGATIVE)


def test_a_record_that_is_not_as_described_would_be_found(
    bridge: Bridge, history: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row without one of its fields does not pass: there are rows, and they are looked at."""
    monkeypatch.setattr(schemas, "row", lambda change: {"id": change.record.id})
    schema = loaded(HISTORY, create_app(bridge))

    with pytest.raises(FailureGroup):
        asked(schema["/api/v1/merges"]["get"], GenerationMode.POSITIVE, 12, history)


def test_a_failing_address_would_be_found(bridge: Bridge) -> None:
    """An address that answers 500 does not pass."""
    app = create_app(bridge)
    app.view_functions["watch.ready"] = lambda: ({"ready": True, "database": "ok"}, 500)

    with pytest.raises(FailureGroup):
        asked(loaded(WRITTEN, app)["/ready"]["get"], GenerationMode.POSITIVE)


@pytest.fixture
def history(bridge: Bridge) -> dict[str, str]:
    """One record of each kind at least; the headers of whoever may do everything."""
    ada, here, _ = say(bridge.ledger, "110", Person("mastodon", "1", "ada", "Ada"), ticket="35")
    bob, _, _ = say(bridge.ledger, "111", Person("mastodon", "2", "bob", "Bob"), conversation=here)
    with bridge.ledger.writing() as tx:
        people.merge(tx, ada, bob, proof=Proof.CRM, evidence="case 7", by="grace")
    return {"Authorization": f"Bearer {make_token(bridge.ledger)}"}


@pytest.mark.parametrize(
    ("database", "mode"),
    [
        ("sqlite", GenerationMode.POSITIVE),
        ("postgresql", GenerationMode.NEGATIVE),  # the stricter one of the two
    ],
    indirect=["database"],
)
@pytest.mark.parametrize("resource", RESOURCES)
def test_the_history_is_told_as_described(
    bridge: Bridge, history: dict[str, str], resource: str, mode: GenerationMode
) -> None:
    """Whatever the history API is asked, it answers as its description says; never by a 5xx."""
    schema = loaded(HISTORY, create_app(bridge))
    for path, method in told(HISTORY):
        if path.split("/")[3] == resource:
            asked(schema[path][method], mode, 10, history)


def addresses(app: Flask) -> set[tuple[str, str]]:
    """All but the console: its pages are for people, their forms are no interface. Nor are the
    files that a page is made of."""
    return {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith("console.") and rule.endpoint != "api.static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_address_is_described(bridge: Bridge) -> None:
    """The description has every address that there is, and no other."""
    assert {*told(WRITTEN), *told(HISTORY)} == addresses(create_app(bridge))


def test_a_new_address_would_be_missed(bridge: Bridge) -> None:
    """An address that nobody described is found."""
    app = create_app(bridge)
    app.add_url_rule("/new", "new", lambda: "")

    assert ("/new", "get") in addresses(app)


def test_the_page_names_every_address_scope_and_filter() -> None:
    """docs/history-api.md has each of them; nobody must read the description to find one."""
    page = (DESCRIPTION.parent / "history-api.md").read_text("utf-8")
    words = {path.removeprefix("/api/v1") for path, _ in told(HISTORY)} | set(Scope)
    words |= {name for schema in asking.LISTS.values() for name in schema.fields}
    words |= {word for word in GONE if word}

    short = {word for word in words if word.endswith("/{id}")}  # told by an example
    assert [] == sorted(word for word in words - short if word not in page)
