"""Secrets: sealed, bound to their name, and never in the clear."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from bridge.errors import Misconfigured
from bridge.ledger import Ledger, migrate
from bridge.ledger.secrets import Safe
from bridge.ledger.tables import secrets
from bridge.settings import Secret

PLAIN = "very-plain-token-4711"


def key() -> Secret:
    return Secret(Fernet.generate_key().decode())


def test_without_a_key_nothing_is_kept(ledger: Ledger) -> None:
    """No key, no storing in the clear: the admin is told what to set."""
    with pytest.raises(Misconfigured, match="BRIDGE_SECRET_KEY"), ledger.writing() as tx:
        Safe(()).put(tx, "zendesk", PLAIN)
    with ledger.reading() as tx:
        assert Safe(()).get(tx, "zendesk") is None


def test_a_secret_opens_under_its_own_name_only(ledger: Ledger) -> None:
    """A row that was copied under another name is refused."""
    safe = Safe((key(),))
    with ledger.writing() as tx:
        safe.put(tx, "one", PLAIN)
        safe.put(tx, "two", "other")
        sealed = tx.conn.execute(
            select(secrets.c.sealed).where(secrets.c.name == "one")
        ).scalar_one()
        tx.conn.execute(update(secrets).where(secrets.c.name == "two").values(sealed=sealed))
    with ledger.reading() as tx:
        assert PLAIN == safe.get(tx, "one")
        with pytest.raises(Misconfigured, match="another name"):
            safe.get(tx, "two")


def test_a_wrong_key_says_what_to_do_and_not_what_is_inside(ledger: Ledger) -> None:
    """The message names the secret, never its value."""
    with ledger.writing() as tx:
        Safe((key(),)).put(tx, "zendesk", PLAIN)
    with ledger.reading() as tx, pytest.raises(Misconfigured) as wrong:
        Safe((key(),)).get(tx, "zendesk")
    assert "older key back" in str(wrong.value)
    assert PLAIN not in str(wrong.value)


def test_keys_are_rotated_without_losing_anything(ledger: Ledger) -> None:
    """With old and new key everything opens; after rotating, the new one is enough."""
    old, new = key(), key()
    with ledger.writing() as tx:
        Safe((old,)).put(tx, "one", PLAIN)
        Safe((old,)).put(tx, "two", "other")
    with ledger.writing() as tx:
        assert 2 == Safe((new, old)).rotate(tx)
    with ledger.reading() as tx:
        assert [PLAIN, "other"] == [Safe((new,)).get(tx, name) for name in ("one", "two")]
        with pytest.raises(Misconfigured):
            Safe((old,)).get(tx, "one")


def test_the_plain_text_is_nowhere_in_the_database_files(tmp_path: Path, clock) -> None:
    """Neither the database nor its write-ahead log holds what was sealed; what was not sealed is
    found there, so the search can find something."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}", clock)
    try:
        migrate.upgrade(ledger)
        with ledger.writing() as tx:
            Safe((key(),)).put(tx, "name-in-the-clear", PLAIN)
        files = b"".join(path.read_bytes() for path in tmp_path.glob("ledger.sqlite3*"))
    finally:
        ledger.close()
    assert b"name-in-the-clear" in files
    assert PLAIN.encode() not in files
