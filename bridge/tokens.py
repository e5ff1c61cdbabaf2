"""Sign-ins that are renewed: kept once, for all processes and machines, never in the clear."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bridge.settings import Secret


@dataclass(frozen=True, slots=True)
class StoredToken:
    """An access token, the refresh token that came with it ("" for none), and when it expires
    (None: nobody said)."""

    access: Secret
    refresh: Secret
    expires_at: datetime | None


class TokenStore(Protocol):
    """Where tokens are kept, encrypted, for all processes and machines."""

    def only_one(self, name: str) -> AbstractContextManager[None]:
        """Held by one thread of one process on one machine at a time; others wait."""
        ...

    def get(self, name: str) -> StoredToken | None: ...

    def put(self, name: str, token: StoredToken) -> None:
        """Durable when it returns: the pair it replaces is already dead."""
        ...
