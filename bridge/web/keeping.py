"""A delivery is on disk before anybody hears that it was received."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

import structlog
from flask import Request
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, ServiceUnavailable

from bridge.flow import lanes as names
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, audit, deliveries, lanes
from bridge.ledger.arriving import Kept, Letter, receive_all, receive_at_once, receive_one
from bridge.ledger.store import may_succeed_anew
from bridge.ledger.together import Take, Together

log = structlog.get_logger()

BROKEN_OFF = (OSError, ParseException)
"""What reading a body raises when the sender stops, or sends chunks that are none."""

VIA = "webhook"

PATIENCE = 1.0
"""Seconds for another's lock, while others' letters wait with it; alone it may take longer."""

COME_BACK = 10
"""Seconds. Zendesk calls again by itself when told so, and only if it is less than a minute."""


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


class Letterbox:
    """Where everything that arrives is put into the ledger. One per process: what comes in several
    threads at once is committed together."""

    def __init__(self, bridge: Bridge) -> None:
        self._ledger = bridge.ledger
        self._desk = bridge.desk
        self._together = Together(self._commit)

    def keep(self, letter: Letter) -> Kept:
        """Committed, and the source's lane woken in the same transaction, when this returns."""
        return self.keep_all((letter,))

    def keep_all(self, letters: tuple[Letter, ...]) -> Kept:
        """All of them, or the sender is to bring them again; what the first one is called in the
        ledger."""
        with _on_disk():
            kept = self._together.join(letters)
        return Kept(kept[0].id, again=all(each.again for each in kept))

    def keep_aside(self, letter: Letter, because: str) -> Kept:
        """Kept for a person to look at. The key names these very bytes, so that the corrected
        message is still taken under the sender's own id."""
        key = f"{letter.key}:{hashlib.sha256(letter.body).hexdigest()}"
        with _on_disk(), self._ledger.writing() as tx:
            kept = receive_one(tx, replace(letter, key=key), VIA)
            if not kept.again:
                deliveries.settle(tx, kept.id, deliveries.SET_ASIDE, because)
                audit.add(tx, "set aside", because, delivery_id=kept.id)
        return kept

    def _commit(self, take: Take[tuple[Letter, ...]]) -> list[tuple[Kept, ...]]:
        if self._ledger.is_sqlite:
            with self._ledger.writing(urgent=True) as tx:
                parcels = take()
                kept = self._look_and_keep(tx, _letters(parcels), {})
        else:
            parcels = take()
            letters = _letters(parcels)
            made = self._keep_at_once(letters)
            if len(made) == len(letters):
                kept = tuple(Kept(made[letter.key], again=False) for letter in letters)
            else:
                with self._ledger.writing() as tx:
                    if len(parcels) > 1:
                        tx.wait_at_most(PATIENCE)
                    kept = self._look_and_keep(tx, letters, made)
        each = iter(kept)
        return [tuple(islice(each, len(parcel))) for parcel in parcels]

    def _keep_at_once(self, letters: Sequence[Letter]) -> dict[str, int]:
        """Key → id of those that are kept now; for the others somebody must look what is here."""
        source = letters[0].source
        if any(letter.source != source for letter in letters):
            return {}
        lane, account = names.intake(source), self._account(source)
        try:
            return receive_at_once(self._ledger, letters, VIA, lane, account, PATIENCE)
        except DBAPIError as trouble:
            if not may_succeed_anew(trouble):
                raise
            return {}

    def _look_and_keep(
        self, tx: Tx, letters: Sequence[Letter], made: dict[str, int]
    ) -> tuple[Kept, ...]:
        """In the order in which they came; lanes by name, so that two processes do not wait for
        each other's. `made` are kept already, and new to whoever brought them first."""
        kept = receive_all(tx, letters, VIA)
        new = {letter.source for letter, one in zip(letters, kept, strict=True) if not one.again}
        for source in sorted(new):
            lanes.wake(tx, names.intake(source), account=self._account(source))
        left = dict(made)
        return tuple(
            Kept(one.id, again=one.again and left.pop(letter.key, None) is None)
            for letter, one in zip(letters, kept, strict=True)
        )

    def _account(self, source: str) -> str:
        return "" if source == self._desk else source


def _letters(parcels: Sequence[tuple[Letter, ...]]) -> list[Letter]:
    return [letter for parcel in parcels for letter in parcel]


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
