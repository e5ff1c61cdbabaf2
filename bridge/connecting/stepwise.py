"""A trial that is watched: it runs in a thread of its own, to its end, whoever looks on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue

import structlog

from bridge.connecting.findings import Examined
from bridge.model import Finding, Urgency

log = structlog.get_logger()

LONGEST = 180.0
"""Seconds that somebody waits for the next finding. Each call of a channel ends much sooner."""

Told = Callable[[Examined], None]


class Stepwise:
    """One trial at a time for each name in this process."""

    def __init__(self) -> None:
        self._running: set[str] = set()
        self._turn = threading.Lock()

    def run(self, name: str, job: Callable[[Told], None]) -> Iterator[Examined] | None:
        """What the job tells, as it comes. None where one of that name runs already."""
        with self._turn:
            if name in self._running:
                return None
            self._running.add(name)
        told: SimpleQueue[Examined | None] = SimpleQueue()

        def work() -> None:
            try:
                job(told.put)
            except Exception as bug:
                log.exception("defect in a trial", name=name)
                says = f"the trial itself failed ({type(bug).__name__})"
                do = "nothing was kept; see the log of the web service"
                told.put(Examined("the trial", (Finding("trial", Urgency.PROBLEM, says, do),)))
            finally:
                with self._turn:
                    self._running.discard(name)
                told.put(None)

        threading.Thread(target=work, name=f"trial {name}", daemon=True).start()
        return _as_it_comes(told)


def _as_it_comes(told: SimpleQueue[Examined | None]) -> Iterator[Examined]:
    while True:
        try:
            part = told.get(timeout=LONGEST)
        except Empty:
            says = "no answer for so long that this page waits no longer"
            finding = Finding("trial", Urgency.PROBLEM, says, "look again in a few minutes")
            yield Examined("the trial", (finding,))
            return
        if part is None:
            return
        yield part
