"""How PostgreSQL is reached over a network that may fail without a word.

A host that is cut off sends no goodbye. Without these the near side would wait for a quarter of an
hour for an answer (https://man7.org/linux/man-pages/man7/tcp.7.html, tcp_retries2), and the server
keep the locks of a transaction that nobody will ever end, for two hours (tcp_keepalive_time).
"""

from __future__ import annotations

from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

APPLICATION = "bridge"
CONNECT_WITHIN = 10
SILENT_FOR = 20
"""Seconds after which a connection whose far end says nothing any more is given up."""

RESTED = 1.0
"""Seconds after which a connection of the pool is asked whether it is still there before it is
used. One that was at work a moment ago is not: asking costs as much as a statement, and what is
lost meanwhile fails there, as it does in the middle of a transaction."""

OURS = {
    "application_name": APPLICATION,
    "connect_timeout": CONNECT_WITHIN,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": SILENT_FOR * 1000,
}
"""For the near end (https://www.postgresql.org/docs/current/libpq-connect.html)."""

THEIRS = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": f"{SILENT_FOR}s",
    "idle_in_transaction_session_timeout": "5min",
}
"""For the server's end (https://www.postgresql.org/docs/current/runtime-config-connection.html).
The last one ends the transaction of a process that froze in it while its host is well: what it
locked is let go."""

_SET = """
SELECT set_config(name, wanted, false)
FROM pg_settings JOIN unnest(%s::text[], %s::text[]) AS ours(ours, wanted) ON name = ours
WHERE source = 'default'
"""
"""What the server does not know, or its admin has set, is left as it is."""


def patience(url: URL) -> dict[str, Any]:
    """What to connect with: ours, unless the address says otherwise by a parameter of the same
    name."""
    return {name: value for name, value in OURS.items() if name not in url.query}


def settle(raw: psycopg.Connection[Any]) -> None:
    """The same for the other end of a new connection."""
    before, raw.autocommit = raw.autocommit, True
    raw.execute(_SET, (list(THEIRS), list(THEIRS.values())))
    raw.autocommit = before


def ask_the_rested(engine: Engine) -> None:
    """A connection that has rested is replaced if nobody is at its other end any more
    (https://docs.sqlalchemy.org/en/20/core/pooling.html#custom-legacy-pessimistic-ping)."""

    @event.listens_for(engine, "checkin")
    def _rests(_raw: Any, entry: ConnectionPoolEntry) -> None:
        entry.info["rests_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(raw: Any, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        since = entry.info.get("rests_since")
        if since is None or monotonic() - since < RESTED:
            return
        try:
            engine.dialect.do_ping(raw)
        except psycopg.Error as lost:
            raise InvalidatePoolError from lost
