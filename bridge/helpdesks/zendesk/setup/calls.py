"""The calls of a set-up. Each is one request; nothing is repeated here."""

from __future__ import annotations

import json
from urllib.parse import quote

from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError, fields

from bridge.errors import Gone
from bridge.helpdesks.zendesk.client import API, Lines, Zenpy
from bridge.helpdesks.zendesk.setup.model import Found, Kind
from bridge.helpdesks.zendesk.setup.shelves import SHELVES, Shelf
from bridge.helpdesks.zendesk.shapes import Raw
from bridge.settings import Secret

PER_PAGE = 100


class _Thing(Schema):
    """Whatever else there is, it has a number."""

    class Meta:
        unknown = INCLUDE

    id = fields.Raw(required=True)


class _Signing(Schema):
    class Meta:
        unknown = EXCLUDE

    secret = fields.String(required=True)


class Calls:
    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def everything(self, kind: Kind) -> tuple[Found, ...]:
        """All there is of a kind; system fields and what belongs to others as well."""
        shelf = SHELVES[kind]
        pages = self.listed(shelf.path, shelf.many)
        return tuple(shelf.read(raw) for raw in pages)

    def listed(self, path: str, many: str, **asked: str) -> tuple[Raw, ...]:
        """Every thing of a list, page by page."""
        query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
        start = f"{API}{path}.json?page[size]={PER_PAGE}" + (f"&{query}" if query else "")

        def walk(zenpy: Zenpy) -> None:
            address: str | None = start
            while address:
                page = zenpy.tickets.session.get(address).json()
                more = isinstance(page, dict) and (page.get("meta") or {}).get("has_more")
                address = (page.get("links") or {}).get("next") if more else None

        holder = Schema.from_dict({many: fields.List(fields.Nested(_Thing), required=True)})
        pages = self._lines.ask(walk, lambda page: holder(unknown=EXCLUDE).load(page)[many])
        return tuple(raw for page in pages for raw in page)

    def make(self, kind: Kind, body: str) -> Found:
        """Raises `NobodyKnows` when the answer is lost: it is looked for before another try."""
        shelf = SHELVES[kind]
        payload = {shelf.one: json.loads(body)}
        (found,) = self._lines.ask(
            lambda zenpy: zenpy.tickets.session.post(f"{API}{shelf.path}.json", json=payload),
            lambda page: _one(shelf, page),
            once=True,
        )
        return found

    def change(self, kind: Kind, remote_id: str, body: str) -> None:
        """Safe to repeat. What cannot be changed later is left out: a webhook's subscriptions."""
        shelf = SHELVES[kind]
        wanted = json.loads(body)
        if shelf.partly:
            wanted = {name: wanted[name] for name in ("name", "description", "endpoint", "status")}
        payload = {shelf.one: wanted}
        path = _path(shelf, remote_id)

        def send(zenpy: Zenpy) -> None:
            session = zenpy.tickets.session
            (session.patch if shelf.partly else session.put)(path, json=payload)

        self._lines.ask(send, lambda page: page)

    def show(self, kind: Kind, remote_id: str) -> Found:
        """Raises `Gone`."""
        shelf = SHELVES[kind]
        path = _path(shelf, remote_id)
        (found,) = self._lines.ask(
            lambda zenpy: zenpy.tickets.session.get(path), lambda page: _one(shelf, page)
        )
        return found

    def remove(self, kind: Kind, remote_id: str) -> None:
        """Safe to repeat: what is not there is removed."""
        path = _path(SHELVES[kind], remote_id)
        try:
            self._lines.ask(lambda zenpy: zenpy.tickets.session.delete(path), lambda page: page)
        except Gone:
            return

    def signing_secret(self, webhook_id: str) -> Secret:
        path = f"{API}webhooks/{quote(webhook_id, safe='')}/signing_secret.json"
        holder = Schema.from_dict({"signing_secret": fields.Nested(_Signing, required=True)})
        (said,) = self._lines.ask(
            lambda zenpy: zenpy.tickets.session.get(path),
            lambda page: holder(unknown=EXCLUDE).load(page)["signing_secret"]["secret"],
        )
        return Secret(said)


def _path(shelf: Shelf, remote_id: str) -> str:
    return f"{API}{shelf.path}/{quote(remote_id, safe='')}.json"


def _one(shelf: Shelf, page: Raw) -> Found:
    holder = Schema.from_dict({shelf.one: fields.Nested(_Thing, required=True)})
    found = shelf.read(holder(unknown=EXCLUDE).load(page)[shelf.one])
    if not found.id:
        raise ValidationError("no id")
    return found
