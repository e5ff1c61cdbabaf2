"""Rows of the feed into a CRM: in order, with what they refer to before them, a result for each.

What a batch came to is put down at once; the cursor only after the page. Whoever is killed in
between writes the page again, which changes nothing: every row is found by our own id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.connectors.contract import (
    ORDER,
    Crm,
    LeftOut,
    Loads,
    NotWritten,
    RowResult,
    Written,
    refers_to,
)
from bridge.connectors.feed import resource_of
from bridge.connectors.hushed import hushed
from bridge.connectors.looking import Looking
from bridge.connectors.marking import marked
from bridge.errors import Misconfigured, NobodyKnows, Refused, TooLong
from bridge.ledger import Ledger, Tx, targets
from bridge.ledger.targets import Became, Row, State
from bridge.records import Change, Resource

WAITS = "waits"
"""The code of a row whose customer, identity or conversation is not in the CRM yet."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
BULK_FROM = 10
"""Batches from which on it is a bulk job's work: 2,000 rows on Salesforce, whose own advice that
is (developer.salesforce.com, Bulk API and Bulk API 2.0 Limits and Allocations)."""

UNANSWERED = "unanswered"
"""The code of a row that alone got no answer, where others did."""
MOST_SILENCES = 10
"""Before the first answer: more than it takes to find one row of 200 by halves. Then it is not a
row that is to blame."""


@dataclass
class Tally:
    """How many rows came to what."""

    rows: dict[State, int] = field(default_factory=dict)

    def add(self, became: Sequence[Became]) -> None:
        for each in became:
            self.rows[each.state] = self.rows.get(each.state, 0) + 1

    def __getitem__(self, state: State) -> int:
        return self.rows.get(state, 0)


class Writing:
    """One target's way in. Raises what the connector raises for a whole call, but `Refused` and
    `TooLong`: those are looked for down to the one row. `between` is called before each batch, so
    that whoever must end can raise there; `still` before anything is put down, which raises where
    this is no longer the target that it was. `singly`: a call that nobody answers is looked
    through as well, for a row at which the CRM breaks."""

    def __init__(
        self,
        name: str,
        crm: Crm,
        ledger: Ledger,
        look: Looking,
        between: Callable[[], None],
        still: Callable[[Tx], object],
    ) -> None:
        self._name = name
        self._crm = crm
        self._ledger = ledger
        self._look = look
        self._between = between
        self._still = still
        self.singly = False
        self._answers = self._silences = 0

    def write(self, changes: Sequence[Change], *, bulk: bool = False, again: bool = False) -> Tally:
        """`bulk`: by the CRM's own way for many rows, where it has one. `again`: also rows that
        were seen to as of this very change."""
        self._answers = self._silences = 0
        newest = {change.record.id: change for change in changes}
        done = set() if again else self._done(newest)
        taken = [
            each
            for each in newest.values()
            if each.resource in self._crm.takes and each.record.id not in done
        ]
        live = self._with_parents([each for each in taken if not each.record.deleted])
        gone = [each for each in taken if each.record.deleted]
        tally = Tally()
        for resource in ORDER:
            for wave in _waves([each for each in live if each.resource is resource]):
                self._written(wave, tally, bulk=bulk)
        for resource in reversed(ORDER):
            rows = [each for each in gone if each.resource is resource]
            for batch in _batches(rows, self._crm.limits.rows):
                results = self._asked(self._crm.remove, batch)
                tally.add(self._put_down(batch, results, State.REMOVED))
        return tally

    def _done(self, newest: Mapping[str, Change]) -> set[str]:
        """What was seen to as of this very change: it came earlier, as what another row refers to,
        or before the process was killed. What failed of it has its own time."""
        with self._ledger.reading() as tx:
            known = targets.known(tx, self._name, newest)
        return {
            each
            for each, row in known.items()
            if row.change_id == newest[each].change_id and row.state is not State.UNSEEN
        }

    def _with_parents(self, live: list[Change]) -> list[Change]:
        """Also what they refer to and was never written: the feed tells each record only at its
        latest change, so a customer may come after what they said."""
        have = {each.record.id for each in live}
        found, looked = list(live), list(live)
        while looked:
            named = {parent for each in looked for parent in refers_to(each)} - have
            with self._ledger.reading() as tx:
                named -= targets.known(tx, self._name, named).keys()
            have |= named
            parents = (self._look.change(each) for each in sorted(named) if self._has_place(each))
            looked = [each for each in parents if each and not each.record.deleted]
            found += looked
        return found

    def _has_place(self, record_id: str) -> bool:
        return resource_of(record_id) in self._crm.takes

    def _written(self, wave: list[Change], tally: Tally, *, bulk: bool) -> None:
        missing = self._missing(wave)
        ready = [each for each in wave if each.record.id not in missing]
        waiting = [each for each in wave if each.record.id in missing]
        tally.add(self._put_down(waiting, [_waits(missing[each.record.id]) for each in waiting]))
        crm = self._crm
        if bulk and isinstance(crm, Loads) and len(ready) >= crm.limits.rows * BULK_FROM:
            for batch in _batches(ready, crm.load_rows):
                tally.add(self._put_down(batch, self._asked(crm.load, batch)))
            return
        for batch in _batches(ready, crm.limits.rows):
            tally.add(self._put_down(batch, self._asked(self._write, batch)))

    def _write(self, batch: Sequence[Change], look: Looking) -> Sequence[RowResult]:
        with marked(self._crm, self._name, self._ledger, look, batch):
            return self._crm.write(batch, look)

    def _missing(self, wave: list[Change]) -> dict[str, str]:
        """Rows that cannot be written yet, and what they refer to that the CRM did not take."""
        named = {parent for each in wave for parent in refers_to(each) if self._has_place(parent)}
        with self._ledger.reading() as tx:
            known = targets.known(tx, self._name, named)
        failed = {each for each, row in known.items() if _never_came(row)}
        return {
            each.record.id: parent
            for each in wave
            for parent in refers_to(each)
            if parent in failed
        }

    def _asked(
        self,
        ask: Callable[[Sequence[Change], Looking], Sequence[RowResult]],
        batch: Sequence[Change],
    ) -> Sequence[RowResult]:
        self._between()
        try:
            results = ask(batch, self._look)
        except (Refused, TooLong) as no:
            if len(batch) == 1:
                return (NotWritten(no.code, hushed(no.because, batch[0].record)),)
            return self._halves(ask, batch)
        except NobodyKnows as silence:
            self._silences += 1
            if not self.singly or (not self._answers and self._silences > MOST_SILENCES):
                raise
            if len(batch) == 1:
                return (NotWritten(UNANSWERED, silence.because, again=True),)
            return self._halves(ask, batch)
        self._answers += 1
        if len(results) != len(batch):
            raise Misconfigured(
                f"the connector answered {len(results)} results for {len(batch)} rows"
            )
        return results

    def _halves(
        self,
        ask: Callable[[Sequence[Change], Looking], Sequence[RowResult]],
        batch: Sequence[Change],
    ) -> Sequence[RowResult]:
        half = len(batch) // 2
        return (*self._asked(ask, batch[:half]), *self._asked(ask, batch[half:]))

    def _put_down(
        self,
        batch: Sequence[Change],
        results: Sequence[RowResult],
        good: State = State.WRITTEN,
    ) -> list[Became]:
        if not batch:
            return []
        with self._ledger.writing() as tx:
            self._still(tx)
            before = targets.known(tx, self._name, [each.record.id for each in batch])
            became = [
                _became(change, result, good, before.get(change.record.id), tx.now)
                for change, result in zip(batch, results, strict=True)
            ]
            targets.put_down(tx, self._name, became)
            if any(_mended(before.get(each.object_id), each) for each in became):
                targets.wake(tx, self._name, WAITS)
        for each in became:
            if each.remote_id and each.state is not State.REMOVED:
                self._look.learnt(each.object_id, each.remote_id)
        return became


def _became(
    change: Change, result: RowResult, good: State, before: Row | None, now: datetime
) -> Became:
    row = change.record.id
    if isinstance(result, Written):
        return Became(row, change.change_id, good, result.remote_id)
    if isinstance(result, LeftOut):
        return Became(row, change.change_id, State.LEFT_OUT, because=result.because)
    state = State.AGAIN if result.again else State.PERSON
    due = now + _wait(before.tries if before else 0) if result.again else None
    there, code, because = result.remote_id, result.code, result.because
    return Became(row, change.change_id, state, there, code, because, due)


def _wait(tries: int) -> timedelta:
    return min(FIRST_WAIT * int(2 ** min(tries, 16)), LONGEST_WAIT)


def _waits(parent: str) -> NotWritten:
    return NotWritten(WAITS, f"{parent}, which it belongs to, is not in the CRM yet", again=True)


def _never_came(row: Row) -> bool:
    return row.state in (State.AGAIN, State.PERSON) and not row.remote_id


def _mended(before: Row | None, now: Became) -> bool:
    return before is not None and _never_came(before) and now.state is State.WRITTEN


def _waves(rows: list[Change]) -> Iterator[list[Change]]:
    """Rows that refer to others of the same kind (a customer who was merged into another) come
    after them. In a circle nobody is first: they go together, and the CRM says what it thinks."""
    left = {each.record.id: each for each in rows}
    while left:
        wave = [each for each in left.values() if not left.keys() & set(refers_to(each))]
        wave = wave or list(left.values())
        yield wave
        for each in wave:
            del left[each.record.id]


def _batches(rows: Sequence[Change], most: int) -> Iterator[Sequence[Change]]:
    for start in range(0, len(rows), most):
        yield rows[start : start + most]


__all__ = ["WAITS", "Resource", "Tally", "Writing"]
