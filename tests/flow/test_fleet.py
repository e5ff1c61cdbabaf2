"""Many workers on one ledger, some of them killed: every post once, each conversation in order.

The workers are real processes, as `bridge worker` starts them; the helpdesk is the stand-in over
HTTP. Nothing here depends on how fast anything is: the test looks again until all is done, up to
a bound.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bridge.flow import lanes as names
from bridge.ledger import Ledger, deliveries, lanes, migrate, steps
from bridge.model import utcnow
from bridge.sandbox.server import serve
from bridge.sandbox.zendesk import Desk, Limits, create_app, preset

LONGEST = 240.0
TROUBLE = ("defect", "the database refused", "did not answer", "Traceback", "deadlock")
"""What no worker may have to say while all this goes on."""

MAPPING = """
accounts:
  shop:
    network: site
    options:
      secret: env:SITE_SECRET
      reply_url: http://127.0.0.1:9/replies
      reply_secret: env:SITE_SECRET
rules:
  - name: everything
    route: {group: Social}
"""


@dataclass
class Fleet:
    """A ledger, a helpdesk, and as many workers as a test starts."""

    ledger: Ledger
    desk: Desk
    environ: dict[str, str]
    home: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, threads: int = 2) -> subprocess.Popen[bytes]:
        with self._log(len(self.workers)).open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "bridge.cli", "worker", f"--threads={threads}"],
                env=self.environ,
                stdout=log,
                stderr=log,
            )
        self.workers.append(worker)
        return worker

    def stop(self) -> None:
        """Ask all of them to stop, once they are up, and see that they did so by themselves."""
        living = [at for at, worker in enumerate(self.workers) if worker.poll() is None]
        self.until(lambda: all('"working"' in self._log(at).read_text() for at in living))
        for at in living:
            self.workers[at].terminate()
        assert [0] * len(living) == [self.workers[at].wait(120) for at in living], self.said()
        logs = [self._log(at).read_text() for at in range(len(self.workers))]
        assert [] == [words for words in TROUBLE for log in logs if words in log], self.said()

    def said(self) -> str:
        logs = [self._log(at).read_text(errors="replace") for at in range(len(self.workers))]
        return "\n\n".join(log[-2000:] for log in logs)

    def _log(self, number: int) -> Path:
        return self.home / f"worker{number}.log"

    def receive(self, key: str, post_id: str, conversation: int, text: str) -> None:
        body = {
            "type": "message.created",
            "timestamp": "2026-11-21T12:00:00Z",
            "data": {
                "id": post_id,
                "text": text,
                "visibility": "public",
                "thread_id": f"thread{conversation}",
                "author": {"id": f"person{conversation}", "name": f"Person {conversation}"},
            },
        }
        with self.ledger.writing() as tx:
            deliveries.receive(
                tx, source="shop", key=key, via="webhook", body=json.dumps(body).encode()
            )
            lanes.wake(tx, names.intake("shop"), account="shop")

    def told(self) -> dict[str, list[int]]:
        """Who → the numbers of their messages, as they stand on their ticket."""
        found: dict[str, list[int]] = {}
        for ticket in self.desk.all_tickets():
            who = self.desk.user(ticket.requester_id).name.partition(" (")[0]
            text = "\n".join(said.plain_body for said in self.desk.comments(ticket.id))
            numbers = [int(number) for number in re.findall(r"message (\d+)\.", text)]
            found[who] = found.get(who, []) + numbers
        return found

    def is_done(self) -> bool:
        with self.ledger.reading() as tx:
            left = {
                *(("delivery", state) for state in deliveries.counts(tx)),
                *(("step", state) for state in steps.counts(tx)),
            }
        return left <= {("delivery", deliveries.DONE), ("step", steps.DONE)}

    def until(self, reached: Callable[[], bool]) -> None:
        """Look again and again, up to a bound; the workers' last words if it is not reached."""
        patience, end = threading.Event(), time.monotonic() + LONGEST
        while not reached():
            assert time.monotonic() < end, self.said()
            patience.wait(0.1)


@pytest.fixture
def fleet(ledger_url: str, tmp_path: Path) -> Iterator[Fleet]:
    ledger = Ledger(ledger_url)
    migrate.upgrade(ledger)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(MAPPING)
    unlimited = Limits(account=None, updates=None, exports=None, webhooks=None, per_ticket=None)
    desk = Desk(utcnow, limits=unlimited)
    with serve(create_app(desk, desk.faults)) as office:
        desk.address = office.url
        environ = os.environ | {
            "BRIDGE_DATABASE_URL": ledger.engine.url.render_as_string(hide_password=False),
            "BRIDGE_MAPPINGS": str(mapping),
            "BRIDGE_LEASE_SECONDS": "3",
            "ZENDESK_URL": office.url,
            "ZENDESK_OAUTH_TOKEN": preset.STATIC_TOKEN,
            "SITE_SECRET": "whsec_" + base64.b64encode(b"a secret of this test.....").decode(),
        }
        fleet = Fleet(ledger, desk, environ, tmp_path)
        try:
            yield fleet
        finally:
            for worker in fleet.workers:
                if worker.poll() is None:
                    worker.kill()
                worker.wait(30)
            desk.stop()
            ledger.close()


def everything(conversations: int, each: int) -> dict[str, list[int]]:
    return {f"Person {number}": list(range(each)) for number in range(conversations)}


def run(fleet: Fleet, workers: int, conversations: int, each: int) -> None:
    """Half of the posts wait when the workers start, the rest comes while they run; one worker is
    killed in the middle and another one takes its place."""
    posts = [(number, post) for post in range(each) for number in range(conversations)]
    half = len(posts) // 2

    def receive(some: list[tuple[int, int]]) -> None:
        for number, post in some:
            name = f"c{number}m{post}"
            fleet.receive(name, name, number, f"message {post}.")

    receive(posts[:half])
    running = [fleet.start() for _ in range(workers)]
    fleet.until(lambda: sum(map(len, fleet.told().values())) >= half // 3)
    running[0].send_signal(signal.SIGKILL)
    assert -signal.SIGKILL == running[0].wait(30)
    fleet.start()
    receive(posts[half:])
    fleet.until(fleet.is_done)
    fleet.stop()
    assert everything(conversations, each) == fleet.told()
    assert conversations == len(fleet.desk.all_tickets())


@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_four_workers_tell_two_hundred_posts_once_and_in_order(fleet: Fleet) -> None:
    """Twenty conversations of ten posts each, one of the workers killed while it is at it."""
    run(fleet, workers=4, conversations=20, each=10)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_workers_share_one_file(fleet: Fleet) -> None:
    """The same on SQLite, smaller: writers of several processes take turns."""
    run(fleet, workers=2, conversations=6, each=8)


@pytest.mark.timeout(900)
def test_what_is_delivered_five_times_is_told_once(fleet: Fleet) -> None:
    """The same delivery again, and the same post under other keys, while two workers run."""
    for _ in range(2):
        fleet.start()
    for post in range(4):
        for time_ in range(5):
            fleet.receive(f"m{post}", f"m{post}", 0, f"message {post}.")
            fleet.receive(f"m{post} again {time_}", f"m{post}", 0, f"message {post}.")
    fleet.until(fleet.is_done)
    fleet.stop()
    assert everything(1, 4) == fleet.told()


@pytest.mark.timeout(900)
def test_workers_that_die_one_after_the_other_lose_nothing(fleet: Fleet) -> None:
    """Each is killed as soon as it has told something; the last one is left alive."""
    for post in range(8):
        for number in range(3):
            fleet.receive(f"c{number}m{post}", f"c{number}m{post}", number, f"message {post}.")

    def count() -> int:
        return sum(map(len, fleet.told().values()))

    for _ in range(2):
        before = count()
        worker = fleet.start()
        fleet.until(lambda before=before: count() > before)
        worker.kill()
        worker.wait(30)
    fleet.start()
    fleet.until(fleet.is_done)
    fleet.stop()
    assert everything(3, 8) == fleet.told()
