"""One soak from the first process to the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from bridge.ledger import Ledger
from soak import database, report
from soak.agreeing import disagreements
from soak.counting import Seen, differences
from soak.plan import Plan, Wanted, draw
from soak.play import Play, Told
from soak.seeing import POST, seen
from soak.world import Addresses, World, furnish, opened

Say = Callable[[str], Any]
DEFECTS = ("defect in a lane", "the database refused a statement", "Traceback")
"""What no process may have to say, whatever is done to it."""


def soak(wanted: Wanted, on: str, folder: Path, patience: float, say: Say) -> bool:
    """Play, wait, count, report. True if all was exact.

    Raises `bridge.sandbox.household.DidNotStart` and `soak.database.NoDatabase`.
    """
    plan = draw(wanted)
    with ExitStack() as stack:
        url = stack.enter_context(database.made(on, folder))
        world, town_url, shop_url, helpdesk_url = stack.enter_context(opened(plan.people))
        at = Addresses(town_url, shop_url, helpdesk_url, url)
        household = furnish(world, folder, at, wanted.workers)
        stack.callback(household.stop)
        household.migrate()
        household.start()
        ledger = Ledger(_with_driver(url))
        stack.callback(ledger.close)
        play = Play(wanted, plan, world, household, ledger)
        play.perform()
        in_time = play.drain(patience)
        alive = household.pids()
        household.stop()
        meant, there = play.meant(), seen(world)
        wrong = [
            *([] if in_time else [f"after {patience:g} s there was still something to do"]),
            *(f"{word} could never be written" for word in play.told.left),
            *missed_kills(plan, play.told),
            *(f"{name} ended by itself" for name in household.names if name not in alive),
            *differences(meant, there),
            *disagreements(ledger, meant, there),
            *defects(household.names, folder),
        ]
        took = _took(world, there)
        for line in report.lines(wanted, _kind(url), play.told, meant, there, took):
            say(line)
        for line in report.verdict(wrong):
            say(line)
        if wrong:
            say(household.log_tail(lines=10))
    return not wrong


def missed_kills(plan: Plan, told: Told) -> Iterator[str]:
    """A soak without its kills proves less than it says."""
    planned = Counter(name for kill in plan.kills for name in kill.names)
    for name, times in planned.items():
        if told.kills[name] != times:
            yield f"{name} was killed {told.kills[name]} times, and not {times} times"


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _kind(url: str) -> str:
    return "SQLite" if url.startswith("sqlite") else "PostgreSQL"


def _took(world: World, there: Seen) -> list[float]:
    """Seconds from when a post was said to when it was on its ticket."""
    told: dict[str, datetime] = {}
    for ticket in there.tickets:
        for audit in world.desk.ticket_audits(ticket.number):
            for word in POST.findall(audit.comment.plain_body) if audit.comment else ():
                told.setdefault(word, audit.created_at)
    uttered = world.uttered
    return [(at - uttered[word].at).total_seconds() for word, at in told.items() if word in uttered]


def defects(names: tuple[str, ...], folder: Path) -> Iterator[str]:
    """What the logs of these processes say that they must not."""
    for name in names:
        text = (folder / f"{name}.log").read_text(errors="replace")
        for words in DEFECTS:
            if words in text:
                yield f"{name} said: {words!r}, {text.count(words)} times"
