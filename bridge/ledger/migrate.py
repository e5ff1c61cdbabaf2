"""Bringing the database to this release's shape, safely when several start at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bridge.errors import Misconfigured
from bridge.ledger.store import Ledger


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(ledger: Ledger) -> None:
    """Run what is missing. Repeating it changes nothing."""
    with ledger.only_one("migrations"), ledger.writing() as tx:
        config = _config()
        config.attributes["connection"] = tx.conn
        command.upgrade(config, "head")


def is_current(ledger: Ledger) -> bool:
    with ledger.reading() as tx:
        here = MigrationContext.configure(tx.conn).get_current_revision()
    return here == ScriptDirectory.from_config(_config()).get_current_head()


def require_current(ledger: Ledger) -> None:
    """Raises `Misconfigured` when the database is of another release."""
    if not is_current(ledger):
        raise Misconfigured(
            "the database is not of this release: run `bridge migrate` "
            "(the `release` line of the Procfile) before web and worker start"
        )
