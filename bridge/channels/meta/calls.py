"""Asking the Graph API, with a version in the address and the token in a header.

- https://developers.facebook.com/docs/graph-api/overview/
- Versions: https://developers.facebook.com/docs/graph-api/guides/versioning/
- `appsecret_proof`: https://developers.facebook.com/docs/graph-api/guides/secure-requests/
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from bridge.channels.contract import Surroundings
from bridge.channels.meta import errors
from bridge.channels.meta.errors import MEANINGS, Meanings
from bridge.errors import NeedsSignIn, NobodyKnows, Refused, Unreachable
from bridge.model import File
from bridge.outside import how_lost, its_clock, new_session
from bridge.settings import Secret

Pairs = tuple[tuple[str, str], ...]
Body = Mapping[str, Any]
"""What is sent as JSON."""
NO_SECRET = Secret("")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said. `at` is the server's own clock (its Date header), None where it sent none."""

    data: Any
    at: datetime | None = None

    def text(self, name: str) -> str:
        """A field of the answer that is text or a number, "" for none."""
        value = self.data.get(name) if isinstance(self.data, dict) else None
        number = isinstance(value, int) and not isinstance(value, bool)
        return str(value) if number or isinstance(value, str) else ""

    def rows(self) -> tuple[Any, ...]:
        """What stands under `data`."""
        listed = self.data.get("data") if isinstance(self.data, dict) else None
        return tuple(listed) if isinstance(listed, list) else ()

    def after(self) -> str:
        """Where the list goes on, "" where it ends.
        https://developers.facebook.com/docs/graph-api/results"""
        paging = self.data.get("paging") if isinstance(self.data, dict) else None
        if not isinstance(paging, dict) or not paging.get("next"):
            return ""
        cursors = paging.get("cursors")
        after = cursors.get("after") if isinstance(cursors, dict) else ""
        return after if isinstance(after, str) else ""


@dataclass(frozen=True, slots=True)
class Calls:
    """One account's way to the Graph API. `url` ends with the version, without a slash.

    `token` is asked for at every call, because it may have been renewed. `hidden` is another
    secret that answers may quote. With an `app_secret` each call proves that it comes from the
    app's own server. Each call has a connection of its own: one that the server has meanwhile
    given up would turn a write into one whose outcome nobody knows.
    """

    url: str
    token: Callable[[], Secret]
    surroundings: Surroundings
    app_secret: Secret = NO_SECRET
    hidden: Secret = NO_SECRET
    meanings: Meanings = field(default_factory=lambda: MEANINGS)

    def get(self, path: str, params: Pairs = ()) -> Answer:
        """Raises `Again` and its kin, `NeedsSignIn`, `Gone`, `Refused`."""
        return self._ask("GET", path, writes=False, params=params)

    def read(self, path: str, *fields: str, params: Pairs = ()) -> Answer:
        """`get` with the first of several choices of `fields` that is allowed, the richest first:
        one field that the object does not have, or that we may not see, fails the whole read."""
        *richer, plainest = fields
        for wanted in richer:
            try:
                return self.get(path, (("fields", wanted), *params))
            except (Refused, NeedsSignIn) as refused:
                if refused.code == NeedsSignIn.code:
                    raise
        return self.get(path, (("fields", plainest), *params))

    def write(self, path: str, body: Body, *, method: str = "POST") -> Answer:
        """A request that changes something. Raises as `get` does, and `NobodyKnows` where it may
        have been carried out."""
        return self._ask(method, path, writes=True, body=body)

    def change(self, path: str, params: Pairs = ()) -> Answer:
        """A POST that may be repeated without harm; raises as `get` does."""
        return self._ask("POST", path, writes=False, params=params)

    def upload(self, path: str, form: Pairs, name: str, file: File) -> Answer:
        """Multipart. A lost answer is only `Unreachable`: what is uploaded and never used is seen
        by nobody."""
        part = (name, (file.filename, file.content, file.content_type))
        return self._ask("POST", path, writes=False, form=form, file=part)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        writes: bool,
        params: Pairs = (),
        body: Body | None = None,
        form: Pairs = (),
        file: tuple[str, tuple[str, bytes, str]] | None = None,
    ) -> Answer:
        token = self.token()
        with new_session() as session:
            try:
                response = session.request(
                    method,
                    self.url + path,
                    params=(*params, *self._proof(token)),
                    json=body,
                    data=form or None,
                    files=[file] if file else None,
                    headers={
                        "Accept": "application/json",
                        "Connection": "close",
                        "Authorization": f"Bearer {token.reveal()}",
                    },
                    timeout=self.surroundings.timeout,
                    allow_redirects=False,
                )
            except requests.RequestException as lost:
                # Not `from lost`: its words hold the whole address, and some carry a token.
                raise how_lost(lost, self.url, writes) from None
            with response:
                return self._sorted(response, token, writes)

    def _proof(self, token: Secret) -> Pairs:
        if not self.app_secret:
            return ()
        key, said = self.app_secret.reveal().encode(), token.reveal().encode()
        return (("appsecret_proof", hmac.new(key, said, hashlib.sha256).hexdigest()),)

    def _sorted(self, response: requests.Response, token: Secret, writes: bool) -> Answer:
        status, host = response.status_code, urlsplit(self.url).netloc
        if not 200 <= status < 300:
            raise errors.refusal(
                response,
                _json(response, token, self.hidden),
                writes=writes,
                host=host,
                now=self.surroundings.clock(),
                meanings=self.meanings,
            )
        data = _json(response, self.hidden)
        if data is None or (isinstance(data, dict) and "error" in data):
            odd = f"{host} answered {status} with something that is no answer"
            raise NobodyKnows(odd) if writes else Unreachable(odd)
        return Answer(data, its_clock(response))


def part(opaque_id: str) -> str:
    """An id as a part of a path."""
    return quote(opaque_id, safe="")


def _json(response: requests.Response, *hidden: Secret) -> Any:
    """None for what is no JSON. Some refusals quote the token, which is never let through."""
    text = response.content.decode("utf-8", "replace")
    for secret in filter(None, hidden):
        text = text.replace(secret.reveal(), "***")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
