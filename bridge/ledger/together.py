"""Group commit: what several threads want to write at the same moment is one transaction.

A commit waits for the disk, whatever stands in it. Who comes while nobody is writing writes at
once, alone; who comes while another thread is writing is written together with all who came since
then. Nobody waits for a clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")

Take = Callable[[], Sequence[Part]]

MOST_TOGETHER = 64
"""Threads in one transaction."""


class Together(Generic[Part, Result]):
    """One per process; threads share it.

    `commit` writes what `take` gives it and returns a result for each, in the same order, when all
    of it is committed. It calls `take` once, when it is the writer's turn, so that who comes until
    then is in it. Where it fails, each of those tries alone in its own thread, so that nobody
    fails or waits because of another's; what is in the ledger by then must be known there.
    """

    def __init__(self, commit: Callable[[Take[Part]], Sequence[Result]]) -> None:
        self._commit = commit
        self._guard = threading.Lock()
        self._waiting: list[_Slip[Part, Result]] = []
        self._is_led = False

    def join(self, part: Part) -> Result:
        """The part's own result, committed. Raises what `commit` raises for it."""
        slip = _Slip[Part, Result](part)
        with self._guard:
            self._waiting.append(slip)
            slip.leads, self._is_led = not self._is_led, True
        if not slip.leads:
            slip.wait()
        if slip.leads:
            self._lead()
        if slip.failure is not None:
            raise slip.failure
        if slip.result:
            return slip.result[0]
        return self._commit(lambda: (part,))[0]

    def _lead(self) -> None:
        taken: list[_Slip[Part, Result]] = []

        def take() -> Sequence[Part]:
            with self._guard:
                taken.extend(self._waiting[:MOST_TOGETHER])
                del self._waiting[:MOST_TOGETHER]
            return [each.part for each in taken]

        try:
            results = self._commit(take)
            for slip, result in zip(taken, results, strict=True):
                slip.result = (result,)
        except Exception as trouble:  # noqa: BLE001 - raised in the thread that it belongs to
            if not taken:
                take()
            if len(taken) == 1:
                taken[0].failure = trouble
        finally:
            if not taken:
                take()
            self._hand_over()
            for slip in taken:
                slip.go()

    def _hand_over(self) -> None:
        with self._guard:
            self._is_led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].go()


class _Slip(Generic[Part, Result]):
    """One thread's part, and what became of it: neither result nor failure means try it alone."""

    __slots__ = ("_gate", "failure", "leads", "part", "result")

    def __init__(self, part: Part) -> None:
        self.part = part
        self.leads = False
        self.result: tuple[Result] | tuple[()] = ()
        self.failure: Exception | None = None
        # A bare lock: what threading.Event builds upon it costs several times as much.
        self._gate = threading.Lock()
        self._gate.acquire()

    def wait(self) -> None:
        """Until it is told to `go`."""
        self._gate.acquire()

    def go(self) -> None:
        if self._gate.locked():
            self._gate.release()
