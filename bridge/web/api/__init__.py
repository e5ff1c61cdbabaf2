"""The history API at /api/v1: what a CRM reads, and the merges that it knows of."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.flow.bridge import Bridge
from bridge.web.answers import complaint
from bridge.web.api import merging, reading, trying
from bridge.web.api.door import Door, Refusal
from bridge.web.keeping import COME_BACK

log = structlog.get_logger()


def blueprint(bridge: Bridge) -> Blueprint:
    """Everything below /api/v1."""
    api = Blueprint("api", __name__, url_prefix="/api/v1", static_folder="static")
    door = Door(bridge)
    reading.addresses(api, bridge, door)
    merging.addresses(api, bridge, door)
    trying.addresses(api)
    api.register_error_handler(Refusal, _refused)
    for trouble in (DBAPIError, PoolTimeout, OSError):
        api.register_error_handler(trouble, _away)
    return api


def _refused(refusal: Refusal) -> Response:
    return refusal.answer


def _away(trouble: Exception) -> Response:
    log.error("the ledger cannot be read", error=type(trouble).__name__)
    answer = complaint(503, "the database does not answer")
    answer.headers["Retry-After"] = str(COME_BACK)
    return answer


__all__ = ["blueprint"]
