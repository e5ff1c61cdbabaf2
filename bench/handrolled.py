"""The webhook that an engineer writes in an afternoon: Flask and zenpy, the helpdesk asked inside
the request, a small SQLite file for which thread is which ticket. Nobody's product: `bench.through`
measures it beside the bridge. The only lines that are not its own say where the stand-in is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import sqlite3
import threading
import time
from typing import Any

import requests
from flask import Flask, request
from requests.adapters import HTTPAdapter
from zenpy import Zenpy
from zenpy.lib.api_objects import Comment, Ticket, User

SECRET = base64.b64decode(os.environ.get("SITE_SECRET", "").removeprefix("whsec_"))
app = Flask(__name__)
here = threading.local()


def zenpy() -> Any:
    if not hasattr(here, "zenpy"):
        session = requests.Session()
        session.mount("https://helpdesk.invalid", StandIn(**Zenpy.http_adapter_kwargs()))
        token = os.environ["HELPDESK_TOKEN"]
        here.zenpy = Zenpy(
            subdomain="helpdesk", domain="invalid", oauth_token=token, session=session
        )
    return here.zenpy


def database() -> sqlite3.Connection:
    if not hasattr(here, "database"):
        here.database = sqlite3.connect(os.environ["DATABASE"], timeout=30, isolation_level=None)
        here.database.execute("PRAGMA journal_mode=WAL")
        here.database.execute("CREATE TABLE IF NOT EXISTS ids (name TEXT PRIMARY KEY, id INTEGER)")
    found: sqlite3.Connection = here.database
    return found


def known(name: str) -> int | None:
    row = database().execute("SELECT id FROM ids WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def remember(name: str, number: int) -> int:
    database().execute("INSERT OR REPLACE INTO ids VALUES (?, ?)", (name, number))
    return number


@app.post("/hook")
def hook() -> tuple[str, int]:
    sent_at = request.headers["webhook-timestamp"]
    signed = f"{request.headers['webhook-id']}.{sent_at}.".encode() + request.get_data()
    mine = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    if request.headers["webhook-signature"] != f"v1,{mine}" or time.time() - int(sent_at) > 300:
        return "not genuine", 401
    post = request.get_json()["data"]
    author = f"user:{post['author']['id']}"
    user_id = known(author)
    if user_id is None:
        user = User(name=post["author"]["name"], external_id=author)
        user_id = remember(author, int(zenpy().users.create_or_update(user).id))
    thread = f"thread:{post['thread_id']}"
    ticket_id = known(thread)
    comment = Comment(body=post["text"], author_id=user_id, public=True)
    if ticket_id is not None:
        zenpy().tickets.update(Ticket(id=ticket_id, comment=comment))
    else:
        ticket = Ticket(
            subject=post["text"][:80], requester_id=user_id, comment=comment, external_id=thread
        )
        remember(thread, int(zenpy().tickets.create(ticket).ticket.id))
    return "", 200


class StandIn(HTTPAdapter):
    """To the stand-in instead of to Zendesk."""

    def send(self, request: requests.PreparedRequest, *args: Any, **named: Any) -> Any:
        url = request.url or ""
        request.url = url.replace("https://helpdesk.invalid", os.environ["HELPDESK_URL"])
        answer = super().send(request, *args, **named)
        answer.request.url = url  # zenpy knows its own answers by the host name
        return answer
