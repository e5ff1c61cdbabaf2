"""The admins' console at /console/: a few pages, rendered here, that work without a script.

Every page is a module with `pages(frame)`, named in `PAGES`.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint

from bridge.flow.bridge import Bridge
from bridge.web.console import (
    accounts,
    admin_pages,
    connecting,
    conversations,
    crm,
    customers,
    mapping_history,
    mapping_pages,
    numbers,
    overview,
    provider_pages,
    record,
    renewing,
    sign_in,
    storms,
    tokens,
    waiting,
    webhooks,
)
from bridge.web.console.frame import Frame

PAGES: tuple[Callable[[Frame], None], ...] = (
    sign_in.pages,
    provider_pages.pages,
    overview.pages,
    conversations.pages,
    customers.pages,
    waiting.pages,
    storms.pages,
    mapping_pages.pages,
    mapping_history.pages,
    accounts.pages,
    connecting.pages,
    renewing.pages,
    numbers.pages,
    webhooks.pages,
    tokens.pages,
    crm.pages,
    admin_pages.pages,
    record.pages,
)


def blueprint(bridge: Bridge) -> Blueprint:
    """Everything below /console/."""
    frame = Frame(bridge)
    for pages in PAGES:
        pages(frame)
    return frame.blueprint


__all__ = ["blueprint"]
