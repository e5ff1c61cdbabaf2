"""What processes use, and the line through it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bench.costs import TICKS, _thinned
from bench.disk import taken
from bench.eating import Sample, slope
from bench.far_side import _forget
from bench.processes import Memory, Used, family, memory, used
from bridge.ledger import Ledger
from bridge.model import utcnow
from bridge.sandbox.zendesk import Desk
from bridge.sandbox.zendesk.records import Ticket, Via


def sample(after: int, mib: float) -> Sample:
    return Sample(after, 500, {"web": Used(1.0, 0.5)}, {"web": Memory(2 * mib, mib)})


def test_the_slope_leaves_out_what_is_loaded_once() -> None:
    """The first third grows by much, the rest by one MiB for each thousand messages."""
    samples = [sample(1000 * n, 100 + (20 * n if n < 3 else 50 + n)) for n in range(9)]
    found = slope(samples, "web")

    assert pytest.approx(100.0) == found.middle
    assert pytest.approx(0.0, abs=1e-6) == found.give
    assert (3000, 8000) == (found.first, found.last)


@pytest.mark.parametrize("every", [600, 4000])
def test_too_few_tell_no_slope(every: int) -> None:
    """Too few messages, or too few samples of them."""
    samples = [sample(every * n, 100.0 + n) for n in range(1, 9 if every == 600 else 3)]
    assert "too few messages to tell" == slope(samples, "web").says()


def test_a_long_run_is_drawn_at_few_places_and_the_last_is_one() -> None:
    samples = [sample(100 * n, 100) for n in range(1, 98)]
    found = [each.after for each in _thinned(samples)]

    assert 9700 == found[-1]
    assert found == sorted(found)
    assert len(found) <= TICKS + 5
    assert samples[:3] == _thinned(samples[:3])


def test_the_stand_in_forgets_what_is_over_and_keeps_its_staff() -> None:
    """Else a long run measures how it looks through a million tickets."""
    desk = Desk(utcnow)
    staff = set(desk.users)
    for at in (utcnow() - timedelta(hours=1), utcnow()):
        customer = replace(desk.add_user("Ana"), updated_at=at)
        desk.users[customer.id] = customer
        number = desk.next_ticket_id()
        desk.record(Ticket(number, "late", customer.id, customer.id, at, at, Via("api")), None)
        last = number, customer.id
    _forget(desk, utcnow() - timedelta(minutes=15))

    assert {last[0]} == set(desk.tickets) == set(desk.audits)
    assert {*staff, last[1]} == set(desk.users)


def test_what_is_on_the_disk(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "worker.log").write_bytes(b"x" * 2**20)
    found = taken(ledger.url, tmp_path)

    assert 1.0 == found.logs
    assert found.ledger > 0.1


def test_costs_are_told_for_a_thousand() -> None:
    assert Used(2.0, 1.0) == sample(1000, 1.0).per_thousand("web")


def test_what_a_process_uses_is_its_own_and_its_childrens() -> None:
    """Two processes use more memory than one, and processor time only grows."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        both = family(os.getpid())
        assert {os.getpid(), child.pid} <= set(both)
        assert memory([os.getpid()]).rss < memory(both).rss
        assert memory(both).pss <= memory(both).rss
        before = used(both)
        assert used(both).since(before).seconds >= 0
        child.communicate(b"\n")
