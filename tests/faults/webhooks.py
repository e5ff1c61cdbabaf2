"""What the far sides push, through the real web application, and what can go wrong on the way.

The web process is killed around its COMMIT by the seam of the commits; here are the ways of the
network between. Zendesk is taken at its worst: what did not arrive never comes again. The website
keeps to its contract and comes back until it was answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from faults.plan import Died, Plan, Point

from bridge.flow.bridge import Bridge
from bridge.helpdesks.zendesk.events import SIGNATURE, TIMESTAMP
from bridge.sandbox.zendesk.webhooks import signature
from bridge.signing import sign
from bridge.web import create_app

FAULTS = ("lost", "late", "twice", "answer lost", "forged before")


@dataclass(frozen=True)
class Event:
    """One webhook. `headers` signs it anew for each try; `insists`: until it is answered."""

    name: str
    path: str
    body: bytes
    headers: Callable[[], dict[str, str]]
    insists: bool


@dataclass
class Seam:
    """`bridge` gives the one of the moment; `begin_anew` puts another in the place of one that
    died."""

    plan: Plan
    bridge: Callable[[], Bridge]
    begin_anew: Callable[[], None]
    _on_the_way: list[Event] = field(default_factory=list)
    _app: tuple[Bridge | None, Any] = (None, None)

    def zendesk(self, ticket: Any) -> None:
        """Zendesk tells that a comment was added."""
        bridge, at = self.bridge(), self.bridge().clock().isoformat()
        body = json.dumps(
            {
                "id": uuid4().hex,
                "subject": f"zen:ticket:{ticket.id}",
                "type": "zen:event-type:ticket.comment_added",
                "detail": {"id": str(ticket.id)},
            }
        ).encode()
        secret = bridge.settings.zendesk.webhook_secret.reveal()
        self._send(
            Event(
                "Zendesk's event",
                f"/helpdesk/{bridge.helpdesk.name}/events",
                body,
                lambda: {SIGNATURE: signature(secret, at, body), TIMESTAMP: at},
                insists=False,
            )
        )

    def website(self, website: Any, account: str) -> None:
        """The website tells of the last thing that happened on it."""
        told = website.courier.posted()[-1]
        now = self.bridge().clock
        self._send(
            Event(
                "the website's message",
                f"/hooks/site/{account}",
                told.body,
                lambda: sign(website.courier.secrets, told.webhook_id, now(), told.body),
                insists=True,
            )
        )

    def arrive(self) -> None:
        """What is late, or was not answered, comes (again)."""
        coming, self._on_the_way = self._on_the_way, []
        for event in coming:
            self._try(event)

    def _send(self, event: Event) -> None:
        fault = self.plan.fault_at(Point("webhook", event.name))
        if fault == "late" or (fault == "lost" and event.insists):
            self._on_the_way.append(event)
        if fault in ("late", "lost"):
            return
        if fault == "forged before":
            forged = self._post(event, b"0" + event.body)
            assert forged == 401
        self._try(event)
        if fault == "twice":
            self._try(event)
        if fault == "answer lost":
            self._on_the_way.append(event)

    def _try(self, event: Event) -> None:
        try:
            answered = self._post(event, event.body) < 500
        except Died:
            self.begin_anew()
            answered = False
        if event.insists and not answered:
            self._on_the_way.append(event)

    def _post(self, event: Event, body: bytes) -> int:
        bridge, app = self._app
        if bridge is not self.bridge():
            bridge, app = self._app = (self.bridge(), create_app(self.bridge()))
        answer = app.test_client().post(event.path, data=body, headers=event.headers())
        status: int = answer.status_code
        return status
