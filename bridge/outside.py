"""Calling other people's servers: sessions that never retry, and files from strangers' addresses.

A URL that someone else chose is fetched only from a public address: the name is resolved once,
every address is checked, and the connection goes to the address that was checked, so neither a
redirect nor a second answer of the name server can turn it inwards (OWASP, Server-Side Request
Forgery Prevention Cheat Sheet).
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Mapping as Headers
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import NewConnectionError, SSLError

from bridge.addresses import DEFAULT_PORT, Address, Place, place_of, resolve
from bridge.bounded import Bounded, Patience
from bridge.errors import (
    Again,
    BridgeError,
    Gone,
    Misconfigured,
    NobodyKnows,
    RateLimited,
    Refused,
    Unreachable,
)
from bridge.model import Clock, File, utcnow
from bridge.text.filename import content_type_of, filename_of

Timeout = tuple[float, float]


class Withheld(Refused):
    """The server does not give us this file (401, 403)."""


USER_AGENT = f"helpdesk-bridge/{version('helpdesk-bridge')}"
LONGEST_WAIT = 3600.0
_REDIRECTS = 5
_CHUNK = 64 * 1024


class _Session(requests.Session):
    """Reads follow redirects; a write that is sent elsewhere is an answer to be looked at."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        if resp.request.method not in ("GET", "HEAD"):
            return None
        return super().get_redirect_target(resp)


def new_session() -> requests.Session:
    """A session of our own: no retries (a repeated write is a doubled message), our User-Agent.

    Nothing from the environment (proxies, ~/.netrc), no cookies kept, no redirect followed on a
    write; answers are read whole at once, up to the limits of `Bounded`. The caller closes it and
    names a timeout on every call.
    """
    session = _Session()
    session.trust_env = False
    session.max_redirects = _REDIRECTS
    session.headers["User-Agent"] = USER_AGENT
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("http://", Bounded())
    session.mount("https://", Bounded())
    return session


def never_sent(lost: requests.RequestException) -> bool:
    """True only where no connection came about, so that the request cannot have arrived."""
    if isinstance(lost, requests.exceptions.ConnectTimeout):
        return True
    reason = getattr(lost.args[0] if lost.args else None, "reason", None)
    if isinstance(reason, SSLError):
        return any(isinstance(why, ssl.SSLCertVerificationError) for why in reason.args)
    return isinstance(reason, NewConnectionError)


def how_lost(lost: requests.RequestException, url: str, writes: bool) -> BridgeError:
    """What a call without an answer comes to. A lost write may have been carried out, unless no
    connection came about."""
    if isinstance(lost, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return Misconfigured(f"{url} is not an address that can be asked")
    host = urlsplit(url).netloc
    if not writes or never_sent(lost):
        return Unreachable(f"{host} cannot be reached ({type(lost).__name__})")
    return NobodyKnows(f"{host} was sent the request and gave no answer")


def its_clock(response: requests.Response) -> datetime | None:
    """What the far side's own clock says (its Date header), None where it sent none."""
    try:
        at = parsedate_to_datetime(response.headers.get("Date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def wait_named(response: requests.Response, now: datetime) -> float | None:
    """Seconds the far side asked us to wait: Retry-After (seconds or date), X-RateLimit-Reset or,
    as X spells it, X-Rate-Limit-Reset (Unix time or ISO date). None where it named none or
    something unreadable.

    Never more than an hour: a mistaken header must not silence an account for a year.
    """
    return wait_in(response.headers, now)


def wait_in(headers: Headers[str, str], now: datetime) -> float | None:
    """The same, of headers whose names are found in any case."""
    seconds = _retry_after(headers.get("Retry-After") or "", now)
    if seconds is None:
        reset = headers.get("X-RateLimit-Reset") or headers.get("X-Rate-Limit-Reset") or ""
        seconds = _reset(reset, now)
    return None if seconds is None or seconds < 0 else min(seconds, LONGEST_WAIT)


def _retry_after(value: str, now: datetime) -> float | None:
    """RFC 9110, 10.2.3; some servers send fractions."""
    value = value.strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?", value):
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _until(at, now)


def _reset(value: str, now: datetime) -> float | None:
    """X and Mastodon name an instant; GoToSocial writes it as an ISO date."""
    value = value.strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?", value):
        return float(value) - now.timestamp()
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return _until(at, now)


def _until(at: datetime, now: datetime) -> float:
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (aware - now).total_seconds()


def _connect(address: Address, seconds: float) -> socket.socket:
    family, where_to = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(where_to)
    except OSError:
        sock.close()
        raise
    return sock


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)


class Pinned(http.client.HTTPConnection):
    """Goes to the addresses that were checked; Host, SNI and certificate stay with the name."""

    def __init__(self, place: Place, addresses: list[Address], timeout: Timeout) -> None:
        super().__init__(place.host, place.port)
        self.default_port = DEFAULT_PORT[place.scheme]  # decides how Host is written
        self._place = place
        self._addresses = addresses
        self._timeout = timeout

    def connect(self) -> None:
        last: OSError | None = None
        for address in self._addresses:
            try:
                self.sock = _connect(address, self._timeout[0])
            except OSError as wrong:
                last = wrong
                continue
            self.sock.settimeout(self._timeout[1])
            return
        raise last or OSError("no address")

    def secure(self) -> None:
        if self._place.scheme == "https":
            self.sock = _tls().wrap_socket(self.sock, server_hostname=self._place.host)


def download(
    url: str,
    *,
    most: int,
    timeout: Timeout,
    trusted_hosts: frozenset[str] = frozenset(),
    credentials: Headers[str, Headers[str, str]] | None = None,
    clock: Clock = utcnow,
    most_seconds: float = 60.0,
) -> File:
    """Fetch a file of at most `most` bytes, following a few redirects by hand.

    `credentials` maps a host (with port, as in the URL) to headers sent to that host alone, over
    https (over http only to a trusted host), and no more once a redirect has led elsewhere.
    `trusted_hosts` (same form) may resolve to private addresses; nothing else may.
    `most_seconds` bounds each of the (at most six) requests from connection to last byte.
    Raises `Refused` (too large, forbidden address, odd scheme), `Gone` (404, 410), `Again`.
    """
    place = place_of(url)
    own = {host.lower(): headers for host, headers in (credentials or {}).items()}
    for _ in range(_REDIRECTS + 1):
        trusted = place.is_among(trusted_hosts)
        headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
        if place.scheme == "https" or trusted:
            headers.update(own.get(place.netloc, {}))
        answer = _ask(place, headers, resolve(place, trusted), most, timeout, clock, most_seconds)
        if isinstance(answer, File):
            return answer
        following = place_of(urljoin(place.url, answer))
        downgraded = place.scheme == "https" and following.scheme == "http"
        if following.netloc != place.netloc or downgraded:
            own = {}
        place = following
    raise Refused("the link leads from one address to the next without end")


def _ask(
    place: Place,
    headers: dict[str, str],
    addresses: list[Address],
    most: int,
    timeout: Timeout,
    clock: Clock,
    most_seconds: float,
) -> File | str:
    """The file, or where it is said to be instead."""
    connection = Pinned(place, addresses, timeout)
    with ExitStack() as stack:
        stack.callback(connection.close)
        try:
            connection.connect()
            patience = stack.enter_context(Patience(most_seconds))
            patience.watch(connection.sock)
            connection.secure()
            connection.request("GET", place.target, headers=headers)
            response = connection.getresponse()
            stack.callback(response.close)
            location = _judge(place, response, clock())
            if location:
                return location
            content = _content(place, response, most)
        except ssl.SSLCertVerificationError as wrong:
            raise Refused(f"the certificate of {place.host} does not hold") from wrong
        except (OSError, http.client.HTTPException, ValueError) as wrong:
            raise Unreachable(f"{place.host} did not answer properly") from wrong
        if patience.over:
            raise Unreachable(f"{place.host} took too long")
    kind = content_type_of(response.getheader("Content-Type", ""))
    name = filename_of(response.getheader("Content-Disposition", ""), place.url, kind)
    return File(name, kind, content)


def _judge(place: Place, response: http.client.HTTPResponse, now: datetime) -> str:
    """Where to go on ("" for: here it is). Raises for every answer that brings no file."""
    status = response.status
    if status in (301, 302, 303, 307, 308):
        location = response.getheader("Location", "").strip()
        if location:
            # http.client reads headers as Latin-1; addresses with umlauts come as UTF-8.
            return quote(location.encode("latin-1"), safe="%/:=&?~#+!$,;'@()*[]")
    if status == 200:
        return ""
    if status in (404, 410):
        raise Gone(f"{place.host} has no such file any more ({status})")
    wait = wait_in(CaseInsensitiveDict(response.getheaders()), now)
    if status == 429:
        raise RateLimited(f"{place.host} asked us to wait", wait)
    if status in (408, 425) or status >= 500:
        raise Again(f"{place.host} has trouble of its own ({status})", wait)
    if status in (401, 403):
        raise Withheld(f"{place.host} does not give the file ({status})")
    raise Refused(f"{place.host} does not give the file ({status})")


def _content(place: Place, response: http.client.HTTPResponse, most: int) -> bytes:
    too_large = Refused(f"the file is larger than {most:,} bytes")
    if response.getheader("Content-Encoding", "identity").lower() != "identity":
        raise Refused(f"{place.host} sends the file packed, which was not asked for")
    announced = response.length
    if announced is not None and announced > most:
        raise too_large
    content = bytearray()
    # read1: one system call each, so that neither the cap nor the deadline waits for a full chunk
    while announced is None or len(content) < announced:
        chunk = response.read1(_CHUNK)
        if not chunk:
            break
        content += chunk
        if len(content) > most:
            raise too_large
    if announced is not None and len(content) < announced:
        raise Unreachable(f"{place.host} stopped in the middle of the file")
    return bytes(content)
