"""Access tokens are kept in the ledger, as they are for everybody who set BRIDGE_SECRET_KEY."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from connectors.feed_stand import TOKEN, FeedStand
from connectors.hubspot.stand import HubSpotStand
from connectors.samples import ADA_THERE, HELLO, TALK
from cryptography.fernet import Fernet

from bridge.connectors.contract import Around
from bridge.connectors.feed import FeedClient
from bridge.connectors.hubspot import HubSpot
from bridge.connectors.keeping import keep, let_go
from bridge.connectors.syncing import Sync, until_done
from bridge.environment import PREFIX
from bridge.errors import Misconfigured
from bridge.ledger import Ledger, targets
from bridge.ledger.secrets import Safe
from bridge.opening import LedgerTokens
from bridge.settings import Secret, Settings

KEYS = (Secret(Fernet.generate_key().decode()),)


@pytest.fixture
def feed() -> Iterator[FeedStand]:
    stand = FeedStand()
    with stand.running():
        yield stand


@pytest.fixture
def stand() -> Iterator[HubSpotStand]:
    stand = HubSpotStand("pat-1")
    with stand.running():
        yield stand


@pytest.fixture
def kept(around: Around, ledger: Ledger) -> Around:
    return replace(around, tokens=LedgerTokens(ledger, Safe(KEYS)))


def hubspot(stand: HubSpotStand, around: Around, **given: Any) -> HubSpot:
    secret = {"client_secret": Secret("hush"), "refresh_token": Secret("refresh-me")}
    about = {"channel_id": "7", "inbox_id": "3", "client_id": "c", "url": stand.url}
    return HubSpot("hub", HubSpot.Options().load({**about, **secret, **given}), around)


def test_a_token_is_fetched_while_the_target_has_its_turn(
    ledger: Ledger, feed: FeedStand, stand: HubSpotStand, kept: Around
) -> None:
    """Both take a named lock of the ledger; neither may wait for the other."""
    crm = hubspot(stand, kept)
    stand.accounts.append(
        {"id": "100", "authorized": True, "deliveryIdentifier": {"value": "helpdesk-bridge"}}
    )
    feed.tell(ADA_THERE, TALK, HELLO)
    with ledger.writing() as tx:
        targets.add(tx, "hub", "hubspot", {})
    sync = Sync("hub", crm, FeedClient(feed.url, Secret(TOKEN), kept), ledger)
    thread = threading.Thread(target=until_done, args=(sync, lambda _: None), daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert 1 == len(stand.messages)


def test_other_credentials_are_another_sign_in(
    ledger: Ledger, stand: HubSpotStand, kept: Around
) -> None:
    """What was kept for those of before, also their refresh token, is asked no more."""
    hubspot(stand, kept).plan()
    stand.refresh = "of-another-portal"
    stand.token = "pat-of-another-portal"
    assert hubspot(stand, kept, refresh_token=Secret("of-another-portal")).plan()


def test_tokens_go_with_their_target(ledger: Ledger, stand: HubSpotStand, kept: Around) -> None:
    with ledger.writing() as tx:
        targets.add(tx, "hub", "hubspot", {})
    hubspot(stand, kept).plan()
    let_go(Settings(database_url=ledger.url, secret_keys=KEYS), ledger, "hub")
    with ledger.reading() as tx:
        assert () == Safe(KEYS).names(tx, "")


def test_no_target_takes_the_secrets_of_another(ledger: Ledger) -> None:
    """Names that differ by a sign that no variable has."""
    settings = Settings(database_url=ledger.url, secret_keys=KEYS)
    option = {"client_secret": "env:ACME_EU_CRM_CLIENT_SECRET"}
    keep(settings, ledger, "acme-eu", "zoho", option, {"ACME_EU_CRM_CLIENT_SECRET": "one"})
    with pytest.raises(Misconfigured, match="another name"):
        keep(settings, ledger, "acme_eu", "zoho", option, {"ACME_EU_CRM_CLIENT_SECRET": "two"})
    with ledger.reading() as tx:
        assert "one" == Safe(KEYS).get(tx, f"{PREFIX}ACME_EU_CRM_CLIENT_SECRET")
        assert ["acme-eu"] == [each.name for each in targets.every(tx)]
