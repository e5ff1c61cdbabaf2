"""What every test may ask for: a clock of its own, and a ledger on each database."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from sqlalchemy import event

from bridge.ledger import Ledger, migrate

pytest_plugins = ["plugins_zendesk"]

# In CI the same inputs every time: a change is judged by what it did. Elsewhere, and in
# `make fuzz`, they are new each time, and what they find becomes an example.
settings.register_profile("ci", derandomize=True)
# `make orders`: where other profiles try one order of events, this one tries fifty.
settings.register_profile("long", max_examples=5_000)
if os.environ.get("CI"):
    settings.load_profile("ci")

HERE = Path(__file__).resolve().parent
SPECS = HERE.parents[1] / "shared" / "specs"
IN_CI = bool(os.environ.get("CI"))


STARTS_PROCESSES = ("demo", "real", "soak", "test_fleet.py", "test_serving.py")
"""Tests that start the bridge's own processes, and see whether any are left: one after the other,
whatever else runs beside them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if set(STARTS_PROCESSES) & set(item.path.relative_to(HERE).parts):
            item.add_marker(pytest.mark.xdist_group("processes"))


class Hands:
    """A clock that only moves when it is told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Hands:
    return Hands(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def specs() -> Path:
    """The official specifications and sample payloads, which are not part of this project."""
    if not SPECS.is_dir():
        if IN_CI:
            pytest.fail(f"the specifications are missing in CI: expected at {SPECS}")
        pytest.skip(f"the specifications are not here: expected at {SPECS}")
    return SPECS


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server: the one named, one that is running, or one of our own.

    Left out with a clear message where there is none; never in CI.
    """
    named = os.environ.get("BRIDGE_TEST_POSTGRES")
    for address in filter(None, (named, "postgresql://postgres@127.0.0.1:5432/postgres")):
        if _answers(address):
            yield address
            return
    binaries = _installed()
    if binaries is None:
        reason = (
            "PostgreSQL was left out: no server answers and none is installed "
            "(set BRIDGE_TEST_POSTGRES, or install the postgresql package)"
        )
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    yield from _own_server(binaries, tmp_path_factory.mktemp("postgres"))


def _answers(address: str) -> bool:
    try:
        with psycopg.connect(address, connect_timeout=2, autocommit=True) as conn:
            return conn.execute("SELECT 1").fetchone() is not None
    except psycopg.OperationalError:
        return False


def _installed() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


def _own_server(binaries: Path, home: Path) -> Iterator[str]:
    as_user = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(home, "postgres")
        for above in home.parents:
            if above.stat().st_uid == 0 and above != Path("/"):
                above.chmod(above.stat().st_mode | 0o011)
        as_user = ["runuser", "-u", "postgres", "--"]
    data = home / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    control = [*as_user, str(binaries / "pg_ctl"), "-D", str(data)]
    subprocess.run(
        [*as_user, str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"],
        **quiet,
    )
    options = f"-c listen_addresses='' -k {home}"
    subprocess.run([*control, "-w", "-o", options, "-l", str(home / "log"), "start"], **quiet)
    try:
        yield f"postgresql://postgres@/postgres?host={home}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database of this test's own."""
    name = f"bridge_test_{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            base, _, query = postgres_server.partition("?")
            address = f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
            yield address.replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def ledger(ledger_url: str, clock: Hands) -> Iterator[Ledger]:
    """A ledger on each database, brought to this release's shape."""
    ledger = Ledger(ledger_url, clock)
    migrate.upgrade(ledger)
    yield ledger
    ledger.close()


@pytest.fixture
def hasty(ledger: Ledger) -> Ledger:
    """The same ledger, not waiting for the disk: for many small worlds one after the other, where
    nobody pulls the plug."""
    statement = (
        "PRAGMA synchronous=OFF" if ledger.is_sqlite else "SET SESSION synchronous_commit TO off"
    )

    def hurry(raw: Any, _record: Any) -> None:
        raw.execute(statement)
        raw.commit()

    ledger.engine.dispose()
    event.listen(ledger.engine, "connect", hurry)
    return ledger
