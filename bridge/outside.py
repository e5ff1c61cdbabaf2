"""Calling other people's servers: sessions that never retry, and files from strangers' addresses.

A URL that someone else chose is fetched only from a public address: the name is resolved once,
every address is checked, and the connection goes to the address that was checked, so neither a
redirect nor a second answer of the name server can turn it inwards (OWASP, Server-Side Request
Forgery Prevention Cheat Sheet).
"""

from __future__ import annotations

from collections.abc import Mapping as Headers
from datetime import datetime

import requests

from bridge.model import File

Timeout = tuple[float, float]


def new_session() -> requests.Session:
    """A session of our own: no retries (a repeated write is a doubled message), our User-Agent."""
    raise NotImplementedError


def wait_named(response: requests.Response, now: datetime) -> float | None:
    """Seconds the far side asked us to wait: Retry-After (seconds or date) or X-RateLimit-Reset
    (Unix time or ISO date). None where it named none or something unreadable."""
    raise NotImplementedError


def download(
    url: str,
    *,
    most: int,
    timeout: Timeout,
    trusted_hosts: frozenset[str] = frozenset(),
    credentials: Headers[str, Headers[str, str]] | None = None,
) -> File:
    """Fetch a file of at most `most` bytes, following a few redirects by hand.

    `credentials` maps a host (with port, as in the URL) to headers sent to that host alone.
    `trusted_hosts` (same form) may resolve to private addresses; nothing else may.
    Raises `Refused` (too large, forbidden address, odd scheme), `Gone` (404, 410), `Again`.
    """
    raise NotImplementedError
