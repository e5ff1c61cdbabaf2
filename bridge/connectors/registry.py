"""The installed connectors, found by entry point, so that anyone can list and add them."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from bridge.connectors.contract import Crm


@cache
def installed() -> dict[str, type[Crm]]:
    """The CRM's name → its connector, from the `bridge.crms` entry points."""
    return {point.name: point.load() for point in entry_points(group="bridge.crms")}
