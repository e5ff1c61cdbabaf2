"""The history API: lists, single records and the feed, as a CRM reads them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from api_stage import Reader, make_token, say
from flask.testing import FlaskClient

from bridge.crm import people
from bridge.crm.feed import KEPT_DAYS
from bridge.crm.people import Proof
from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger, changes, conversations, posts
from bridge.ledger.api_tokens import Scope
from bridge.model import Person
from bridge.web import create_app

ADA = Person("mastodon", "1", "ada@example.social", "Ada Lovelace")
BOB = Person("mastodon", "2", "bob@example.social", "Bob")


@pytest.fixture
def reader(client: FlaskClient, ledger: Ledger) -> Reader:
    return Reader(client, make_token(ledger))


@pytest.fixture
def history(ledger: Ledger, clock: Any) -> None:
    """Ada asks (ticket 35), Bob joins in; later Bob asks something of his own (ticket 36)."""
    _, first, _ = say(ledger, "110", ADA, ticket="35")
    say(ledger, "111", BOB, "Mine too!", conversation=first)
    clock.move(60)
    say(ledger, "112", BOB, "And my refund?", ticket="36")


def test_the_feed_is_read_page_by_page(reader: Reader, history: None) -> None:
    """Ascending, each record once; the last page says so, and tells where to go on."""
    seen: list[dict[str, Any]] = []
    path = "/changes?limit=3"
    while True:
        answer = reader.get(path)
        body = answer.get_json()
        seen += body["data"]
        if not body["has_more"]:
            break
        assert f"cursor={body['next_cursor']}" in answer.headers["Link"]
        assert answer.headers["Link"].startswith("<https://bridge.example/api/v1/changes?limit=3")
        path = answer.headers["Link"].split("/api/v1")[1].removesuffix('>; rel="next"')

    assert (None, None) == (body["next_cursor"], answer.headers.get("Link"))
    assert sorted(row["change_id"] for row in seen) == [row["change_id"] for row in seen]
    everything = {
        *("customer_1", "customer_2", "identity_1", "identity_2"),
        *("conversation_1", "conversation_2", "post_1", "post_2", "post_3"),
    }
    assert (len(everything), everything) == (len(seen), {row["id"] for row in seen})
    assert [] == reader.rows(f"/changes?cursor={body['resume_cursor']}")


def test_the_feed_tells_what_the_token_may_read(
    client: FlaskClient, ledger: Ledger, reader: Reader, history: None
) -> None:
    """Without a word the rest is left out; asked for by name it is refused, and the scope named."""
    narrow = Reader(client, make_token(ledger, [Scope.CUSTOMERS, Scope.MERGES]))
    writer = Reader(client, make_token(ledger, [Scope.MERGE]))

    assert {"customer"} == {row["resource"] for row in narrow.rows("/changes")}
    assert ["customer_1", "customer_2"] == narrow.ids("/changes?resource=customer")
    assert {"customer", "identity"} == {
        row["resource"] for row in reader.rows("/changes?resource=customer,identity")
    }
    refused = narrow.get("/changes?resource=customer,identity")
    assert 403 == refused.status_code
    assert "identities:read" in refused.get_json()["error"]
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    assert (403, 403) == (
        narrow.get("/interactions").status_code,
        narrow.get("/interactions/post_1").status_code,
    )
    assert 403 == writer.get("/changes").status_code


def test_since_is_an_instant_and_inclusive(
    reader: Reader, ledger: Ledger, clock: Any, history: None
) -> None:
    """Whatever its precision and offset; what changed in that very instant is told."""
    at_once = {"post_1", "post_2", "post_3", "conversation_1", "conversation_2"}
    at_once |= {"customer_1", "customer_2", "identity_1", "identity_2"}
    assert at_once == set(reader.ids("/changes"))
    clock.move(60)  # 12:02: what was put down before is numbered, what comes now is news
    say(ledger, "113", BOB, "And?", ticket="37")
    news = ["post_4", "conversation_3"]

    for since, found in (
        ("2026-11-21T12:02:00Z", news),
        ("2026-11-21T12:02:00.000Z", news),
        ("2026-11-21t12:02:00.000000000z", news),
        ("2026-11-21T13:02:00%2B01:00", news),
        ("2026-11-21T13:02:00+01:00", news),  # a plus that was not escaped
        ("2026-11-21T12:01:60Z", news),
        ("2026-11-21T12:02:00.000001Z", []),
    ):
        assert found == reader.ids(f"/changes?updated_since={since}"), since
    assert 11 == len(reader.rows("/changes?updated_since=2026-11-20T12:00:00-00:00"))


def test_a_cursor_wins_over_since(reader: Reader, history: None) -> None:
    """Clients send both on later pages: the older or newer instant changes nothing."""
    first = reader.get("/changes?limit=3").get_json()
    alone = reader.rows(f"/changes?cursor={first['next_cursor']}")
    both = f"/changes?cursor={first['next_cursor']}&updated_since="

    assert (6, alone, alone) == (
        len(alone),
        reader.rows(f"{both}2099-01-01T00:00:00Z"),
        reader.rows(f"{both}2001-01-01T00:00:00Z"),
    )
    assert 422 == reader.get(f"{both}yesterday").status_code


def test_an_unknown_cursor_is_gone(client: FlaskClient, reader: Reader, history: None) -> None:
    """410 with the address at which to begin anew; never a silent beginning."""
    for cursor in ("nonsense", "%00", "%C3%A4", "x" * 100_000, "Zm9vLjE"):
        answer = reader.get(f"/changes?limit=5&resource=customer&cursor={cursor}")
        body = answer.get_json()
        assert (410, "https://bridge.example/api/v1/changes?limit=5&resource=customer") == (
            answer.status_code,
            body["restart"],
        )
        assert "begin again" in body["error"]
    again = client.get(
        body["restart"].removeprefix("https://bridge.example"),
        headers={"Authorization": f"Bearer {reader.token}"},
    )
    assert 200 == again.status_code
    there = reader.get("/tickets/a%20b/customers?cursor=nonsense").get_json()["restart"]
    assert "https://bridge.example/api/v1/tickets/a%20b/customers" == there


def test_who_was_away_too_long_begins_anew(
    reader: Reader, ledger: Ledger, history: None, clock: Any
) -> None:
    """A deletion is told for its time; then a cursor from before it is refused, one from after it
    is not. After a backup was put back every cursor is."""
    early = reader.get("/changes?limit=3").get_json()["next_cursor"]
    with ledger.writing() as tx:
        posts.gone(tx, 2)
    row = reader.get("/interactions/post_2").get_json()
    assert (True, "platform_delete", "") == (row["deleted"], row["deleted_reason"], row["text"])
    late = reader.get("/changes").get_json()["resume_cursor"]
    clock.move(timedelta(days=KEPT_DAYS + 1).total_seconds())
    with ledger.writing() as tx:
        assert 1 == changes.forget_tombstones(tx, tx.now - timedelta(days=KEPT_DAYS))

    assert [410, 200] == [reader.get(f"/changes?cursor={at}").status_code for at in (early, late)]
    changes.restart(ledger)
    assert [410, 410] == [reader.get(f"/changes?cursor={at}").status_code for at in (early, late)]


def test_what_is_asked_wrongly_is_refused_by_name(reader: Reader, history: None) -> None:
    """A filter that is ignored would answer with other people's history."""
    for query, named in (
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=many", "limit"),
        ("limit=1e2", "limit"),
        (f"limit={'9' * 5000}", "limit"),
        ("limit=5&limit=6", "limit: must be said once"),
        ("updated_since=2026-11-21T12:00:00", "updated_since"),
        ("updated_since=2026-11-21", "updated_since"),
        ("updated_since=2026-13-21T12:00:00Z", "updated_since"),
        ("updated_since=0001-01-01T00:00:00%2B14:00", "updated_since"),
        ("cursor=", "cursor"),
        ("costumer=customer_1", "costumer"),
        ("customer=1", "customer"),
        ("customer=identity_1", "customer"),
        ("customer=customer_1%0A", "customer"),
        ("customer=customer_%D9%A1", "customer"),
        (f"customer=customer_{'9' * 30}", "customer"),
        ("ticket=", "ticket"),
        ("ticket=%00", "ticket"),
        (f"ticket={'3' * 501}", "ticket"),
        ("platform=mastodon", "platform"),
        ("platform_user_id=1", "platform"),
        ("type=poem", "type"),
        ("a%00b%ff=1", "a"),
    ):
        answer = reader.get(f"/interactions?{query}")
        assert 422 == answer.status_code, query
        assert named in answer.get_json()["error"]
    assert 422 == reader.get("/changes?customer=customer_1").status_code
    assert 3 == len(reader.rows("/interactions?limit=500"))


def test_interactions_by_whom_and_where(
    reader: Reader, ledger: Ledger, history: None, clock: Any
) -> None:
    """By customer, identity, network's id, conversation, type, and by any ticket it ever had."""
    with ledger.writing() as tx:
        conversations.point(tx, 1, "zendesk", "40")
    for query, found in (
        ("", ["post_1", "post_2", "post_3"]),
        ("customer=customer_2", ["post_2", "post_3"]),
        ("identity=identity_1", ["post_1"]),
        ("platform=mastodon&platform_user_id=2", ["post_2", "post_3"]),
        ("platform=mastodon&platform_user_id=3", []),
        ("ticket=35", ["post_1", "post_2"]),
        ("ticket=40", ["post_1", "post_2"]),
        ("ticket=41", []),
        ("conversation=conversation_2", ["post_3"]),
        ("type=post,reply", ["post_1", "post_2", "post_3"]),
        ("type=reply", []),
        ("customer=customer_2&ticket=35", ["post_2"]),
        ("customer=customer_2&identity=identity_1", []),
        ("customer=customer_999", []),
    ):
        assert found == sorted(reader.ids(f"/interactions?{query}")), query
    for path, query in (
        ("/customers/customer_2/interactions", "customer=customer_2"),
        ("/identities/identity_1/interactions", "identity=identity_1"),
        ("/conversations/conversation_2/interactions", "conversation=conversation_2"),
        ("/tickets/40/interactions", "ticket=40"),
    ):
        assert reader.rows(f"/interactions?{query}") == reader.rows(path)
    assert 422 == reader.get("/customers/2/interactions").status_code
    assert 422 == reader.get("/tickets/40/interactions?ticket=36").status_code


def test_conversations_identities_and_customers_by_one_another(
    reader: Reader, history: None
) -> None:
    """A conversation is found by whoever spoke in it, not only by who began it."""
    for query, found in (
        ("conversations?customer=customer_1", ["conversation_1"]),
        ("conversations?customer=customer_2", ["conversation_1", "conversation_2"]),
        ("conversations?identity=identity_2&ticket=36", ["conversation_2"]),
        ("conversations?ticket=35", ["conversation_1"]),
        ("identities?customer=customer_2", ["identity_2"]),
        ("identities?platform=mastodon&platform_user_id=1", ["identity_1"]),
        ("identities?platform=mastodon&platform_user_id=1&customer=customer_2", []),
        ("customers?identity=identity_2", ["customer_2"]),
        ("customers?platform=mastodon&platform_user_id=1", ["customer_1"]),
        ("customers?ticket=35", ["customer_1", "customer_2"]),
        ("customers?ticket=36&identity=identity_1", []),
        ("tickets/36/customers", ["customer_2"]),
        ("tickets/35/conversations", ["conversation_1"]),
        ("customers/customer_1/identities", ["identity_1"]),
        ("customers/customer_2/conversations", ["conversation_1", "conversation_2"]),
        ("identities/identity_1/conversations", ["conversation_1"]),
    ):
        assert found == sorted(reader.ids(f"/{query}")), query


def test_filters_follow_a_merge(reader: Reader, ledger: Ledger, history: None) -> None:
    """By the customer who stays, everything is found; by the other, nothing: its record says who
    it is now."""
    with ledger.writing() as tx:
        people.merge(tx, 1, 2, proof=Proof.AGENT, evidence="ticket 35", by="grace")

    assert ["post_1", "post_2", "post_3"] == sorted(reader.ids("/interactions?customer=customer_1"))
    assert [] == reader.rows("/interactions?customer=customer_2")
    assert "customer_1" == reader.get("/customers/customer_2").get_json()["merged_into"]
    assert ["customer_1"] == reader.ids("/customers?identity=identity_2")
    assert ["merge_1"] == reader.ids("/merges?customer=customer_1")
    assert {"customer_1"} == {
        row["customer_id"] for row in reader.rows("/identities?customer=customer_1")
    }


def test_a_single_record(reader: Reader, history: None) -> None:
    """By its own id at its own address; everything else is nothing."""
    row = reader.get("/interactions/post_2").get_json()
    assert ("post_2", "interaction", "Mine too!", "identity_2", "conversation_1") == (
        row["id"],
        row["resource"],
        row["text"],
        row["identity_id"],
        row["conversation_id"],
    )
    for path in (
        *("/interactions/post_99", "/interactions/post_02", "/interactions/post_%D9%A2"),
        *("/interactions/customer_1", "/customers/post_1", "/customers/1", "/customers/%00"),
        *(f"/customers/customer_{'9' * 40}", "/customers/customer_1%0A"),
    ):
        answer = reader.get(path)
        assert (404, "no_such_record") == (answer.status_code, answer.get_json()["code"]), path
    assert "code" not in reader.get("/nothing/customer_99").get_json()


def test_what_one_has_already_is_not_sent_again(
    reader: Reader, ledger: Ledger, history: None
) -> None:
    """Lists and records have a strong ETag; another one as soon as something changed."""
    for path in ("/customers/customer_1", "/interactions?ticket=35", "/changes?limit=2"):
        first = reader.get(path)
        tag = first.headers["ETag"]
        assert tag.startswith('"')
        assert "private, no-cache" == first.headers["Cache-Control"]
        same = reader.get(path, If_None_Match=f'"other", {tag}')
        assert (304, b"", tag) == (same.status_code, same.data, same.headers["ETag"])
        assert 200 == reader.get(path, If_None_Match='"other"').status_code
    tag = reader.get("/interactions?ticket=35").headers["ETag"]
    say(ledger, "114", BOB, "Hello?", conversation=1)
    assert 200 == reader.get("/interactions?ticket=35", If_None_Match=tag).status_code


def test_a_database_that_is_away_is_no_defect(
    bridge: Bridge, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with the time to come back; the service starts without it all the same."""

    def away(*_: object) -> None:
        raise OSError("disk gone")

    monkeypatch.setattr(type(bridge.ledger), "reading", away)
    started = Reader(create_app(bridge).test_client(), reader.token)
    answer = started.get("/changes")
    assert (503, "10") == (answer.status_code, answer.headers["Retry-After"])
    assert "disk" not in answer.text
