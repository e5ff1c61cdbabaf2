"""Where things of each kind stand in Zendesk's API, and how one of them is read.

- https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
- https://developer.zendesk.com/api-reference/ticketing/users/user_fields/
- https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/
- https://developer.zendesk.com/api-reference/ticketing/business-rules/views/
- https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.helpdesks.zendesk.compose import REPLY_AS
from bridge.helpdesks.zendesk.examination import EVENT, WORDY
from bridge.helpdesks.zendesk.setup.model import Found, Kind, canonical, mark_in
from bridge.helpdesks.zendesk.shapes import Raw, dig

REPLY_AS_KEY = "bridge_reply"


@dataclass(frozen=True, slots=True)
class Shelf:
    """`one` and `many` are the names of the thing in a request and of the list in an answer.
    `partly`: a change is sent as PATCH. `by_title`: two of one title would confuse people."""

    kind: Kind
    path: str
    one: str
    many: str
    called: str
    read: Callable[[Raw], Found]
    by_title: bool
    partly: bool = False


def _said(raw: Raw, *names: str) -> str:
    for name in names:
        value = raw.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _id(raw: Raw) -> str:
    return str(raw.get("id") or "")


def _ticket_field(raw: Raw) -> Found:
    listed = raw.get("custom_field_options")
    choices = [
        [str(dig(each, "raw_name") or dig(each, "name") or ""), str(dig(each, "value") or "")]
        for each in (listed if isinstance(listed, list) else [])
    ]
    ours = {tag for _, tag in choices} & set(REPLY_AS.values())
    description = _said(raw, "raw_description", "description")
    kind = _said(raw, "type")
    wrong = ""
    if raw.get("active") is False:
        wrong = "it is switched off: activate it"
    elif ours and ours != set(REPLY_AS.values()):
        missing = ", ".join(sorted(set(REPLY_AS.values()) - ours))
        wrong = f"it lacks the options {missing}, and another field cannot have the same tags"
    elif not ours and kind not in WORDY:
        wrong = f"it is of type {kind}, which holds no text"
    seen = {
        "type": kind,
        "title": _said(raw, "raw_title", "title"),
        "description": description,
        "hint": _said(raw, "agent_description"),
        "active": raw.get("active") is not False,
        "options": choices,
    }
    return Found(
        _id(raw),
        _said(raw, "title"),
        mark_in(description),
        canonical(seen),
        REPLY_AS_KEY if ours else "",
        wrong,
    )


def _user_field(raw: Raw) -> Found:
    description, kind = _said(raw, "raw_description", "description"), _said(raw, "type")
    wrong = "" if kind in ("text", "textarea") else f"it is of type {kind}, which holds no text"
    if raw.get("active") is False:
        wrong = "it is switched off: activate it"
    seen = {
        "key": _said(raw, "key"),
        "type": kind,
        "title": _said(raw, "raw_title", "title"),
        "description": description,
        "active": raw.get("active") is not False,
    }
    mark = mark_in(description)
    return Found(_id(raw), _said(raw, "title"), mark, canonical(seen), _said(raw, "key"), wrong)


def _webhook(raw: Raw) -> Found:
    listed = raw.get("subscriptions")
    told = sorted(str(each) for each in (listed if isinstance(listed, list) else []))
    wrong = ""
    if EVENT not in told:
        wrong = (
            f"it is not subscribed to {EVENT}, and a webhook's kind cannot be changed: remove it"
        )
    elif raw.get("status") != "active":
        wrong = "it is switched off: activate it"
    endpoint = _said(raw, "endpoint").rstrip("/")
    seen = {
        "name": _said(raw, "name"),
        "description": _said(raw, "description"),
        "endpoint": endpoint,
        "status": _said(raw, "status"),
        "subscriptions": told,
    }
    mark = mark_in(_said(raw, "description"))
    return Found(_id(raw), _said(raw, "name"), mark, canonical(seen), endpoint, wrong)


def _view(raw: Raw) -> Found:
    return _rule(raw, {"conditions": raw.get("conditions")})


def _macro(raw: Raw) -> Found:
    return _rule(raw, {"actions": raw.get("actions")})


def _rule(raw: Raw, does: Raw) -> Found:
    seen = {
        **does,
        "title": _said(raw, "raw_title", "title"),
        "description": _said(raw, "description"),
        "active": raw.get("active") is not False,
        "restriction": raw.get("restriction"),
    }
    wrong = "" if seen["active"] else "it is switched off: activate it"
    mark = mark_in(_said(raw, "description"))
    return Found(_id(raw), _said(raw, "title"), mark, canonical(seen), "", wrong)


SHELVES = {
    shelf.kind: shelf
    for shelf in (
        Shelf(
            Kind.TICKET_FIELD,
            "ticket_fields",
            "ticket_field",
            "ticket_fields",
            "ticket field",
            _ticket_field,
            by_title=True,
        ),
        Shelf(
            Kind.USER_FIELD,
            "user_fields",
            "user_field",
            "user_fields",
            "user field",
            _user_field,
            by_title=False,
        ),
        Shelf(
            Kind.WEBHOOK,
            "webhooks",
            "webhook",
            "webhooks",
            "webhook",
            _webhook,
            by_title=False,
            partly=True,
        ),
        Shelf(Kind.VIEW, "views", "view", "views", "view", _view, by_title=True),
        Shelf(Kind.MACRO, "macros", "macro", "macros", "macro", _macro, by_title=True),
    )
}
