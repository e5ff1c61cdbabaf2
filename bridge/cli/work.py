"""A worker process, from its first lane to its last."""

from __future__ import annotations

import os
import signal
import threading
from queue import SimpleQueue
from types import FrameType

import structlog

from bridge import logs
from bridge.ledger import Ledger
from bridge.opening import open_bridge, publish
from bridge.settings import Settings
from bridge.worker import Crew

log = structlog.get_logger()


def work(settings: Settings, ledger: Ledger, threads: int) -> bool:
    """Until told to stop. False when a thread ended by a defect: the process ends with it, so
    that whoever keeps it running starts it anew. Raises `Misconfigured`."""
    bridge = publish(open_bridge(settings, os.environ, ledger=ledger))
    logs.set_up(os.environ, settings.log_level, logs.secrets_of(bridge.mapping))
    # A SimpleQueue, because its `put` may be called from a signal handler; an Event's `set` not.
    over: SimpleQueue[bool] = SimpleQueue()

    def stop(number: int, _frame: FrameType | None) -> None:
        over.put(True)
        signal.signal(number, signal.SIG_DFL)  # the second one ends the process at once

    def lost(args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread else ""
        what = (args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
        log.critical("a thread ended by a defect", thread=name, exc_info=what)
        over.put(False)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    threading.excepthook = lost
    crew = Crew(bridge, threads)
    crew.start()
    log.info("working", threads=threads, mapping=bridge.mapping.number)
    asked = over.get()
    log.info("stopping")
    crew.stop()
    log.info("stopped")
    return asked
