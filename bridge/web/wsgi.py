"""For gunicorn: `gunicorn 'bridge.web.wsgi:application()'`. Everything is built on the call, in the
process that will serve, so that no connection is ever shared across a fork."""

from __future__ import annotations

import os

from bridge import logs
from bridge.opening import open_bridge
from bridge.settings import load
from bridge.web.reloading import Reloading


def application() -> Reloading:
    """Raises `Misconfigured` with everything that is wrong in settings and mapping."""
    settings = load(os.environ)
    bridge = open_bridge(settings, os.environ, live=True)
    logs.set_up(os.environ, settings.log_level, logs.secrets_of(bridge.mapping))
    return Reloading(bridge)
