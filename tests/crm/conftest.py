"""A ledger with one of everything in it."""

from __future__ import annotations

import pytest
from crm_village import one_of_everything

from bridge.ledger import Ledger


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    """One of everything that a CRM is told, and of what none is told; nobody has read it yet."""
    with ledger.writing() as tx:
        one_of_everything(tx)
    return ledger
