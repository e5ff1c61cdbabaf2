"""Tokens that are renewed while an account is tried."""

from __future__ import annotations

from contextlib import AbstractContextManager

from bridge.ledger import Ledger
from bridge.ledger.secrets import Safe
from bridge.opening import LedgerTokens
from bridge.tokens import StoredToken


class TriedTokens:
    """Kept in the ledger at once, because a refresh token is good for one use: the one that was
    given may be spent by now. What holds none can be forgotten again."""

    def __init__(self, ledger: Ledger, safe: Safe) -> None:
        self._ledger = ledger
        self._safe = safe
        self._kept = LedgerTokens(ledger, safe)
        self._new: set[str] = set()

    def only_one(self, name: str) -> AbstractContextManager[None]:
        return self._kept.only_one(name)

    def get(self, name: str) -> StoredToken | None:
        return self._kept.get(name)

    def put(self, name: str, token: StoredToken) -> None:
        is_new = self._kept.get(name) is None
        self._kept.put(name, token)
        if token.refresh:
            self._new.discard(name)
        elif is_new:
            self._new.add(name)

    def forget(self) -> None:
        """What came in by this trial and can be had again."""
        with self._ledger.writing() as tx:
            for name in self._new:
                self._safe.drop(tx, name)
        self._new.clear()
