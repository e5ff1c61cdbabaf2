"""What accepting a webhook is compared with: the least that a Flask service under gunicorn does.

Two services, each under the same server with the same threads and processes as the bridge's own:
one that answers 200 and does nothing, and one that puts one row into a database, through a pooled
connection and as durably as the ledger does (SQLite: write-ahead log, `synchronous=FULL`;
PostgreSQL: as it is set, which waits for the disk), and answers 200 after the commit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from flask import Flask, Response, request
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from bridge.outside import new_session
from bridge.sandbox.household import DidNotStart, free_port

DATABASE = "FLOOR_DATABASE"
READY_WITHIN = 30.0
ROWS = "CREATE TABLE IF NOT EXISTS floor_rows (id {} PRIMARY KEY, body {} NOT NULL)"


def nothing() -> Flask:
    """For gunicorn: 200, and no work."""
    app = Flask("nothing", static_folder=None)

    @app.post("/")
    def take() -> Response:
        request.get_data(cache=False)
        return Response("ok")

    return app


def one_row() -> Flask:
    """For gunicorn: 200 after one row is committed to the database in FLOOR_DATABASE."""
    app = Flask("one_row", static_folder=None)
    engine = opened(os.environ[DATABASE])
    place = "?" if engine.dialect.name == "sqlite" else "%s"
    insert = f"INSERT INTO floor_rows (body) VALUES ({place})"  # noqa: S608 - one of two words

    @app.post("/")
    def take() -> Response:
        body = request.get_data(cache=False)
        conn = engine.raw_connection()
        try:
            conn.cursor().execute(insert, (body,))
            conn.commit()
        finally:
            conn.close()
        return Response("ok")

    return app


def opened(url: str) -> Engine:
    """A pool of connections to a database that has the table."""
    if url.startswith("sqlite"):
        engine = create_engine(url, poolclass=QueuePool, pool_size=10, max_overflow=20)
        event.listen(engine, "connect", _durable)
        table = ROWS.format("INTEGER", "BLOB")
    else:
        engine = create_engine(url, pool_size=10, max_overflow=20)
        table = ROWS.format("BIGINT GENERATED ALWAYS AS IDENTITY", "BYTEA")
    with engine.begin() as conn:
        conn.exec_driver_sql(table)
    return engine


def _durable(raw: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        raw.execute(f"PRAGMA {pragma}")


@contextmanager
def floor(
    which: str, folder: Path, *, database: str = "", processes: int = 1, threads: int = 8
) -> Iterator[str]:
    """The address of a running floor, "nothing" or "one_row". Raises `DidNotStart`."""
    if database:
        opened(database).dispose()  # the table, before several processes make it at once
    port = free_port()
    command = [
        *(sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", f"--workers={processes}"),
        *("--worker-class=gthread", f"--threads={threads}", "--keep-alive=5"),
        *("--no-control-socket", f"bench.floors:{which}()"),
    ]
    environ = {**os.environ, DATABASE: database}
    with (folder / f"{which}.log").open("ab") as log:
        running = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}/"
        _until_ready(url, running, folder / f"{which}.log")
        yield url
    finally:
        running.terminate()
        running.wait()


def _until_ready(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_WITHIN
    with new_session() as session:
        while running.poll() is None and time.monotonic() < until:
            try:
                if session.post(url, data=b"x", timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.05)
    raise DidNotStart(f"a floor did not start\n{log.read_text(errors='replace')[-2000:]}")
