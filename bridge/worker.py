"""Workers: each thread claims the next lane that is due, does what waits in it, gives it back.

There is no leader and no second scheduler: polls, reconciles and conversations are lanes alike,
and any number of workers on any number of machines share one ledger.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from datetime import datetime, timedelta
from itertools import count

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from tenacity import Retrying, retry_if_exception_type, wait_exponential_jitter
from tenacity.stop import stop_when_event_set
from tenacity.wait import wait_random

from bridge.broker import ear
from bridge.channels.contract import Reads, Rereads
from bridge.crm.webhooks import queueing, sending
from bridge.errors import Again, LeaseLost, PersonMustAct
from bridge.flow import intake, promises
from bridge.flow import lanes as names
from bridge.flow.bridge import Bridge
from bridge.flow.conversation import converse
from bridge.flow.glancing import glance
from bridge.flow.lanes import Hold, Pause, Rest, Rested
from bridge.flow.polls import poll, reread
from bridge.flow.reconcile import reconcile
from bridge.flow.sending_many import send_out
from bridge.flow.standing import trouble, well
from bridge.flow.storm_telling import keep as keep_storms
from bridge.flow.sweeping import sweep
from bridge.flow.watching import watch
from bridge.ledger import accounts, lanes, mappings
from bridge.ledger.accounts import About, State
from bridge.ledger.lanes import Lease
from bridge.ledger.ranks import Head, heads
from bridge.listening import Bell
from bridge.taking_up import EVERY, Live

log = structlog.get_logger()

LANES: dict[str, Callable[[Bridge, Lease], Pause]] = {
    "conversation": converse,
    "glance": glance,
    "poll": poll,
    "reread": reread,
    "reconcile": reconcile,
    "watch": watch,
    "sweep": sweep,
    "broadcast": send_out,
    "promises": promises.keep,
    "storms": keep_storms,
    "feed": queueing.feed,
    "webhook": sending.send,
}


ABLE: dict[str, type] = {"poll": Reads, "reread": Rereads}
"""What a channel must be able to for these lanes: an account may have changed its network."""

OF_NO_ACCOUNT = ("conversation", "glance", "webhook")
"""Lanes whose names end in a number."""

LOOK_AGAIN = 2.0
"""Seconds after which an idle worker looks by itself: so long a wake-up that got lost may take."""

BETWEEN_TRIES = 0.02
"""Seconds until a lane that is due is tried again, where whoever writes to it has not committed."""

ANOTHERS = timedelta(seconds=3)
"""After this long a lane is given back to whoever knows its account."""


def seed(bridge: Bridge, before: Bridge | None = None) -> None:
    """See to it that every account that must be read has its lane. `before`: only what is not as
    it was there needs to be woken."""
    wanted = []
    if before is None:
        ours = (names.intake, names.reconcile, names.sweep, names.promises, names.watch)
        wanted = [(lane(bridge.desk), "") for lane in ours]
    for account, channel in bridge.channels.items():
        if before is not None and before.channels.get(account) is channel:
            continue
        with bridge.ledger.writing() as tx:
            accounts.is_on(tx, account, channel.network)
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


def run_once(
    bridge: Bridge,
    holder: str,
    claimed: Callable[[], None] | None = None,
    seen: tuple[Head, ...] = (),
) -> bool:
    """Claim one lane and do its work. False when none is due. `claimed` is told before that work:
    there may be more. `seen`: what a look has just shown."""
    lease_for = timedelta(seconds=bridge.settings.lease_seconds)
    order = bridge.order()
    with bridge.ledger.writing() as tx:
        lease = lanes.claim(tx, holder, lease_for, order, seen)
    if lease is None:
        return False
    bridge.pace.had_a_turn(lease.line)
    if claimed is not None:
        claimed()
    try:
        # In a context of its own: nothing that was set around earlier work reaches into this.
        pause = Context().run(_work, bridge, lease)
        if isinstance(pause, Rested):
            return True
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
            if _is_anothers(bridge, lease):
                return Rest(bridge.clock() + ANOTHERS)
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
                _is_still_ours(bridge, lease)
                log.exception("the database refused a statement")
            until = bridge.clock() + _wait(bridge, lease, None)
            return Hold(until, "the database did not answer")
        except Exception as bug:
            log.exception("defect in a lane")
            until = bridge.clock() + _wait(bridge, lease, None)
            return Hold(until, f"defect: {type(bug).__name__}")


def _is_still_ours(bridge: Bridge, lease: Lease) -> None:
    """A host that was cut off for longer than its lease finds what it was about to write there
    already. Raises `LeaseLost`."""
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)


def _lane_work(bridge: Bridge, lane: str) -> Callable[[Bridge, Lease], Pause]:
    kind, _, whose = lane.partition(":")
    if kind == "intake":
        return intake.from_helpdesk if whose == bridge.desk else intake.from_network
    if kind not in OF_NO_ACCOUNT and whose != bridge.desk and whose not in bridge.channels:
        return _nobody  # an account that has left the mapping
    if kind in ABLE and not isinstance(bridge.channels[whose], ABLE[kind]):
        return _nobody
    return LANES[kind]


def _is_anothers(bridge: Bridge, lease: Lease) -> bool:
    """Whether the account is known only to a mapping that was not taken up here, yet or at all:
    a process that has it must find the lane due, not asleep or held."""
    kind, _, named = lease.lane.partition(":")
    whose = lease.account if kind in OF_NO_ACCOUNT else named
    if whose in ("", bridge.desk) or whose in bridge.channels:
        return False
    with bridge.ledger.reading() as tx:
        return mappings.latest_number(tx) != bridge.mapping.number


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
        self._live = Live(bridge, _taken_up)
        self._stop = threading.Event()
        self._bell = Bell(bridge.ledger, ear(bridge.settings))
        # Drawn anew: a container that starts again has the host name and number of the one that
        # died, and must not prolong what that one held.
        name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        names = [f"{name}:{number}" for number in range(size)]
        self._at_work: dict[str, str] = {}
        self._turns = count(1)
        self._threads = [
            threading.Thread(target=self._serve, args=(name,), name=name) for name in names
        ]
        self._pulse = threading.Thread(target=self._beat, name="pulse")
        self._watch = threading.Thread(target=self._take_up, name="mapping")

    def start(self) -> None:
        seed(self._bridge)
        self._bell.start()
        self._pulse.start()
        self._watch.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let every thread finish the step it is at, then end."""
        self._stop.set()
        self._bell.ring_all()
        for thread in self._threads:
            thread.join()
        self._pulse.join()
        self._watch.join()
        self._bell.stop()

    def _serve(self, name: str) -> None:
        patient = Retrying(
            retry=retry_if_exception_type(DBAPIError),
            wait=wait_exponential_jitter(multiplier=0.1, max=5.0),
            stop=stop_when_event_set(self._stop),
            sleep=self._nap,
            before_sleep=lambda _: log.warning("the database does not answer"),
            reraise=True,
        )
        with suppress(DBAPIError):  # only raised when told to stop while the database is away
            while not self._stop.is_set():
                heard = self._bell.count
                wait, seen = patient(self._look)  # a claim keeps others from writing
                if wait > 0:
                    self._bell.wait(heard, wait, self._stop)
                elif not patient(self._turn, name, seen):
                    self._bell.wait(heard, BETWEEN_TRIES, self._stop)

    def _turn(self, name: str, seen: tuple[Head, ...] = ()) -> bool:
        """One lane, held under a name of its own. What could not be given back, because the
        database was away, is then nobody's, and runs out: a name that goes on would prolong it."""
        holder = f"{name}:{next(self._turns)}"
        self._at_work[name] = holder
        try:
            return run_once(self._live.bridge, holder, self._bell.ring, seen)
        finally:
            del self._at_work[name]

    def _nap(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def _look(self) -> tuple[float, tuple[Head, ...]]:
        """Seconds until some lane is due by itself, and the first of each line."""
        # The one that a claim would go by: what another one knows of the limits, nobody tells it.
        order = self._live.bridge.order()
        with self._bridge.ledger.reading() as tx:
            seen = heads(tx)
        most = min(LOOK_AGAIN, self._bridge.settings.lease_seconds / 2)
        due = min((head.at for head in order(seen)), default=None)
        if due is None:
            return most, ()
        return min(max(_seconds(due, self._bridge.clock()), 0.0), most), seen

    def _beat(self) -> None:
        """Prolong what this process holds; a frozen process does not, and loses it."""
        every = self._bridge.settings.lease_seconds / 3
        lease_for = timedelta(seconds=self._bridge.settings.lease_seconds)
        while not self._stop.wait(every):
            for holder in tuple(self._at_work.values()):  # one lane locked at a time
                with suppress(DBAPIError), self._bridge.ledger.writing() as tx:
                    lanes.prolong(tx, holder, lease_for)

    def _take_up(self) -> None:
        """Look what is published; a lane that is at work ends with the mapping it began with."""
        told = _tell(self._bridge, "", None)
        while not self._stop.wait(EVERY):
            if self._live.look():
                self._bell.ring()
            told = _tell(self._bridge, self._live.failure, told)


def _taken_up(before: Bridge, after: Bridge) -> None:
    """What is new, or another than before, is read; what waited for it to be mended goes on."""
    for account, channel in after.channels.items():
        if before.channels.get(account) is not channel:
            with after.ledger.writing() as tx:
                lanes.unhold(tx, account)
    seed(after, before)


def _tell(bridge: Bridge, failure: str, told: str | None) -> str | None:
    """Put down whether the live mapping could be taken up, if it is news; what is put down now."""
    if failure == told:
        return told
    try:
        with bridge.ledger.writing() as tx:
            if failure:
                trouble(tx, bridge.desk, State.DEGRADED, failure, About.MAPPING)
            else:
                well(tx, bridge.desk, About.MAPPING)
    except DBAPIError:
        return told  # next time
    return failure


def _seconds(due: datetime, now: datetime) -> float:
    return (due - now).total_seconds()
