"""One target kept up: what failed before, then the next page of the feed, again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from bridge.connectors.contract import Crm, Loads
from bridge.connectors.feed import FeedClient, FeedPage, MustRestart, resource_of
from bridge.connectors.looking import Looking
from bridge.connectors.writing import Tally, Writing
from bridge.errors import Again, BridgeError, NobodyKnows, PersonMustAct
from bridge.ledger import Ledger, Tx, targets
from bridge.ledger.targets import Row, Standing, State
from bridge.records import RECORDS, Change, Resource, Why

SILENCES = 3
"""Calls in a row that nobody answered, until one row is looked for at which the CRM breaks."""
AT_A_TIME = 200
"""Rows that are tried again in one step."""
REFERRED_TO = (Resource.CUSTOMER, Resource.IDENTITY, Resource.CONVERSATION)

log = structlog.get_logger()


class LetGo(BridgeError):
    """The target is no more, or under its name there is another one now."""


@dataclass(frozen=True, slots=True)
class Did:
    """What one step did. `change_id` is the last change of the feed that is done with, 0 where
    there was none."""

    tally: Tally
    has_more: bool
    change_id: int


def nothing() -> None:
    return None


@dataclass
class _Place:
    """How far the feed was read just now, and whether there is more."""

    cursor: str
    more: bool = True


@dataclass
class Sync:
    """`step` until nothing is left, then again later. Several processes may do so for the same
    target: they take turns by a lock, and each goes on where the other stopped."""

    name: str
    crm: Crm
    feed: FeedClient
    ledger: Ledger
    between: Callable[[], None] = nothing
    """Called between two batches; it may raise to end there, and nothing is lost by that."""

    def __post_init__(self) -> None:
        self._made_at: datetime | None = None
        self._silences = 0
        self._lock = f"crm {self.name}"
        self._look = Looking(self.name, self.feed, self.ledger)
        self._writing = Writing(
            self.name, self.crm, self.ledger, self._look, self.between, self._still
        )

    def step(self, *, bulk: bool = False) -> Did:
        """Rows that are due again, then one page (with `bulk`, as many pages as one bulk job
        takes). Raises `Again`, `NobodyKnows` (the same again later), `LetGo`, and `PersonMustAct`,
        after which the target is HELD."""
        return self._turn(lambda: self._step(bulk=bulk))

    def anew(self) -> None:
        """Everything is to be written again, also what is there already. Waits for the step that
        somebody else is in: its end would put their place over the beginning."""
        with self.ledger.only_one(self._lock), self.ledger.writing() as tx:
            self._still(tx)
            targets.restart(tx, self.name)

    def begin(self, told: Callable[[Did], None], *, bulk: bool = False) -> None:
        """For a target that has read nothing yet: what others refer to, kind by kind, so that the
        first way through the feed needs not ask for it singly. Raises as `step` does."""
        for resource in REFERRED_TO if not self._target().cursor else ():
            place = _Place("", more=resource in self.crm.takes)
            while place.more:
                told(self._turn(partial(self._begin, place, resource, bulk=bulk)))

    def _begin(self, place: _Place, resource: Resource, *, bulk: bool) -> Did:
        changes = self._gathered(place, resource, bulk=bulk)
        self._look.begin(changes)
        return Did(self._writing.write(changes, bulk=bulk), True, 0)

    def _turn(self, do: Callable[[], Did]) -> Did:
        try:
            with self.ledger.only_one(self._lock):
                self._writing.singly = self._silences >= SILENCES
                did = do()
            self._silences = 0
            return did
        except PersonMustAct as wrong:
            self._stand(Standing.HELD, wrong.because)
            raise
        except (Again, NobodyKnows) as wrong:
            self._silences += isinstance(wrong, NobodyKnows)
            self._say(wrong.because)
            raise

    def _step(self, *, bulk: bool) -> Did:
        target = self._target()
        done, more_due = self._due()
        place = _Place(target.cursor)
        changes = self._gathered(place, None, bulk=bulk)
        self._look.begin(changes)
        tally = self._writing.write(changes, bulk=bulk)
        if not place.more:
            self._unseen(tally)
        with self.ledger.writing() as tx:
            self._still(tx)
            targets.advance(tx, self.name, place.cursor)
            state = Standing.LOADING if place.more and _is_new(target) else Standing.FOLLOWING
            targets.stand(tx, self.name, state)
        tally.rows = {state: tally[state] + done[state] for state in State}
        last = max((each.change_id for each in changes), default=0)
        return Did(tally, place.more or more_due, last)

    def _gathered(self, place: _Place, only: Resource | None, *, bulk: bool) -> list[Change]:
        """One page; with `bulk`, as many as one bulk job takes."""
        wanted = self.crm.load_rows if bulk and isinstance(self.crm, Loads) else 1
        changes: list[Change] = []
        while place.more and len(changes) < wanted:
            try:
                page = self.feed.page(place.cursor, only)
            except MustRestart as old:
                page = self._first_page(old, only)
                changes.clear()  # of another reading: what they tell may be gone in this one
            place.cursor, place.more = page.resume, page.has_more
            changes += page.changes
        return changes

    def _first_page(self, old: MustRestart, only: Resource | None) -> FeedPage:
        log.warning("the change feed is read from its beginning", target=self.name)
        self._say(old.because)
        with self.ledger.writing() as tx:
            self._still(tx)
            targets.restart(tx, self.name)
        return self.feed.page("", only)

    def _due(self) -> tuple[Tally, bool]:
        """A failed row is written as its record is now. What is still failed waits longer. Also
        whether there may be more of them."""
        with self.ledger.reading() as tx:
            rows = targets.due(tx, self.name, AT_A_TIME)
        self._look.begin(())
        tally = self._writing.write([self._now(row) for row in rows], again=True)
        return tally, len(rows) == AT_A_TIME and bool(tally.rows)

    def _unseen(self, tally: Tally) -> None:
        """After the feed was read from the beginning: what it told nothing of any more. Its
        tombstone may have been forgotten meanwhile."""
        after = ""
        while True:
            with self.ledger.reading() as tx:
                rows = targets.rows(tx, self.name, (State.UNSEEN,), after=after)
            if not rows:
                return
            after = rows[-1].object_id
            done = self._writing.write([self._now(row) for row in rows], again=True)
            tally.rows = {state: tally[state] + done[state] for state in State}

    def _now(self, row: Row) -> Change:
        """What is not told any more may have been erased: it goes as such."""
        found = self._look.change(row.object_id)
        if found is not None:
            return found
        resource = resource_of(row.object_id)
        record = RECORDS[resource](row.object_id, deleted=True, deleted_reason=Why.ERASED)
        return Change(row.change_id, row.at, resource, record)

    def _target(self) -> targets.Target:
        with self.ledger.reading() as tx:
            return self._still(tx)

    def _still(self, tx: Tx) -> targets.Target:
        """Raises `LetGo`: what was written into one CRM must not count for another."""
        target = targets.one(tx, self.name)
        if target is None or self._made_at not in (None, target.made_at):
            raise LetGo(f"the target {self.name} was let go")
        self._made_at = target.made_at
        return target

    def _stand(self, state: Standing, because: str) -> None:
        with self.ledger.writing() as tx:
            self._still(tx)
            targets.stand(tx, self.name, state, because)

    def _say(self, because: str) -> None:
        self._stand(self._target().state, because)


def _is_new(target: targets.Target) -> bool:
    return target.state in (Standing.NEW, Standing.LOADING)


def until_done(
    sync: Sync, told: Callable[[Did], None], *, bulk: bool = False, tries: int = 5
) -> None:
    """Every page there is now. A wait that the far side asks for is kept, `tries` times in a row;
    then raises as `Sync.step` does."""
    failed, begun = 0, False
    while True:
        try:
            if not begun:
                sync.begin(told, bulk=bulk)
                begun = True
            did = sync.step(bulk=bulk)
        except (Again, NobodyKnows) as wrong:
            failed += 1
            if failed >= tries:
                raise
            sync.feed.around.wait(wait_after(wrong, failed))
            continue
        failed = 0
        told(did)
        if not did.has_more:
            return


def wait_after(wrong: Again | NobodyKnows, failed: int) -> float:
    """Seconds until the same is asked again; `failed` counts how often in a row it failed."""
    named = wrong.wait if isinstance(wrong, Again) else None
    return named if named is not None else float(min(5 * 2 ** min(failed, 10), 900))
