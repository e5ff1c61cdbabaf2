"""What the measurement of a storm says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from bench.chapter import Aim, Chapter, Line, Plot, Table, percentile
from bench.storm_words import HOW, Said
from bridge.mapping import Storm

RATE = 50.0
"""Posts in a second that are offered."""
ITS_OWN = 10_000 / 600
"""Of ten thousand posts in ten minutes."""
DELAY = 0.03
"""Seconds that the helpdesk takes for an answer."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Ordinary posts: seconds until each stood on its ticket, and how many stand twice or not at
    all."""

    waits: tuple[float, ...]
    lost: int
    doubled: int

    def at(self, part: float) -> float:
        return percentile(self.waits, part) if self.waits else float("inf")


@dataclass(frozen=True, slots=True)
class Folded:
    """What became of a storm's posts. `by` is how they are worded → (how many, how many of them
    were folded). `lost` and `doubled` are needs of people's own. `among` were folded with needs
    like theirs alone: so many people said the same, in a storm of its own."""

    by: dict[str, tuple[int, int]]
    storms: int
    tickets: int
    lost: int
    doubled: int
    unknown: int
    among: int = 0

    @property
    def hidden(self) -> float:
        """The share of needs that were folded with posts about something else."""
        needs = sum(self.by[each][0] for each in HOW[3:])
        there = sum(self.by[each][1] for each in HOW[3:]) - self.among
        return there / needs if needs else 0.0

    def share(self, *how: str) -> float:
        """The share of these that were folded."""
        all_ = sum(self.by[each][0] for each in how)
        return sum(self.by[each][1] for each in how) / all_ if all_ else 0.0

    @property
    def precision(self) -> float:
        """How much of what was folded with posts about a storm's subject is about it."""
        folded = sum(count for _, count in self.by.values()) - self.among
        return sum(self.by[how][1] for how in HOW[:3]) / folded if folded else 0.0


def told(
    said: tuple[Said, ...],
    rate: float,
    took: float,
    settled: bool,
    calm: Heard,
    beside: Heard,
    folded: Folded,
    calls: Counter[str],
) -> Chapter:
    writes = sum(times for what, times in calls.items() if not what.startswith("GET"))
    recall = folded.share(*HOW[:3])
    more = beside.at(0.95) / calm.at(0.95) - 1 if calm.waits else float("inf")
    sorted_ = (len(said) - folded.unknown) / took
    apart = folded.lost + folded.doubled + folded.unknown
    beside_apart = calm.lost + calm.doubled + beside.lost + beside.doubled
    policy = Storm()
    within = policy.within / timedelta(minutes=1)
    return Chapter(
        "Storms",
        (
            (
                f"{len(said):,} generated posts arrive on one account at {rate:.0f} a second "
                f"({RATE / ITS_OWN:.0f} times as many as ten thousand in ten minutes; how many "
                "there are in all is a matter of time: `BENCH_POSTS=10000 python -m bench --only "
                "storms --into docs` sends ten thousand), by webhook, at one web "
                "process and one worker process on PostgreSQL, with a helpdesk that takes "
                f"{DELAY * 1000:.0f} ms for an answer. The mapping says `storm` with all as it is: "
                f"{policy.after} people whose posts are alike ({policy.alike:g}) within "
                f"{within:.0f} minutes. Beside it, a post every half second on another account, "
                "as before."
            ),
            (
                "The posts are generated and their truth is known: reposts, the same words with "
                "something added, the same put otherwise (other words, slips, capitals), needs of "
                "people's own, and needs of one's own in the storm's very words. They are what we "
                "thought of, not what a real storm brings."
            ),
        ),
        tables=(
            Table(
                "What was folded",
                ("Posts", "How many", "Folded"),
                tuple(
                    (how, f"{all_:,}", f"{count:,} ({count / max(all_, 1):.1%})")
                    for how, (all_, count) in folded.by.items()
                ),
            ),
            Table(
                "A post on another account, until it stands on its ticket (s)",
                ("", "Median", "95 %", "Most", "Posts", "Lost", "Doubled"),
                tuple(
                    (
                        name,
                        f"{heard.at(0.5):.2f}",
                        f"{heard.at(0.95):.2f}",
                        f"{heard.at(1.0):.2f}",
                        str(len(heard.waits)),
                        str(heard.lost),
                        str(heard.doubled),
                    )
                    for name, heard in (("alone", calm), ("beside the storm", beside))
                ),
            ),
            Table(
                "The whole",
                ("", ""),
                (
                    ("Storms", str(folded.storms)),
                    ("Tickets, all together", f"{folded.tickets:,}"),
                    ("Writing calls to the helpdesk", f"{writes:,}"),
                    ("Taken by the web process (posts/s)", f"{rate:.0f}"),
                    ("Sorted by the worker (posts/s)", f"{sorted_:.0f}"),
                    ("All done", "yes" if settled else "not within the time"),
                ),
            ),
        ),
        plots=(
            Plot(
                "storms-beside",
                "An ordinary post, until it stands on its ticket",
                ("median", "95 %", "most"),
                tuple(
                    Line(name, tuple(heard.at(part) for part in (0.5, 0.95, 1.0)))
                    for name, heard in (("alone", calm), ("beside the storm", beside))
                ),
                "",
                "seconds",
                "bar",
            ),
        ),
        aims=(
            Aim(
                "An ordinary post beside a storm: 95 % within 20 % of alone, or below 1 s",
                bool(beside.waits) and (more <= 0.2 or beside.at(0.95) < 1.0),
                f"{calm.at(0.95):.2f} s alone, {beside.at(0.95):.2f} s beside it ({more:+.0%})",
                f"{beside.at(0.95):.2f} s: the storm is pressed together "
                f"{RATE / ITS_OWN:.0f} times, and web process, worker and database share "
                "this machine's cores with it",
            ),
            Aim(
                "Nothing lost, nothing doubled",
                apart + beside_apart == 0 and settled,
                f"{apart} of the storm's account, {beside_apart} beside it"
                + ("" if settled else "; not all was sorted when the time was over"),
                "" if settled else "what was not sorted yet waits in the ledger",
            ),
            Aim(
                "A need of one's own keeps its ticket: 99.5 % of them",
                folded.hidden <= 0.005,
                f"{1 - folded.hidden:.2%}; of what was folded, {folded.precision:.2%} is about the "
                f"storm; {folded.among} needs were folded with their like, without any other post",
                "a need in nearly the storm's words that names nothing of its own is folded",
            ),
            Aim(
                "What is about the storm is folded: 95 %",
                recall >= 0.95,
                f"{recall:.1%}; {folded.share(*HOW[:2]):.1%} without what is put otherwise",
                "what is put otherwise shares too few pieces with the first post; `alike` may be "
                "set lower",
            ),
        ),
    )
