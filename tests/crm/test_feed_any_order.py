"""Whatever happens, in any order: who copies the feed meanwhile ends with what there is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from crm_village import Copy, everything
from flow.conftest import World, _opened
from flow_machine import AnyOrder, Then
from hypothesis.stateful import run_state_machine_as_test
from orders import examples, longest

from bridge.ledger import Ledger


class Copied(AnyOrder):
    """Somebody reads a page of three now and then, and to the end when all has come to rest."""

    def __init__(self, ledger: Ledger, clock: Any, opened: Callable[[], Any]) -> None:
        super().__init__(ledger, clock, opened)
        self.copy = Copy(ledger, limit=3)

    def _then(self, then: Then) -> None:
        super()._then(then)
        self.copy.pull(1)

    def agree(self) -> None:
        super().agree()
        self.copy.pull()
        whole = everything(self.copy.ledger)
        assert whole == self.copy.rows
        told = [row for row in whole.values() if row["id"].startswith("post_")]
        assert len(self.story.posts) <= len(told)


def opened(ledger: Ledger, clock: Any, home: Path) -> AbstractContextManager[World]:
    return _opened(ledger, clock, home, checked=False)


@pytest.mark.timeout(longest(900))
def test_any_order_ends_in_the_same_copy(ledger: Ledger, clock: Any, tmp_path: Path) -> None:
    """Duplicates, edits, removals, answers, kills and freezes: row for row the same."""
    run_state_machine_as_test(
        lambda: Copied(ledger, clock, lambda: opened(ledger, clock, tmp_path)),
        settings=examples(3, 14),
    )
