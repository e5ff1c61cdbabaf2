"""Where a link leads: taken apart, looked up once, and judged before anything goes there.

Which addresses are public: the IANA special-purpose registries, as `ipaddress` knows them
(https://docs.python.org/3/library/ipaddress.html), and what is wrapped in IPv6 (RFC 4291, 6052).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from bridge.errors import Refused, Unreachable

DEFAULT_PORT = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052, the well-known prefix
_UNICAST = ipaddress.ip_network("2000::/3")  # RFC 4291, all that is handed out
_MOST_ADDRESSES = 4
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")

Address = tuple[socket.AddressFamily, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """One address on the web, taken apart and found fit to be asked."""

    url: str
    scheme: str
    host: str
    port: int
    target: str

    @property
    def netloc(self) -> str:
        """As it stands in a URL: the port only where it is not the scheme's own."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == DEFAULT_PORT[self.scheme] else f"{name}:{self.port}"

    def is_among(self, hosts: frozenset[str]) -> bool:
        """A host named without a port stands for all its ports."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        known = {host.lower() for host in hosts}
        return name in known or f"{name}:{self.port}" in known


def place_of(url: str) -> Place:
    if len(url) > 8192 or re.search(r"[\x00-\x20\x7f\\]", url):
        raise Refused("the link is not a proper web address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        ascii_host = host if ":" in host else host.encode("idna").decode("ascii")
    except ValueError as wrong:  # UnicodeError is one, too
        raise Refused("the link is not a proper web address") from wrong
    if parts.scheme not in DEFAULT_PORT:
        raise Refused("only http and https links are fetched")
    if not ascii_host or "@" in parts.netloc:
        raise Refused("the link names no host, or carries a user name")
    if not _HOST.fullmatch(ascii_host):  # IDNA makes plain spaces of odd ones, say
        raise Refused("the link is not a proper web address")
    target = quote(parts.path or "/", safe="%/:=&~+!$,;'@()*") + (
        "?" + quote(parts.query, safe="%/:=&?~+!$,;'@()*[]") if parts.query else ""
    )
    return Place(url, parts.scheme, ascii_host.lower(), port or DEFAULT_PORT[parts.scheme], target)


def door_of(url: str) -> str:
    """Host and port of an address that an admin chose, for `trusted_hosts`: only this door of the
    machine, not whatever else listens on it. Raises `Refused`."""
    place = place_of(url)
    name = f"[{place.host}]" if ":" in place.host else place.host
    return f"{name}:{place.port}"


def is_public(address: str) -> bool:
    """Whether this IP address is out on the internet, also when it is wrapped in another one."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        return ip in _UNICAST and ip.is_global
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def resolve(place: Place, trusted: bool) -> list[Address]:
    """Every address of the host; all of them must be public unless the host is trusted."""
    try:
        answers = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except UnicodeError as wrong:
        raise Refused("the link is not a proper web address") from wrong
    except OSError as wrong:
        raise Unreachable(f"the name {place.host} could not be looked up") from wrong
    if not trusted and not all(is_public(str(answer[4][0])) for answer in answers):
        raise Refused(f"{place.host} is not a public address, so nothing is fetched from it")
    return [(answer[0], answer[4]) for answer in answers[:_MOST_ADDRESSES]]
