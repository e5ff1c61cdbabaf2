"""A running process takes up what others publish, without a restart."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge import logs
from bridge.environment import PREFIX, environment
from bridge.errors import Again, BridgeError
from bridge.flow.bridge import Bridge
from bridge.ledger import mappings, secrets
from bridge.living import usable
from bridge.model import MINUTE
from bridge.opening import renewed

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between two looks at what is live."""
AGAIN_AFTER = 15
"""Looks after which a revision that could not be taken up is tried once more: a secret that was
missing may be in the ledger by then."""

SLACK = MINUTE
"""A secret may have been sealed while this process was starting."""


class Live:
    """The bridge upon the live mapping. Many threads read `bridge`, which is swapped whole: whoever
    has begun with one ends with it.

    `failure` says why the live revision is not taken up; then the one before goes on.
    """

    def __init__(
        self, bridge: Bridge, taken: Callable[[Bridge, Bridge], None] = lambda old, new: None
    ) -> None:
        """`taken` is called with the bridge before and after, before anybody is given the new."""
        self.bridge = bridge
        self.failure = ""
        self._taken = taken
        self._turn = threading.Lock()
        self._refused = (0, 0)
        self._renewed = bridge.clock() - SLACK

    def look(self) -> bool:
        """One cheap question, and a swap where another revision is live. Whether it was swapped.

        Raises nothing: what cannot be looked at now is looked at next time.
        """
        if not self._turn.acquire(blocking=False):
            return False
        try:
            return self._look()
        except (DBAPIError, PoolTimeout, OSError) as trouble:
            log.warning("the live mapping cannot be looked at", error=type(trouble).__name__)
            return False
        except Exception as bug:
            log.exception("defect in taking up a mapping")
            self.failure = f"the live mapping is not taken up; defect: {type(bug).__name__}"
            return False
        finally:
            self._turn.release()

    def _look(self) -> bool:
        before = self.bridge
        with before.ledger.reading() as tx:
            number = mappings.latest_number(tx)
            changed = secrets.last_change(tx, PREFIX)
        renewal = changed is not None and changed > self._renewed
        if number == before.mapping.number and not renewal:
            self.failure, self._refused = "", (0, 0)
            return False
        refused, looks = self._refused
        if number == refused and looks < AGAIN_AFTER:
            self._refused = (refused, looks + 1)
            return False
        with before.ledger.reading() as tx:
            revision = mappings.one(tx, number)
        if revision is None or not revision.files:
            return False  # of an older release, which is being replaced
        known = environment(before.environ, before.settings, before.ledger)
        try:
            mapping = usable(revision, known)
            same = mapping.digest == before.mapping.digest
            after = (
                replace(before, mapping=replace(before.mapping, number=number))
                if same and not renewal
                else renewed(before, mapping)
            )
        except Again as later:  # a secret that only the ledger knows, and it does not answer
            log.warning("the live mapping cannot be looked at", because=later.because)
            return False
        except BridgeError as wrong:
            self._refuse(number, refused, wrong)
            return False
        old, new = (set(logs.secrets_of(each.mapping)) for each in (before, after))
        if new - old:  # what is under way may still speak of the old ones
            logs.set_up(before.environ, before.settings.log_level, old | new)
        self._taken(before, after)
        self.bridge, self.failure, self._refused = after, "", (0, 0)
        self._renewed = changed if renewal and changed else self._renewed
        log.info("the mapping was taken up", mapping=number)
        return True

    def _refuse(self, number: int, refused: int, wrong: BridgeError) -> None:
        if number != refused:
            live = self.bridge.mapping.number
            log.error("the live mapping is not taken up", goes_on=live, because=wrong.because)
        self.failure, self._refused = wrong.because, (number, 0)
