"""`env:NAME` leads to the environment, and behind it to what is sealed."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bridge.environment import PREFIX, Environment, environment, has_database
from bridge.errors import Misconfigured, Unreachable
from bridge.ledger import Ledger
from bridge.ledger.secrets import Safe
from bridge.settings import Secret, Settings

KEY = Secret(Fernet.generate_key().decode())


def keyed(ledger: Ledger, *keys: Secret) -> Settings:
    return Settings(database_url=ledger.url, secret_keys=keys)


def test_the_environment_goes_first(ledger: Ledger) -> None:
    """An empty variable counts as not set, as everywhere."""
    with ledger.writing() as tx:
        Safe((KEY,)).put(tx, f"{PREFIX}A", "sealed")
    found = environment({"A": "plain", "B": "plain"}, keyed(ledger, KEY), ledger)
    assert (found["A"], found["B"]) == ("plain", "plain")
    assert environment({"A": ""}, keyed(ledger, KEY), ledger)["A"] == "sealed"
    with pytest.raises(KeyError):
        found["C"]


def test_another_secret_of_the_ledger_is_not_a_variable(ledger: Ledger) -> None:
    """Only what was sealed as such: a mapping cannot name a draft or a renewed token."""
    with ledger.writing() as tx:
        Safe((KEY,)).put(tx, "A", "a renewed token")
    assert environment({}, keyed(ledger, KEY), ledger).get("A") is None


def test_no_key_opens_it(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        Safe((KEY,)).put(tx, f"{PREFIX}A", "sealed")
    for settings in (keyed(ledger), keyed(ledger, Secret(Fernet.generate_key().decode()))):
        with pytest.raises(Misconfigured, match="BRIDGE_SECRET_KEY"):
            environment({}, settings, ledger).get("A")


def test_what_is_all_there_asks_no_database() -> None:
    def never(name: str) -> str | None:
        raise AssertionError(name)

    found = Environment({"A": "plain"}, never)
    assert found["A"] == "plain"
    assert list(found) == ["A"]


def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    """And to look makes no file."""
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'none.sqlite3'}")
    assert not has_database(settings)
    assert not list(tmp_path.iterdir())
    ledger = Ledger(settings.database_url)
    assert has_database(settings)
    with pytest.raises(Unreachable, match="A is not set, and the database"):
        environment({}, settings, ledger).get("A")
    ledger.close()
    away = Ledger("postgresql+psycopg://nobody@127.0.0.1:9/none")
    with pytest.raises(Unreachable, match="A is not set, and the database"):
        environment({}, settings, away).get("A")
    away.close()
