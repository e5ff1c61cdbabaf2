"""What the measurement on several hosts says."""

from __future__ import annotations

from bench.chapter import Aim, Chapter, Figure, Line, Plot, Table, figure
from bench.fleet_seen import DELAY, HOSTS, POSTGRES, THREADS, Exact, Measured
from bench.ground import cores

BETTER_BY = 1.5
SOON = 50.0
"""Milliseconds."""


ABOUT_HOSTS = """\
Web and workers run in network namespaces with addresses of their own, over a PostgreSQL server of
their own, on this one machine: its cores are shared by all hosts, the database, the helpdesk and
the sender. A second host adds threads here, not processors."""
ABOUT_LOAD = f"""\
The helpdesk takes {DELAY * 1000:.0f} ms for each answer; each worker host has {THREADS} threads.
Messages are of different people, so no conversation waits for another."""
ABOUT_WAKING = """\
A wake-up is measured from the end of the commit on one host to the end of the claim on another that
idles, twenty in a second. The brokers are reached through a forwarder of this benchmark, which
costs them some tenths of a millisecond; PostgreSQL is not."""


def told(seen: Measured, exact: Exact, missing: list[str]) -> Chapter:
    rates = {key: figure(values) for key, values in seen.rates.items()}
    measured_hosts = [hosts for hosts in HOSTS if (POSTGRES, hosts) in rates]
    ways = list(seen.woken)
    return Chapter(
        "Several hosts",
        (
            ABOUT_HOSTS,
            ABOUT_LOAD,
            ABOUT_WAKING,
            *(f"Not measured, because it does not answer here: {way}." for way in missing),
        ),
        (
            _hosts_table(seen, rates, measured_hosts),
            _ways_table(seen, rates, ways),
            _exact_table(exact),
        ),
        (
            Plot(
                "fleet-hosts",
                "Messages to tickets by number of worker hosts",
                tuple(str(hosts) for hosts in measured_hosts),
                (Line("measured", tuple(rates[POSTGRES, h].middle for h in measured_hosts)),),
                "worker hosts",
                "messages in a second",
            ),
            Plot(
                "fleet-waking",
                "From commit to claim on another host",
                ("half of them", "95 of 100"),
                tuple(
                    Line(
                        way,
                        (
                            figure(seen.woken[way].middle).middle,
                            figure(seen.woken[way].late).middle,
                        ),
                    )
                    for way in ways
                ),
                "",
                "milliseconds",
                "bar",
            ),
        ),
        _aims(seen, rates, exact, measured_hosts),
    )


def _hosts_table(seen: Measured, rates: dict[tuple[str, int], Figure], hosts: list[int]) -> Table:
    one = rates[POSTGRES, 1].middle
    rows = tuple(
        (
            str(many),
            str(many * THREADS),
            rates[POSTGRES, many].says(),
            f"{rates[POSTGRES, many].middle / one:.2f}",
            f"{_busy(seen, many):.0%}",
        )
        for many in hosts
    )
    columns = (
        "worker hosts",
        "threads",
        "messages in a second",
        "times one host",
        "of the cores' time",
    )
    return Table("Through to tickets, by number of worker hosts", columns, rows)


def _busy(seen: Measured, hosts: int) -> float:
    return figure(seen.busy[POSTGRES, hosts]).middle


def _ways_table(seen: Measured, rates: dict[tuple[str, int], Figure], ways: list[str]) -> Table:
    rows = []
    for way in ways:
        woken, rate = seen.woken[way], rates.get((way, 2))
        rows.append(
            (
                way,
                figure(woken.middle).says(),
                figure(woken.late).says(),
                figure(woken.cpu).says(2),
                rate.says() if rate else "–",
                str(woken.lost),
            )
        )
    columns = (
        "wake-ups by",
        "p50, ms",
        "p95, ms",
        "processor for each, both hosts, ms",
        "messages in a second, 2 hosts",
        "never claimed",
    )
    return Table("What carries the wake-ups", columns, tuple(rows))


def _exact_table(exact: Exact) -> Table:
    tickets, website = exact.wrong
    rows = tuple(
        (what, str(many), str(len(wrong.lost)), str(len(wrong.doubled)), str(len(wrong.disordered)))
        for what, many, wrong in (
            ("customers' messages on tickets", exact.messages, tickets),
            ("agents' answers at the website", exact.answers, website),
        )
    )
    columns = ("what", "sent", "lost", "doubled", "conversations out of order")
    return Table("One host killed, two cut off and healed, the database restarted", columns, rows)


def _aims(
    seen: Measured, rates: dict[tuple[str, int], Figure], exact: Exact, hosts: list[int]
) -> tuple[Aim, ...]:
    gain = rates[POSTGRES, 2].middle / rates[POSTGRES, 1].middle
    most = rates[POSTGRES, hosts[-1]].middle / rates[POSTGRES, 1].middle
    late = figure(seen.woken[POSTGRES].late).middle
    wrong = sum(len(w.lost) + len(w.doubled) + len(w.disordered) for w in exact.wrong)
    return (
        Aim(
            "nothing lost, doubled or out of order with hosts killed and cut off",
            wrong == 0 and exact.defects == 0,
            f"{wrong} of {exact.messages + exact.answers}, {exact.defects} defects in logs; "
            f"senders tried {exact.tries} times",
            "" if wrong == 0 and exact.defects == 0 else "A promise is broken; see the table.",
        ),
        Aim(
            f"a second worker host gives at least {BETTER_BY} times",
            gain >= BETTER_BY,
            f"{gain:.2f} times with 2, {most:.2f} times with {hosts[-1]}",
            ""
            if gain >= BETTER_BY
            else f"{BETTER_BY - gain:.2f} short: all hosts, the database and the helpdesk share "
            f"{cores()} cores here, of whose time {_busy(seen, 1):.0%} was used with one host and "
            f"{_busy(seen, 2):.0%} with two.",
        ),
        Aim(
            f"an idle host hears of a commit within {SOON:.0f} ms, 95 of 100 times, by PostgreSQL",
            late <= SOON,
            f"{late:.1f} ms",
            "" if late <= SOON else f"{late - SOON:.1f} ms too late: what waits for a core.",
        ),
    )
