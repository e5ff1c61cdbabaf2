"""An endpoint that wants no more, or took nothing for days, is disabled and that is said."""

from __future__ import annotations

import structlog

from bridge.flow import standing
from bridge.ledger import Tx, deeds, endpoints
from bridge.ledger.accounts import About, State
from bridge.ledger.endpoints import Endpoint, Stands

log = structlog.get_logger()

_BY_ITSELF = "the bridge"


def disable(tx: Tx, desk: str, endpoint: Endpoint, because: str) -> None:
    """It is told nothing more until an admin resumes it. What waits goes on waiting."""
    if endpoint.state is not Stands.ON:
        return
    endpoints.stands(tx, endpoint.id, Stands.DISABLED, because)
    deeds.add(tx, _BY_ITSELF, "disabled a webhook endpoint", endpoint.name, because)
    log.error("webhook endpoint disabled", endpoint=endpoint.name, because=because)
    tell(tx, desk)


def tell(tx: Tx, desk: str) -> None:
    """Put down with the helpdesk's own troubles which endpoints are disabled, if any."""
    names = [each.name for each in endpoints.everyone(tx) if each.state is Stands.DISABLED]
    if not names:
        standing.well(tx, desk, About.WEBHOOKS)
        return
    says = f"webhooks are no longer sent to {', '.join(names)}: see `bridge webhooks list`"
    standing.trouble(tx, desk, State.DEGRADED, says, About.WEBHOOKS)
