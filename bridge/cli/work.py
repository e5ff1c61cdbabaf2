"""A worker process, from its first lane to its last."""

from __future__ import annotations

import os
import threading

import structlog

from bridge import logs
from bridge.ledger import Ledger
from bridge.opening import open_bridge, publish
from bridge.settings import Settings
from bridge.signals import Inbox, at_once_next_time, hearing
from bridge.worker import Crew

log = structlog.get_logger()


def work(settings: Settings, ledger: Ledger, threads: int) -> bool:
    """Until told to stop. False when a thread ended by a defect: the process ends with it, so
    that whoever keeps it running starts it anew. Raises `Misconfigured`."""
    bridge = publish(open_bridge(settings, os.environ, ledger=ledger))
    logs.set_up(os.environ, settings.log_level, logs.secrets_of(bridge.mapping))
    over: Inbox[bool] = Inbox()

    def stop(number: int) -> None:
        over.put(True)
        at_once_next_time(number)

    def lost(args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread else ""
        what = (args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
        log.critical("a thread ended by a defect", thread=name, exc_info=what)
        over.put(False)

    threading.excepthook = lost
    with hearing(stop):
        crew = Crew(bridge, threads)
        crew.start()
        log.info("working", threads=threads, mapping=bridge.mapping.number)
        asked = over.get()
        log.info("stopping")
        crew.stop()
        log.info("stopped")
    return asked
