"""A ledger on each database, for whoever asks for one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from databases import Server, Shelf, copied, hurry, migrated_file

from bridge.ledger import Ledger

IN_CI = bool(os.environ.get("CI"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--both-databases", action="store_true", help="tests/flow on both, not on one of the two"
    )


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
        with psycopg.connect(address, connect_timeout=30, autocommit=True) as conn:
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
    # Nothing in it outlives the tests, so it need not outlive a power cut.
    options = f"-c listen_addresses='' -k {home} -c fsync=off -c full_page_writes=off"
    subprocess.run([*control, "-w", "-o", options, "-l", str(home / "log"), "start"], **quiet)
    try:
        yield f"postgresql://postgres@/postgres?host={home}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)


@pytest.fixture(scope="session")
def server(postgres_server: str) -> Iterator[Server]:
    server = Server(postgres_server)
    yield server
    server.close()


@pytest.fixture(scope="session")
def shelf(server: Server) -> Iterator[Shelf]:
    shelf = Shelf(server)
    yield shelf
    shelf.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without a row: to be copied, never opened."""
    return migrated_file(tmp_path_factory.mktemp("migrated"))


@pytest.fixture
def postgres_url(server: Server) -> Iterator[str]:
    """An empty database of this test's own, without a table."""
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Which of the two; every test with a ledger is run on both, unless it says otherwise."""
    kind: str = request.param
    return kind


@pytest.fixture
def ledger_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, without a table."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def ledger(
    database: str, request: pytest.FixtureRequest, tmp_path: Path, clock: Any
) -> Iterator[Ledger]:
    """A ledger of this release's shape, without a row."""
    if database == "sqlite":
        file = request.getfixturevalue("migrated_sqlite")
        yield from _opened(copied(file, tmp_path / "ledger.sqlite3"), clock)
        return
    with request.getfixturevalue("shelf").lent() as url:
        yield from _opened(url, clock)


def _opened(url: str, clock: Any) -> Iterator[Ledger]:
    ledger = Ledger(url, clock)
    hurry(ledger)
    yield ledger
    ledger.close()
