"""Triggers and automations that would write e-mail to customers of the networks.

They are only named, with the condition to add; none is ever changed.

- https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
- https://developer.zendesk.com/api-reference/ticketing/business-rules/automations/
- conditions and actions: https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
  and https://developer.zendesk.com/documentation/ticketing/reference-guides/actions-reference/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.errors import BridgeError
from bridge.helpdesks.zendesk.setup.calls import Calls
from bridge.helpdesks.zendesk.shapes import Raw, dig
from bridge.model import Finding, Urgency

TAG = "bridge"
"""On every ticket that the bridge opened."""

_WRITES = frozenset(("notification_user", "notification_sms_user"))
_TO = frozenset(("requester_id", "requester_and_ccs", "current_user"))
_API = frozenset(("5", "api", "web_service"))
"""https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/: web service"""

DO = (
    f'add to it, under "meet all": Tags, contains none of the following, {TAG}. Until then, give '
    "the people of the networks no e-mail addresses"
)


def advice(calls: Calls) -> Iterator[Finding]:
    """One finding for each rule, or one that all is well; what cannot be read is a finding too."""
    found = 0
    for path, called in (("triggers", "trigger"), ("automations", "automation")):
        try:
            rules = calls.listed(path, path, active="true")
        except BridgeError as error:
            found += 1
            says = f"{path} could not be read: {error.because}"
            yield Finding("e-mail", Urgency.ADVICE, says, "look through them by hand")
            continue
        for rule in rules:
            if rule.get("active") is not False and _writes(rule) and not _spares(rule):
                found += 1
                title = rule.get("title") or rule.get("id")
                says = f'the {called} "{title}" writes to requesters, also of tickets of ours'
                yield Finding("e-mail", Urgency.ADVICE, says, DO)
    if not found:
        says = "no trigger or automation writes to the requesters of our tickets"
        yield Finding("e-mail", Urgency.OK, says)


def _writes(rule: Raw) -> bool:
    for action in _listed(rule.get("actions")):
        value = dig(action, "value")
        to = value[0] if isinstance(value, list) and value else value
        if dig(action, "field") in _WRITES and to in _TO:
            return True
    return False


def _spares(rule: Raw) -> bool:
    """Whether it cannot fire for us: it asks for none of our tag, for another channel, or for an
    update by an end user, which no update of the bridge or of an agent is."""
    return any(_keeps_off(each) for each in _listed(dig(rule, "conditions", "all")))


def _keeps_off(condition: object) -> bool:
    field, operator = dig(condition, "field"), dig(condition, "operator")
    value = dig(condition, "value")
    if field == "current_tags":
        words = value.split() if isinstance(value, str) else _listed(value)
        return operator == "not_includes" and TAG in words
    if field == "via_id":
        is_api = str(value) in _API
        return (operator == "is" and not is_api) or (operator == "is_not" and is_api)
    return field == "role" and operator == "is" and value == "end_user"


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()
