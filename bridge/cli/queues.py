"""`status`, `retry`, `replay`: what waits, and for whom."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from bridge.cli.common import (
    FINE,
    NUMBER,
    PROBLEMS,
    json_option,
    one_line,
    opened,
    print_json,
    print_table,
    progress,
    settings_and_logs,
    when,
)
from bridge.model import Outcome

if TYPE_CHECKING:
    from bridge.ledger import Ledger
    from bridge.ledger.replies import Taken

MOST = 10_000
_STEP = "step:"


@click.command()
@json_option
def status(*, as_json: bool) -> None:
    """How every account stands, and what waits."""
    from bridge.flow.standing import span
    from bridge.ledger import (
        accounts,
        alarms,
        deliveries,
        lanes,
        mappings,
        replies,
        steps,
        storm_counts,
    )

    with opened(settings_and_logs()) as ledger, ledger.reading() as tx:
        standings = accounts.everyone(tx)
        states = {each.name: alarms.shown(tx, each) for each in standings}
        backlog = lanes.backlog(tx)
        counts = {
            "deliveries": deliveries.unsettled(tx),
            "steps": steps.unsettled(tx),
            "replies": {name or "on_its_way": n for name, n in replies.not_out(tx).items()},
        }
        revision = mappings.latest_number(tx)
        open_, folded = storm_counts.counts(tx)
    if as_json:
        shown = [{**asdict(each), "state": states[each.name]} for each in standings]
        for each in shown:
            del each["cursor"]
        waits = {"lanes": asdict(backlog), "storms": {"open": open_, "folded": folded}, **counts}
        print_json({"mapping": revision, "accounts": shown, **waits})
        return
    print_table(
        ("ACCOUNT", "STATE", "SINCE (UTC)", "READ (UTC)", "BECAUSE"),
        [
            (
                each.name,
                states[each.name],
                when(each.since),
                when(each.read_at),
                one_line(each.because),
            )
            for each in standings
        ],
    )
    click.echo()
    for standing in standings:
        gap = standing.gap
        if gap and gap.until:
            says = f"{span(gap)} UTC, {gap.items} items"
            click.echo(f"recovered   {standing.name}, {gap.since:%Y-%m-%d}: {says}")
    oldest = f", the first since {when(backlog.oldest)} UTC" if backlog.oldest else ""
    lines = f"{backlog.due} due{oldest}; {backlog.held} held; {backlog.running} running"
    click.echo(f"lanes       {lines}")
    for name, count in counts.items():
        told = ", ".join(f"{number} {state}" for state, number in sorted(count.items()))
        click.echo(f"{name:10}  {told or 'none'}")
    if open_:
        click.echo(f"storms      {open_} open, with {folded} posts folded into them")
    click.echo(f"mapping     revision {revision}" if revision else "mapping     none published yet")


@click.command()
@click.argument("reply_id", required=False, type=NUMBER)
@click.option("--all", "everything", is_flag=True, help="Every one that is known to have failed.")
@click.option(
    "--unknown-too",
    is_flag=True,
    help="With --all: also those of which nobody knows whether they arrived.",
)
@json_option
@click.pass_context
def retry(
    ctx: click.Context, reply_id: int | None, *, everything: bool, unknown_too: bool, as_json: bool
) -> None:
    """Send an undelivered reply once more.

    Without REPLY_ID: list them.

    A reply whose outcome is unknown may have arrived: look at the thread before you send it again.
    """
    from bridge.ledger import replies

    if reply_id is not None and everything:
        raise click.UsageError("either a REPLY_ID or --all")
    with opened(settings_and_logs()) as ledger:
        if reply_id is not None:
            if not _try_again(ledger, reply_id):
                raise click.UsageError(f"there is no undelivered reply {reply_id}")
            _said(as_json, "will be tried again", [reply_id])
            return
        with ledger.reading() as tx:
            waiting = replies.undelivered(tx, MOST)
        if not everything:
            _list_replies(ledger, waiting, as_json=as_json)
            ctx.exit(PROBLEMS if waiting else FINE)
        chosen = [
            each.id for each in reversed(waiting) if unknown_too or each.outcome != Outcome.UNKNOWN
        ]
        with progress(chosen, "trying again") as ids:
            done = [each for each in ids if _try_again(ledger, each)]
        _said(as_json, "will be tried again", done)


def _try_again(ledger: Ledger, reply_id: int) -> bool:
    """False if the reply is not (or no longer) one that failed."""
    from bridge.flow import queues

    with ledger.writing() as tx:
        return queues.retry(tx, reply_id, "an admin asked for it with `bridge retry`")


def _list_replies(ledger: Ledger, waiting: tuple[Taken, ...], *, as_json: bool) -> None:
    from bridge.ledger import intents

    rows = []
    with ledger.reading() as tx:
        for each in waiting:
            last = intents.last_outcome(tx, each.id)
            visibility = str(each.draft.visibility) if each.draft else ""
            because = last.because if last else each.because
            rows.append((each, visibility, because))
    if as_json:
        print_json(
            [
                {
                    "id": each.id,
                    "ticket_id": each.ticket_id,
                    "outcome": each.outcome,
                    "visibility": visibility,
                    "attempt": each.attempt,
                    "written_at": each.written_at,
                    "because": because,
                }
                for each, visibility, because in rows
            ]
        )
    elif not rows:
        click.echo("no reply is undelivered")
    else:
        print_table(
            ("REPLY", "TICKET", "OUTCOME", "VISIBILITY", "WRITTEN (UTC)", "BECAUSE"),
            [
                (
                    str(each.id),
                    each.ticket_id,
                    each.outcome,
                    visibility,
                    when(each.written_at),
                    one_line(because),
                )
                for each, visibility, because in rows
            ],
        )


@click.command()
@click.argument("item", required=False)
@click.option("--all", "everything", is_flag=True, help="Every one that is set aside.")
@click.option("--dismiss", is_flag=True, help="It needs nothing: take it off the list instead.")
@json_option
@click.pass_context
def replay(
    ctx: click.Context, item: str | None, *, everything: bool, dismiss: bool, as_json: bool
) -> None:
    """Take up again what was set aside.

    ITEM is a delivery (17) or a step (step:5). Without ITEM: list them.

    What is here already is recognised; nothing is doubled by a replay.
    """
    if item is not None and everything:
        raise click.UsageError("either an ITEM or --all")
    act = _dismissed if dismiss else _replayed
    done_to = "dismissed" if dismiss else "will be taken up again"
    with opened(settings_and_logs()) as ledger:
        if item is not None:
            if not act(ledger, _checked(item)):
                raise click.UsageError(f"nothing called {item} is set aside")
            _said(as_json, done_to, [item])
            return
        rows = _set_aside(ledger)
        if not everything:
            _list_set_aside(rows, as_json=as_json)
            ctx.exit(PROBLEMS if rows else FINE)
        with progress([row[0] for row in reversed(rows)], done_to) as items:
            done = [each for each in items if act(ledger, each)]
        _said(as_json, done_to, done)


def _checked(item: str) -> str:
    number = item.removeprefix(_STEP)
    if not number.isdecimal():
        raise click.UsageError("an ITEM is a delivery's number, or step: and a step's number")
    NUMBER.convert(number, None, None)
    return item


def _replayed(ledger: Ledger, item: str) -> bool:
    from bridge.flow import queues

    act = queues.take_up_step if item.startswith(_STEP) else queues.take_up
    with ledger.writing() as tx:
        return act(tx, int(item.removeprefix(_STEP)), "an admin ran `bridge replay`")


def _dismissed(ledger: Ledger, item: str) -> bool:
    from bridge.flow import queues

    act = queues.dismiss_step if item.startswith(_STEP) else queues.dismiss
    with ledger.writing() as tx:
        return act(tx, int(item.removeprefix(_STEP)), "an admin ran `bridge replay --dismiss`")


Row = tuple[str, str, str, str, str]


def _set_aside(ledger: Ledger) -> list[Row]:
    """Item, where it belongs, what it is, since when, because."""
    from bridge.ledger import deliveries, steps

    with ledger.reading() as tx:
        waiting = deliveries.set_aside(tx, MOST)
        stuck = steps.set_aside(tx, MOST)
    return [
        *(
            (str(each.id), each.source, "delivery", when(each.received_at), each.because)
            for each in waiting
        ),
        *(
            (f"{_STEP}{each.id}", each.lane, each.kind, when(each.made_at), each.because)
            for each in stuck
        ),
    ]


def _list_set_aside(rows: list[Row], *, as_json: bool) -> None:
    heads = ("item", "where", "what", "since", "because")
    if as_json:
        print_json([dict(zip(heads, row, strict=True)) for row in rows])
    elif not rows:
        click.echo("nothing is set aside")
    else:
        print_table(
            [head.upper() for head in heads], [(*row[:4], one_line(row[4])) for row in rows]
        )


def _said(as_json: bool, what: str, items: list[int] | list[str]) -> None:
    if as_json:
        print_json({"done": items})
    else:
        click.echo(f"{what}: {', '.join(map(str, items)) or 'nothing'}")
