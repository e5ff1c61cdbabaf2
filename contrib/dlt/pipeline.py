"""Copies the customer history into a database of yours; every further run brings what changed."""

from __future__ import annotations

import os
from typing import Any

import dlt
from dlt.sources.rest_api import rest_api_source

INSTANTS = {
    "customers": (),
    "identities": (),
    "conversations": ("opened_at", "last_word_at"),
    "interactions": ("created_at", "edited_at"),
    "merges": ("merged_at", "undone_at"),
}
"""The tables, and which of their columns are instants, beside those that all have."""


def history(url: str, token: str) -> Any:
    """Of what changed while it was read, and so came twice, the later one stays; what is deleted
    here is deleted there. Lists (`identity_ids`, `tickets` …) become JSON columns."""
    changed = {"cursor_path": "updated_at", "start_param": "updated_since"}
    source = rest_api_source(
        {
            "client": {
                "base_url": f"{url.rstrip('/')}/api/v1/",
                "auth": {"type": "bearer", "token": token},
                "paginator": {
                    "type": "cursor",
                    "cursor_path": "next_cursor",
                    "cursor_param": "cursor",
                },
            },
            "resource_defaults": {
                "primary_key": "id",
                "write_disposition": "merge",
                "endpoint": {
                    "data_selector": "data",
                    "params": {"limit": 500},
                    "incremental": {**changed, "initial_value": "2000-01-01T00:00:00.000000Z"},
                },
            },
            "resources": [
                {"name": name, "endpoint": {"path": name}, "columns": columns(instants)}
                for name, instants in INSTANTS.items()
            ],
        },
        name="helpdesk_bridge",
        max_table_nesting=0,
    )
    source.schema.remove_type_detection("iso_timestamp")  # what somebody wrote stays a text
    return source


def columns(instants: tuple[str, ...]) -> dict[str, Any]:
    return {
        "change_id": {"data_type": "bigint", "dedup_sort": "desc"},
        "deleted": {"data_type": "bool", "hard_delete": True},
        **{name: {"data_type": "timestamp"} for name in ("updated_at", "deleted_at", *instants)},
    }


if __name__ == "__main__":
    pipeline = dlt.pipeline(
        "helpdesk_bridge",
        destination=os.environ.get("DLT_DESTINATION", "duckdb"),
        dataset_name="customer_history",
    )
    print(pipeline.run(history(os.environ["BRIDGE_URL"], os.environ["BRIDGE_TOKEN"])))  # noqa: T201
