"""Web and workers on five hosts over one PostgreSQL; hosts are killed, cut off and healed, the
database is started anew, and nothing is lost, doubled or out of order.

The hosts are network namespaces with addresses of their own (`bench/hosts.py`). A cut is silent,
what was connected stays half-open. Nothing here depends on how fast anything is: the play goes on
when something has happened, up to a bound.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.hosts import Forwarder, Network, forwarded
from bench.spread import Wrong, spread
from bench.troubled import Play, trouble

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(1800),
    pytest.mark.usefixtures("hosts_can_be_had"),
]

WEBS, WORKERS = ("web1", "web2"), ("worker1", "worker2", "worker3")
LEASE = 3.0
LONGEST = 480.0


def is_exact(play: Play) -> None:
    answers = {word for words in play.written.values() for word in words}
    assert (Wrong(), Wrong()) == play.wrong(), play.fleet.log_tail()
    said = {word for words in play.said.values() for word in words}
    assert said | answers == set(play.fleet.desk.stood())
    assert [] == play.fleet.defects()


def test_hosts_are_killed_and_cut_off_and_nothing_is_wrong(tmp_path: Path) -> None:
    """PostgreSQL alone."""
    with spread(tmp_path, WEBS, WORKERS, lease=LEASE, delay=0.05) as fleet:
        fleet.start_web(*WEBS)
        fleet.start_workers(*WORKERS)
        play = Play(fleet, 5, 24, LONGEST, halts=True)
        trouble(play, LEASE)
        play.ends()
        assert play.tries > play.many, "nobody had to come back, so no host was missed"
        is_exact(play)


Settings = Callable[[Network], dict[str, str]]


def brought(stack: ExitStack, url: str, doors: list[Forwarder]) -> Settings:
    """The broker of this machine, as the hosts reach it."""

    def settings(network: Network) -> dict[str, str]:
        parts = urlsplit(url)
        assert parts.port
        door = stack.enter_context(forwarded(network.address, parts.port))
        doors.append(door)
        login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        there = parts._replace(netloc=f"{login}{door.address}:{door.port}")
        return {"BRIDGE_BROKER_URL": there.geturl()}

    return settings


def test_a_broker_wakes_the_hosts_and_may_fail(tmp_path: Path, broker_url: str) -> None:
    """The same with wake-ups by a broker, which is away for a while in the middle of it."""
    doors: list[Forwarder] = []
    with ExitStack() as stack:
        more = brought(stack, broker_url, doors)
        workers = WORKERS[:2]
        fleet = stack.enter_context(spread(tmp_path, WEBS, workers, lease=LEASE, more=more))
        fleet.start_web(*WEBS)
        fleet.start_workers(*workers)
        play = Play(fleet, 4, 8, LONGEST)
        play.reached(0.2)
        play.answer()
        doors[0].interrupt()
        play.reached(0.5)
        play.is_at_work("worker1")
        fleet.network.hosts["worker1"].kill()
        doors[0].open()
        play.reached(0.7)
        play.answer()
        play.ends()
        is_exact(play)
