"""A client of the stand-in for X."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests
from plugins_x import XSandbox
from requests_oauthlib import OAuth1


@dataclass(frozen=True)
class Client:
    """`call` gives the response whatever its status, `get` and `post` what is in a good one."""

    sandbox: XSandbox
    auth: OAuth1 | None = None
    bearer: str = ""

    def call(self, method: str, path: str, **details: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
        return self.sandbox.session.request(
            method, self.sandbox.url + path, headers=headers, auth=self.auth, timeout=20, **details
        )

    def get(self, path: str, **params: Any) -> Any:
        answer = self.call("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self.call("POST", path, json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()
