"""A plain client for the tests of the sandbox."""

from __future__ import annotations

from typing import Any

import requests
from plugins_zendesk import ZendeskSandbox


class Client:
    """Calls the sandbox as the bridge's user; answers are whole, redirects are not followed."""

    def __init__(self, sandbox: ZendeskSandbox) -> None:
        self.sandbox = sandbox
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers.update(sandbox.auth)

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
        return self.http.request(
            method,
            f"{self.sandbox.url}{path}",
            json=json,
            timeout=30,
            allow_redirects=False,
            **more,
        )

    def create(self, headers: dict[str, str] | None = None, **ticket: Any) -> dict[str, Any]:
        """A ticket with a public comment, unless told otherwise; the whole answer."""
        wanted = {"comment": {"body": "hello", "public": True}, **ticket}
        answer = self("POST", "/api/v2/tickets", {"ticket": wanted}, headers=headers)
        assert answer.status_code == 201, answer.text
        data: dict[str, Any] = answer.json()
        return data

    def update(self, ticket_id: int, **ticket: Any) -> requests.Response:
        return self("PUT", f"/api/v2/tickets/{ticket_id}.json", {"ticket": ticket})
