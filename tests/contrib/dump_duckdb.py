"""Prints every row of every table as JSON: run by the interpreter that has duckdb."""

import json
import sys
from datetime import UTC, datetime

import duckdb

conn = duckdb.connect(sys.argv[1], read_only=True)
conn.execute("SET TimeZone = 'UTC'")


def plain(value, kind):
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return json.loads(value) if value is not None and kind == "JSON" else value


tables = conn.execute(
    "SELECT table_name FROM information_schema.tables "
    "WHERE table_schema = 'customer_history' AND table_name NOT LIKE '\\_dlt%' ESCAPE '\\'"
).fetchall()
for (table,) in tables:
    found = conn.execute(f"SELECT * EXCLUDE (_dlt_id, _dlt_load_id) FROM customer_history.{table}")
    columns = [(each[0], str(each[1])) for each in found.description]
    for row in found.fetchall():
        told = {name: plain(value, kind) for value, (name, kind) in zip(row, columns, strict=True)}
        sys.stdout.write(json.dumps(told) + "\n")
