"""How gunicorn is started: threads, no access log, its words among ours.

https://gunicorn.org/reference/settings/
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from pathlib import Path

from gunicorn import __main__ as gunicorn
from gunicorn.app.wsgiapp import run
from gunicorn.config import Config
from gunicorn.glogging import Logger

from bridge import logs

APPLICATION = "bridge.web.wsgi:application()"
MEMORY = Path("/dev") / "shm"
SILENT_AFTER = 60
"""Seconds without a sign of life after which a process is replaced."""
LONGEST_LINE, MOST_FIELDS, LONGEST_FIELD = 4094, 100, 8190
"""Of a request's head, in bytes and in number. Said here, so that no release of gunicorn and no
GUNICORN_CMD_ARGS of a base image changes them unseen."""
GRACE = 25
"""Seconds for requests under way when told to stop; Heroku kills after 30."""


def serve(host: str, port: int, processes: int, threads: int) -> None:
    """Become the web server, in this very process: a new interpreter would load everything once
    more. Nothing may be open that a forked process must not share. Does not return."""
    sys.argv = [gunicorn.__file__, *command(host, port, processes, threads)[3:]]
    import_module(APPLICATION.partition(":")[0])
    # What is loaded stays shared with the processes that serve: a collector that looks through it
    # would write to every page (https://docs.python.org/3/library/gc.html#gc.freeze).
    gc.collect()
    gc.freeze()
    run(prog="gunicorn")


def command(host: str, port: int, processes: int, threads: int) -> list[str]:
    """The command line that becomes the web server."""
    options = [
        f"--bind={_bracketed(host)}:{port}",
        f"--workers={processes}",
        "--worker-class=bridge.web.doorkeeper.Doorkeeper",
        f"--threads={threads}",
        f"--timeout={SILENT_AFTER}",
        f"--graceful-timeout={GRACE}",
        "--keep-alive=5",
        f"--limit-request-line={LONGEST_LINE}",
        f"--limit-request-fields={MOST_FIELDS}",
        f"--limit-request-field_size={LONGEST_FIELD}",
        "--no-control-socket",
        f"--logger-class={__name__}.AmongOurs",
    ]
    if MEMORY.is_dir():  # a heartbeat that waits for a slow disk looks like no heartbeat
        options.append(f"--worker-tmp-dir={MEMORY}")
    return [sys.executable, "-m", "gunicorn", *options, APPLICATION]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class AmongOurs(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn's own lines go through the same redaction and come out in the same form."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        logs.set_up(os.environ, os.environ.get("BRIDGE_LOG_LEVEL", "").strip() or "info")
