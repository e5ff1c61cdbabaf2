"""Asking a Mastodon server, and sorting what it answers into our kinds of failure.

- Errors are `{"error": …, "error_description": …}`: https://docs.joinmastodon.org/entities/Error/
- Rate limits: https://docs.joinmastodon.org/api/rate-limits/
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import requests

from bridge.channels.contract import Surroundings
from bridge.errors import (
    BridgeError,
    Gone,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    RateLimited,
    Refused,
    Unreachable,
)
from bridge.model import File
from bridge.outside import how_lost, its_clock, new_session, wait_named
from bridge.settings import Secret
from bridge.text.html import line

Pairs = tuple[tuple[str, str], ...]

_LONGEST_WORDS = 300
_PLACE = re.compile(r"[\x21-\x7e]{1,200}")
_OF_THE_SIGN_IN = re.compile(r"scope|token|login|log in|authenticated user|confirm", re.IGNORECASE)


class ServerTrouble(Unreachable):
    """The server was there and answered that it is broken (5xx), or what nobody can read (no JSON,
    without an end), to a question that changes nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said. `at` is its own clock (its Date header), None where it sent none.
    `newer` is the `min_id` of the Link header's `prev`, "" for none."""

    status: int
    data: Any
    at: datetime | None = None
    newer: str = ""


class _Bearer(requests.auth.AuthBase):
    """As an `auth`, so that nothing else puts other credentials in its place."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request


@dataclass(frozen=True, slots=True)
class Calls:
    """One account's way to its server. `url` has no trailing slash.

    Each call has a connection of its own: one that the server has meanwhile given up would turn a
    write into one whose outcome nobody knows, and snac gives up every kept connection.
    """

    url: str
    token: Secret
    surroundings: Surroundings

    def get(self, path: str, params: Pairs = ()) -> Answer:
        """Raises `Again` and its kin, `NeedsSignIn`, `Gone` (404, 410), `Refused`."""
        return self._ask("GET", path, params=params, writes=False)

    def write(
        self, method: str, path: str, *, form: Pairs = (), key: str = "", file: File | None = None
    ) -> Answer:
        """A request that changes something. Raises as `get` does, and `NobodyKnows` where it may
        have been carried out."""
        return self._ask(method, path, form=form, key=key, file=file, writes=True)

    def upload(self, path: str, file: File) -> Answer:
        """As `write`, but a lost answer is only `Unreachable`: an upload that belongs to no status
        is seen by nobody and thrown away by the server."""
        form = (("description", file.description),) if file.description else ()
        return self._ask("POST", path, form=form, file=file, writes=False)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        writes: bool,
        params: Pairs = (),
        form: Pairs = (),
        key: str = "",
        file: File | None = None,
    ) -> Answer:
        with new_session() as session:
            try:
                response = session.request(
                    method,
                    self.url + path,
                    params=params,
                    data=form or None,
                    files={"file": (file.filename, file.content, file.content_type)}
                    if file
                    else None,
                    headers={"Accept": "application/json", "Connection": "close"}
                    | ({"Idempotency-Key": key} if key else {}),
                    auth=_Bearer(self.token),
                    timeout=self.surroundings.timeout,
                    allow_redirects=False,
                )
            except requests.RequestException as lost:
                raise how_lost(lost, self.url, writes) from lost
            with response:
                return self._sorted(response, writes)

    def _sorted(self, response: requests.Response, writes: bool) -> Answer:
        status = response.status_code
        data = _json(response)
        if 200 <= status < 300:
            if data is _NOT_JSON:
                odd = f"{self._host} answered {status} with something that is not JSON"
                raise NobodyKnows(odd) if writes else ServerTrouble(odd)
            return Answer(status, data, its_clock(response), _newer(response))
        raise self._refusal(response, self._words(data), writes)

    def _refusal(self, response: requests.Response, words: str, writes: bool) -> BridgeError:
        status = response.status_code
        says = f"{self._host} says: {words}" if words else f"{self._host} answered {status}"
        if 300 <= status < 400:
            return Misconfigured(f"{self._host} sends us elsewhere: `url` is not its own address")
        if status == 429:
            now = self.surroundings.clock()
            return RateLimited(f"{self._host} asked us to wait", wait_named(response, now))
        if status == 401 or (status in (403, 422) and _OF_THE_SIGN_IN.search(words)):
            return NeedsSignIn(says)
        if status in (404, 410):
            return Gone(says)
        if status in (408, 425) or status >= 500:
            if writes:
                return NobodyKnows(f"{says} ({status}) after the request had been sent")
            wait = wait_named(response, self.surroundings.clock())
            return ServerTrouble(f"{says} ({status})", wait)
        if status == 409:
            return Unreachable(says)
        return Refused(says)

    def _words(self, data: Any) -> str:
        """The server's own words, in one line, never our token."""
        said = data if isinstance(data, dict) else {}
        parts = [said.get(name) for name in ("error", "error_description")]
        words = ": ".join(" ".join(part.split()) for part in parts if isinstance(part, str))
        if self.token:
            words = words.replace(self.token.reveal(), "***")
        return line(words, _LONGEST_WORDS)

    @property
    def _host(self) -> str:
        return urlsplit(self.url).netloc


def part(opaque_id: str) -> str:
    """An id as a part of a path: ids are opaque, some servers put slashes into them."""
    return quote(opaque_id, safe="")


_NOT_JSON = object()


def _json(response: requests.Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return _NOT_JSON


def _newer(response: requests.Response) -> str:
    """Only the place is taken from the link, never the address: our token goes to our server."""
    address = response.links.get("prev", {}).get("url", "")
    try:
        place = parse_qs(urlsplit(address).query).get("min_id", [""])[0]
    except ValueError:
        return ""
    return place if _PLACE.fullmatch(place) else ""
