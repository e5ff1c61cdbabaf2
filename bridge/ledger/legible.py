"""Frozen bodies of rows, read one by one: one that is broken keeps nobody from the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog
from marshmallow import ValidationError

log = structlog.get_logger()

T = TypeVar("T")

BROKEN = "what was said cannot be read any more: its row in the bridge's database is broken"


def read(load: Callable[[str], T], body: str, record_id: str) -> T | None:
    """What a body says; None, and a line in the log without a word of it, where it is broken."""
    try:
        return load(body)
    except (ValueError, TypeError, ValidationError) as wrong:
        log.error("a row cannot be read", record=record_id, wrong=type(wrong).__name__)
        return None
