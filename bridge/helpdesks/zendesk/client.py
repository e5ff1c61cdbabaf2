"""zenpy, made safe: the only module that imports it.

Out of the box zenpy 2.0.57 repeats a PUT up to four times, loses a comment when an object is
tried again, caches, sleeps through 429 and drops what it cannot read. So here:

- every request goes through `Line`, our own `requests.Session`: no retries, no redirects, no
  cookies, always a time-out. It sorts the answer into `bridge.errors` before zenpy sees it, so
  that none of zenpy's handling of errors and of rate limits is ever reached;
- zenpy's objects are built anew for each try, its cache is off, and each thread has its own;
- zenpy gets a husk of each answer, with the way to the next page: nobody looks at the objects that
  it would make of the rest, and making them took more time than all else;
- a frozen body goes out as the very bytes that were frozen, and only if zenpy would have said
  the same: a key that a later zenpy drops is an error instead of a lost comment;
- zenpy thinks that it talks to `helpdesk.invalid`. `Line` puts the real address in, keeping the
  path and nothing else, so two desks with different addresses can live in one process and no
  link in an answer can send our token to another host.

Source: https://github.com/facetoe/zenpy (lib/api.py, lib/request.py, lib/generator.py)
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import structlog
from marshmallow import ValidationError
from zenpy import Zenpy
from zenpy.lib.api_objects import Ticket, User
from zenpy.lib.exception import ZenpyException

from bridge.bounded import Bounded
from bridge.errors import Misconfigured, RateLimited, Unreachable
from bridge.helpdesks.zendesk.faults import TokenRefused, lost, why_refused, why_silent
from bridge.helpdesks.zendesk.limits import Heard
from bridge.helpdesks.zendesk.shapes import Raw
from bridge.helpdesks.zendesk.tokens import Tokens
from bridge.model import Clock
from bridge.outside import USER_AGENT

__all__ = ["Call", "Line", "Lines", "Ticket", "User", "Zenpy", "exhaust"]

API = "/api/v2/"
MOST_PAGES = 300
"""A ticket holds 5,000 comments at most, 50 pages of 100; its audits are more."""

MOST_BYTES = 64 * 1024 * 1024
"""Of one answer: a page of 100 comments has each of up to 64 KiB in three forms."""

PAGING = ("meta", "links")
"""The objects of an answer that zenpy finds the next page by."""

Page = TypeVar("Page")
Act = Callable[[Zenpy], object]

# What zenpy stumbles over when an answer has a shape it does not know. The answer itself has
# been kept by then, and is read by our own schemas.
STUMBLES = (ZenpyException, AttributeError, IndexError, KeyError, TypeError, ValueError)

log = structlog.get_logger(__name__)


def exhaust(results: Iterable[object]) -> None:
    """Let a zenpy generator fetch all its pages; `Line` keeps them."""
    for _ in results:
        pass


@dataclass(slots=True)
class Call:
    """One request, or one walk over pages, under way on a line.

    `once`: a write that must not happen twice. `key`: sent as Idempotency-Key on opening a
    ticket. `frozen`: the JSON text that must go out, byte for byte. `include`: what is to come
    along with the first page, where zenpy has no argument for it.
    """

    once: bool = False
    key: str = ""
    frozen: str = ""
    include: str = ""
    pages: list[Raw] = field(default_factory=list)
    date: str = ""


class Husk(requests.Response):
    """An answer, read already: what zenpy needs to go on. What came along (`beside`) is left out:
    zenpy would take it for what is walked over, and end where nothing comes along."""

    def __init__(self, answered: requests.Response, page: Raw, beside: str) -> None:
        super().__init__()
        self.status_code = answered.status_code
        self.headers = answered.headers
        self.request = answered.request
        self._page = {name: _hollow(name, value) for name, value in page.items() if name != beside}

    def json(self, **_: Any) -> Raw:
        return self._page


class Line(requests.Session):
    """One thread's connection to one Zendesk. Raises the kinds of `bridge.errors`."""

    # zenpy sets no credentials of its own on a session that says this.
    authorized = True

    def __init__(
        self, address: str, clock: Clock, timeout: tuple[float, float], heard: Heard
    ) -> None:
        super().__init__()
        for scheme in ("https://", "http://"):
            self.mount(scheme, Bounded(MOST_BYTES))
        # A .netrc entry for the host would replace our token.
        self.trust_env = False
        self.headers["User-Agent"] = USER_AGENT
        self.headers["Accept"] = "application/json"
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.call = Call()
        self.token = ""
        self._address = address.rstrip("/")
        self._clock = clock
        self._timeout = timeout
        self._heard = heard
        self.zenpy = Zenpy(
            subdomain="helpdesk",
            domain="invalid",
            session=self,
            timeout=timeout,
            disable_cache=True,
        )

    def request(
        self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send what zenpy wants to send, to the real address; keep and sort the answer."""
        call, asked = self.call, str(url)
        if len(call.pages) >= MOST_PAGES:
            raise Unreachable("Zendesk keeps sending pages without an end")
        headers = dict(kwargs.get("headers") or {})
        headers["Authorization"] = f"Bearer {self.token}"
        body: bytes | None = kwargs.get("data")
        if body is None and kwargs.get("json") is not None:
            body = _wire(kwargs["json"], call.frozen)
            headers["Content-Type"] = "application/json"
        if call.key and method == "POST":
            headers["Idempotency-Key"] = call.key
        silence = None
        try:
            response = super().request(
                method,
                self._address + _path(asked, "" if call.pages else call.include),
                params=kwargs.get("params"),
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            silence = why_silent(error, once=call.once)
        if silence is not None:
            # Out here it has no context: the request hangs on the first error, and the token on
            # the request.
            raise silence
        husk = Husk(response, self._keep(response, call), call.include)
        # zenpy knows its own answers by the host name in their address.
        husk.request.url = asked
        return husk

    def _keep(self, response: requests.Response, call: Call) -> Raw:
        call.date = response.headers.get("Date", "")
        now = self._clock()
        fault = why_refused(response, once=call.once, now=now)
        self._heard.note(response, now, fault.wait if isinstance(fault, RateLimited) else None)
        if fault is not None:
            raise fault
        warning = response.headers.get("x-zendesk-api-warn", "")
        if warning:
            # Zendesk took the request and dropped a part of it: a 200 that is not one.
            log.error("zendesk_dropped_a_part", warning=warning[:400], path=_path_only(response))
        if response.status_code == HTTPStatus.NO_CONTENT:
            # All that a deletion answers. Whoever expects something finds it missing.
            page: object = {}
        else:
            try:
                page = response.json()
            except (ValueError, RecursionError):
                page = None
        if not isinstance(page, dict):
            raise lost("Zendesk's answer could not be read", once=call.once)
        call.pages.append(page)
        return page


class Lines:
    """One `Line` for each thread; asks with a token that is renewed when Zendesk refuses it."""

    def __init__(
        self, address: str, tokens: Tokens, clock: Clock, timeout: tuple[float, float]
    ) -> None:
        self._address = address
        self._tokens = tokens
        self._clock = clock
        self._timeout = timeout
        self.heard = Heard()
        self._here = threading.local()
        self._all: list[tuple[threading.Thread, Line]] = []
        self._guard = threading.Lock()

    def ask(
        self,
        act: Act,
        read: Callable[[Raw], Page],
        *,
        once: bool = False,
        key: str = "",
        frozen: str = "",
        include: str = "",
    ) -> tuple[Page, ...]:
        """Do it, with one renewal of the token if Zendesk refuses it; every page as `read` it.

        A 401 proves that nothing was done, so the second try is safe for a write too.
        """
        token = self._tokens.current()
        try:
            call = self._do(act, Call(once, key, frozen, include), token)
        except TokenRefused:
            call = self._do(act, Call(once, key, frozen, include), self._tokens.renew(token))
        try:
            return tuple(read(page) for page in call.pages)
        except ValidationError as error:
            log.error("zendesk_answer_unreadable", problems=str(error.messages)[:400])
            raise lost("Zendesk's answer has an unknown shape", once=once) from None

    def clocks(self, act: Act) -> tuple[datetime, str]:
        """Our time and Zendesk's Date header at the moment of an answer."""
        call = self._do(act, Call(), self._tokens.current())
        return self._clock(), call.date

    def close(self) -> None:
        with self._guard:
            lines, self._all = self._all, []
            self._here = threading.local()
        for _, line in lines:
            line.close()

    def _do(self, act: Act, call: Call, token: str) -> Call:
        line = self._line()
        line.call, line.token = call, token
        try:
            act(line.zenpy)
        except STUMBLES as error:
            if not call.pages or _more(call.pages[-1]):
                raise lost("Zendesk's answer could not be read", once=call.once) from error
            log.warning("zenpy_stumbled", kind=type(error).__name__)
        finally:
            line.call, line.token = Call(), ""
        return call

    def _line(self) -> Line:
        line: Line | None = getattr(self._here, "line", None)
        if line is None:
            line = Line(self._address, self._clock, self._timeout, self.heard)
            self._here.line = line
            with self._guard:
                over = [kept for thread, kept in self._all if not thread.is_alive()]
                self._all = [(thread, kept) for thread, kept in self._all if thread.is_alive()]
                self._all.append((threading.current_thread(), line))
            for left_behind in over:
                left_behind.close()
        return line


def _hollow(name: str, value: object) -> object:
    """A list that is not empty stays so: zenpy ends at an empty page."""
    if isinstance(value, list):
        return [{}] if value else []
    return {} if isinstance(value, dict) and name not in PAGING else value


def _wire(payload: Any, frozen: str) -> bytes:
    if not frozen:
        return json.dumps(payload).encode()
    ticket = {name: value for name, value in payload.get("ticket", {}).items() if name != "id"}
    if {"ticket": ticket} != json.loads(frozen):
        raise Misconfigured(
            "zenpy would send something else than was frozen, so nothing was sent: "
            "this version of zenpy cannot be used"
        )
    return frozen.encode("ascii")


def _path(url: str, include: str) -> str:
    """Path and query below /api/v2, whatever host they were given with."""
    parts = urlsplit(url)
    _, found, rest = parts.path.partition(API)
    if not found:
        raise Misconfigured("a call outside Zendesk's API was stopped")
    # zenpy writes an absent `include` as the word None.
    kept = [part for part in parts.query.split("&") if part and part != "include=None"]
    if include and not any(part.startswith("include=") for part in kept):
        kept.append(f"include={include}")
    query = "&".join(kept)
    return API + rest + (f"?{query}" if query else "")


def _path_only(response: requests.Response) -> str:
    return urlsplit(response.request.url or "").path


def _more(page: dict[str, Any]) -> bool:
    meta = page.get("meta")
    return bool(isinstance(meta, dict) and meta.get("has_more"))
