"""All targets kept up in one process, each in a thread of its own: a slow CRM holds up no other."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.connectors.syncing import LetGo, Sync, wait_after
from bridge.errors import Again, NobodyKnows, PersonMustAct
from bridge.ledger import Ledger, targets

EVERY = 15.0
"""Seconds between two looks at a feed that had nothing new."""
HELD = 300.0
"""Until a target that a person must mend is tried again: nobody tells us that they have."""
NEW_ONES = 30.0
"""Between two looks for targets that came or went."""

log = structlog.get_logger()


class Stopped(Exception):
    """The process ends: a wait was not waited to its end."""


class Following:
    """`opens` makes a target's `Sync`, given the way to wait. `only` are the targets that are kept
    up here, all where it is empty."""

    def __init__(
        self,
        ledger: Ledger,
        opens: Callable[[str, Callable[[float], None]], Sync],
        only: tuple[str, ...] = (),
    ) -> None:
        self._ledger = ledger
        self._only = only
        self._opens = opens
        self._over = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def look(self) -> None:
        """Begin with targets that are new. Called again and again."""
        try:
            names = self._names()
        except (DBAPIError, PoolTimeout, OSError) as trouble:
            log.warning("the targets cannot be looked at", error=type(trouble).__name__)
            return
        for name in names:
            thread = self._threads.get(name)
            if thread is None or not thread.is_alive():
                self._threads[name] = threading.Thread(
                    target=self.keep_up, args=(name,), name=f"crm:{name}"
                )
                self._threads[name].start()
                log.info("keeping a CRM up", target=name)

    def stop(self) -> None:
        """After the batch that is being written. Safe to repeat."""
        self._over.set()
        for thread in self._threads.values():
            thread.join()

    def wait(self, seconds: float) -> None:
        """Raises `Stopped`."""
        if self._over.wait(seconds):
            raise Stopped

    def keep_up(self, name: str) -> None:
        """One target, until the process ends or the target is let go."""
        sync: Sync | None = None
        failed = 0
        while not self._over.is_set() and name in self._names_or(name):
            pause = EVERY
            try:
                sync = sync or self._opens(name, self.wait)
                did = sync.step()
                failed, pause = 0, 0.0 if did.has_more else EVERY
            except Stopped:
                return
            except LetGo:
                sync, pause = None, 0.0
            except (Again, NobodyKnows) as wrong:
                failed += 1
                pause = wait_after(wrong, failed)
                log.warning("a CRM is tried again", target=name, because=wrong.because)
            except PersonMustAct as wrong:
                # Opened anew next time: what is to be mended may be its options.
                sync, pause = None, HELD
                log.error("a CRM waits for a person", target=name, because=wrong.because)
            except (DBAPIError, PoolTimeout, OSError) as trouble:
                pause = NEW_ONES
                log.warning(
                    "the database does not answer", target=name, error=type(trouble).__name__
                )
            self._over.wait(pause)

    def _names(self) -> tuple[str, ...]:
        with self._ledger.reading() as tx:
            names = (each.name for each in targets.every(tx))
            return tuple(name for name in names if not self._only or name in self._only)

    def _names_or(self, name: str) -> tuple[str, ...]:
        try:
            return self._names()
        except (DBAPIError, PoolTimeout, OSError):
            return (name,)
