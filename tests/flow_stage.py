"""A small world in which workers can be frozen or killed between any two of their breaths.

A breath is what a worker does between two looks at the ledger or at a far side. A frozen worker
is a thread that waits; it is woken, or killed, when the test says so. Nothing depends on timing.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
import requests

from bridge.flow import lanes as names
from bridge.ledger import Ledger, Tx, deliveries, lanes
from bridge.opening import open_bridge, publish
from bridge.sandbox import site
from bridge.sandbox.server import serve
from bridge.settings import Secret
from bridge.worker import run_once, seed

KEY = "whsec_" + base64.b64encode(b"a secret of this test.....").decode()
SHOP = """  shop:
    network: site
    options:
      secret: env:SITE_SECRET
      reply_url: {url}/replies
      reply_secret: env:SITE_SECRET
"""
LONGEST = 60.0


class Died(BaseException):
    """The process is gone: nothing after this line of it was carried out."""


class Breaths(threading.local):
    """What shall become of the thread that breathes: nothing, where `until` is None."""

    until: int | None = None
    stop: Callable[[], None]
    frozen_only: bool = False
    inside: bool = False

    def take(self, *, may_freeze: bool = True) -> None:
        if self.until is None or self.inside or (self.frozen_only and not may_freeze):
            return
        self.until -= 1
        if self.until <= 0:
            self.until = None
            self.stop()


class Sleeper:
    """A worker of its own that is frozen before its nth breath, if it takes that many."""

    def __init__(self, stage: Stage, name: str, breaths: int) -> None:
        self.name = name
        self._stage, self._breaths = stage, breaths
        self._still, self._go_on = threading.Event(), threading.Event()
        self._killed = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(stage.world.bridge,), name=name)
        self._thread.start()
        self._until_still()

    @property
    def is_asleep(self) -> bool:
        return self._thread.is_alive()

    def wake(self, breaths: int | None = None) -> None:
        """Go on where it was, to the end or for so many breaths."""
        self._still.clear()
        self._breaths_left = breaths
        self._go_on.set()
        self._until_still()

    def kill(self) -> None:
        self._killed = True
        self.wake()

    def _until_still(self) -> None:
        assert self._still.wait(LONGEST), "the worker neither ends nor sleeps"
        if self._failure is not None:
            raise self._failure
        if self._ended:
            self._thread.join()

    _ended = False
    _breaths_left: int | None = None

    def _run(self, bridge: Any) -> None:
        breaths = self._stage.breaths
        breaths.until, breaths.stop, breaths.frozen_only = self._breaths, self._sleep, True
        try:
            run_once(bridge, self.name)
        except Died:
            pass
        except BaseException as failure:  # noqa: BLE001  # raised where the test can see it
            self._failure = failure
        finally:
            self._ended = True
            self._still.set()

    def _sleep(self) -> None:
        self._still.set()
        self._go_on.wait()
        self._go_on.clear()
        if self._killed:
            raise Died
        self._stage.breaths.until = self._breaths_left


class Stage:
    """The world of `tests/flow`, a website beside its network, and workers in trouble."""

    def __init__(self, world: Any, website: site.Website) -> None:
        self.world, self.website = world, website
        self.breaths = Breaths()
        self.asleep: list[Sleeper] = []
        self._born = 0

    @property
    def ledger(self) -> Ledger:
        ledger: Ledger = self.world.bridge.ledger
        return ledger

    # -------------------------------------------------------------- workers

    def work(self, times: int = 300) -> None:
        """What is due now, and no more lanes than so many."""
        for _ in range(times):
            if not run_once(self.world.bridge, "awake"):
                return

    def freeze(self, breaths: int) -> None:
        self._born += 1
        sleeper = Sleeper(self, f"sleeper{self._born}", breaths)
        if sleeper.is_asleep:
            self.asleep.append(sleeper)

    def wake(self, number: int, breaths: int | None = None) -> None:
        sleeper = self.asleep.pop(number)
        sleeper.wake(breaths)
        if sleeper.is_asleep:
            self.asleep.append(sleeper)

    def beat(self) -> None:
        """Those who sleep are slow, and not gone."""
        lease_for = timedelta(seconds=self.world.bridge.settings.lease_seconds)
        for sleeper in self.asleep:
            with self.ledger.writing() as tx:
                lanes.prolong(tx, sleeper.name, lease_for)

    def die(self, breaths: int) -> None:
        """A worker dies before its nth breath; the lane is not given back."""
        self.breaths.until, self.breaths.stop = breaths, _die
        with suppress(Died):
            run_once(self.world.bridge, "dying")
        self.breaths.until = None

    def restart(self) -> None:
        """The process ends, with all who sleep in it, and a new one begins on the same ledger."""
        self.kill_all()
        old = self.world.bridge
        old.helpdesk.close()
        new = open_bridge(old.settings, self.world.environ, clock=old.clock, ledger=old.ledger)
        self.world.bridge = publish(new)
        seed(self.world.bridge)

    def kill_all(self) -> None:
        while self.asleep:
            self.asleep.pop().kill()

    # -------------------------------------------------------------- what arrives

    def receive(self, account: str, key: str, body: bytes) -> None:
        """What the web keeps of a genuine delivery."""
        with self.ledger.writing() as tx:
            new = deliveries.receive(tx, source=account, key=key, via="webhook", body=body)
            if new is not None:
                lanes.wake(tx, names.intake(account), account=account)

    # -------------------------------------------------------------- breathing

    @contextmanager
    def breathing(self, patch: pytest.MonkeyPatch) -> Iterator[None]:
        whole = {name: getattr(self.ledger, name) for name in ("writing", "reading")}
        asked = requests.Session.send

        def looking(name: str) -> Any:
            @contextmanager
            def look(**how: bool) -> Iterator[Tx]:
                self.breaths.take()
                before, self.breaths.inside = self.breaths.inside, True
                try:
                    with whole[name](**how) as tx:
                        yield tx
                finally:
                    self.breaths.inside = before

            return look

        def send(session: Any, request: Any, **how: Any) -> Any:
            # Who is frozen with a write in their hands: see test_frozen.py.
            self.breaths.take(may_freeze=request.method == "GET")
            answer = asked(session, request, **how)
            self.breaths.take(may_freeze=False)
            return answer

        for name in whole:
            patch.setattr(self.ledger, name, looking(name))
        patch.setattr(requests.Session, "send", send)
        try:
            yield
        finally:
            self.kill_all()
            patch.undo()


@contextmanager
def staged(world: Any) -> Iterator[Stage]:
    """The world with a second account: `shop`, a website that calls, beside the network."""
    secret = Secret(KEY)
    website = site.new_website(world.clock, secret, secret)
    website.courier.stop()  # the test carries its webhooks
    with serve(site.create_app(website)) as running:
        world.environ["SITE_SECRET"] = KEY
        world.remap("helpdesk:\n", SHOP.format(url=running.url) + "helpdesk:\n")
        stage = Stage(world, website)
        stage.restart()
        stage.work()
        patch = pytest.MonkeyPatch()
        with stage.breathing(patch):
            yield stage


def _die() -> None:
    raise Died
