"""What processes use, and the line through it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bench import costs, eating
from bench.costs import TICKS, _thinned
from bench.disk import taken
from bench.eating import Sample, slope
from bench.far_side import FarSide, _forget
from bench.ground import Ground
from bench.load import Loaded
from bench.processes import Memory, Used, family, memory, used
from bench.service import SAID_AGAIN, Message, Service
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


class Mixed:
    """A service and a helpdesk: what a rule leaves out becomes a post, what it does not a ticket
    as well; after `lasts` messages neither."""

    def __init__(self, lasts: int) -> None:
        self.hook, self.environ = "", {"BRIDGE_DATABASE_URL": f"sqlite:///{os.devnull}"}
        self.household = SimpleNamespace(pids=lambda: {"worker": os.getpid()})
        self.texts: list[str] = []
        self._lasts = lasts

    def signed(self, message: Message) -> bytes:
        return message.text.encode()

    def load(self, _hook: str, requests: list[bytes], _connections: int) -> Loaded:
        self.texts += [each.decode() for each in requests]
        return Loaded(1.0, (0.0,) * len(requests), 0)

    def posts(self, _ledger: Ledger) -> int:
        return min(len(self.texts), self._lasts)

    def calls(self) -> Counter[str]:
        stood = self.texts[: self._lasts]
        return Counter({eating.WROTE: sum(each != SAID_AGAIN for each in stood)})

    def forget(self, _older: float) -> None: ...


def mixed(monkeypatch: pytest.MonkeyPatch, lasts: int) -> Iterator[Sample]:
    both = Mixed(lasts)
    monkeypatch.setattr(eating, "load", both.load)
    monkeypatch.setattr(eating, "_posts", both.posts)
    monkeypatch.setattr(eating, "PATIENCE", 0.0)
    return eating.feed_mixed(cast(Service, both), cast(FarSide, both), 10, 100, 5)


def test_of_mixed_messages_a_sample_is_taken_when_all_are_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = list(islice(mixed(monkeypatch, 1000), 3))
    assert [10, 20, 30] == [each.after for each in found]
    assert [10, 10, 10] == [each.messages for each in found]


@pytest.mark.parametrize(("lasts", "stalled"), [(14, "a ticket"), (18, "a post")])
def test_mixed_messages_that_do_not_come_through_are_told(
    lasts: int, stalled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The 16th is a ticket, the 19th is left out."""
    samples = mixed(monkeypatch, lasts)
    assert 10 == next(samples).after
    with pytest.raises(eating.NotThrough, match=stalled):
        next(samples)


def test_a_long_run_that_is_interrupted_tells_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def fed(*_args: object) -> Iterator[Sample]:
        yield sample(100, 100)
        raise KeyboardInterrupt

    said: list[str] = []
    monkeypatch.setattr(costs, "feed", fed)
    monkeypatch.setattr(costs, "_say", lambda *_args: None)
    monkeypatch.setattr(costs, "is_short", lambda _folder: False)
    running = cast(Service, Mixed(0))
    monkeypatch.setattr(running, "folder", Path(), raising=False)
    found = costs._long(Ground(False, said.append, 1000), running, cast(FarSide, running))

    assert [100] == [each.after for each in found]
    assert "interrupted" in said[-1]


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
