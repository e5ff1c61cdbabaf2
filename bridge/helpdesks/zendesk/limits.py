"""How much of Zendesk's limits is left, as its own answers say it.

https://developer.zendesk.com/api-reference/introduction/rate-limits/
The account's limit depends on its plan and stands in the headers of every answer, as does what
everybody who uses the account (other apps too) has left of it. The limit for ticket updates, 100
a minute in every plan, has no header: it is counted by whoever sends them, and a 429 that comes
although the account has calls left is believed to be about it.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import requests

from bridge.helpdesks.contract import Budget

MINUTE = timedelta(minutes=1)
TOTAL = ("X-Rate-Limit", "ratelimit-limit", "rate-limit")
LEFT = ("X-Rate-Limit-Remaining", "ratelimit-remaining", "rate-limit-remaining")
RESETS = ("ratelimit-reset", "rate-limit-reset")


class Heard:
    """What the last answers said. May be used by many threads at once."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._budget = Budget()
        self.ahead = timedelta()
        """By how much our clock is ahead of Zendesk's."""

    def budget(self) -> Budget:
        return self._budget

    def note(self, response: requests.Response, now: datetime, wait: float | None) -> None:
        """`wait` is what a 429 asked for, in seconds; None for every other answer, and for a 429
        that does not say."""
        total, left = _number(response, TOTAL), _number(response, LEFT)
        self.ahead = _ahead(response, now)
        if _is_export(response):
            return
        limited = response.status_code == 429
        until = now + (timedelta(seconds=wait) if wait is not None else MINUTE)
        with self._guard:
            known = self._budget
            if total and left is not None:
                resets = _number(response, RESETS)
                whole_at = now + (
                    MINUTE if resets is None else min(MINUTE, timedelta(seconds=resets))
                )
                known = replace(known, total=total, left=left, whole_at=whole_at)
            if limited and (left == 0 or (left is None and not _is_update(response))):
                # It is a minute's: a header that is wrong must not close it for longer.
                known = replace(known, closed_until=min(until, now + MINUTE))
            elif limited and _is_update(response) and until <= now + MINUTE:
                # A longer wait is the single ticket's, whose window is ten minutes.
                known = replace(known, updates_closed_until=until)
            self._budget = known


def _ahead(response: requests.Response, now: datetime) -> timedelta:
    try:
        return max(now - parsedate_to_datetime(response.headers.get("Date", "")), timedelta())
    except (TypeError, ValueError):  # not told, or without a zone
        return timedelta()


def _is_update(response: requests.Response) -> bool:
    asked = response.request
    return asked is not None and asked.method == "PUT" and "/tickets/" in (asked.url or "")


def _is_export(response: requests.Response) -> bool:
    """Exports have a limit of their own, ten a minute, and no header that names it: catching up
    uses it up, which must close nothing else
    (https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/#rate-limits).
    """
    asked = response.request
    return asked is not None and "/incremental/" in (asked.url or "")


def _number(response: requests.Response, names: tuple[str, ...]) -> int | None:
    for name in names:
        value = response.headers.get(name, "")
        if value.isascii() and value.isdigit() and len(value) < 10:
            return int(value)
    return None
