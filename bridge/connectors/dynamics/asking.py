"""Asking the Dataverse Web API, and what its errors mean.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors
https://learn.microsoft.com/power-apps/developer/data-platform/webapi/perform-conditional-operations-using-web-api
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bridge.connectors.calls import Answer, Calls, words
from bridge.connectors.contract import Around
from bridge.connectors.signin import Fetched
from bridge.errors import Misconfigured

PATH = "/api/data/v9.2"
PRIVILEGE = frozenset({"0x80040220", "0x80048306"})
"""PrivilegeDenied, and its newer spelling."""

_HEADERS = {"OData-Version": "4.0", "OData-MaxVersion": "4.0"}
_NO_KEY = "key in the request uri is not valid"
"""https://learn.microsoft.com/power-apps/developer/data-platform/use-alternate-key-reference-record"""


class Dataverse:
    """One environment. Raises what `Calls.ask` does, and `Misconfigured` for what no row is to
    blame for: missing privileges, a missing or unready alternate key."""

    def __init__(self, target: str, options: Mapping[str, Any], around: Around) -> None:
        def form(_: str) -> Mapping[str, str]:
            return {
                "grant_type": "client_credentials",
                "client_id": options["client_id"],
                "client_secret": options["client_secret"].reveal(),
                "scope": f"{options['url']}/.default",
            }

        token = f"{options['login_url']}/{options['tenant_id']}/oauth2/v2.0/token"
        self.calls = Calls(options["url"], around, Fetched(f"crm {target}", token, form, around))

    def ask(
        self, method: str, path: str, *, body: Any = None, match: str = "", none_match: str = ""
    ) -> Answer:
        """`match` and `none_match` are If-Match and If-None-Match: "*" updates, or makes, only."""
        headers = dict(_HEADERS)
        if match:
            headers["If-Match"] = match
        if none_match:
            headers["If-None-Match"] = none_match
        answer = self.calls.ask(method, f"{PATH}/{path}", body=body, headers=headers)
        code, says = error(answer)
        if answer.status == 403 or code in PRIVILEGE:
            raise Misconfigured(f"the application user may not do this: {words(says)} ({code})")
        if answer.status == 400 and _NO_KEY in says.lower():
            raise Misconfigured(
                "the alternate key of our ids is not there, or not active yet: bridge crm setup"
            )
        return answer


def error(answer: Answer) -> tuple[str, str]:
    """The code and the sentence of an error body, "" where there is none."""
    told = answer.data.get("error") if isinstance(answer.data, dict) else None
    told = told if isinstance(told, dict) else {}
    return str(told.get("code") or ""), str(told.get("message") or "")


def guid(answer: Answer) -> str:
    """Dynamics' own id of what was written, from `OData-EntityId`; "" where it is not told."""
    said = re.search(r"\(([0-9a-fA-F-]{36})\)\s*$", answer.headers.get("OData-EntityId", ""))
    return said.group(1) if said else ""
