"""One try: a signed POST to an address that an admin chose, and to nothing inside our own walls.

The name is looked up once, every address must be public, and the connection goes to one of those
(OWASP, Server-Side Request Forgery Prevention Cheat Sheet). Hosts of BRIDGE_TRUSTED_HOSTS are
excepted, and they alone may be called over http. Nothing of what is answered is kept but its
status: an endpoint may echo what it was sent.
"""

from __future__ import annotations

import http.client
import ssl
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from requests.structures import CaseInsensitiveDict

from bridge.addresses import Place, place_of, resolve
from bridge.bounded import Patience
from bridge.crm.webhooks.rendering import Message
from bridge.departing import may_leave
from bridge.errors import Refused, Unreachable
from bridge.outside import USER_AGENT, Pinned, wait_in

SECONDS = 20.0
"""From the connection to the last byte; the standard asks for 15 to 30."""
CONNECT_SECONDS = 5.0
_MOST_ANSWER = 64 * 1024
_LATER = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one try came to. `status` is None where none was answered, `because` is "" where all is
    well. `wait` is how many seconds the endpoint asked for. `of_all`: the endpoint as a whole is at
    fault, not this one message."""

    status: int | None
    because: str = ""
    wait: float | None = None
    of_all: bool = False

    @property
    def is_taken(self) -> bool:
        return not self.because

    @property
    def is_gone(self) -> bool:
        return self.status == 410


class _Line(Pinned):
    def send(self, data: Any) -> None:
        may_leave()
        super().send(data)


def door(url: str, trusted_hosts: frozenset[str]) -> Place:
    """The address, taken apart and fit to be called. Raises `Refused`."""
    place = place_of(url)
    if place.scheme != "https" and not place.is_among(trusted_hosts):
        raise Refused(
            f"webhooks go to https addresses; http only to hosts that BRIDGE_TRUSTED_HOSTS names, "
            f"and {place.host} is none of them"
        )
    return place


def look(place: Place, trusted_hosts: frozenset[str]) -> list[Any]:
    """Its addresses. Raises `Refused` if any of them is not public, `Unreachable` if there are
    none now."""
    try:
        return resolve(place, place.is_among(trusted_hosts))
    except Refused as inside:
        raise Refused(
            f"{place.host} is not a public address: nothing is sent there unless "
            "BRIDGE_TRUSTED_HOSTS names it"
        ) from inside


def post(
    url: str,
    message: Message,
    signed: dict[str, str],
    now: datetime,
    trusted_hosts: frozenset[str] = frozenset(),
) -> Answer:
    """Send it, once. Raises nothing of its own: whatever happens is an `Answer`."""
    try:
        place = door(url, trusted_hosts)
        addresses = look(place, trusted_hosts)
    except (Refused, Unreachable) as wrong:
        return Answer(None, wrong.because, of_all=True)
    headers = {
        "User-Agent": USER_AGENT,
        "Content-Type": message.content_type,
        "Accept-Encoding": "identity",
        "Connection": "close",
        **signed,
    }
    connection = _Line(place, addresses, (CONNECT_SECONDS, SECONDS))
    with ExitStack() as stack:
        stack.callback(connection.close)
        try:
            connection.connect()
            patience = stack.enter_context(Patience(SECONDS))
            patience.watch(connection.sock)
            connection.secure()
            connection.request("POST", place.target, message.body, headers)
            response = connection.getresponse()
            stack.callback(response.close)
            with suppress(OSError, http.client.HTTPException):
                response.read(_MOST_ANSWER)  # so that it may end what it says; its status counts
        except ssl.SSLCertVerificationError:
            return Answer(None, f"the certificate of {place.host} does not hold", of_all=True)
        except (OSError, http.client.HTTPException, ValueError) as wrong:
            return Answer(None, _lost(place, wrong), of_all=True)
    return _judged(place, response, now)


def _lost(place: Place, wrong: Exception) -> str:
    if isinstance(wrong, ConnectionRefusedError):
        return f"{place.host} refuses connections"
    if isinstance(wrong, TimeoutError):
        return f"{place.host} did not answer in time"
    return f"{place.host} gave no proper answer ({type(wrong).__name__})"


def _judged(place: Place, response: http.client.HTTPResponse, now: datetime) -> Answer:
    status = response.status
    if 200 <= status < 300:
        return Answer(status)
    if 300 <= status < 400:
        says = f"{place.host} sends us elsewhere ({status}), where we do not go"
        return Answer(status, says)
    if status == 410:
        return Answer(status, f"{place.host} wants no more (410)")
    named = wait_in(CaseInsensitiveDict(response.getheaders()), now)
    of_all = status in _LATER or status >= 500
    return Answer(status, f"{place.host} answered {status}", named, of_all)
