"""`restart-feed`: after an older copy of the ledger was put back."""

from __future__ import annotations

import click

from bridge.cli.common import opened, settings_and_logs
from bridge.cli.console import BY


@click.command("restart-feed")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restart_feed(*, yes: bool) -> None:
    """Let every reader of the change feed begin anew.

    For when an older copy of the ledger was put back, before web and workers start: its numbers
    would mean other changes, and other people's words, than those that were told already. Readers
    are answered 410 and read everything from the start; webhooks go out under ids that no endpoint
    has seen; new records (post_12, customer_7), holds and acts get numbers far above all that were
    given out.
    """
    from bridge.ledger import changes, deeds, sequences

    with opened(settings_and_logs()) as ledger:
        if not yes:
            click.confirm("Must everybody read everything again?", abort=True, err=True)
        changes.restart(ledger)
        with ledger.writing() as tx:
            sequences.lift(tx)
            deeds.add(tx, BY, "restarted the change feed")
    click.echo("Whoever reads the change feed begins anew.")
    click.echo(f"What is new from now on is numbered {sequences.GAP:,} further up.")
