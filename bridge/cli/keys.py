"""`migrate`, `new-key`, `rotate-key`: what is done once, or once in a while."""

from __future__ import annotations

import click

from bridge.cli.common import opened, settings_and_logs


@click.command()
def migrate() -> None:
    """Bring the database to this release's shape.

    Safe to repeat, and safe when several machines do it at once. It is the `release` line of the
    Procfile: run it before web and worker of a new release start.
    """
    from bridge.ledger import migrate as migrations

    with opened(settings_and_logs(), current=False) as ledger:
        before = migrations.is_current(ledger)
        migrations.upgrade(ledger)
    click.echo("nothing to do: the database is of this release" if before else "done")


@click.command("new-key")
def new_key() -> None:
    """Print a new key for BRIDGE_SECRET_KEY.

    To change keys, put the new one before the old one, separated by a comma, restart, run
    `bridge rotate-key`, then take the old one away.
    """
    from cryptography.fernet import Fernet

    click.echo(Fernet.generate_key().decode())


@click.command("rotate-key")
def rotate_key() -> None:
    """Seal stored secrets with the newest key.

    That is the first one of BRIDGE_SECRET_KEY.
    """
    from bridge.ledger.secrets import Safe

    settings = settings_and_logs()
    with opened(settings) as ledger, ledger.writing() as tx:
        count = Safe(settings.secret_keys).rotate(tx)
    click.echo(f"sealed anew: {count}")
