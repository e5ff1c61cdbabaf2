"""A database of the soak's own, made before it and gone after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

ON_THIS_MACHINE = "postgresql://postgres@127.0.0.1:5432/postgres"


class NoDatabase(Exception):
    """There is no PostgreSQL to be found, or it does not let us in."""


@contextmanager
def made(wanted: str, folder: Path) -> Iterator[str]:
    """The address for the bridge. `wanted` is "sqlite", "postgresql" (the server that the tests
    use), or the address of a PostgreSQL server. Raises `NoDatabase`."""
    if wanted == "sqlite":
        yield f"sqlite:///{folder / 'soak.sqlite3'}"
        return
    server = os.environ.get("BRIDGE_TEST_POSTGRES") or ON_THIS_MACHINE
    if wanted != "postgresql":
        server = wanted
    name = f"bridge_soak_{uuid4().hex[:12]}"
    try:
        with psycopg.connect(server, connect_timeout=5, autocommit=True) as conn:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.Error as away:
        raise NoDatabase(f"no database can be made: {type(away).__name__}") from away
    base, _, query = server.partition("?")
    address = f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
    try:
        yield address
    finally:
        with psycopg.connect(server, autocommit=True) as conn:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
