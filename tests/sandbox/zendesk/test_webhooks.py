"""Webhooks: signed as Zendesk signs, tried again as rarely, and wrong when told to be."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from plugins_zendesk import ZendeskSandbox
from zendesk_client import Client

from bridge.model import File
from bridge.sandbox.server import serve
from bridge.sandbox.zendesk import preset
from bridge.sandbox.zendesk.webhooks import signature

ADDED = "zen:event-type:ticket.comment_added"


@dataclass
class Ear:
    """A receiver that remembers what it heard; `answers` are used up one per call, then 200."""

    url: str = ""
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def listen(self) -> Response:
        with self.guard:
            self.heard.append((dict(request.headers), request.get_data()))
            return self.answers.pop(0) if self.answers else Response("", 200)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.heard]

    def words(self) -> list[str]:
        return [one["event"]["comment"]["body"] for one in self.events()]


@pytest.fixture
def ear(zendesk_sandbox: ZendeskSandbox) -> Iterator[Ear]:
    ear = Ear()
    app = Flask(__name__)
    app.add_url_rule("/events", view_func=ear.listen, methods=["POST"])
    with serve(app) as running:
        ear.url = f"{running.url}/events"
        yield ear
        zendesk_sandbox.desk.stop()


@pytest.fixture
def ticket_id(api: Client, zendesk_sandbox: ZendeskSandbox, ear: Ear) -> int:
    """A ticket that was there before the webhook."""
    made: int = api.create()["ticket"]["id"]
    zendesk_sandbox.desk.add_webhook(ear.url, secret="hush")
    return made


def test_signature_vector(specs: Path) -> None:
    """The signature is that of the recorded body with the documented secret."""
    data = json.loads((specs / "zendesk/webhook-signature-vectors.json").read_text())
    one = next(each for each in data["vectors"] if each["order"] == "TIMESTAMP+BODY")
    assert one["signature"] == signature(one["secret"], one["timestamp"], one["body"].encode())


def test_agents_answer_is_told(zendesk_sandbox: ZendeskSandbox, ear: Ear, ticket_id: int) -> None:
    """An agent's answer is told with headers, body and signature in the recorded form."""
    said = zendesk_sandbox.desk.answer(ticket_id, "We are on it", agent=preset.TOM)
    zendesk_sandbox.desk.flush_webhooks()
    headers, body = ear.heard[0]
    stamp = headers["X-Zendesk-Webhook-Signature-Timestamp"]
    expected = base64.b64encode(
        hmac.new(b"hush", stamp.encode() + body, hashlib.sha256).digest()
    ).decode()
    assert headers["X-Zendesk-Webhook-Signature"] == expected
    assert stamp == "2026-11-21T12:00:00Z"
    assert headers["User-Agent"] == "Zendesk Webhook"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert body.startswith(b"{\n   ")
    assert body.endswith(b"}\n")
    event = ear.events()[0]
    assert (event["type"], event["subject"]) == (ADDED, f"zen:ticket:{ticket_id}")
    assert event["detail"]["id"] == str(ticket_id)
    assert event["detail"]["status"] == "OPEN"
    assert event["detail"]["actor_id"] == str(preset.TOM)
    assert event["event"]["comment"] == {
        "id": str(said.id),
        "body": "We are on it",
        "is_public": True,
        "author": {"id": str(preset.TOM), "is_staff": True, "name": "Tom"},
    }


def test_bridge_comments_are_told_too(
    api: Client, zendesk_sandbox: ZendeskSandbox, ear: Ear, ticket_id: int
) -> None:
    """Every comment on every ticket is told, in order, the bridge's own as well."""
    api.update(ticket_id, comment={"body": "1", "public": True})
    api.create(comment={"body": "2", "public": True})
    zendesk_sandbox.desk.note(ticket_id, "3")
    zendesk_sandbox.desk.flush_webhooks()
    assert ear.words() == ["1", "2", "3"]
    assert [one["event"]["comment"]["is_public"] for one in ear.events()] == [True, True, False]


@pytest.mark.parametrize(
    ("statuses", "wait", "calls", "end"),
    [
        ([200], "", 1, "success"),
        ([403], "", 1, "terminated"),
        ([500, 200], "", 1, "terminated"),
        ([409, 409, 409, 200], "", 4, "success"),
        ([409] * 9, "", 4, "terminated"),
        ([503, 200], "10", 2, "success"),
        ([503, 200], "60", 1, "terminated"),
        ([503, 200], "", 1, "terminated"),
        ([429, 200], "5", 2, "success"),
    ],
)
def test_what_is_tried_again(
    zendesk_sandbox: ZendeskSandbox,
    ear: Ear,
    ticket_id: int,
    statuses: list[int],
    wait: str,
    calls: int,
    end: str,
) -> None:
    """Little is tried again, under one invocation id."""
    headers = {"Retry-After": wait} if wait else {}
    ear.answers = [Response("", status, headers) for status in statuses]
    zendesk_sandbox.desk.answer(ticket_id, "x")
    zendesk_sandbox.desk.flush_webhooks()
    assert len(ear.heard) == calls
    assert len({one["X-Zendesk-Webhook-Invocation-Id"] for one, _ in ear.heard}) == 1
    ends = zendesk_sandbox.desk.courier.invocations()
    assert [(one.status, one.tries) for one in ends] == [(end, calls)]


def test_receiver_that_is_gone(zendesk_sandbox: ZendeskSandbox, ear: Ear, ticket_id: int) -> None:
    """A receiver that cannot be reached loses the event."""
    with serve(Flask(__name__)) as gone:
        address = gone.url
    zendesk_sandbox.desk.add_webhook(f"{address}/x")
    zendesk_sandbox.desk.answer(ticket_id, "x")
    zendesk_sandbox.desk.flush_webhooks()
    ends = [one.status for one in zendesk_sandbox.desk.courier.invocations()]
    assert (sorted(ends), len(ear.heard)) == (["success", "terminated"], 1)


def test_faults(zendesk_sandbox: ZendeskSandbox, ear: Ear, ticket_id: int) -> None:
    """Each fault of webhooks does what it says to one event."""
    desk, faults = zendesk_sandbox.desk, zendesk_sandbox.faults
    for name in ("twice", "never", "unsigned", "late", "out_of_order"):
        faults.add(f"webhook_{name}")
        desk.answer(ticket_id, name)
    desk.answer(ticket_id, "normal")
    desk.flush_webhooks()
    assert ear.words() == ["twice", "twice", "unsigned", "normal", "out_of_order"]
    ids = [one["X-Zendesk-Webhook-Invocation-Id"] for one, _ in ear.heard]
    assert ids[0] == ids[1]
    signed = ["X-Zendesk-Webhook-Signature" in one for one, _ in ear.heard]
    assert signed == [True, True, False, True, True]
    desk.release_webhooks()
    desk.flush_webhooks()
    assert ear.words()[-1] == "late"
    assert len(ear.heard) == 6


def test_other_events(api: Client, zendesk_sandbox: ZendeskSandbox, ear: Ear) -> None:
    """What else happens to tickets is told to those who subscribed to it."""
    kinds = (
        *("created", "status_changed", "attachment_linked_to_comment"),
        *("merged", "soft_deleted", "comment_redacted"),
    )
    desk = zendesk_sandbox.desk
    desk.add_webhook(
        ear.url, subscriptions=tuple(f"zen:event-type:ticket.{kind}" for kind in kinds)
    )
    made, other = api.create()["ticket"]["id"], api.create()["ticket"]["id"]
    said = desk.answer(made, "see", files=[File("a.txt", "text/plain", b"a")])
    body = {"ticket_id": made, "html_body": "<redact>see</redact>"}
    api("PUT", f"/api/v2/comment_redactions/{said.id}", body)
    desk.merge(other, into=made)
    desk.delete(made)
    desk.flush_webhooks()
    told = [one["type"].removeprefix("zen:event-type:ticket.") for one in ear.events()]
    assert told == [
        *("created", "created", "attachment_linked_to_comment", "status_changed"),
        *("comment_redacted", "status_changed", "merged", "soft_deleted"),
    ]
    assert ear.events()[6]["event"]["target_ticket_id"] == str(made)


def test_webhooks_api(api: Client, zendesk_sandbox: ZendeskSandbox, ear: Ear) -> None:
    """A webhook is made, shown without its secrets, changed, tried out and removed over the API."""
    wanted = {
        "name": "bridge",
        "status": "active",
        "endpoint": ear.url,
        "http_method": "POST",
        "request_format": "json",
        "subscriptions": [ADDED],
        "authentication": {
            "type": "api_key",
            "add_position": "header",
            "data": {"name": "X-Bridge-Key", "value": "k"},
        },
    }
    made = api("POST", "/api/v2/webhooks", {"webhook": wanted})
    assert made.status_code == 201
    webhook = made.json()["webhook"]
    path = f"/api/v2/webhooks/{webhook['id']}"
    secret = api("GET", f"{path}/signing_secret").json()["signing_secret"]
    assert secret["algorithm"] == "SHA256"
    shown = api("GET", "/api/v2/webhooks").text
    assert secret["secret"] not in shown
    assert webhook["id"] in shown
    assert api("PATCH", path, {"webhook": {"subscriptions": []}}).status_code == 400
    assert api("PATCH", path, {"webhook": {"name": "new"}}).status_code == 204
    assert api("GET", path).json()["webhook"]["name"] == "new"
    api("POST", f"/api/v2/webhooks/test?webhook_id={webhook['id']}")
    zendesk_sandbox.desk.flush_webhooks()
    headers, body = ear.heard[0]
    assert headers["X-Bridge-Key"] == "k"
    stamp = headers["X-Zendesk-Webhook-Signature-Timestamp"]
    assert headers["X-Zendesk-Webhook-Signature"] == signature(secret["secret"], stamp, body)
    assert api("GET", f"{path}/invocations").json()["invocations"][0]["status"] == "success"
    renewed = api("POST", f"{path}/signing_secret").json()["signing_secret"]["secret"]
    assert renewed != secret["secret"]
    assert api("DELETE", path).status_code == 204
    assert api("GET", path).status_code == 404
    assert api("POST", "/api/v2/webhooks", {"webhook": {"name": "x"}}).status_code == 400
