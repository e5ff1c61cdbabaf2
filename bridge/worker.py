"""Workers: each thread claims the next lane that is due, does what waits in it, gives it back.

There is no leader and no second scheduler: polls, reconciles and conversations are lanes alike,
and any number of workers on any number of machines share one ledger.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from tenacity import Retrying, retry_if_exception_type, wait_exponential_jitter
from tenacity.stop import stop_when_event_set
from tenacity.wait import wait_random

from bridge.channels.contract import Reads, Rereads
from bridge.errors import Again, LeaseLost, PersonMustAct
from bridge.flow import intake
from bridge.flow import lanes as names
from bridge.flow.bridge import Bridge
from bridge.flow.conversation import converse
from bridge.flow.glancing import glance
from bridge.flow.lanes import Hold, Pause, Rest
from bridge.flow.polls import poll, reread
from bridge.flow.reconcile import reconcile
from bridge.flow.sweeping import sweep
from bridge.flow.watching import watch
from bridge.ledger import lanes
from bridge.ledger.lanes import Lease
from bridge.listening import Bell

log = structlog.get_logger()

LANES: dict[str, Callable[[Bridge, Lease], Pause]] = {
    "conversation": converse,
    "glance": glance,
    "poll": poll,
    "reread": reread,
    "reconcile": reconcile,
    "watch": watch,
    "sweep": sweep,
}


def seed(bridge: Bridge) -> None:
    """See to it that every account that must be read has its lane."""
    wanted = [(lane(bridge.desk), "") for lane in (names.intake, names.reconcile, names.sweep)]
    wanted.append((names.watch(bridge.desk), ""))
    for account, channel in bridge.channels.items():
        wanted.append((names.watch(account), ""))
        wanted.append((names.intake(account), account))
        if isinstance(channel, Reads):
            wanted.append((names.poll(account), account))
        if isinstance(channel, Rereads):
            wanted.append((names.reread(account), account))
    for lane, account in wanted:
        # One transaction each: a worker that starts beside running ones must not wait for a
        # second lane while it keeps the first one locked.
        with bridge.ledger.writing() as tx:
            lanes.wake(tx, lane, account=account)


def run_once(bridge: Bridge, holder: str) -> bool:
    """Claim one lane and do its work. False when none is due."""
    lease_for = timedelta(seconds=bridge.settings.lease_seconds)
    with bridge.ledger.writing() as tx:
        lease = lanes.claim(tx, holder, lease_for)
    if lease is None:
        return False
    try:
        # In a context of its own: nothing that was set around earlier work reaches into this.
        pause = Context().run(_work, bridge, lease)
        with bridge.ledger.writing() as tx:
            if isinstance(pause, Hold):
                lanes.hold(tx, lease, pause.until, pause.because)
            else:
                lanes.rest(tx, lease, pause.until)
    except LeaseLost as lost:
        log.warning("lease lost", lane=lease.lane, because=lost.because)
    return True


def _work(bridge: Bridge, lease: Lease) -> Pause:
    with structlog.contextvars.bound_contextvars(lane=lease.lane):
        try:
            return _lane_work(bridge, lease.lane)(bridge, lease)
        except Again as later:
            until = bridge.clock() + _wait(bridge, lease, later.wait)
            log.info("held", because=later.because, until=until.isoformat())
            return Hold(until, later.because)
        except PersonMustAct as refusal:
            log.error("held until a person acts", because=refusal.because)
            return Hold(bridge.clock() + bridge.patience.sign_in, refusal.because)
        except LeaseLost:
            raise
        except DBAPIError as failure:
            if not isinstance(failure, OperationalError):
                log.exception("the database refused a statement")
            until = bridge.clock() + _wait(bridge, lease, None)
            return Hold(until, "the database did not answer")
        except Exception as bug:
            log.exception("defect in a lane")
            until = bridge.clock() + _wait(bridge, lease, None)
            return Hold(until, f"defect: {type(bug).__name__}")


def _lane_work(bridge: Bridge, lane: str) -> Callable[[Bridge, Lease], Pause]:
    kind, _, whose = lane.partition(":")
    if kind == "intake":
        return intake.from_helpdesk if whose == bridge.desk else intake.from_network
    if (
        kind not in ("conversation", "glance")
        and whose != bridge.desk
        and whose not in bridge.channels
    ):
        return _nobody  # an account that has left the mapping
    return LANES[kind]


def _nobody(_bridge: Bridge, lease: Lease) -> Pause:
    log.info("no such account in the mapping", lane=lease.lane)
    return Rest()


def _wait(bridge: Bridge, lease: Lease, named: float | None) -> timedelta:
    """The wait the far side named, else twice as long each time, spread out by chance."""
    longest = bridge.patience.longest.total_seconds()
    if named is not None:
        return timedelta(seconds=min(max(named, 0.0), 3600.0))
    return timedelta(seconds=min(longest, 2.0 ** min(lease.failures, 12)) * _spread())


def _spread() -> float:
    return 0.75 + wait_random(0, 0.5)(None)  # type: ignore[arg-type]  # it looks at no state


class Crew:
    """The worker threads of this process, their sign of life, and the bell that wakes them."""

    def __init__(self, bridge: Bridge, size: int) -> None:
        self._bridge = bridge
        self._stop = threading.Event()
        self._bell = Bell(bridge.ledger)
        host, pid = socket.gethostname(), os.getpid()
        self._names = [f"{host}:{pid}:{number}" for number in range(size)]
        self._threads = [
            threading.Thread(target=self._serve, args=(name,), name=name) for name in self._names
        ]
        self._pulse = threading.Thread(target=self._beat, name="pulse")

    def start(self) -> None:
        seed(self._bridge)
        self._bell.start()
        self._pulse.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let every thread finish the step it is at, then end."""
        self._stop.set()
        self._bell.ring()
        for thread in self._threads:
            thread.join()
        self._pulse.join()
        self._bell.stop()

    def _serve(self, name: str) -> None:
        patient = Retrying(
            retry=retry_if_exception_type(DBAPIError),
            wait=wait_exponential_jitter(initial=0.1, max=5.0),
            stop=stop_when_event_set(self._stop),
            sleep=self._nap,
            before_sleep=lambda _: log.warning("the database does not answer"),
            reraise=True,
        )
        with suppress(DBAPIError):  # only raised when told to stop while the database is away
            while not self._stop.is_set():
                heard = self._bell.count
                if not patient(run_once, self._bridge, name):
                    self._bell.wait(heard, patient(self._until_due), self._stop)

    def _nap(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def _until_due(self) -> float:
        """Seconds until some lane is due by itself."""
        with self._bridge.ledger.reading() as tx:
            due = lanes.next_due(tx)
        most = self._bridge.settings.lease_seconds / 2
        if due is None:
            return most
        return min(max(_seconds(due, self._bridge.clock()), 0.0), most)

    def _beat(self) -> None:
        """Prolong what this process holds; a frozen process does not, and loses it."""
        every = self._bridge.settings.lease_seconds / 3
        lease_for = timedelta(seconds=self._bridge.settings.lease_seconds)
        while not self._stop.wait(every):
            for name in self._names:  # one lane locked at a time, as everywhere
                with suppress(DBAPIError), self._bridge.ledger.writing() as tx:
                    lanes.prolong(tx, name, lease_for)


def _seconds(due: datetime, now: datetime) -> float:
    return (due - now).total_seconds()
