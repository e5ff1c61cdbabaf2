"""From rows of the ledger to rows of a CRM: our own API over real HTTP, a stand-in of Salesforce,
and nothing between them but a token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_stage import make_token
from connectors.salesforce.stand import SalesforceStand
from crm_village import ADA, one_of_everything

from bridge.connectors.feed import FeedClient
from bridge.connectors.salesforce import Salesforce
from bridge.connectors.salesforce.objects import THINGS
from bridge.connectors.syncing import Sync, until_done
from bridge.ledger import Ledger, customers, people, tables, targets
from bridge.ledger.targets import State
from bridge.opening import open_bridge
from bridge.records import Change, Resource
from bridge.sandbox.server import serve
from bridge.settings import Secret, Settings, ZendeskSettings
from bridge.web import create_app

MAPPING = """
accounts:
  acme:
    network: mastodon
    options: {url: https://far.example, token: env:MASTODON_TOKEN}
rules:
  - name: Everything
    route: {group: Support}
"""


@pytest.fixture
def api(ledger: Ledger, clock: Any, tmp_path: Path) -> Iterator[str]:
    """The web service on a loopback address."""
    file = tmp_path / "mapping.yaml"
    file.write_text(MAPPING, encoding="utf-8")
    desk = ZendeskSettings(url="https://acme.zendesk.com", oauth_token=Secret("desk-token"))
    settings = Settings(database_url=ledger.url, mappings=str(file), zendesk=desk)
    bridge = open_bridge(settings, {"MASTODON_TOKEN": "t"}, clock=clock, ledger=ledger)
    with serve(create_app(bridge)) as running:
        yield running.url
    bridge.helpdesk.close()


@pytest.fixture
def stand() -> Iterator[SalesforceStand]:
    stand = SalesforceStand()
    with stand.running():
        yield stand


@pytest.fixture
def sync(ledger: Ledger, api: str, stand: SalesforceStand, around: Any) -> Sync:
    options = {"url": stand.url, "client_id": "app", "client_secret": Secret("app-secret")}
    crm = Salesforce("acme", Salesforce.Options().load(options), around)
    crm.make(crm.plan()[0])
    feed = FeedClient(api, Secret(make_token(ledger)), around, limit=5)
    with ledger.writing() as tx:
        one_of_everything(tx)
        targets.add(tx, "acme", "salesforce", {})
    return Sync("acme", crm, feed, ledger)


def told(sync: Sync) -> dict[str, Change]:
    """All that the feed tells now, read from the beginning."""
    found: dict[str, Change] = {}
    cursor, more = "", True
    while more:
        page = sync.feed.page(cursor)
        cursor, more = page.resume, page.has_more
        found |= {change.record.id: change for change in page.changes}
    return found


def there(sync: Sync, stand: SalesforceStand) -> dict[str, str]:
    """The text, or the name, of what the CRM has; after looking that it is what the feed tells."""
    rows = {key: row for table in stand.rows.values() for key, row in table.items()}
    feed = {
        key: change
        for key, change in told(sync).items()
        if change.resource is not Resource.MERGE and not change.record.deleted
    }
    assert feed.keys() == rows.keys()
    for key, change in feed.items():
        for column in THINGS[change.resource].columns:
            said, kept = getattr(change.record, column.of), rows[key][column.name]
            assert (said or None) == kept or column.name.endswith(("Name", "_At__c")), key
    return {key: row.get("Text__c") or row["Name"] for key, row in rows.items()}


def test_the_crm_has_what_the_feed_tells_through_merges_edits_and_erasures(sync, ledger, stand):
    until_done(sync, lambda _: None)
    before = there(sync, stand)
    assert "my blue parcel is late" in before.values()
    customers_there = stand.rows["Social_Customer__c"]
    (away,) = [key for key, row in customers_there.items() if row["Merged_Into__c"]]

    with ledger.writing() as tx:
        ada = people.remember(tx, ADA)
        (edge,) = customers.edges(tx, [ada])
        customers.undo(tx, edge.id, by="Grace", because="two people")
        post = tx.conn.execute(tables.posts.select().where(tables.posts.c.network_id == "s2")).one()
        tx.conn.execute(tables.revisions.delete().where(tables.revisions.c.post_id == post.id))
        tx.conn.execute(tables.replies.update().values(answers=None))
        tx.conn.execute(tables.posts.delete().where(tables.posts.c.id == post.id))
    stand.goes_wrong("/composite/", 500, after=True)  # carried out, and nobody was told
    until_done(sync, lambda _: None)
    after = there(sync, stand)
    assert before.keys() - {f"post_{post.id}"} == after.keys()
    assert "mine too" not in after.values()
    assert None is customers_there[away]["Merged_Into__c"]
    with ledger.reading() as tx:
        counts = targets.counts(tx, "acme")
    assert (0, 0, len(after)) == (
        counts[State.AGAIN],
        counts[State.PERSON],
        counts[State.WRITTEN],
    )
