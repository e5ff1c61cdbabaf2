"""The webhook that tells the bridge of comments and of tickets that are solved.

Events: https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events
"""

from __future__ import annotations

from bridge.helpdesks.zendesk.events import EVENT_PREFIX
from bridge.helpdesks.zendesk.examination import EVENT, EVENTS_PATH
from bridge.helpdesks.zendesk.setup.model import Ids, Kind, Wanted, Wishes, canonical, mark_of

NAME = "events"
TITLE = "Helpdesk bridge"
SUBSCRIPTIONS = (EVENT, f"{EVENT_PREFIX}ticket.status_changed")


def endpoint(public_url: str) -> str:
    return public_url.rstrip("/") + EVENTS_PATH


def wanted(wishes: Wishes) -> tuple[Wanted, ...]:
    """Also where no address is known yet: then it is left as it is."""
    where = endpoint(wishes.public_url) if wishes.public_url else ""

    def text(_ids: Ids) -> str:
        return canonical(
            {
                "name": TITLE,
                "description": f"Tells the helpdesk bridge what agents wrote. {mark_of(NAME)}",
                "status": "active",
                "endpoint": where,
                "http_method": "POST",
                "request_format": "json",
                "subscriptions": list(SUBSCRIPTIONS),
            }
        )

    return (Wanted(Kind.WEBHOOK, NAME, TITLE, text, where),)
