"""A renewed token is kept: the one before it is dead at the other end already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.exc import OperationalError

from bridge.ledger import Ledger, Tx
from bridge.ledger.secrets import Safe
from bridge.opening import LedgerTokens
from bridge.settings import Secret
from bridge.tokens import StoredToken


def test_a_connection_that_died_costs_no_token(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was at work a moment ago and is not asked; the token takes another one."""
    tokens = LedgerTokens(ledger, Safe((Secret(Fernet.generate_key().decode()),)))
    whole, lost = ledger.writing, iter((True, False))

    @contextmanager
    def writing() -> Iterator[Tx]:
        with whole() as tx:
            if next(lost):
                gone = OSError("the connection is gone")
                raise OperationalError("INSERT", None, gone, connection_invalidated=True)
            yield tx

    monkeypatch.setattr(ledger, "writing", writing)
    tokens.put("acme", StoredToken(Secret("new"), Secret("next"), None))
    kept = tokens.get("acme")
    assert kept is not None
    assert "next" == kept.refresh.reveal()
