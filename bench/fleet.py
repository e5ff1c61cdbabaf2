"""Several hosts over one PostgreSQL: what a host more gives, what carries the wake-ups at which
price, and whether all is exact when hosts are killed and cut off."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench.chapter import Chapter, percentile
from bench.fleet_seen import DELAY, HOSTS, POSTGRES, RABBIT, REDIS, THREADS, Exact, Measured, Woken
from bench.fleet_told import told
from bench.ground import Ground
from bench.hosts import Network, forwarded
from bench.load import load, request_bytes
from bench.processes import busy
from bench.service import SHOP, Message, body_of
from bench.spread import Spread, spread
from bench.troubled import Play, trouble
from bridge.broker import Mouth
from bridge.model import utcnow
from bridge.settings import Secret
from bridge.signing import sign

WORKERS = ("worker1", "worker2", "worker3", "worker4")
LEASE = 3.0
NUMBERS = count(10**6)
BROKERS = {
    REDIS: os.environ.get("BRIDGE_TEST_REDIS") or "redis://127.0.0.1:6379/0",
    RABBIT: os.environ.get("BRIDGE_TEST_RABBITMQ") or "amqp://guest:guest@127.0.0.1:5672//",
}


def measure(ground: Ground) -> Chapter:
    """Raises `bench.hosts.NoHosts` where hosts cannot be made."""
    seen = Measured()
    rounds, many, wakes = (1, 16, 10) if ground.quick else (2, 40, 60)
    with (
        ground.folder() as folder,
        brokers() as urls,
        spread(folder, ("web1",), WORKERS, delay=DELAY, more=urls.reach) as fleet,
    ):
        fleet.start_web("web1")
        for number in range(rounds):
            ground.say(f"round {number + 1}: hosts")
            for hosts in HOSTS[: 2 if ground.quick else None]:
                _throughput(fleet, seen, POSTGRES, "", hosts, many)
            for way, url in urls.known.items() if number == 0 else ():
                _throughput(fleet, seen, way, url, 2, many)
        fleet.network.hosts["web1"].kill()
        for way, url in {POSTGRES: "", **urls.known}.items():
            ground.say(f"wake-ups by {way}")
            seen.woken[way] = _woken(fleet, url, wakes, rounds)
    ground.say("hosts killed and cut off")
    with ground.folder() as folder:
        exact = _exactness(folder, quick=ground.quick)
    return told(seen, exact, urls.missing)


@dataclass
class Urls:
    """Way → the broker's address as hosts see it, of those that answer here."""

    stack: ExitStack
    known: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def reach(self, network: Network) -> dict[str, str]:
        for way, url in BROKERS.items():
            mouth, parts = Mouth(Secret(url)), urlsplit(url)
            try:
                mouth.tell()
            except ConnectionError:
                self.missing.append(way)
                continue
            mouth.hang_up()
            door = self.stack.enter_context(forwarded(network.address, parts.port or 0))
            login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
            self.known[way] = parts._replace(netloc=f"{login}{door.address}:{door.port}").geturl()
        return {}


@contextmanager
def brokers() -> Iterator[Urls]:
    with ExitStack() as stack:
        yield Urls(stack)


def _throughput(
    fleet: Spread, seen: Measured, way: str, broker: str, hosts: int, many: int
) -> None:
    """Messages of as many people lie there when the workers start; counted from where a fifth
    stands on tickets to where nine tenths do, so that starting and ending are not in it."""
    names = WORKERS[:hosts]
    numbers = [next(NUMBERS) for _ in range(many)]
    hook = f"{fleet.webs['web1']}/hooks/site/{SHOP}"
    secret = Secret(fleet.environ["SITE_SECRET"])
    requests = []
    for number in numbers:
        body = body_of(Message(f"M{number}", number), utcnow())
        headers = {"Content-Type": "application/json"}
        headers |= sign((secret,), f"msg_M{number}", utcnow(), body)
        requests.append(request_bytes(hook, headers, body))
    load(hook, requests, 4)
    fleet.environ["BRIDGE_BROKER_URL"] = broker
    fleet.start_workers(*names, threads=THREADS)
    words, before = {f"M{number}" for number in numbers}, busy()
    fleet.until(lambda: words <= fleet.desk.stood().keys(), 120)
    used, there = (now - then for now, then in zip(busy(), before, strict=True))
    seen.busy.setdefault((way, hosts), []).append(used / there)
    stood = fleet.desk.stood()
    at = sorted(stood[word][0].at for word in words)
    first, last = len(at) // 5, len(at) * 9 // 10
    seen.rates.setdefault((way, hosts), []).append((last - first) / (at[last] - at[first]))
    for name in names:
        fleet.network.hosts[name].ask_to_stop()
    for name in names:
        fleet.network.hosts[name].stop()


def _woken(fleet: Spread, broker: str, many: int, rounds: int) -> Woken:
    """One after the other, in as many rounds of equal length."""
    fleet.environ["BRIDGE_BROKER_URL"] = broker
    logs = {what: fleet.folder / f"{what}.json" for what in ("hears", "tells")}
    hosts = {"hears": fleet.network.hosts["worker1"], "tells": fleet.network.hosts["worker2"]}
    for log in logs.values():
        log.unlink(missing_ok=True)
    _emptied(fleet)
    running = {}
    for what in ("hears", "tells"):
        command = (sys.executable, "-m", "bench.waking", what, str(many))
        environ = fleet.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        running[what] = hosts[what].run(command, environ, logs[what], fleet.folder)
    for process in running.values():
        process.wait(120)
    for host in hosts.values():
        host.kill()
    said = {what: json.loads(log.read_text().splitlines()[-1]) for what, log in logs.items()}
    commits, heard = said["tells"]["times"], said["hears"]["times"]
    waits = [(heard[lane] - at) * 1000 for lane, at in commits.items() if lane in heard]
    length = -(-len(waits) // rounds)
    parts = [waits[at : at + length] for at in range(0, len(waits), length)]
    return Woken(
        [percentile(part, 0.5) for part in parts],
        [percentile(part, 0.95) for part in parts],
        [(said["tells"]["cpu"] + said["hears"]["cpu"]) * 1000 / len(commits)],
        len(commits) - len(waits),
    )


def _emptied(fleet: Spread) -> None:
    """No lane is due but those that are to be woken."""
    with psycopg.connect(fleet.server.url) as conn:
        conn.execute("DELETE FROM lanes WHERE key LIKE 'probe:%'")
        conn.execute("UPDATE lanes SET ready_at = NULL, lease_until = NULL")


def _exactness(folder: Path, *, quick: bool) -> Exact:
    conversations, each = (3, 5) if quick else (5, 10)
    with spread(folder, ("web1", "web2"), WORKERS[:3], delay=DELAY, lease=LEASE) as fleet:
        fleet.start_web("web1", "web2")
        fleet.start_workers(*WORKERS[:3])
        play = Play(fleet, conversations, each, 120, halts=True)
        trouble(play, LEASE)
        play.ends()
        answers = sum(map(len, play.written.values()))
        return Exact(play.many, answers, play.tries, play.wrong(), len(fleet.defects()))
