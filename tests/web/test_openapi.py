"""Every address, asked in every way that its description allows and forbids: never a 5xx."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import schemathesis
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

from bridge.flow.bridge import Bridge
from bridge.web import create_app

DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


ADDRESSES = [
    (path, method)
    for path, methods in json.loads(DESCRIPTION.read_text("utf-8"))["paths"].items()
    for method in methods
]


def asked(app: Flask, path: str, method: str, mode: GenerationMode) -> None:
    """Sixty requests, always the same ones, that follow the description or break it."""
    schema = schemathesis.openapi.from_dict(json.loads(DESCRIPTION.read_text("utf-8")))
    schema.app = app

    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    ask()


@pytest.mark.parametrize(("path", "method"), ADDRESSES)
def test_no_address_fails(bridge: Bridge, path: str, method: str) -> None:
    """What the description allows is answered as the description says, and never by a 5xx."""
    asked(create_app(bridge), path, method, GenerationMode.POSITIVE)


@pytest.mark.parametrize(("path", "method"), [each for each in ADDRESSES if each[1] == "post"])
def test_no_address_fails_on_nonsense(bridge: Bridge, path: str, method: str) -> None:
    """What the description forbids is refused as the description says, and never by a 5xx."""
    asked(create_app(bridge), path, method, GenerationMode.NEGATIVE)


def test_a_failing_address_would_be_found(bridge: Bridge) -> None:
    """An address that answers 500 does not pass."""
    app = create_app(bridge)
    app.view_functions["watch.ready"] = lambda: ({"ready": True, "database": "ok"}, 500)

    with pytest.raises(FailureGroup):
        asked(app, "/ready", "get", GenerationMode.POSITIVE)


def addresses(app: Flask) -> set[tuple[str, str]]:
    return {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_address_is_described(bridge: Bridge) -> None:
    """The description has every address that there is, and no other."""
    paths = json.loads(DESCRIPTION.read_text("utf-8"))["paths"]
    told = {(path, method) for path, methods in paths.items() for method in methods}

    assert told == addresses(create_app(bridge))


def test_a_new_address_would_be_missed(bridge: Bridge) -> None:
    """An address that nobody described is found."""
    app = create_app(bridge)
    app.add_url_rule("/new", "new", lambda: "")

    assert ("/new", "get") in addresses(app)
