"""Asking a CRM: within its budget, signed in, and sorted into our kinds of failure as far as HTTP
says it. What the CRM's own error bodies mean is each connector's to say."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from bridge.connectors.contract import Around
from bridge.connectors.signin import SignIn
from bridge.errors import (
    BridgeError,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    RateLimited,
    Unreachable,
)
from bridge.outside import how_lost, new_session, wait_named
from bridge.text.html import line

_LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is the JSON body, None where there is none. `wait` are seconds that it named."""

    status: int
    data: Any
    body: bytes
    headers: Mapping[str, str]
    wait: float | None = None

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


class Calls:
    """One target's way to its CRM. `url` has no trailing slash; paths begin with one. `wait_of`
    reads a 429 whose headers name no wait: how many seconds that CRM means by it."""

    def __init__(
        self,
        url: str,
        around: Around,
        sign_in: SignIn,
        wait_of: Callable[[Answer], float | None] | None = None,
    ) -> None:
        self.url = url
        self._around = around
        self._sign_in = sign_in
        self._wait_of = wait_of

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        writes: bool | None = None,
    ) -> Answer:
        """Any answer of 2xx and 4xx but 401, 408, 429, for the connector to sort. `body` goes as
        JSON, `raw` as it is. `writes`: whether it may change something; by default all but GET.

        Raises `RateLimited` (429), `Unreachable`, `NeedsSignIn` (401, after a renewed sign-in),
        `Misconfigured` (3xx but 300), `NobodyKnows` (a write without an answer, or with 5xx but
        503).
        """
        may_change = method != "GET" if writes is None else writes
        content = raw if body is None else json.dumps(body).encode("ascii")
        sent = {"Accept": "application/json", **(headers or {})}
        if body is not None:
            sent.setdefault("Content-Type", "application/json; charset=UTF-8")
        signed = self._sign_in.header()
        answer = self._send(method, path, params, content, sent, signed, may_change)
        if answer.status == 401 and self._sign_in.renewed(signed):
            signed = self._sign_in.header()
            answer = self._send(method, path, params, content, sent, signed, may_change)
        wrong = self._refusal(answer, may_change)
        if wrong is not None:
            raise wrong
        return answer

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        content: bytes | None,
        headers: Mapping[str, str],
        signed: str,
        may_change: bool,
    ) -> Answer:
        self._around.budget.take()
        lost_as: BridgeError | None = None
        with new_session() as session:
            try:
                response = session.request(
                    method,
                    self.url + path,
                    params=params,
                    data=content,
                    headers={**headers, "Connection": "close"},
                    auth=_Signed(signed),
                    timeout=self._around.timeout,
                    allow_redirects=False,
                )
            except requests.RequestException as lost:
                lost_as = how_lost(lost, self.url, may_change)
        if lost_as is not None:
            # Out here it has no context: the request, with the token in it, hangs on that error.
            raise lost_as
        return Answer(
            response.status_code,
            _json(response),
            response.content,
            response.headers,
            wait_named(response, self._around.clock()),
        )

    def _refusal(self, answer: Answer, may_change: bool) -> BridgeError | None:
        status, host = answer.status, urlsplit(self.url).netloc
        if status == 429:
            wait = answer.wait
            if wait is None and self._wait_of:
                wait = self._wait_of(answer)
            return RateLimited(f"{host} asks us to wait", wait)
        if status == 401:
            return NeedsSignIn(f"{host} does not accept our sign-in")
        if status in (408, 425, 503):
            return Unreachable(f"{host} answered {status}", answer.wait)
        if status >= 500:
            says = f"{host} answered {status}"
            return NobodyKnows(says) if may_change else Unreachable(says, answer.wait)
        if 301 <= status < 400:
            return Misconfigured(f"{host} sends us elsewhere: this is not its own address")
        return None


class _Signed(requests.auth.AuthBase):
    """As an `auth`, so that nothing else puts other credentials in its place."""

    def __init__(self, header: str) -> None:
        self._header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


def _json(response: requests.Response) -> Any:
    try:
        return json.loads(response.content) if response.content else None
    except (ValueError, RecursionError):
        return None


def words(said: object) -> str:
    """The CRM's own words in one line, not too many."""
    return line(" ".join(str(said).split()), _LONGEST_WORDS)
