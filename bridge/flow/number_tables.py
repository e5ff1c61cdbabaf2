"""Numbers as tables: the same ones on the page, in a file and on the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from bridge.flow import measuring
from bridge.flow.measuring import Answering, K, Resolution
from bridge.flow.numbers import Numbers
from bridge.ledger import holds
from bridge.model import Visibility
from bridge.text import words
from bridge.text.tables import Cell, Column, Table

ACCOUNT, NETWORK = Column("Account", number=False), Column("Network", number=False)
SECONDS, SHARE, DOLLARS = "seconds", "share", "US dollars"
_ANSWERING = (
    Column("Waited"),
    Column("Answered"),
    Column("Median", SECONDS),
    Column("90th percentile", SECONDS),
    Column("Within target", SHARE),
    Column("Still waiting"),
    Column("Closed unanswered"),
    Column("Automatic texts"),
    Column("Automatic, median", SECONDS),
)

_SOLVED = (Column("Solved"), Column("Median", SECONDS), Column("90th percentile", SECONDS))


def tables(numbers: Numbers) -> tuple[Table, ...]:
    """Every table; one without rows says that there was nothing."""
    return (
        _by_account(numbers),
        _by_network(numbers),
        _by_hour(numbers),
        _resolution(numbers),
        _resolution_by_network(numbers),
        _resolution_by_hour(numbers),
        _volume(numbers),
        _by_day(numbers),
        _privately(numbers),
        _failures(numbers),
        _held(numbers),
        _satisfaction(numbers),
        _badges(numbers),
        _costs(numbers),
        _costs_by_day(numbers),
    )


def _answered(row: Answering) -> tuple[Cell, ...]:
    return (
        row.spells,
        row.first.count,
        row.first.median,
        row.first.ninetieth,
        row.share,
        row.waiting,
        row.closed,
        row.automatic.count,
        row.automatic.median,
    )


def _name(numbers: Numbers, account: str) -> tuple[str, str]:
    return account, words.network_name(numbers.network(account))


def _by_account(numbers: Numbers) -> Table:
    found = numbers.answering(lambda each: each.account)
    rows = tuple((*_name(numbers, name), *_answered(row)) for name, row in sorted(found.items()))
    title = "First reply by account"
    return Table("first-reply-accounts", title, (ACCOUNT, NETWORK, *_ANSWERING), rows, 3)


def _by_network(numbers: Numbers) -> Table:
    found = numbers.answering(lambda each: words.network_name(numbers.network(each.account)))
    rows = tuple((name, *_answered(row)) for name, row in sorted(found.items()))
    return Table("first-reply-networks", "First reply by network", (NETWORK, *_ANSWERING), rows, 2)


def _by_hour(numbers: Numbers) -> Table:
    found = numbers.answering(numbers.hour)
    rows = tuple((f"{hour:02}:00", *_answered(row)) for hour, row in sorted(found.items()))
    columns = (Column("Asked at", number=False), *_ANSWERING)
    return Table("first-reply-hours", "First reply by hour of the day", columns, rows, 2)


def _resolution(numbers: Numbers) -> Table:
    found = _solved(numbers, lambda each: each.account)
    rows = tuple((*_name(numbers, name), *took) for name, took in sorted(found.items()))
    columns = (ACCOUNT, NETWORK, *_SOLVED)
    return Table("resolution", "Time to resolution", columns, rows, 2)


def _resolution_by_network(numbers: Numbers) -> Table:
    found = _solved(numbers, lambda each: words.network_name(numbers.network(each.account)))
    rows = tuple((name, *took) for name, took in sorted(found.items()))
    columns = (NETWORK, *_SOLVED)
    return Table("resolution-networks", "Time to resolution by network", columns, rows, 1)


def _resolution_by_hour(numbers: Numbers) -> Table:
    found = _solved(numbers, numbers.hour)
    rows = tuple((f"{hour:02}:00", *took) for hour, took in sorted(found.items()))
    columns = (Column("Asked at", number=False), *_SOLVED)
    return Table("resolution-hours", "Time to resolution by hour of the day", columns, rows, 1)


def _solved(numbers: Numbers, key: Callable[[Resolution], K]) -> dict[K, tuple[Cell, ...]]:
    groups = measuring.grouped(numbers.resolutions, key)
    taken = {name: measuring.times(each.took for each in some) for name, some in groups.items()}
    return {name: (took.count, took.median, took.ninetieth) for name, took in taken.items()}


def _volume(numbers: Numbers) -> Table:
    counts = Counter(
        (each.account, str(each.visibility), str(each.kind), each.ticketed)
        for each in numbers.heard
    )
    rows = []
    for account, visibility, kind in sorted({key[:3] for key in counts}):
        with_ticket = counts[account, visibility, kind, True]
        total = with_ticket + counts[account, visibility, kind, False]
        told = words.table("en")[f"kind_{kind}"]
        rows.append((*_name(numbers, account), told, visibility, total, with_ticket))
    columns = (
        ACCOUNT,
        NETWORK,
        Column("Kind", number=False),
        Column("Read by", number=False),
        Column("Posts"),
        Column("On a ticket"),
    )
    return Table("volume", "What customers wrote", columns, tuple(rows))


def _by_day(numbers: Numbers) -> Table:
    counts = Counter((numbers.day(each.at), each.visibility) for each in numbers.heard)
    waited = Counter(numbers.day(each.began_at) for each in numbers.spells)
    columns = (
        Column("Day", number=False),
        Column("Public"),
        Column("Private"),
        Column("Waits begun"),
    )
    rows = tuple(
        (
            day.isoformat(),
            counts[day, Visibility.PUBLIC],
            counts[day, Visibility.PRIVATE],
            waited[day],
        )
        for day in numbers.days.each
    )
    return Table("days", "What customers wrote, by day", columns, rows)


def _privately(numbers: Numbers) -> Table:
    groups = measuring.grouped(numbers.spells, lambda each: each.account)
    rows = []
    for name, found in sorted(groups.items()):
        handled = measuring.privately(found)
        if handled.answered:
            row = (handled.answered, handled.privately, handled.share)
            rows.append((*_name(numbers, name), *row))
    columns = (
        ACCOUNT,
        NETWORK,
        Column("Public, answered"),
        Column("Of these privately"),
        Column("Handled privately", SHARE),
    )
    return Table("privately", "Public posts answered privately", columns, tuple(rows), 2)


def _failures(numbers: Numbers) -> Table:
    rows = []
    for each in sorted(numbers.failures, key=lambda each: (-each.replies, each.account, each.code)):
        code = each.code or str(each.outcome)
        says = words.note(code, network=numbers.network(each.account) or each.account)
        rows.append((*_name(numbers, each.account), code, says, each.replies, each.later))
    columns = (
        ACCOUNT,
        NETWORK,
        Column("Code", number=False),
        Column("What agents were told", number=False),
        Column("Replies"),
        Column("Arrived later"),
    )
    return Table("failures", "Replies that were not delivered", columns, tuple(rows))


_HELD = {
    holds.OPEN: "still held",
    holds.RELEASED: "sent as they were",
    holds.PRIVATE: "sent privately",
    holds.WITHDRAWN: "withdrawn",
}


def _held(numbers: Numbers) -> Table:
    rows = tuple(
        (*_name(numbers, account), _HELD.get(state, state), count)
        for (account, state), count in sorted(numbers.held.items())
    )
    columns = (ACCOUNT, NETWORK, Column("What became of them", number=False), Column("Replies"))
    return Table("held", "Replies held back by a guard", columns, rows)


def _satisfaction(numbers: Numbers) -> Table:
    rows = []
    for each in numbers.rated:
        given = sum(count for _, count in each.scores)
        total = sum(score * count for score, count in each.scores)
        average = round(Decimal(total) / given, 2) if given else None
        rows.append((*_name(numbers, each.account), each.asked, given, average))
    columns = (ACCOUNT, NETWORK, Column("Asked"), Column("Scores"), Column("Average", "score"))
    return Table("satisfaction", "Satisfaction (CSAT)", columns, tuple(rows), 3)


def _badges(numbers: Numbers) -> Table:
    rows = tuple(
        (name, each.asked, each.answered, each.quick, each.share, each.median, each.needed)
        for name, each in sorted(numbers.badges.items())
    )
    columns = (
        ACCOUNT,
        Column("Private messages"),
        Column("Answered"),
        Column("Within 15 minutes"),
        Column("Share", SHARE),
        Column("Median", SECONDS),
        Column("Quick answers missing"),
    )
    title = "Facebook's badge: the last 7 days"
    return Table("badge", title, columns, rows, 1)


def _dollars(millionths: int) -> Decimal:
    return Decimal(millionths) / 1_000_000


def _costs(numbers: Numbers) -> Table:
    times: Counter[tuple[str, str]] = Counter()
    paid: Counter[tuple[str, str]] = Counter()
    for each in numbers.spent:
        times[each.account, each.what] += each.times
        paid[each.account, each.what] += each.millionths
    rows = tuple(
        (*_name(numbers, account), what, times[account, what], _dollars(paid[account, what]))
        for account, what in sorted(times)
    )
    columns = (
        ACCOUNT,
        NETWORK,
        Column("For", number=False),
        Column("Times"),
        Column("Cost", DOLLARS),
    )
    return Table("costs", "What the networks charge", columns, rows)


def _costs_by_day(numbers: Numbers) -> Table:
    paid: Counter[tuple[str, str]] = Counter()
    for each in numbers.spent:
        paid[each.day, each.account] += each.millionths
    rows = tuple(
        (day, account, _dollars(millionths)) for (day, account), millionths in sorted(paid.items())
    )
    columns = (Column("Day (UTC)", number=False), ACCOUNT, Column("Cost", DOLLARS))
    return Table("costs-by-day", "What the networks charge, by day", columns, rows)
