"""What the ready configurations say of our rows is what our rows are."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from contrib_stage import CONTRIB, STREAMS

from bridge.web.api import description

KINDS = dict(
    zip(STREAMS, ("Customer", "Identity", "Conversation", "Interaction", "Merge"), strict=True)
)


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(description.whole()))["components"]["schemas"]
    return found


def alike(schema: dict[str, Any], all_: dict[str, Any]) -> dict[str, Any]:
    """As Airbyte writes it: every value may be absent, an instant has its zone, no more words."""
    if "$ref" in schema:
        return alike(all_[schema["$ref"].rpartition("/")[2]], all_)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    found: dict[str, Any] = {"type": [*(kind for kind in kinds if kind != "null"), "null"]}
    if schema.get("format") == "date-time":
        found |= {"format": "date-time", "airbyte_type": "timestamp_with_timezone"}
    if "items" in schema:
        found["items"] = alike(schema["items"], all_)
    if "properties" in schema:
        found["properties"] = {
            name: alike(each, all_) for name, each in schema["properties"].items()
        }
    return found


def test_the_airbyte_manifest_has_every_field(described: dict[str, Any]) -> None:
    """With its type, in every stream; what is missing there would not reach the warehouse."""
    manifest = yaml.safe_load((CONTRIB / "airbyte" / "manifest.yaml").read_text())
    has = {
        stream["name"]: stream["schema_loader"]["schema"]["properties"]
        for stream in manifest["streams"]
    }
    assert has == {
        name: alike(described[kind], described)["properties"] for name, kind in KINDS.items()
    }


def test_the_dlt_pipeline_knows_every_instant(described: dict[str, Any]) -> None:
    text = (CONTRIB / "dlt" / "pipeline.py").read_text()
    ours = {
        name
        for kind in KINDS.values()
        for name, schema in described[kind]["properties"].items()
        if schema.get("format") == "date-time"
    }
    assert [] == [name for name in sorted(ours) if f'"{name}"' not in text]
