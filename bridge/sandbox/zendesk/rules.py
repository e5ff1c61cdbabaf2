"""User fields, views, macros, triggers and automations of the pretend helpdesk, and what it begins
with: triggers as every account has them, which write to requesters. Their names are those that
recorded traffic shows; their conditions are after the reference:
https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridge.sandbox.zendesk.records import LONG_AGO

TRIGGER_RECEIVED = 360101200001
TRIGGER_COMMENT = 360101200002
TRIGGER_AGENTS = 360101200003
AUTOMATION_CLOSE = 360101300001


@dataclass(frozen=True, slots=True)
class Thing:
    """One of them. `body_json` is what only its kind has, as the API answers it; `key` tells user
    fields apart."""

    id: int
    title: str
    description: str = ""
    active: bool = True
    body_json: str = "{}"
    key: str = ""
    created_at: datetime = LONG_AGO
    updated_at: datetime = LONG_AGO


def _body(**more: Any) -> str:
    return json.dumps(more, sort_keys=True)


def _all(*conditions: tuple[str, str, str]) -> dict[str, Any]:
    named = [
        {"field": about, "operator": operator, "value": value}
        for about, operator, value in conditions
    ]
    return {"all": named, "any": []}


def _mail(to: str) -> list[dict[str, Any]]:
    return [{"field": "notification_user", "value": [to, "[{{ticket.title}}]", "…"]}]


TRIGGERS = (
    Thing(
        TRIGGER_RECEIVED,
        "Notify requester of new proactive ticket",
        body_json=_body(
            conditions=_all(
                ("update_type", "is", "Create"),
                ("role", "is", "agent"),
                ("comment_is_public", "is", "true"),
            ),
            actions=_mail("requester_and_ccs"),
        ),
    ),
    Thing(
        TRIGGER_COMMENT,
        "Notify requester and CCs of comment update",
        body_json=_body(
            conditions=_all(
                ("update_type", "is", "Change"), ("comment_is_public", "is", "requester_can_see")
            ),
            actions=_mail("requester_and_ccs"),
        ),
    ),
    Thing(
        TRIGGER_AGENTS,
        "Notify all agents of received request",
        body_json=_body(
            conditions=_all(("update_type", "is", "Create")), actions=_mail("all_agents")
        ),
    ),
)
AUTOMATIONS = (
    Thing(
        AUTOMATION_CLOSE,
        "Close ticket 4 days after status is set to solved",
        body_json=_body(
            conditions=_all(("SOLVED", "is", "96")),
            actions=[{"field": "status", "value": "closed"}],
        ),
    ),
)


def by_id(*things: Thing) -> dict[int, Thing]:
    return {thing.id: thing for thing in things}


@dataclass
class Rules:
    """All of one account, by number."""

    user_fields: dict[int, Thing] = field(default_factory=dict)
    views: dict[int, Thing] = field(default_factory=dict)
    macros: dict[int, Thing] = field(default_factory=dict)
    triggers: dict[int, Thing] = field(default_factory=lambda: by_id(*TRIGGERS))
    automations: dict[int, Thing] = field(default_factory=lambda: by_id(*AUTOMATIONS))
