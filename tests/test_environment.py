"""`env:NAME` leads to the environment, and behind it to what is sealed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bridge.environment import PREFIX, Environment, environment, has_database, with_kept
from bridge.errors import Misconfigured, Unreachable
from bridge.ledger import Ledger
from bridge.ledger.secrets import Safe
from bridge.settings import Secret, Settings, ZendeskSettings

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


def test_what_was_sealed_stands_behind_the_settings(ledger: Ledger) -> None:
    """What the environment says goes first; what is sealed later is found without a restart."""
    plain = keyed(ledger, KEY)
    zendesk = with_kept(plain, ledger).zendesk
    assert not zendesk.webhook_secret
    assert zendesk.webhook_secret.reveal() == ""
    with ledger.writing() as tx:
        Safe((KEY,)).put(tx, f"{PREFIX}ZENDESK_WEBHOOK_SECRET", "signs events")
        Safe((KEY,)).put(tx, f"{PREFIX}ZENDESK_APP_SECRET", "signs questions")
    assert zendesk.webhook_secret
    assert zendesk.webhook_secret.reveal() == "signs events"
    assert zendesk.app_secret.reveal() == "signs questions"
    assert "signs" not in f"{zendesk.app_secret} {zendesk!r}"
    said = replace(plain, zendesk=ZendeskSettings(webhook_secret=Secret("said")))
    assert with_kept(said, ledger).zendesk.webhook_secret.reveal() == "said"


def test_without_a_key_nothing_was_sealed(ledger: Ledger) -> None:
    assert with_kept(keyed(ledger), ledger) == keyed(ledger)
    other = keyed(ledger, Secret(Fernet.generate_key().decode()))
    with ledger.writing() as tx:
        Safe((KEY,)).put(tx, f"{PREFIX}ZENDESK_APP_SECRET", "signs questions")
    with pytest.raises(Misconfigured, match="BRIDGE_SECRET_KEY"):
        with_kept(other, ledger).zendesk.app_secret.reveal()


def test_the_settings_can_be_had_while_the_database_is_away() -> None:
    away = Ledger("postgresql+psycopg://nobody@127.0.0.1:9/none")
    zendesk = with_kept(keyed(away, KEY), away).zendesk
    with pytest.raises(Unreachable, match="ZENDESK_APP_SECRET"):
        bool(zendesk.app_secret)
    away.close()
