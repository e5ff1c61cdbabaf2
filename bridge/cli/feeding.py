"""`restart-feed`: after an older copy of the ledger was put back."""

from __future__ import annotations

import click

from bridge.cli.common import opened, settings_and_logs
from bridge.cli.console import BY


@click.command("restart-feed")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restart_feed(*, yes: bool) -> None:
    """Let every reader of the change feed begin anew.

    For when an older copy of the ledger was put back: its numbers will mean other changes than
    those that were told already. Readers are answered 410 and read everything from the start;
    webhooks go out under ids that no endpoint has seen.
    """
    from bridge.ledger import changes, deeds

    with opened(settings_and_logs()) as ledger:
        if not yes:
            click.confirm("Must everybody read everything again?", abort=True, err=True)
        changes.restart(ledger)
        with ledger.writing() as tx:
            deeds.add(tx, BY, "restarted the change feed")
    click.echo("Whoever reads the change feed begins anew.")
