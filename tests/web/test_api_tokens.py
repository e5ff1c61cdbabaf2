"""Who may read the history: tokens with scopes, and how often they may ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from api_stage import Reader, make_token, say
from flask.testing import FlaskClient
from sqlalchemy import event, text

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger, api_tokens
from bridge.ledger.api_tokens import ApiToken, Scope
from bridge.model import Person
from bridge.web import create_app
from bridge.web.api.pace import Pace

ADA = Person("mastodon", "1", "ada@example.social", "Ada Lovelace")


def kept(ledger: Ledger) -> ApiToken:
    with ledger.reading() as tx:
        [token] = api_tokens.everything(tx)
    return token


def test_only_a_hash_is_kept(ledger: Ledger) -> None:
    """Nowhere in the row is what was given out, which has 256 random bits."""
    token = make_token(ledger)
    assert token.startswith("hb_")
    assert 46 == len(token)
    with ledger.reading() as tx:
        row = tx.conn.execute(text("SELECT * FROM api_tokens")).one()
    assert token[3:] not in str(tuple(row))
    assert api_tokens.digest(token) in tuple(row)
    assert token != make_token(ledger)


def test_nobody_gets_in_without_a_good_token(
    client: FlaskClient, ledger: Ledger, clock: Any
) -> None:
    """401 with what is missing, and nothing about whether it ever was one."""
    good = make_token(ledger, good_for=timedelta(days=1))
    plain = client.get("/api/v1/changes")
    assert (401, 'Bearer realm="bridge"') == (plain.status_code, plain.headers["WWW-Authenticate"])
    for given in ("", "Bearer", "Bearer ", f"Basic {good}", good):
        answer = client.get("/api/v1/changes", headers={"Authorization": given})
        assert 401 == answer.status_code, given
    assert 200 == Reader(client, good).get("/changes").status_code
    assert (
        200
        == client.get("/api/v1/changes", headers={"Authorization": f"bearer  {good} "}).status_code
    )

    strange = (api_tokens.new(), good[:-1], f"{good}x", good.upper(), "hb_\u00e4", "x" * 10_000)
    refused = [Reader(client, given).get("/changes") for given in strange]
    clock.move(timedelta(days=1).total_seconds())
    refused.append(Reader(client, good).get("/changes"))
    revoked = make_token(ledger)
    with ledger.writing() as tx:
        assert api_tokens.revoke(tx, 2, "ada")
        assert api_tokens.revoke(tx, 2, "ada") is None
    refused.append(Reader(client, revoked).get("/interactions/post_1"))
    assert {(401, 'Bearer realm="bridge", error="invalid_token"')} == {
        (answer.status_code, answer.headers["WWW-Authenticate"]) for answer in refused
    }
    assert 1 == len({answer.text for answer in refused})


def test_revoked_is_revoked_at_once(client: FlaskClient, ledger: Ledger) -> None:
    reader = Reader(client, make_token(ledger))
    assert 200 == reader.get("/customers").status_code
    with ledger.writing() as tx:
        api_tokens.revoke(tx, 1, "ada")
    assert 401 == reader.get("/customers").status_code


@pytest.mark.parametrize("scope", [each for each in Scope if each is not Scope.MERGE])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_scope_is_good_for_one_resource(
    client: FlaskClient, ledger: Ledger, scope: Scope
) -> None:
    """And for its share of the feed; each other one is refused with the scope that is missing."""
    say(ledger, "110", ADA)
    reader = Reader(client, make_token(ledger, [scope]))
    for other in Scope:
        if other is Scope.MERGE:
            continue
        plural = other.split(":")[0]
        answer = reader.get(f"/{plural}")
        assert (200 if other is scope else 403) == answer.status_code
        assert other is scope or other in answer.get_json()["error"]
    assert 200 == reader.get("/changes").status_code
    assert 403 == reader.post("/merges", {}).status_code


def test_when_it_was_used_is_known_to_a_minute(
    client: FlaskClient, ledger: Ledger, clock: Any
) -> None:
    """A read costs no write, except once a minute."""
    reader = Reader(client, make_token(ledger))
    assert kept(ledger).used_at is None
    started = clock()
    reader.get("/customers")
    assert started == kept(ledger).used_at
    clock.move(59)
    written: list[str] = []
    event.listen(ledger.engine, "before_cursor_execute", lambda *said: written.append(said[2][:6]))
    reader.get("/customers")
    assert started == kept(ledger).used_at
    assert {"SELECT"} == {each for each in written if each not in ("BEGIN", "BEGIN ")}
    clock.move(1)
    reader.get("/customers")
    assert clock() == kept(ledger).used_at


def test_too_often_is_refused_cheaply(bridge: Bridge, ledger: Ledger, clock: Any) -> None:
    """With whole seconds to wait, without a look into the ledger; coming early makes it no worse,
    and other tokens do not notice."""
    slow = replace(bridge, settings=replace(bridge.settings, api_per_minute=3))
    client = create_app(slow).test_client()
    reader, other = Reader(client, make_token(ledger)), Reader(client, make_token(ledger))
    assert [200] * 3 == [reader.get("/customers").status_code for _ in range(3)]

    asked: list[str] = []
    event.listen(ledger.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    first = reader.get("/customers")
    assert (429, "20") == (first.status_code, first.headers["Retry-After"])
    clock.move(19)
    again = [reader.get("/changes") for _ in range(50)]
    assert {(429, "1")} == {(each.status_code, each.headers["Retry-After"]) for each in again}
    assert [] == asked
    assert 200 == other.get("/customers").status_code
    clock.move(1)
    assert [200, 429] == [reader.get("/customers").status_code for _ in range(2)]
    clock.move(3600)
    assert [200, 200, 200, 429] == [reader.get("/customers").status_code for _ in range(4)]


def test_strangers_do_not_fill_the_memory(bridge: Bridge, ledger: Ledger) -> None:
    """Only tokens that are known are counted."""
    counted: list[str] = []
    real = Pace.count
    app = create_app(bridge).test_client()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pace, "count", lambda self, key: (counted.append(key), real(self, key))[1])
        for _ in range(5):
            Reader(app, api_tokens.new()).get("/changes")
        assert [] == counted
        Reader(app, make_token(ledger)).get("/changes")
        assert 1 == len(counted)
