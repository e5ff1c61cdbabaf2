"""The web service answers for an account that is being connected, and keeps nothing of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask.testing import FlaskClient

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger, deliveries, drafts
from bridge.ledger.secrets import Safe
from bridge.opening import open_bridge
from bridge.settings import Secret, Settings
from bridge.web import create_app

KEY = Secret(Fernet.generate_key().decode())
SAFE = Safe((KEY,))
WHSEC = "whsec_" + base64.b64encode(b"what the shop signs with").decode()
ENVIRON = {
    "SITE_SECRET": WHSEC,
    "SITE_REPLY_SECRET": WHSEC,
    "MASTODON_TOKEN": "toot-toot-4711",
}
ANSWERS = {
    "app_id": "15",
    "app_secret": "the-app-signs-with-this",
    "verify_token": "open-sesame",
    "access_token": "EAAB4711",
    "page_id": "77",
}
PLACE = "/hooks/facebook/page"
ITEM = {"object": "page", "entry": [{"id": "77", "time": 1, "changes": [{"field": "feed"}]}]}


@pytest.fixture
def keyed(settings: Settings, ledger: Ledger, clock: Any) -> Iterator[Bridge]:
    settings = replace(settings, secret_keys=(KEY,))
    bridge = open_bridge(settings, ENVIRON, clock=clock, ledger=ledger)
    yield bridge
    bridge.helpdesk.close()


@pytest.fixture
def client(keyed: Bridge) -> FlaskClient:
    with keyed.ledger.writing() as tx:
        drafts.begin(tx, SAFE, "page", "facebook", ANSWERS)
    return create_app(keyed).test_client()


def brought(client: FlaskClient, what: Any, *, by: str = ANSWERS["app_secret"]) -> Any:
    body = json.dumps(what).encode()
    digest = hmac.new(by.encode(), body, hashlib.sha256).hexdigest()
    return client.post(PLACE, data=body, headers={"X-Hub-Signature-256": f"sha256={digest}"})


def asked(client: FlaskClient, word: str = "open-sesame", place: str = PLACE) -> Any:
    query = {"hub.mode": "subscribe", "hub.challenge": "4711", "hub.verify_token": word}
    return client.get(place, query_string=query)


def test_a_handshake_is_answered(client: FlaskClient) -> None:
    assert asked(client, "wrong").status_code == 401
    assert (200, b"4711") == (asked(client).status_code, asked(client).data)


def test_what_holds_something_is_to_be_brought_again(client: FlaskClient, keyed: Bridge) -> None:
    """503, with the time to come back; nothing is kept that nobody would handle."""
    answer = brought(client, ITEM)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    other = {"object": "page", "entry": [{"id": "78", "time": 1, "changes": [{"field": "feed"}]}]}
    assert brought(client, other).status_code == 200
    assert brought(client, {}).status_code == 200
    assert brought(client, ITEM, by="somebody else").status_code == 401
    with keyed.ledger.reading() as tx:
        assert deliveries.counts(tx) == {}


def test_a_draft_ends_after_an_hour(client: FlaskClient, clock: Any) -> None:
    clock.move(3_599)
    assert asked(client).status_code == 200
    clock.move(1)
    assert asked(client).status_code == 404
    assert brought(client, ITEM).status_code == 404


def test_drafts_that_are_over_are_swept(client: FlaskClient, keyed: Bridge, clock: Any) -> None:
    clock.move(3_600)
    with keyed.ledger.writing() as tx:
        drafts.begin(tx, SAFE, "other", "facebook", ANSWERS)
        assert SAFE.names(tx, "draft:") == ("draft:other",)
        drafts.end(tx, SAFE, "other")
        assert SAFE.names(tx, "draft:") == ()


@pytest.mark.parametrize("place", ["/hooks/messenger/page", "/hooks/facebook/pag", "/hooks/x/page"])
def test_another_address_is_nobodys(client: FlaskClient, place: str) -> None:
    assert asked(client).status_code == 200
    assert asked(client, place=place).status_code == 404


def test_an_account_of_the_mapping_goes_before_a_draft(client: FlaskClient, keyed: Bridge) -> None:
    with keyed.ledger.writing() as tx:
        drafts.begin(tx, SAFE, "shop", "facebook", ANSWERS)
    assert asked(client, place="/hooks/facebook/shop").status_code == 404


def test_another_key_opens_nothing(client: FlaskClient, keyed: Bridge) -> None:
    """The sender is told to come again: it has done nothing wrong."""
    assert asked(client).status_code == 200
    settings = replace(keyed.settings, secret_keys=(Secret(Fernet.generate_key().decode()),))
    other = create_app(replace(keyed, settings=settings)).test_client()
    assert asked(other).status_code == 503
    keyless = create_app(replace(keyed, settings=replace(settings, secret_keys=()))).test_client()
    assert asked(keyless).status_code == 404


def test_nothing_of_a_draft_is_in_the_clear(client: FlaskClient, keyed: Bridge) -> None:
    """Here the row itself is looked at; the files of a database are in the tests of `connect`."""
    from sqlalchemy import text

    assert asked(client).status_code == 200
    with keyed.ledger.reading() as tx:
        [(name, sealed)] = tx.conn.execute(text("SELECT name, sealed FROM secrets")).all()
    assert name == "draft:page"
    assert not [value for value in ANSWERS.values() if len(value) > 4 and value.encode() in sealed]


def test_a_wrong_signature_is_no_alarm(client: FlaskClient, keyed: Bridge) -> None:
    """`bridge connect` tries one itself, and the account is not there yet."""
    from bridge.ledger import alarms

    assert brought(client, {}, by="somebody else").status_code == 401
    with keyed.ledger.reading() as tx:
        assert alarms.refused(tx, "page") is None
