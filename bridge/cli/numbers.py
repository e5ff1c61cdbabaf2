"""`numbers`: how fast customers are answered, and what else is counted."""

from __future__ import annotations

import os

import click

from bridge.cli.common import json_option, opened, print_json, print_table, settings_and_logs


@click.command()
@click.option(
    "--days", type=click.IntRange(1, 366), default=30, show_default=True, help="Up to today."
)
@click.option("--account", default="", help="One account alone.")
@click.option("--csv", "csv_of", metavar="TABLE", help="One table as CSV, by its name.")
@json_option
def numbers(days: int, account: str, csv_of: str | None, *, as_json: bool) -> None:
    """Show how fast customers are answered, and what else is counted.

    The tables of the console's page; docs/numbers.md says what each number means.
    """
    from bridge.flow.number_tables import tables
    from bridge.flow.numbers import last_days, numbers_of
    from bridge.mapping.words import unknown
    from bridge.opening import open_bridge
    from bridge.text.tables import as_csv, plain, spoken

    settings = settings_and_logs()
    with opened(settings) as ledger:
        bridge = open_bridge(settings, os.environ, ledger=ledger, live=True)
        if account and account not in bridge.mapping.accounts:
            raise click.UsageError(unknown(account, bridge.mapping.accounts, what="account"))
        found = {
            each.name: each for each in tables(numbers_of(bridge, last_days(bridge, days, account)))
        }
    if csv_of is not None:
        if csv_of not in found:
            raise click.UsageError(unknown(csv_of, found, what="table"))
        click.echo(as_csv(found[csv_of]), nl=False)
        return
    if as_json:
        print_json(
            {
                each.name: [
                    dict(zip((one.title for one in each.columns), map(plain, row), strict=True))
                    for row in each.rows
                ]
                for each in found.values()
            }
        )
        return
    for each in found.values():
        click.echo(click.style(f"{each.title} ({each.name})", bold=True))
        if each.rows:
            heads = [one.title.upper() for one in each.columns]
            print_table(heads, [[spoken(cell) for cell in row] for row in each.rows])
        else:
            click.echo("no data")
        click.echo()
