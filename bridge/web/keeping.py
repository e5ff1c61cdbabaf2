"""A delivery is on disk before anybody hears that it was received."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from flask import Request
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, ServiceUnavailable

from bridge.flow import lanes as names
from bridge.flow.bridge import Bridge
from bridge.ledger import audit, deliveries, lanes

log = structlog.get_logger()

BROKEN_OFF = (OSError, ParseException)
"""What reading a body raises when the sender stops, or sends chunks that are none."""

COME_BACK = 10
"""Seconds. Zendesk calls again by itself when told so, and only if it is less than a minute."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A delivery in the ledger. `again` tells that it had been there already."""

    id: int
    again: bool


def away(says: str) -> ServiceUnavailable:
    """503 with the time to come back."""
    return ServiceUnavailable(says, retry_after=COME_BACK)


def body_of(request: Request, most: int) -> bytes:
    """The raw bytes, all of them and at most so many, however they are sent.

    Raises 413 for more, 400 for a body that breaks off.
    """
    # Werkzeug silently cuts a body of unknown length off at its limit; one byte more tells.
    request.max_content_length = most + 1
    try:
        body = request.get_data(cache=False)
    except BROKEN_OFF as broken:
        raise BadRequest("the body cannot be read to its end") from broken
    if len(body) > most:
        raise RequestEntityTooLarge
    announced = request.content_length
    if announced is not None and len(body) != announced:
        raise BadRequest("the body ended before its announced length")
    return body


@dataclass(frozen=True, slots=True)
class Letter:
    """One item on its way into the ledger."""

    source: str
    key: str
    body: bytes


def keep_all(bridge: Bridge, letters: tuple[Letter, ...]) -> Kept:
    """All of them or none, in one transaction; what the first one is called in the ledger."""
    kept: list[Kept] = []
    with _on_disk(), bridge.ledger.writing() as tx:
        for letter in letters:
            source, key = letter.source, letter.key
            new = deliveries.receive(tx, source=source, key=key, via="webhook", body=letter.body)
            if new is None:
                kept.append(Kept(deliveries.id_of(tx, source, key), again=True))
                continue
            kept.append(Kept(new, again=False))
            lanes.wake(tx, names.intake(source), account=source)
    return Kept(kept[0].id, again=all(each.again for each in kept))


def keep(bridge: Bridge, source: str, key: str, body: bytes, about: str = "") -> Kept:
    """Committed, and the source's lane woken in the same transaction, when this returns."""
    with _on_disk(), bridge.ledger.writing() as tx:
        new = deliveries.receive(tx, source=source, key=key, via="webhook", body=body, about=about)
        if new is None:
            return Kept(deliveries.id_of(tx, source, key), again=True)
        lanes.wake(tx, names.intake(source), account="" if source == bridge.desk else source)
    return Kept(new, again=False)


def keep_aside(bridge: Bridge, source: str, key: str, body: bytes, because: str) -> Kept:
    """Kept for a person to look at. The key names these very bytes, so that the corrected
    message is still taken under the sender's own id."""
    key = f"{key}:{hashlib.sha256(body).hexdigest()}"
    with _on_disk(), bridge.ledger.writing() as tx:
        new = deliveries.receive(tx, source=source, key=key, via="webhook", body=body)
        if new is None:
            return Kept(deliveries.id_of(tx, source, key), again=True)
        deliveries.settle(tx, new, deliveries.SET_ASIDE, because)
        audit.add(tx, "set aside", because, delivery_id=new)
    return Kept(new, again=False)


@contextmanager
def _on_disk() -> Iterator[None]:
    """Whatever keeps the ledger from keeping something is a 503: the sender comes back."""
    try:
        yield
    except DBAPIError as trouble:
        # Only the driver's words: the statement's parameters hold what somebody wrote.
        log.error("not kept", error=type(trouble).__name__, because=str(trouble.orig))
        raise away("the database does not answer") from trouble
    except (PoolTimeout, OSError) as trouble:
        log.error("not kept", error=type(trouble).__name__, because=str(trouble))
        raise away("the database does not answer") from trouble
