"""From which address somebody calls. Behind proxies it is what the outermost of ours saw."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from flask import Request

from bridge.settings import Settings


def address_of(request: Request, settings: Settings) -> str:
    """Each of our proxies adds to X-Forwarded-For whom it was called by; what stands before that
    was written by the caller, who may write anything."""
    seen = [*request.headers.get("X-Forwarded-For", "").split(","), request.remote_addr or ""]
    count = settings.proxies
    return network_of(seen[-1 - count].strip() if 0 < count < len(seen) else seen[-1])


def network_of(address: str) -> str:
    """Who has one address of IPv6 has at least a /64 of them: that counts as one caller
    (https://www.rfc-editor.org/rfc/rfc6177#section-2). Every other address is itself."""
    try:
        known = IPv6Address(address.strip("[]"))
    except ValueError:
        return address
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(IPv6Network((int(known), 64), strict=False))
