"""`POST /helpdesk/<helpdesk>/events`: the helpdesk's pings. Only a hint that a ticket changed.

An event is kept whether or not the ledger knows the ticket: a ticket opened a moment ago may not
be linked yet, and the lane that looks at the event decides.

A ping refused is a ping lost: Zendesk was never seen to send again what was answered 401, so a
signature that does not fit is an alarm, and the reconciler finds what was missed.
"""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request

from bridge.errors import NotGenuine
from bridge.flow.bridge import Bridge
from bridge.ledger.arriving import Letter
from bridge.metrics import Metrics
from bridge.web.hooks import not_genuine, received
from bridge.web.keeping import Letterbox, body_of
from bridge.web.refusals import Refusals

log = structlog.get_logger()


def blueprint(bridge: Bridge, metrics: Metrics, letterbox: Letterbox) -> Blueprint:
    desk = Blueprint("helpdesk", __name__)
    refusals = Refusals(bridge)

    @desk.post(f"/helpdesk/{bridge.helpdesk.name}/events")
    def events() -> Response:
        body = body_of(request, bridge.settings.max_body)
        try:
            ping = bridge.helpdesk.genuine(dict(request.headers), body)
        except NotGenuine as doubt:
            log.error("the helpdesk's events are refused: replies may be late", alarm=True)
            return not_genuine(refusals, metrics, bridge.desk, doubt)
        kept = letterbox.keep(Letter(bridge.desk, ping.key, body, about=ping.ticket_id))
        return received(bridge.desk, kept)

    return desk
