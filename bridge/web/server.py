"""How gunicorn is started: threads, no access log, its words among ours.

https://gunicorn.org/reference/settings/
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gunicorn.config import Config
from gunicorn.glogging import Logger

from bridge import logs

APPLICATION = "bridge.web.wsgi:application()"
MEMORY = Path("/dev") / "shm"
SILENT_AFTER = 60
"""Seconds without a sign of life after which a process is replaced."""
GRACE = 25
"""Seconds for requests under way when told to stop; Heroku kills after 30."""


def command(host: str, port: int, processes: int, threads: int) -> list[str]:
    """The command line that becomes the web server."""
    options = [
        f"--bind={_bracketed(host)}:{port}",
        f"--workers={processes}",
        "--worker-class=gthread",
        f"--threads={threads}",
        f"--timeout={SILENT_AFTER}",
        f"--graceful-timeout={GRACE}",
        "--keep-alive=5",
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
