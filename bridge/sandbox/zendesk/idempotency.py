"""`Idempotency-Key` on ticket create: the same answer for two hours, no second ticket.

https://developer.zendesk.com/api-reference/ticketing/introduction/#idempotency
Parameters are compared byte for byte, which is as strict as the helpdesk may be.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.model import Clock
from bridge.sandbox.zendesk.records import Refusal

KEPT = timedelta(hours=2)
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Remembered:
    """The answer that a key got."""

    request: str
    body: bytes
    location: str
    until: datetime


class Keys:
    """The keys of one account."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, Remembered] = {}

    def find(self, key: str, request: bytes) -> Remembered | None:
        """The answer given before. Raises `Refusal` (400) if the parameters are other ones."""
        if len(key) > LONGEST_KEY:
            raise Refusal(400, "IdempotentRequestError", "The idempotency key is too long")
        kept = self._kept.get(key)
        if kept is None or kept.until <= self._clock():
            return None
        if kept.request != _digest(request):
            raise Refusal(
                400,
                "IdempotentRequestError",
                "Request parameters don't match the given idempotency key",
            )
        return kept

    def keep(self, key: str, request: bytes, body: bytes, location: str) -> None:
        self._kept[key] = Remembered(_digest(request), body, location, self._clock() + KEPT)


def _digest(request: bytes) -> str:
    return hashlib.sha256(request).hexdigest()
