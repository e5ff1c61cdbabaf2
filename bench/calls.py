"""What a message costs at the helpdesk, and who waits when it takes less than comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bench.calls_world import World, world
from bench.chapter import Aim, Chapter, Line, Plot, Table, percentile
from bench.ground import Ground
from bench.service import Message
from bridge.sandbox.zendesk import Limits

PLANS = (200, 700)
"""Calls a minute: the smallest plan's, and Enterprise's. Both take 100 ticket updates a minute."""
LOADS = (60, 150, 300)
ACCOUNTS = {"hot": "4h", "quiet": "4h", "near": "12m"}
"""`near` has promised an answer within 12 minutes: each of its posts is due before long."""
ABOUT_COST = (
    "Every call to the helpdesk is counted that messages, the webhook of each comment (also of "
    "those the bridge writes) and a reconcile each minute lead to, but for the reconcile's own "
    "question, which is one a minute whatever happens."
)
ABOUT_WAITING = (
    "Who waits is simulated: the clock is moved by hand, second by second; everything else is the "
    "real thing on SQLite, with the stand-in helpdesk's limits. The workers' own speed is left "
    "out. Most messages are of a hot account, in 40 conversations; every fifth is private."
)
PEOPLE = "POST /users/create_or_update"
RANKS = ("private", "near deadline", "ordinary", "of a quiet account")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One load on one plan. `delays` are seconds until a message stood on a ticket, by rank;
    `people` are the calls for one message that made its author known."""

    plan: int
    offered: int
    arrived: float
    told: float
    calls: float
    people: float
    refused: int
    waiting: int
    delays: dict[str, list[float]]
    wrong: int


def measure(ground: Ground) -> Chapter:
    each = 4 if ground.quick else 30
    by_kind = _by_kind(ground, each)
    minutes = 1 if ground.quick else 2
    loads = LOADS[:2] if ground.quick else LOADS
    found = [_under(ground, plan, load, minutes) for plan in PLANS for load in loads]
    mean = sum(calls * share for _, share, calls in by_kind)
    return Chapter(
        "Calls at the helpdesk, and who waits for them",
        (
            ABOUT_COST,
            ABOUT_WAITING,
        ),
        (_kinds(by_kind, mean), *(_table(plan, found) for plan in PLANS)),
        (_plot(found, loads),),
        tuple(_aims(mean, found)),
    )


# ------------------------------------------------------------------ what a message costs


def _by_kind(ground: Ground, each: int) -> list[tuple[str, float, float]]:
    """(kind, its share of a day's messages, calls for one)."""
    rows: list[tuple[str, float, float]] = []
    with ground.folder() as folder, world(folder, Limits(account=2500), ACCOUNTS) as here:

        def count(what: str, share: float, send: Callable[[int], object], times: int) -> None:
            here.wire.calls.clear()
            for number in range(times):
                send(number)
                here.later(4)
            for _ in range(9):  # until the reconcile has seen it
                here.clock.move(20)
                here.work()
            calls = sum(n for name, n in here.wire.calls.items() if "cursor" not in name)
            rows.append((what, share, calls / times))

        def hear(first: int, above: int | None = None, *, private: bool = False, of: int = each):  # type: ignore[no-untyped-def]
            def send(number: int) -> None:
                person = number % of
                root = "" if above is None else f"M{above + person}"
                message = Message(f"M{first + number}", person, private=private, above=root)
                here.hear("hot", message)

            return send

        count("first message of a person", 0.15, hear(1_000), each)
        count("another thread of a known person", 0.1, hear(2_000), each)
        count("follow-up in public", 0.2, hear(3_000, 1_000), each)
        count("chatty private thread", 0.25, hear(4_000, 2_000, private=True, of=4), each)
        tickets = [ticket.id for ticket in here.desk.all_tickets()][:each]
        count("agent's answer", 0.3, lambda n: here.answer(tickets[n], "On its way."), len(tickets))
    return rows


def _kinds(by_kind: list[tuple[str, float, float]], mean: float) -> Table:
    rows = tuple((what, f"{share:.0%}", f"{calls:.2f}") for what, share, calls in by_kind)
    return Table(
        "Calls for one message, without pressure",
        ("message", "share in the mix", "calls"),
        (*rows, ("the mix", "100%", f"{mean:.2f}")),
    )


# ------------------------------------------------------------------ who waits


def _under(ground: Ground, plan: int, offered: int, minutes: int) -> Outcome:
    ground.say(f"    {plan} calls, {offered} messages a minute")
    with ground.folder() as folder, world(folder, Limits(account=plan), ACCOUNTS) as here:
        kinds: dict[str, tuple[str, str]] = {}
        feed = _messages(kinds)
        due = 0.0

        def arrive() -> None:
            nonlocal due
            due += offered / 60
            while due >= 1:
                due -= 1
                here.hear(*next(feed))

        here.later(60 * minutes, arrive)
        end = here.clock()
        standing = here.stood()
        told = sum(1 for word in here.arrived if word in standing)
        here.drain(1_800)  # nothing may be left
        calls = sum(n for name, n in here.wire.calls.items() if "cursor" not in name)
        return Outcome(
            plan,
            offered,
            len(here.arrived) / minutes,
            told / minutes,
            calls / len(here.arrived),
            here.wire.calls[PEOPLE] / len(here.arrived),
            here.wire.refused,
            len(here.arrived) - told,
            _delays(here, kinds, end),
            _wrong(here, kinds),
        )


def _messages(kinds: dict[str, tuple[str, str]]) -> Iterator[tuple[str, Message]]:
    """Without end: (account, message); puts down each one's rank and conversation."""
    number = 0
    while True:
        number += 1
        word, spot = f"M{number}", number % 20
        if spot in (3, 8, 13, 18):
            person, account, rank = 500 + number // 5 % 20, "hot", "private"
        elif spot == 5:
            person, account, rank = 700 + number // 20 % 10, "near", "near deadline"
        elif spot == 10:
            person, account, rank = 900 + number // 20 % 10, "quiet", "of a quiet account"
        else:
            person, account, rank = number % 40, "hot", "ordinary"
        thread = f"{rank}:{person}" if number % 7 else f"{rank}:{person}:{number}"
        above = next((w for w, (_, t) in kinds.items() if t == thread), "")
        kinds[word] = (rank, thread)
        yield account, Message(word, person, private=rank == "private", above=above)


def _delays(
    here: World, kinds: dict[str, tuple[str, str]], end: datetime
) -> dict[str, list[float]]:
    standing = here.stood()
    found: dict[str, list[float]] = {rank: [] for rank in RANKS}
    for word, at in here.arrived.items():
        first = min((stood for stood, _, _ in standing.get(word, ())), default=here.clock())
        found[kinds[word][0]].append((first - at).total_seconds())
    return found


def _wrong(here: World, kinds: dict[str, tuple[str, str]]) -> int:
    """Messages that stand nowhere, twice, or on their ticket before one that was earlier."""
    standing = here.stood()
    wrong = sum(len(standing.get(word, ())) != 1 for word in here.arrived)
    last: dict[str, tuple[int, int]] = {}
    for word in here.arrived:
        for _, ticket, comment in standing.get(word, ())[:1]:
            thread = kinds[word][1]
            wrong += last.get(thread, (ticket, 0)) > (ticket, comment)
            last[thread] = (ticket, comment)
    return wrong


def _table(plan: int, found: list[Outcome]) -> Table:
    def spread(values: list[float]) -> str:
        if not values:
            return "–"
        middle, most = percentile(values, 0.5), max(values)
        return f"{middle:,.0f} / {percentile(values, 0.95):,.0f} / {most:,.0f}"

    rows = tuple(
        (
            f"{one.offered}",
            f"{one.told:,.0f}",
            f"{one.calls:.2f}",
            *(spread(one.delays[rank]) for rank in RANKS),
            f"{one.refused}",
            f"{one.wrong}",
        )
        for one in found
        if one.plan == plan
    )
    return Table(
        f"{plan} calls and 100 updates a minute: seconds until a message stands (p50 / p95 / max)",
        ("offered/min", "told/min", "calls/message", *RANKS, "429s", "lost, doubled, unordered"),
        rows,
    )


def _plot(found: list[Outcome], loads: tuple[int, ...]) -> Plot:
    plan = PLANS[0]
    lines = tuple(
        Line(
            rank,
            tuple(percentile(one.delays[rank] or [0.0], 0.95) for one in found if one.plan == plan),
        )
        for rank in RANKS
    )
    return Plot(
        "delay_by_rank",
        f"Who waits on a plan of {plan} calls a minute (95th percentile)",
        tuple(map(str, loads)),
        lines,
        "messages offered a minute",
        "seconds until it stands on a ticket",
    )


def _aims(mean: float, found: list[Outcome]) -> Iterator[Aim]:
    yield Aim(
        "at most one call for each message in steady state",
        mean <= 1.0,
        f"{mean:.2f} in the mix",
        ""
        if mean <= 1.0
        else "A person's first message takes two: whoever opens a ticket is the author of its "
        "first comment, and a requester that is made along with it gets no external id to be "
        "found by again. Everything else takes one, and its part of the reconcile's second "
        "question: once a minute at most, where several tickets changed.",
    )
    pressed = [one for one in found if one.offered > 100]
    if pressed:
        worst = max(pressed, key=lambda one: one.calls)
        most = worst.calls
        yield Aim(
            "less than one call for each message under pressure",
            most < 1.0,
            f"{most:.2f} at most",
            ""
            if most < 1.0
            else f"{worst.people:.2f} of them make the authors known, many of whom write for the "
            "first time; what waits in different conversations cannot go together.",
        )
    wrong = sum(one.wrong for one in found)
    yield Aim("nothing lost, doubled or out of order", wrong == 0, f"{wrong} messages")
    late = max(percentile(one.delays["private"] or [0.0], 0.95) for one in found)
    yield Aim(
        "private messages stand within 10 seconds, 95 of 100, at every load",
        late <= 10,
        f"{late:,.0f} seconds",
        "" if late <= 10 else "Their own number is more than the share that is kept for them.",
    )
