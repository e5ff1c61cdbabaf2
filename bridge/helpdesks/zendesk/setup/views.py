"""Views by the tags that the bridge sets.

Conditions: https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/

"To be answered" is new or open. Zendesk has conditions on when the requester last updated a ticket,
but the updater of what the bridge brings is the bridge, whoever the author is. The bridge sets a
ticket to open whenever the customer writes, so the status is what can be relied on, as long as
agents submit their answers as pending or solved.
"""

from __future__ import annotations

from typing import Any

from bridge.helpdesks.zendesk.setup.model import Ids, Kind, Wanted, Wishes, canonical, mark_of
from bridge.helpdesks.zendesk.setup.wording import texts
from bridge.text.words import network_name

FAILED = "bridge_delivery_failed"
SHOWN = ("network", "account", "delivery")
"""The ticket fields that a view has a column for, beside Zendesk's own."""


def wanted(wishes: Wishes) -> tuple[Wanted, ...]:
    say = texts(wishes.language)
    fixed = (
        _view(
            "unanswered_public",
            say["view.unanswered_public"],
            say["says.unanswered"],
            "pending",
            "bridge_public",
        ),
        _view(
            "unanswered_private",
            say["view.unanswered_private"],
            say["says.unanswered"],
            "pending",
            "bridge_private",
        ),
        _view(
            "delivery_problems",
            say["view.delivery_problems"],
            say["says.delivery_problems"],
            "solved",
            FAILED,
        ),
    )
    return fixed + tuple(
        _view(
            f"network_{network}",
            say["view.network"].format(network=network_name(network)),
            say["says.network"],
            "solved",
            f"bridge_{network}",
        )
        for network in wishes.networks
    )


def _view(name: str, title: str, says: str, below: str, tag: str) -> Wanted:
    """Every view needs a condition on the status (or on one of four others) that must hold."""
    conditions = [
        {"field": "status", "operator": "less_than", "value": below},
        {"field": "current_tags", "operator": "includes", "value": tag},
    ]

    def text(ids: Ids) -> str:
        known = dict(ids)
        own: list[Any] = [int(known[word]) for word in SHOWN if word in known]
        columns = ["status", "description", "requester", *own, "assignee", "updated"]
        return canonical(
            {
                "title": title,
                "description": f"{says} {mark_of(name)}",
                "active": True,
                "all": conditions,
                "any": [],
                "output": {"columns": columns, "sort_by": "updated", "sort_order": "asc"},
            }
        )

    return Wanted(Kind.VIEW, name, title, text)
