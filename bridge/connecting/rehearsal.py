"""The way from a network to us, tried by ourselves against the public address.

A handshake as the network does it, a signed delivery that holds nothing, and one whose signature
is wrong. Whoever answers must be a web service of this very installation, to which the account
under construction is known by its draft.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from bridge.channels.contract import Channel, Handshakes, Rehearses
from bridge.model import Finding, Urgency
from bridge.outside import new_session
from bridge.web.drafts import NOTHING

FORGED = b'{"forged": true}'
TIMEOUT = (5.0, 20.0)

_START = (
    "Start the web service of this installation (`bridge run` or `bridge web`), see that the proxy "
    "in front leads to it, and that BRIDGE_PUBLIC_URL is its address."
)
_SAME = (
    "Is it this installation? It must be of this release, and have the same BRIDGE_DATABASE_URL "
    "and BRIDGE_SECRET_KEY as this command."
)
_BYTES = "Whatever stands in front must hand on bodies, queries and headers as they came."


def findings(channel: Channel, public_url: str) -> Iterator[Finding]:
    """Ends with the first thing that is wrong: what comes after depends on it."""
    if not isinstance(channel, Rehearses):
        yield Finding("rehearsal", Urgency.ADVICE, "this network cannot be rehearsed")
        return
    if not public_url:
        says = "BRIDGE_PUBLIC_URL is not set: the network cannot be told where to bring things"
        yield Finding("address", Urgency.PROBLEM, says, "Set it to our https address.")
        return
    address = f"{public_url.rstrip('/')}/hooks/{channel.network}/{channel.account}"
    if urlsplit(public_url).scheme != "https":
        says = f"{address} is not https, and networks call nothing else"
        yield Finding("address", Urgency.ADVICE, says, "Set BRIDGE_PUBLIC_URL to the https one.")
    for step in (_handshake, _signed, _forged):
        found = step(channel, address)
        if found is not None:
            yield found
            if found.urgency is Urgency.PROBLEM:
                return


def _handshake(channel: Any, address: str) -> Finding | None:
    if not isinstance(channel, Handshakes):
        return None
    query = channel.asks()  # type: ignore[attr-defined]  # every caller has looked
    expected = channel.shake(query)
    about = "handshake"

    def judge(answer: requests.Response) -> Finding:
        if answer.status_code != 200:
            return _refused(about, address, answer)
        if answer.text != expected.body:
            says = f"{address} answered something else than the account's handshake"
            return Finding(about, Urgency.PROBLEM, says, _SAME)
        return Finding(about, Urgency.OK, f"{address} proves that it is ours")

    return _asked(about, address, "GET", judge, params=query)


def _signed(channel: Rehearses, address: str) -> Finding:
    about = "signed delivery"

    def judge(answer: requests.Response) -> Finding:
        if answer.status_code != 200:
            return _refused(about, address, answer)
        return Finding(about, Urgency.OK, "a genuine one, with nothing in it, is taken")

    headers = channel.signed(NOTHING)
    return _asked(about, address, "POST", judge, data=NOTHING, headers=headers)


def _forged(channel: Rehearses, address: str) -> Finding:
    about = "forged delivery"

    def judge(answer: requests.Response) -> Finding:
        if answer.status_code == 401:
            return Finding(about, Urgency.OK, "one with a wrong signature is refused")
        says = f"{address} answered {answer.status_code} to a wrong signature, and should say 401"
        return Finding(about, Urgency.PROBLEM, says, _SAME)

    headers = channel.signed(NOTHING)
    return _asked(about, address, "POST", judge, data=FORGED, headers=headers)


def _asked(
    about: str,
    address: str,
    method: str,
    judge: Callable[[requests.Response], Finding],
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Finding:
    """One request, as plain as a network's. The words of a lost one are left out: they may hold
    the query."""
    try:
        with new_session() as session:
            answer = session.request(
                method,
                address,
                headers={**(headers or {}), "Connection": "close"},
                timeout=TIMEOUT,
                allow_redirects=False,
                **more,
            )
            with answer:
                return judge(answer)
    except requests.exceptions.SSLError:
        says = f"the certificate of {address} is not good for it"
        do = "Networks call no address whose certificate is wrong: renew it, with its chain."
        return Finding(about, Urgency.PROBLEM, says, do)
    except requests.RequestException as lost:
        says = f"nobody answers at {address} ({type(lost).__name__})"
        return Finding(about, Urgency.PROBLEM, says, _START)


def _refused(about: str, address: str, answer: requests.Response) -> Finding:
    status = answer.status_code
    if 300 <= status < 400:
        says = f"{address} sends callers elsewhere ({status}), which networks do not follow"
        return Finding(about, Urgency.PROBLEM, says, "Set BRIDGE_PUBLIC_URL to where it leads.")
    if status == 404:
        says = f"whoever answers at {address} does not know of this account (404)"
        return Finding(about, Urgency.PROBLEM, says, _SAME)
    if status == 401:
        says = f"{address} did not take what is genuine (401)"
        return Finding(about, Urgency.PROBLEM, says, f"{_BYTES} {_SAME}")
    says = f"{address} answered {status}"
    return Finding(about, Urgency.PROBLEM, says, _SAME if status == 503 else _START)
