"""The installed channels, found by entry point, so that anyone can list and add them."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from bridge.channels.contract import Channel


@cache
def installed() -> dict[str, type[Channel]]:
    """Network name → channel class, from the `bridge.channels` entry points."""
    return {point.name: point.load() for point in entry_points(group="bridge.channels")}
