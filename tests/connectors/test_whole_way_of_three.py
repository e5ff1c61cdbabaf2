"""From the feed to Dynamics, HubSpot and Zoho by the core that all connectors share: through a
429, a lost answer, an edit, a merge and an erasure, each CRM ends with what the feed tells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from connectors.dynamics.stand import DynamicsStand
from connectors.feed_stand import TOKEN, FeedStand
from connectors.hubspot.stand import HubSpotStand
from connectors.samples import ADA, ADA_THERE, HELLO, TALK
from connectors.stand import Stand
from connectors.zoho.stand import ZohoStand

from bridge.connectors import registry
from bridge.connectors.contract import Crm
from bridge.connectors.feed import FeedClient
from bridge.connectors.syncing import Sync, until_done
from bridge.ledger import Ledger, targets
from bridge.ledger.targets import State
from bridge.records import CustomerRecord, Record
from bridge.settings import Secret

ANSWER = replace(
    HELLO, id="reply_4", type="reply", direction="out", answers="post_1", outcome="delivered"
)
NOTE = replace(HELLO, id="note_9", type="note", direction="internal", visibility="internal")
ZOHO_LOOKUPS = {
    "Social_Profiles": ("Customer",),
    "Social_Conversations": ("Profile",),
    "Social_Messages": ("Profile", "Conversation"),
}


@dataclass
class Way:
    """One CRM, its stand-in, and where a write arrives there."""

    stand: Any
    crm: Crm
    writes_to: str
    sync: Sync

    def follow(self) -> None:
        until_done(self.sync, lambda _: None)

    def state(self, *row_ids: str) -> list[State]:
        with self.sync.ledger.reading() as tx:
            known = targets.known(tx, self.sync.name, row_ids)
        return [known[each].state for each in row_ids]

    def shows(self) -> dict[str, str]:
        """What the CRM shows of each thing that was said, by our ids."""
        stand = self.stand
        if isinstance(stand, HubSpotStand):
            said = stand.messages.values()
            return {each["integrationIdempotencyId"]: each["text"].split("\n")[0] for each in said}
        if isinstance(stand, DynamicsStand):
            rows = stand.rows["socialactivity"].items()
            return {key: row["description"].split("\n")[0] for key, row in rows}
        messages = stand.rows["Social_Messages"].values()
        return {each["Bridge_ID"]: each["Message"] for each in messages}

    def customer_of_ada(self) -> str:
        if isinstance(self.stand, DynamicsStand):
            bound = self.stand.rows["socialprofile"]["identity_1"]["customerid_contact@odata.bind"]
            return str(bound).split("'")[1]
        contact = self.stand.found("Social_Profiles", "identity_1")["Customer"]["id"]
        return str(self.stand.rows["Contacts"][contact]["Bridge_ID"])


def dynamics() -> tuple[Stand, dict[str, Any], str]:
    secret = Secret("hush")
    options = {"tenant_id": "tenant-1", "client_id": "app", "client_secret": secret}
    return DynamicsStand(), {**options, "url": "", "login_url": ""}, "socialactivities"


def hubspot() -> tuple[Stand, dict[str, Any], str]:
    options = {"channel_id": "7", "inbox_id": "3", "token": Secret("pat-1"), "url": ""}
    return HubSpotStand("pat-1"), options, "/messages"


def zoho() -> tuple[Stand, dict[str, Any], str]:
    stand = ZohoStand()
    for module, lookups in ZOHO_LOOKUPS.items():
        stand.fields[module] = {name: {"data_type": "lookup"} for name in lookups}
    options = {"client_id": "1000.X", "client_secret": Secret("hush"), "accounts_url": ""}
    more = {"refresh_token": Secret("refresh-me"), "api_url": ""}
    return stand, {**options, **more}, "Social_Messages/upsert"


@pytest.fixture
def feed() -> Iterator[FeedStand]:
    stand = FeedStand()
    with stand.running():
        yield stand


@pytest.fixture(params=[dynamics, hubspot, zoho], ids=lambda each: each.__name__)
def way(request: Any, ledger: Ledger, feed: FeedStand, around: Any) -> Iterator[Way]:
    name = request.param.__name__
    stand, options, writes_to = request.param()
    with ExitStack() as stack:
        stack.enter_context(stand.running())
        given = {key: stand.url if value == "" else value for key, value in options.items()}
        kind = registry.installed()[name]
        crm = kind(name, kind.Options().load(given), around)
        for step in crm.plan():
            if not step.there and not step.person:
                crm.make(step)
        with ledger.writing() as tx:
            targets.add(tx, name, name, {})
        client = FeedClient(feed.url, Secret(TOKEN), around, limit=3)
        yield Way(stand, crm, writes_to, Sync(name, crm, client, ledger))


def erased(record: Record) -> Record:
    return type(record)(record.id, deleted=True, deleted_reason="gdpr_erasure")


def test_the_crm_ends_with_what_the_feed_tells(way: Way, feed: FeedStand, waits: Any) -> None:
    way.stand.goes_wrong(way.writes_to, 429, {}, headers={"Retry-After": "7"})
    feed.tell(HELLO, ANSWER, NOTE, TALK, ADA_THERE, ADA)
    way.follow()
    is_hubspot = isinstance(way.stand, HubSpotStand)
    shown = {"post_1", "reply_4"} | (set() if is_hubspot else {"note_9"})
    assert shown == way.shows().keys()
    assert 7 in waits.seconds
    assert [State.LEFT_OUT if is_hubspot else State.WRITTEN] == way.state("note_9")

    way.stand.goes_wrong(way.writes_to, 500, {}, after=True)  # carried out, and nobody was told
    edited = replace(HELLO, text="It hums.", revisions=2)
    moved = replace(ADA_THERE, customer_id="customer_0")
    feed.tell(CustomerRecord("customer_0", name="Grace"), edited, moved)
    feed.tell(replace(ADA, merged_into="customer_0"), erased(ANSWER))
    way.follow()
    if is_hubspot:
        assert {"post_1", "post_1.2", "reply_4"} == way.shows().keys()
        assert [State.PERSON] == way.state("reply_4")
        assert way.stand.messages.pop("m2")  # a person did what the row says
        with way.sync.ledger.writing() as tx:
            targets.try_again(tx, way.sync.name)
        way.follow()
    else:
        assert {"post_1": "It hums.", "note_9": "It rattles."} == way.shows()
        assert "customer_0" == way.customer_of_ada()
    assert [State.REMOVED, State.WRITTEN] == way.state("reply_4", "post_1")
    with way.sync.ledger.reading() as tx:
        assert 0 == targets.counts(tx, way.sync.name)[State.PERSON]


@pytest.mark.parametrize("way", [dynamics, zoho], indirect=True, ids=lambda each: each.__name__)
def test_what_the_network_deleted_and_somebody_is_erased_of_later_is_nowhere(
    way: Way, feed: FeedStand
) -> None:
    feed.tell(ADA, ADA_THERE, TALK, HELLO)
    way.follow()
    feed.tell(replace(erased(HELLO), deleted_reason="platform_delete"))
    way.follow()
    assert [State.REMOVED] == way.state("post_1")
    feed.tell(erased(HELLO))
    way.follow()
    assert {} == way.shows()
    assert set() == getattr(way.stand, "bin", set())
    assert [State.REMOVED] == way.state("post_1")
