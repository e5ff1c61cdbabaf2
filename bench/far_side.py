"""The helpdesk of a measurement: this project's stand-in, in a process of its own, which answers as
late as it is told to and remembers who asked it for what.

Messages are told apart by a word such as `M42` in them.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from bridge.model import utcnow
from bridge.sandbox.server import serve
from bridge.sandbox.zendesk import Desk, Limits, create_app, preset
from bridge.sandbox.zendesk.idempotency import Keys

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WORD = re.compile(r"\bM\d+\b")
NUMBER = re.compile(r"/\d+")
FREE = Limits(account=None, updates=None, exports=None, webhooks=None, per_ticket=None)


@dataclass(frozen=True, slots=True)
class Stood:
    """A message on a ticket: since when (seconds since 1970), and which comment of which ticket."""

    at: float
    ticket: int
    comment: int


@dataclass(frozen=True, slots=True)
class FarSide:
    """`url` is the helpdesk's; `webhook_secret` signs what it sends to `hook`."""

    url: str
    webhook_secret: str
    _line: Connection

    def stood(self) -> dict[str, list[Stood]]:
        """Each message's word → every comment that has it, oldest first."""
        self._line.send("stood")
        return self._line.recv()  # type: ignore[no-any-return]

    def calls(self) -> Counter[str]:
        """ "POST /api/v2/tickets" → how often it was asked, ids left out."""
        self._line.send("calls")
        return self._line.recv()  # type: ignore[no-any-return]

    def texts(self) -> list[tuple[int, str]]:
        """(ticket, words) of every public comment."""
        self._line.send("texts")
        return self._line.recv()  # type: ignore[no-any-return]

    def forget(self, older: float) -> None:
        """Tickets and customers that nothing happened to for so many seconds are no more. Else a
        long run would measure how the stand-in looks through them."""
        self._line.send(("forget", older))
        self._line.recv()

    def take(self, delay: float) -> None:
        """So many seconds for each answer from now on."""
        self._line.send(("take", delay))
        self._line.recv()

    def answer(self, ticket: int, text: str, *, public: bool = True) -> None:
        """An agent writes on a ticket; the service is pinged as by a real helpdesk."""
        self._line.send(("answer", ticket, text, public))
        self._line.recv()


@contextmanager
def far_side(
    delay: float = 0.0, limits: Limits = FREE, hook: str = "", host: str = "127.0.0.1"
) -> Iterator[FarSide]:
    """A helpdesk that takes `delay` seconds for each answer, at an address of this machine's.
    `hook`: where it tells of comments."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, delay, limits, hook, host), daemon=True)
    process.start()
    try:
        url, secret = ours.recv()
        yield FarSide(url, secret, ours)
    finally:
        ours.send("stop")
        process.join(20)
        if process.is_alive():
            process.kill()
            process.join()


def _serve(line: Connection, delay: float, limits: Limits, hook: str, host: str) -> None:
    desk = Desk(utcnow, limits=limits, hold_late=False)
    seen = _Seen(create_app(desk, desk.faults), delay)
    with serve(seen, host) as running:
        desk.address = running.url
        secret = ""
        if hook:
            ping = ("zen:event-type:ticket.comment_added",)
            secret = desk.add_webhook(hook, subscriptions=ping).secret
        line.send((running.url, secret))
        while True:
            match line.recv():
                case "stood":
                    with desk.lock:
                        line.send(_stood(desk))
                case "calls":
                    line.send(Counter(seen.calls))
                case "texts":
                    with desk.lock:
                        line.send(_texts(desk))
                case ("forget", older):
                    with desk.lock:
                        _forget(desk, utcnow() - timedelta(seconds=older))
                    line.send(None)
                case ("take", delay):
                    seen.delay = delay
                    line.send(None)
                case ("answer", ticket, text, public):
                    desk.answer(ticket, text, public)
                    line.send(None)
                case _:
                    break
    desk.stop()


class _Seen:
    """In front of the helpdesk: counts what it is asked, and takes its time."""

    def __init__(self, app: WSGIApplication, delay: float) -> None:
        self._app = app
        self.delay = delay
        self._guard = threading.Lock()
        self.calls: Counter[str] = Counter()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = NUMBER.sub("", environ["PATH_INFO"].removesuffix(".json"))
        with self._guard:
            self.calls[f"{environ['REQUEST_METHOD']} {path}"] += 1
        if self.delay:
            time.sleep(self.delay)
        return self._app(environ, start)


def _forget(desk: Desk, since: datetime) -> None:
    staff = {user.id for user in preset.USERS}
    for ticket in [one for one in desk.tickets.values() if one.updated_at < since]:
        del desk.tickets[ticket.id], desk.audits[ticket.id]
    for user in [one for one in desk.users.values() if one.id not in staff]:
        if user.updated_at < since:
            del desk.users[user.id]
    desk.keys = Keys(desk.clock)  # nobody who is through tries again


def _texts(desk: Desk) -> list[tuple[int, str]]:
    return [
        (ticket.id, said.plain_body)
        for ticket in desk.all_tickets()
        for said in desk.comments(ticket.id)
        if said.public
    ]


def _stood(desk: Desk) -> dict[str, list[Stood]]:
    found: dict[str, list[Stood]] = {}
    for ticket in desk.all_tickets():
        for audit in desk.ticket_audits(ticket.id):
            if audit.comment is None:
                continue
            for word in WORD.findall(audit.comment.plain_body):
                stood = Stood(audit.created_at.timestamp(), ticket.id, audit.comment.id)
                found.setdefault(word, []).append(stood)
    return found
