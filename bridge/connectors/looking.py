"""What rows refer to: records over our API, and under which id the CRM has them."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.connectors.contract import refers_to
from bridge.connectors.feed import FeedClient
from bridge.ledger import Ledger, targets
from bridge.ledger.targets import Row, State
from bridge.records import Change, Record


class Looking:
    """A `Lookup`, for one page of the feed: what it has read it does not ask for again."""

    def __init__(self, name: str, feed: FeedClient, ledger: Ledger) -> None:
        self._name = name
        self._feed = feed
        self._ledger = ledger
        self._changes: dict[str, Change | None] = {}
        self._remote: dict[str, str] = {}

    def begin(self, page: Sequence[Change]) -> None:
        """Forget the page before, and know this one, and where what it refers to is."""
        self._changes = {change.record.id: change for change in page}
        named = set(self._changes).union(*map(refers_to, page))
        with self._ledger.reading() as tx:
            known = targets.known(tx, self._name, named)
        self._remote = {each: self._there(known.get(each), each) for each in named}

    def change(self, record_id: str) -> Change | None:
        if record_id not in self._changes:
            self._changes[record_id] = self._feed.record(record_id)
        return self._changes[record_id]

    def record(self, record_id: str) -> Record | None:
        found = self.change(record_id)
        return found.record if found else None

    def remote_id(self, record_id: str) -> str:
        if record_id not in self._remote:
            with self._ledger.reading() as tx:
                row = targets.known(tx, self._name, (record_id,)).get(record_id)
            self._remote[record_id] = self._there(row, record_id)
        return self._remote[record_id]

    def _there(self, row: Row | None, record_id: str) -> str:
        """What lies in a recycle bin is there for nobody but its own second removal."""
        if row is None:
            return ""
        if row.state is not State.REMOVED:
            return row.remote_id
        change = self._changes.get(record_id)
        is_going = record_id in self._changes and (change is None or change.record.deleted)
        return row.remote_id if is_going else ""

    def learnt(self, record_id: str, remote_id: str) -> None:
        """It was written just now."""
        self._remote[record_id] = remote_id
