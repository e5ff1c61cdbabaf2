"""What can go wrong here: everything of `bridge.sandbox.faults`, answered in Graph's words.

`graph_error` with `body` naming an entry of the catalogue refuses the next call that fits;
`created_but_400` carries out a write and answers 400 with 20/1772107, seen on Instagram comments;
`rate_limited` answers code 4 (or the catalogue's name in `body`), with usage headers that ask for
`retry_after` minutes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bridge.sandbox.faults import ANSWERED, Faults
from bridge.sandbox.meta.refusals import CATALOGUE, Refusal, Wrong, refuse, unknown_object

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MORE = ("graph_error", "created_but_400", "rate_limited")

_SPOKEN: dict[str, Wrong] = {
    "401": CATALOGUE["token_expired"],
    "403": CATALOGUE["permission"],
    "404": unknown_object("get", "0").wrong,
    "409": CATALOGUE["unknown_1"],
    "422_closed": Wrong(100, "(#100) Invalid parameter"),
    "429": CATALOGUE["app_rate_limit"],
    "429_without_wait": CATALOGUE["app_rate_limit"],
    "500": CATALOGUE["unknown_1"],
    "503": CATALOGUE["transient_2"],
    "504_after_write": CATALOGUE["transient_2"],
}


class GraphFaults(Faults):
    """The answered faults speak Graph unless a body is given; usage headers go with a 429."""

    def __init__(self) -> None:
        super().__init__(more=MORE)

    def add(self, fault: str, **details: Any) -> None:
        """Raises `ValueError` for a name nobody knows, also one in the body of `graph_error`."""
        if fault in ANSWERED and fault in _SPOKEN and not details.get("body"):
            details["body"] = json.dumps(_SPOKEN[fault].body())
        if fault in ("graph_error", "rate_limited"):
            details["body"] = details.get("body") or "app_rate_limit"
            if details["body"] not in CATALOGUE:
                raise ValueError(f"no refusal is called {details['body']!r}")
        super().add(fault, **details)

    def met(self, method: str, path: str) -> Refusal | None:
        """The refusal that was ordered for this call, None if none was."""
        ordered = self.take("graph_error", method=method, path=path)
        if ordered:
            status = ordered.status or CATALOGUE[ordered.body].status
            return refuse(ordered.body, status=status)
        limited = self.take("rate_limited", method=method, path=path)
        if limited:
            return refuse(limited.body, headers=usage_headers(int(limited.retry_after or 0)))
        return None

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        behind = super().wrap(app)

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                if status.startswith("429"):
                    headers = [*headers, *usage_headers(1)]
                return start_response(status, headers, *more)

            return behind(environ, start)

        return answer


def usage_headers(minutes: int) -> tuple[tuple[str, str], ...]:
    """What tells how much is used up, and in how many minutes there is more.

    https://developers.facebook.com/docs/graph-api/overview/rate-limiting/#headers
    """
    used = {"call_count": 100, "total_cputime": 25, "total_time": 25}
    case = {**used, "type": "pages", "estimated_time_to_regain_access": minutes}
    return (
        ("X-App-Usage", json.dumps(used)),
        ("X-Business-Use-Case-Usage", json.dumps({"302200010001000": [case]})),
    )
