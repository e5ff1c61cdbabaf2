"""The service on several hosts: web and workers with addresses of their own, over one PostgreSQL,
between a helpdesk and a website. Senders behave as networks do: who got no 200 comes back, to
whichever web host answers.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import requests
from werkzeug.wrappers import Request, Response

from bench.far_side import FREE, WORD, FarSide, far_side
from bench.hosts import Database, Network, database, network
from bench.service import SHOP, UNLIMITED, Message, body_of
from bridge.ledger import Ledger, deliveries, intents, replies, steps
from bridge.model import Outcome, utcnow
from bridge.outside import new_session
from bridge.sandbox.household import DidNotStart
from bridge.sandbox.server import serve
from bridge.settings import Secret
from bridge.signing import sign
from soak import furnishing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PORT = 8000
READY_WITHIN = 120.0
LOOK_EVERY = 0.05
PATIENCE = (1.0, 4.0)
"""Seconds for a sender to connect, and to wait for its answer."""
DEFECTS = ("defect in a lane", "the database refused a statement", "Traceback")


class Mailbox:
    """The website's side of agents' answers: each webhook id once, as its contract asks for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: dict[str, str] = {}

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        asked = Request(environ)
        key, body = asked.headers["webhook-id"], json.loads(asked.get_data())
        with self._guard:
            self._kept.setdefault(key, body.get("data", {}).get("text", ""))
        return Response(json.dumps({"id": key}), mimetype="application/json")(environ, start)

    def texts(self) -> list[str]:
        """What came, oldest first."""
        with self._guard:
            return list(self._kept.values())


@dataclass
class Spread:
    """`webs` are the addresses of the web hosts; `environ` is every host's."""

    network: Network
    server: Database
    desk: FarSide
    mailbox: Mailbox
    ledger: Ledger
    folder: Path
    environ: dict[str, str]
    webs: dict[str, str] = field(default_factory=dict)

    def start_web(self, *names: str) -> None:
        """Up and ready. Raises `DidNotStart`."""
        for name in names:
            address = self.network.hosts[name].address
            self._run(name, "web", f"--host={address}", f"--port={PORT}")
            self.webs[name] = f"http://{address}:{PORT}"
        self.until(lambda: all(self._is_ready(self.webs[name]) for name in names), READY_WITHIN)

    def start_workers(self, *names: str, threads: int = 4) -> None:
        """Up and at work. Raises `DidNotStart`."""
        before = {name: self._said(name).count('"working"') for name in names}
        for name in names:
            self._run(name, "worker", f"--threads={threads}")
        self.until(
            lambda: all(self._said(name).count('"working"') > before[name] for name in names),
            READY_WITHIN,
        )

    def send(self, message: Message, patience: float = 60.0) -> int:
        """Until a web host says 200; how often it had to be tried. Raises `TimeoutError`."""
        end, secret = time.monotonic() + patience, Secret(self.environ["SITE_SECRET"])
        body, hosts, tries = body_of(message, utcnow()), list(self.webs.values()), 0
        with new_session() as session:
            while time.monotonic() < end:
                headers = {"Content-Type": "application/json"}
                headers |= sign((secret,), f"msg_{message.word}", utcnow(), body)
                hook = f"{hosts[(message.person + tries) % len(hosts)]}/hooks/site/{SHOP}"
                tries += 1
                with suppress(requests.RequestException):
                    if session.post(hook, body, headers=headers, timeout=PATIENCE).ok:
                        return tries
                time.sleep(0.1)
        raise TimeoutError(message.word)

    def holds_lanes(self, name: str) -> bool:
        """Whether a worker host is at work on a conversation at this instant."""
        mine = {f":{pid}:" for pid in self.network.hosts[name].pids()}
        with psycopg.connect(self.server.url) as conn:
            at_work = conn.execute("SELECT holder FROM lanes WHERE key LIKE 'conversation:%'")
            return any(pid in holder for (holder,) in at_work for pid in mine)

    def is_at_rest(self) -> bool:
        """Nothing waits and nothing is under way."""
        with self.ledger.reading() as tx:
            counts = (
                (deliveries.counts(tx), {deliveries.DONE, deliveries.IGNORED}),
                (steps.counts(tx), {steps.DONE}),
                (intents.counts(tx), {intents.SETTLED}),
                (replies.counts(tx), {str(Outcome.DELIVERED)}),
            )
        return all(set(there) <= settled for there, settled in counts)

    def until(self, reached: Callable[[], bool], within: float) -> None:
        """Look again and again. Raises `DidNotStart` with everybody's last words."""
        end, pause = time.monotonic() + within, threading.Event()
        while not reached():
            if time.monotonic() > end:
                raise DidNotStart(self.log_tail())
            pause.wait(LOOK_EVERY)

    def stop(self) -> None:
        for host in self.network.hosts.values():
            host.heal()
            host.ask_to_stop()
        for host in self.network.hosts.values():
            host.stop()

    def log_tail(self, lines: int = 15) -> str:
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(
            "\n".join((f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-lines:]))
            for log in logs
        )

    def defects(self) -> list[str]:
        """What logs say that they must not, whatever is done to the hosts."""
        return [
            f"{log.name}: {words}"
            for log in sorted(self.folder.glob("*.log"))
            for words in DEFECTS
            if words in log.read_text(errors="replace")
        ]

    def _run(self, name: str, *words: str) -> None:
        command = (sys.executable, "-m", "bridge.cli", *words)
        log = self.folder / f"{name}.log"
        self.network.hosts[name].run(command, self.environ, log, self.folder)

    def _said(self, name: str) -> str:
        log = self.folder / f"{name}.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def _is_ready(self, url: str) -> bool:
        with suppress(requests.RequestException), new_session() as session:
            return session.get(f"{url}/ready", timeout=PATIENCE).status_code == 200
        return False


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a count of messages found; all empty is exact."""

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    disordered: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.disordered)


def wrong_on_tickets(spread: Spread, said: dict[int, list[str]]) -> Wrong:
    """Each conversation's words against its ticket: once each, on one ticket, in this order."""
    stood = spread.desk.stood()
    order = {word: place for place, word in enumerate(stood)}  # as a reader meets them
    lost = [word for words in said.values() for word in words if word not in stood]
    doubled = [word for word, places in stood.items() if len(places) > 1]
    disordered = []
    for words in said.values():
        there = [word for word in words if word in stood]
        tickets = {stood[word][0].ticket for word in there}
        if len(tickets) > 1 or there != sorted(there, key=order.__getitem__):
            disordered.append(there[0])
    return Wrong(tuple(lost), tuple(doubled), tuple(disordered))


def wrong_at_website(spread: Spread, written: dict[int, list[str]]) -> Wrong:
    """The same for agents' answers: once each, in the order in which they were written."""
    came = [word for text in spread.mailbox.texts() for word in WORD.findall(text)]
    all_written = [word for words in written.values() for word in words]
    disordered = [
        words[0]
        for words in written.values()
        if (there := [word for word in came if word in words]) != sorted(there, key=words.index)
    ]
    return Wrong(
        tuple(word for word in all_written if word not in came),
        tuple(sorted({word for word in came if came.count(word) > 1})),
        tuple(disordered),
    )


@contextmanager
def spread(
    folder: Path,
    webs: tuple[str, ...],
    workers: tuple[str, ...],
    *,
    delay: float = 0.0,
    lease: float = 120.0,
    more: Callable[[Network], dict[str, str]] = lambda _: {},
) -> Iterator[Spread]:
    """Hosts, a migrated database, helpdesk and website; nothing of the service runs yet. `more` is
    asked for further settings.

    Raises `bench.hosts.NoHosts`, `DidNotStart`.
    """
    mailbox = Mailbox()
    with (
        network(*webs, *workers) as net,
        database(net.address) as server,
        serve(mailbox, net.address) as website,
        far_side(delay, FREE, _hook(net, webs), net.address) as desk,
    ):
        rules = folder / "mapping.yaml"
        rules.write_text(furnishing.mapping(furnishing.site(SHOP, website.url)))
        environ = {
            **os.environ,
            **furnishing.environment(
                rules,
                database=server.url,
                public_url=_hook(net, webs).removesuffix("/helpdesk/zendesk/events"),
                helpdesk=desk.url,
                webhook_secret=desk.webhook_secret or "none",
            ),
            **UNLIMITED,
            "BRIDGE_LEASE_SECONDS": str(lease),
            "BRIDGE_RECONCILE_SECONDS": "5",
            "BRIDGE_LOG_FORMAT": "json",
            **more(net),
        }
        ledger = Ledger(server.url.replace("postgresql://", "postgresql+psycopg://"))
        made = Spread(net, server, desk, mailbox, ledger, folder, environ)
        try:
            first = next(iter(net.hosts))
            migrated = net.hosts[first].run(
                (sys.executable, "-m", "bridge.cli", "migrate"),
                environ,
                folder / "migrate.log",
                folder,
            )
            if migrated.wait(READY_WITHIN):
                raise DidNotStart(made.log_tail())
            yield made
        finally:
            made.stop()
            ledger.close()


def _hook(net: Network, webs: tuple[str, ...]) -> str:
    """Where the helpdesk tells of comments: it knows one address."""
    return f"http://{net.hosts[webs[0]].address}:{PORT}/helpdesk/zendesk/events"
