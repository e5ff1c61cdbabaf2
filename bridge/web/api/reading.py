"""`GET /api/v1/changes`, the lists, and single records."""

from __future__ import annotations

from flask import Blueprint, Response

from bridge.crm import feed
from bridge.crm.feed import Asked, CursorExpired
from bridge.flow.bridge import Bridge
from bridge.records import Resource
from bridge.web.api import finding, telling
from bridge.web.api.asking import CHANGES, LISTS, query
from bridge.web.api.door import READS, Door, lacking

PLURAL: dict[Resource, str] = {
    Resource.CUSTOMER: "customers",
    Resource.IDENTITY: "identities",
    Resource.CONVERSATION: "conversations",
    Resource.INTERACTION: "interactions",
    Resource.MERGE: "merges",
}
NESTED: tuple[tuple[str, str, Resource], ...] = (
    ("customers", "customer", Resource.IDENTITY),
    ("customers", "customer", Resource.CONVERSATION),
    ("customers", "customer", Resource.INTERACTION),
    ("identities", "identity", Resource.CONVERSATION),
    ("identities", "identity", Resource.INTERACTION),
    ("conversations", "conversation", Resource.INTERACTION),
    ("tickets", "ticket", Resource.CUSTOMER),
    ("tickets", "ticket", Resource.CONVERSATION),
    ("tickets", "ticket", Resource.INTERACTION),
)
"""The same lists at shorter addresses: /tickets/35/interactions is /interactions?ticket=35."""


def addresses(api: Blueprint, bridge: Bridge, door: Door) -> None:
    reading = _Reading(bridge, door)
    api.add_url_rule("/changes", "changes", reading.changes)
    for resource, plural in PLURAL.items():
        defaults = {"resource": resource}
        api.add_url_rule(f"/{plural}", plural, reading.listed, defaults=defaults)
        api.add_url_rule(f"/{plural}/<id>", f"one_{resource}", reading.one, defaults=defaults)
    for outer, name, resource in NESTED:
        plural = PLURAL[resource]
        api.add_url_rule(
            f"/{outer}/<id>/{plural}",
            f"{outer}_{plural}",
            reading.listed,
            defaults={"resource": resource, "within": name},
        )


class _Reading:
    def __init__(self, bridge: Bridge, door: Door) -> None:
        self._bridge = bridge
        self._door = door

    def changes(self) -> Response:
        token = self._door.admit()
        asked = query(CHANGES)
        may = tuple(each for each in Resource if READS[each] in token.scopes)
        wanted = asked.resource or may
        missing = [READS[each] for each in wanted if each not in may]
        if missing or not wanted:
            raise lacking(*(missing or READS.values()))
        return self._page(
            Asked(
                resources=wanted,
                cursor=asked.cursor,
                updated_since=asked.updated_since,
                limit=asked.limit,
            )
        )

    def listed(
        self,
        resource: Resource,
        within: str = "",
        id: str = "",  # noqa: A002  # in the address
    ) -> Response:
        self._door.admit(READS[resource])
        asked = query(LISTS[resource], **({within: id} if within else {}))
        return self._page(finding.asked(self._bridge.ledger, resource, asked))

    def one(self, resource: Resource, id: str) -> Response:  # noqa: A002  # in the address
        self._door.admit(READS[resource])
        found = feed.one(self._bridge.ledger, id, self._bridge.helpdesk.said_in)
        # One record has one id: what also leads to it is none.
        if found and (found.resource is not resource or found.record.id != id):
            found = None
        return telling.one(found)

    def _page(self, asked: Asked) -> Response:
        settings = self._bridge.settings
        try:
            found = feed.read(self._bridge.ledger, asked, self._bridge.helpdesk.said_in)
        except CursorExpired as old:
            return telling.expired(settings, old.because)
        return telling.page(settings, found)
