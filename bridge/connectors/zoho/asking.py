"""Asking Zoho CRM, and what its errors mean.

https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
https://www.zoho.com/crm/developer/docs/api/v8/refresh.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bridge.connectors.calls import Answer, Calls, words
from bridge.connectors.contract import Around
from bridge.connectors.signin import Fetched
from bridge.errors import Misconfigured, NeedsSignIn, RateLimited, Refused

PATH = "/crm/v8"
CREDITS = "X-API-CREDITS-REMAINING"
"""Told once half of the credits of the rolling 24 hours are used up."""

_LOOK_AGAIN = timedelta(hours=1)
_RIGHTS = frozenset({"NO_PERMISSION", "OAUTH_SCOPE_MISMATCH", "AUTHENTICATION_FAILURE"})
_MODULE = frozenset({"INVALID_MODULE", "FEATURE_NOT_SUPPORTED", "NOT_SUPPORTED"})
_SLOW = frozenset({"TOO_MANY_REQUESTS", "LIMIT_EXCEEDED", "LIMIT_REACHED"})
_WAIT = 60.0


class ZohoCalls:
    """One organisation. Zoho gives at most ten access tokens in ten minutes, so they are kept."""

    def __init__(self, target: str, options: Mapping[str, Any], around: Around) -> None:
        def form(refresh: str) -> Mapping[str, str]:
            return {
                "grant_type": "refresh_token",
                "client_id": options["client_id"],
                "client_secret": options["client_secret"].reveal(),
                "refresh_token": refresh or options["refresh_token"].reveal(),
            }

        token = f"{options['accounts_url']}/oauth/v2/token"
        signed = Fetched(f"crm {target}", token, form, around, word="Zoho-oauthtoken")
        self._calls = Calls(options["api_url"], around, signed, lambda _: _WAIT)
        self._clock = around.clock
        self._keep: int = options["keep_credits"]
        self._short_since: datetime | None = None

    def ask(
        self, method: str, path: str, *, body: Any = None, params: Mapping[str, str] | None = None
    ) -> Answer:
        """Raises what `Calls.ask` does, and `RateLimited` while fewer credits are left than are to
        be kept: looked at again an hour later."""
        since = self._short_since
        if since is not None and self._clock() < since + _LOOK_AGAIN:
            left = (since + _LOOK_AGAIN - self._clock()).total_seconds()
            raise RateLimited(f"fewer than {self._keep:,} of Zoho's credits are left today", left)
        answer = self._calls.ask(method, PATH + path, body=body, params=params)
        told = answer.headers.get(CREDITS, "")
        is_short = told.isdecimal() and int(told) < self._keep
        self._short_since = self._clock() if is_short else None
        return answer


def code_of(answer: Answer) -> str:
    """Of an answer that is an error as a whole, "" where it speaks of rows."""
    return str(answer.data.get("code") or "") if isinstance(answer.data, dict) else ""


def rows_of(answer: Answer, name: str = "data") -> list[dict[str, Any]] | None:
    """What is said of each row, None where nothing is."""
    rows = answer.data.get(name) if isinstance(answer.data, dict) else None
    return [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else None


def refused(answer: Answer, module: str) -> Exception:
    """What an error as a whole comes to."""
    code = code_of(answer) or str(answer.status)
    says = words(answer.data.get("message") if isinstance(answer.data, dict) else "no word")
    if code in _RIGHTS or answer.status == 403:
        return NeedsSignIn(f"Zoho does not let us: {says} ({code})")
    if code in _MODULE or answer.status == 404:
        return Misconfigured(f"Zoho has no module {module} for us: {says} ({code})")
    if code in _SLOW:
        return RateLimited(f"Zoho asks us to slow down: {says} ({code})", answer.wait or _WAIT)
    if "duplicate_check_fields" in str(answer.data):
        return Misconfigured(f"{module} has no unique field of our ids: bridge crm setup")
    return Refused(f"Zoho does not take the call: {says} ({code})")
