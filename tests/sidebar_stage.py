"""A pretend bridge for tests of the sidebar app: it answers as the real one does, and remembers.

Only the shape of what it says counts. `state` and `says` can be changed by a test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from flask import Flask, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from playwright.sync_api import FrameLocator, Page

from bridge.sandbox.faults import Faults
from bridge.sandbox.server import serve
from bridge.sandbox.zendesk import Desk, changes, create_app, preset
from bridge.sandbox.zendesk.records import Via
from bridge.sandbox.zendesk.wishes import read_wish

SECRET = "what-the-app-and-the-bridge-share-0815"
MOST = 500
CARD = re.compile(r"\b\d{4} ?\d{4} ?\d{4} ?\d{4}\b")
SENTENCES = {
    "en": {
        "because": "The post was public.",
        "window": "Mastodon sets no limit.",
        "card": "This looks like a card number.",
        "notice": "Everybody sees beneath the post that it was answered privately.",
    },
    "de": {
        "because": "Der Beitrag war öffentlich.",
        "window": "Mastodon setzt keine Frist.",
        "card": "Das sieht wie eine Kartennummer aus.",
        "notice": "Alle sehen unter dem Beitrag, dass privat geantwortet wurde.",
    },
}


def post(number: int, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"p{number}",
        "kind": "mention",
        "kind_name": "mention",
        "visibility": "public",
        "author": {
            "name": "Ada Lovelace",
            "handle": "@ada@social.example",
            "profile_url": "https://social.example/@ada",
            "avatar_url": "",
            "followers": 12480,
        },
        "text": text,
        "created_at": "2026-11-21T11:40:00Z",
        "edited": False,
        "state": "live",
        "permalink": "https://social.example/@ada/1",
        "media": [],
        "labels": [],
        "unanswerable": "",
        "acts": ["like", "hide", "delete", "block"],
        "by_us": False,
    } | more


def reply(number: int, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"r{number}",
        "at": "2026-11-21T11:45:00Z",
        "author": "Ines",
        "visibility": "public",
        "text": text,
        "outcome": "delivered",
        "says": "Delivered.",
        "permalink": "https://social.example/@acme/9",
        "can_retry": False,
        "hold": None,
    } | more


def way(visibility: str, **more: Any) -> dict[str, Any]:
    return {
        "visibility": visibility,
        "because": "The post was public.",
        "why_not": "",
        "most": MOST,
        "unit": "characters",
        "answers": "p34",
    } | more


def known() -> dict[str, Any]:
    """A public post with an answer, on a network that can be answered either way."""
    return {
        "ticket": "",
        "conversation": {
            "id": 3,
            "account": "acme",
            "network": "mastodon",
            "network_name": "Mastodon",
        },
        "reply_as_field": preset.FIELD_REPLY_AS,
        "reply_by": None,
        "posts": [post(34, "My parcel has not arrived, and nobody answers the phone.")],
        "contacts": [],
        "ways": {"auto": way("public"), "public": way("public"), "private": way("private")},
        "window": {"closes_at": None, "says": "Mastodon sets no limit."},
        "replies": [],
        "acts": [],
    }


@dataclass
class PretendBridge:
    """`status` is what it answers with; `asked` are the paths and bodies, in order."""

    url: str = ""
    status: int = 200
    state: dict[str, Any] = field(default_factory=known)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    """What the next previews say instead."""
    slow: str = ""
    held: Event = field(default_factory=Event)
    release: Event = field(default_factory=Event)
    answered: Event = field(default_factory=Event)

    def hold(self, text: str) -> None:
        """Answer about this draft only after `release` is set."""
        self.slow = text

    def app(self) -> Flask:
        app = Flask(__name__)

        @app.post("/zaf/ticket/<ticket>")
        def state(ticket: str) -> Any:
            return self._answer({**self.state, "ticket": ticket})

        @app.post("/zaf/ticket/<ticket>/preview")
        def preview(ticket: str) -> Any:
            made = self._preview()
            if self.slow and self.slow == json.loads(request.get_data())["text"]:
                self.held.set()
                self.release.wait(60)
                self.answered.set()
            return self._answer(made)

        return app

    def previews(self) -> list[dict[str, Any]]:
        return [body for path, body in self.asked if path.endswith("/preview")]

    def _answer(self, body: dict[str, Any]) -> Any:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            self.claims = jwt.decode(token, OctKey.import_key(SECRET), ["HS256"]).claims
        except (JoseError, ValueError):
            return {"error": "not signed"}, 401
        self.asked.append((request.path, json.loads(request.get_data())))
        if self.status != 200:
            return {"error": "no"}, self.status
        return body

    def _preview(self) -> dict[str, Any]:
        wish = json.loads(request.get_data())
        says = SENTENCES["de" if wish["locale"].startswith("de") else "en"]
        text, visibility = wish["text"], self.state["ways"][wish["as"]]["visibility"]
        pieces = [text[at : at + MOST] for at in range(0, len(text), MOST)]
        card = CARD.search(text) if visibility == "public" else None
        found = (
            [{"code": "card", "says": says["card"], "excerpt": f"•••• {card[0][-4:]}"}]
            if card
            else []
        )
        private = visibility == "private"
        return {
            "visibility": visibility,
            "because": says["because"],
            "answers": "p34",
            "why_not": "",
            "parts": [{"text": one, "used": len(one), "most": MOST} for one in pieces],
            "too_long": "",
            "findings": found,
            "held": bool(found),
            "needs_second": False,
            "notice": {
                "will": private,
                "text": "@ada We have answered you privately." if private else "",
                "says": says["notice"] if private else "",
            },
            "window": {"closes_at": None, "says": says["window"]},
        } | self.changes


@dataclass
class SidebarStage:
    """A helpdesk with the app installed, the pretend bridge behind it, and one ticket."""

    url: str
    desk: Desk
    bridge: PretendBridge
    ticket: int

    @property
    def page_url(self) -> str:
        return f"{self.url}/agent/tickets/{self.ticket}"

    def notes(self) -> list[tuple[str, str]]:
        """What was written as internal notes, with the author's name."""
        return [
            (self.desk.user(said.author_id).name, said.body)
            for said in self.desk.comments(self.ticket)
            if not said.public
        ]

    def opened(self, page: Page) -> FrameLocator:
        """The app, once it shows the ticket."""
        page.goto(self.page_url)
        app = page.frame_locator("iframe")
        app.locator("main[aria-busy=false]").wait_for()
        return app


@contextmanager
def sidebar_stage(clock: Any) -> Iterator[SidebarStage]:
    bridge = PretendBridge()
    faults = Faults()
    desk = Desk(clock, faults=faults, pace=0.0)
    with serve(bridge.app()) as behind, serve(create_app(desk, faults)) as running:
        bridge.url = behind.url
        desk.address = desk.content_address = running.url
        assert desk.install_app(behind.url, SECRET)
        yield SidebarStage(running.url, desk, bridge, opened_ticket(desk))
        desk.stop()


def opened_ticket(desk: Desk) -> int:
    """A ticket as the bridge would have opened it."""
    wish = read_wish(
        {
            "ticket": {
                "subject": "My parcel has not arrived",
                "comment": {"body": "My parcel has not arrived.", "public": True},
                "requester": {"name": "Ada Lovelace", "external_id": "mastodon:ada"},
                "custom_fields": [{"id": preset.FIELD_REPLY_AS, "value": preset.REPLY_AUTO}],
            }
        }
    )
    by = desk.users[preset.BRIDGE_USER]
    return changes.open_ticket(desk, wish, by, Via("api")).ticket_id
