"""`run`, `web`, `worker`, `demo`: what stays up until it is told to stop."""

from __future__ import annotations

import os
import sys

import click

from bridge.cli.common import PROBLEMS, opened, settings_and_logs
from bridge.sandbox.scenery import DEFAULT, NETWORKS

_port = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    envvar="PORT",
    show_envvar=True,
    help="0 takes any free port.",
)
_host = click.option(
    "--host",
    help="Where to listen. Default: 0.0.0.0 when PORT is set, as hosting platforms want it, "
    "else 127.0.0.1.",
)
_parent = click.option("--parent", type=int, default=0, hidden=True)


@click.command()
@_host
@_port
@click.option("--threads", type=click.IntRange(1, 256), help="Worker threads (BRIDGE_WORKERS).")
def run(host: str | None, port: int, threads: int | None) -> None:
    """Web and worker in one command.

    For a small installation.

    With SQLite the database is brought to this release first; with PostgreSQL `bridge migrate`
    must have been run. If one of the two ends, the other is ended too and the exit code is 1.
    """
    from bridge.cli.children import look_after
    from bridge.ledger import migrate

    settings = settings_and_logs()
    sqlite = settings.database_url.startswith("sqlite")
    with opened(settings, current=not sqlite) as ledger:
        if sqlite:
            migrate.upgrade(ledger)
    web_args = ["web", f"--port={port}", *([f"--host={host}"] if host else [])]
    worker_args = ["worker", *([f"--threads={threads}"] if threads else [])]
    sys.exit(look_after({"web": web_args, "worker": worker_args}))


@click.command()
@_host
@_port
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    envvar="WEB_CONCURRENCY",
    show_envvar=True,
    help="Counters in /metrics are each process's own unless PROMETHEUS_MULTIPROC_DIR is set.",
)
@click.option(
    "--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="Of each process."
)
@_parent
def web(host: str | None, port: int, processes: int, threads: int, parent: int) -> None:
    """Take in what is sent to us, and keep it.

    gunicorn with threads, for what networks and the helpdesk send.

    Settings and mapping are checked first. It starts while the database is away; until that
    answers, senders are told to come back.
    """
    from bridge.cli.children import end_with
    from bridge.opening import open_bridge
    from bridge.web.server import serve

    settings = settings_and_logs()
    with opened(settings, current=False) as ledger:
        open_bridge(settings, os.environ, ledger=ledger, live=True)
    end_with(parent)
    host = host or ("0.0.0.0" if os.environ.get("PORT") else "127.0.0.1")  # noqa: S104 - said in the help
    serve(host, port, processes, threads)


@click.command()
@click.option("--threads", type=click.IntRange(1, 256), help="Worker threads (BRIDGE_WORKERS).")
@_parent
def worker(threads: int | None, parent: int) -> None:
    """Poll, sort, open tickets, send replies.

    Any number of workers on any number of machines may share one PostgreSQL. When told to stop,
    each thread finishes the step it is at; a second signal ends the process at once, and another
    worker goes on from what the ledger knows.
    """
    from bridge.cli.children import end_with
    from bridge.cli.work import work

    settings = settings_and_logs()
    end_with(parent)
    with opened(settings) as ledger:
        fine = work(settings, ledger, threads or settings.workers)
    sys.exit(0 if fine else PROBLEMS)


def _known(_context: click.Context, _option: click.Parameter, given: str) -> str:
    """One of `NETWORKS`, however it is written."""
    name = given.strip().casefold()
    if name in NETWORKS:
        return name
    from bridge.mapping.words import did_you_mean

    hint = did_you_mean(given, NETWORKS)
    near = f"{hint} " if hint.startswith("did you mean") else ""
    raise click.BadParameter(f'"{given}" is not known: {near}There is {", ".join(NETWORKS)}.')


@click.command()
@click.option(
    "--network",
    metavar="NAME",
    default=DEFAULT,
    show_default=True,
    callback=_known,
    help=f"Where the story plays: {', '.join(NETWORKS)}.",
)
@click.option("--once", is_flag=True, help="Play the story, check it, end; 0 if all of it held.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a step, for machines.")
@click.option("--kill", is_flag=True, help="End web and worker by SIGKILL between any two steps.")
def demo(network: str, once: bool, as_json: bool, kill: bool) -> None:
    """Play the whole story on this machine.

    With a stand-in helpdesk and a stand-in network, which say so on every page.

    Without --once it stays up afterwards: be the customer on one page and the agent on the
    other.
    """
    from bridge.sandbox.demo import main

    sys.exit(main(network, once=once, as_json=as_json, kill=kill))
