"""An hour in seconds: the bridge and the stand-in helpdesk in one process, by a clock of its own.

Everything is real but time and the wire: intake, lanes, steps, intents and receipts on SQLite, the
helpdesk's limits, its webhooks' bodies. The worker threads' own speed is not in it: what is due at
an instant is done at that instant, so what is left of a delay is what the limits cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import requests
import structlog
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from sqlalchemy import event
from werkzeug.test import Client

from bench.far_side import NUMBER, WORD
from bench.service import Message, body_of
from bridge.flow import lanes as names
from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger, deliveries, lanes, migrate, steps
from bridge.model import Receipt, Reply
from bridge.opening import open_bridge, publish
from bridge.sandbox.zendesk import Desk, Limits, create_app, events, preset
from bridge.sandbox.zendesk.records import Said, Stored, Ticket, User
from bridge.settings import Secret, Settings, ZendeskSettings
from bridge.worker import run_once, seed
from soak.furnishing import new_secret

BEGINS = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ACCOUNT = """\
  {name}:
    network: site
    options:
      secret: env:SITE_SECRET
      reply_url: http://127.0.0.1:9/replies
      reply_secret: env:SITE_SECRET
    targets: {{public: {public}, private: 1h}}
"""
REST = f"""\
helpdesk:
  fields:
    network: {preset.FIELD_NETWORK}
    account: {preset.FIELD_ACCOUNT}
    author: {preset.FIELD_AUTHOR}
    permalink: {preset.FIELD_PERMALINK}
    reply_as: {preset.FIELD_REPLY_AS}
    delivery: {preset.FIELD_DELIVERY}
rules:
  - name: private messages
    when: {{visibility: private}}
    route: {{group: Private messages}}
  - name: everything else
    route: {{group: Social}}
"""


class Hand:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = BEGINS

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Office(Desk):
    """The helpdesk; what its webhook would send is kept for `World` to deliver."""

    def __init__(self, clock: Hand, limits: Limits) -> None:
        super().__init__(clock, limits=limits, hold_late=False)
        self.sent: list[tuple[int, bytes]] = []

    def tell(
        self,
        what: str,
        ticket: Ticket,
        by: User,
        *,
        comment: Said | None = None,
        file: Stored | None = None,
        **more: str,
    ) -> None:
        if what == "comment_added":
            kind = f"zen:event-type:ticket.{what}"
            body = events.body(self, kind, ticket, by, comment, file, more)
            self.sent.append((ticket.id, body))


class InProcess(BaseAdapter):
    """Requests to an application in this process, counted."""

    def __init__(self, app: Any) -> None:
        super().__init__()
        self._client = Client(app)
        self.calls: Counter[str] = Counter()
        self.refused = 0

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        path = NUMBER.sub("", (request.path_url.partition("?")[0]).removesuffix(".json"))
        self.calls[f"{request.method} {path.removeprefix('/api/v2')}"] += 1
        headers = [(name, value) for name, value in request.headers.items()]
        found = self._client.open(
            request.path_url, method=request.method, headers=headers, data=request.body or b""
        )
        self.refused += found.status_code == 429
        response = requests.Response()
        response.status_code = found.status_code
        response.headers = CaseInsensitiveDict(found.headers.items())
        response.raw = BytesIO(found.data)
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        return None


@dataclass
class World:
    """`arrived` is when each message was kept, by its word."""

    bridge: Bridge
    clock: Hand
    desk: Office
    wire: InProcess
    arrived: dict[str, datetime] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    def hear(self, account: str, *messages: Message) -> None:
        """Messages arrive, each as a webhook of its own."""
        with self.bridge.ledger.writing() as tx:
            for message in messages:
                body = body_of(message, self.clock())
                key = f"msg_{message.word}"
                deliveries.receive(tx, source=account, key=key, via="webhook", body=body)
                self.arrived[message.word] = self.clock()
            lanes.wake(tx, names.intake(account), account=account)

    def answer(self, ticket: int, text: str) -> None:
        """An agent answers."""
        self.desk.answer(ticket, text)

    def work(self) -> None:
        """All that is due, and may have a turn, at this instant."""
        while True:
            while run_once(self.bridge, "bench"):
                pass
            told, self.desk.sent = self.desk.sent, []
            if not told:
                return
            with self.bridge.ledger.writing() as tx:
                for number, (ticket, body) in enumerate(told):
                    desk, key = self.bridge.desk, f"{self.clock().isoformat()}:{ticket}:{number}"
                    deliveries.receive(
                        tx, source=desk, key=key, via="webhook", body=body, about=str(ticket)
                    )
                lanes.wake(tx, names.intake(self.bridge.desk))

    def later(self, seconds: int, before: Callable[[], object] = lambda: None) -> None:
        """Seconds go by; at each `before` is asked for what happens, and what is due is done."""
        for _ in range(seconds):
            self.clock.move(1)
            before()
            self.work()

    def drain(self, most: int) -> None:
        """Seconds go by until nothing waits any more, `most` at most."""
        for _ in range(0, most, 2):
            with self.bridge.ledger.reading() as tx:
                left = steps.counts(tx)
            if not left.get(steps.WAITING, 0) + left.get(steps.BEGUN, 0):
                return
            self.clock.move(2)
            self.work()

    def stood(self) -> dict[str, list[tuple[datetime, int, int]]]:
        """Each message's word → when it came to stand where: instant, ticket, comment."""
        found: dict[str, list[tuple[datetime, int, int]]] = {}
        for ticket in self.desk.all_tickets():
            for audit in self.desk.ticket_audits(ticket.id):
                if audit.comment is not None:
                    for word in WORD.findall(audit.comment.plain_body):
                        place = (audit.created_at, ticket.id, audit.comment.id)
                        found.setdefault(word, []).append(place)
        return found


@contextmanager
def world(folder: Path, limits: Limits, accounts: dict[str, str]) -> Iterator[World]:
    """`accounts`: their names and within how much time they answer in public. Nothing of it
    outlives the measurement, so the database does not wait for its disk."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = Hand()
    desk = Office(clock, limits)
    desk.address = "http://helpdesk.bench"
    ledger = Ledger(f"sqlite:///{folder / 'calls.sqlite3'}", clock)
    event.listen(ledger.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    migrate.upgrade(ledger)
    path = folder / "mapping.yaml"
    listed = (ACCOUNT.format(name=name, public=public) for name, public in accounts.items())
    path.write_text("accounts:\n" + "".join(listed) + REST)
    settings = Settings(
        database_url=ledger.url,
        mappings=str(path),
        zendesk=ZendeskSettings(
            url=desk.address,
            oauth_token=Secret(preset.STATIC_TOKEN),
            webhook_secret=Secret("of this measurement"),
        ),
        reconcile_seconds=60,
    )
    secret = new_secret()
    bridge = publish(open_bridge(settings, {"SITE_SECRET": secret}, clock=clock, ledger=ledger))
    wire = InProcess(create_app(desk, desk.faults))
    helpdesk: Any = bridge.helpdesk
    helpdesk._lines._line().mount("http://", wire)
    made = World(bridge, clock, desk, wire)

    def send(reply: Reply) -> Receipt:
        made.sent.append(reply.text)
        return Receipt(f"r{len(made.sent)}")

    for channel in bridge.channels.values():
        channel.send = send  # type: ignore[method-assign]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        seed(bridge)
        made.work()
        wire.calls.clear()
        yield made
    finally:
        structlog.reset_defaults()
        helpdesk.close()
        desk.stop()
        ledger.close()
