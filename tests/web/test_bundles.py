"""One address for several accounts: each item goes to the account that it is for, once."""

from __future__ import annotations

import hashlib
import json

import pytest

from bridge.channels.contract import Raw, Shaken
from bridge.errors import NotGenuine
from bridge.ledger import deliveries
from bridge.web import create_app


class Paged:
    """Takes the items whose page is its own; several accounts of one app."""

    network = "mastodon"

    def __init__(self, account: str, page: str, hook: str = "app:1") -> None:
        self.account, self.page, self.hook = account, page, hook

    def genuine(self, headers, body: bytes) -> str:
        if headers.get("Signed") != "yes":
            raise NotGenuine("it is not signed")
        return hashlib.sha256(body).hexdigest()

    def complaint(self, body: bytes) -> str:
        return ""

    def apart(self, body: bytes) -> tuple[Raw, ...]:
        items = [one for one in json.loads(body) if one["page"] == self.page]
        bodies = [json.dumps([one]).encode() for one in items]
        return tuple(Raw(hashlib.sha256(each).hexdigest(), each) for each in bodies)

    def unpack(self, body: bytes) -> tuple:
        return ()

    def shake(self, query) -> Shaken:
        if query.get("word") != "please":
            raise NotGenuine("the word is another one")
        return Shaken("text/plain", query["challenge"])


@pytest.fixture
def pages(bridge):
    """`acme` and `shop` share an app; a third account of another app would take the same."""
    bridge.channels.update(
        acme=Paged("acme", "1"), shop=Paged("shop", "2"), other=Paged("other", "1", "app:2")
    )
    return create_app(bridge).test_client()


def send(pages, *items, account: str = "acme", signed: str = "yes"):
    body = json.dumps(items)
    return pages.post(f"/hooks/mastodon/{account}", data=body, headers={"Signed": signed})


def item(page: str, word: str) -> dict[str, str]:
    return {"page": page, "word": word}


def waiting(bridge, source: str) -> list[str]:
    with bridge.ledger.reading() as tx:
        found = deliveries.next_waiting(tx, source, 100)
    return [one["word"] for each in found for one in json.loads(each.body)]


def test_what_is_not_genuine_reaches_nobody(pages, bridge) -> None:
    """The account at the address answers for all of them."""
    assert 401 == send(pages, item("1", "a"), item("2", "b"), signed="no").status_code
    assert [] == waiting(bridge, "acme") + waiting(bridge, "shop")


def test_each_item_goes_to_its_account_in_order(pages, bridge) -> None:
    """Also to one whose address it did not come to, and never to another app's."""
    answer = send(pages, item("1", "a"), item("2", "b"), item("1", "c"))
    assert 200 == answer.status_code
    assert (["a", "c"], ["b"], []) == tuple(
        waiting(bridge, name) for name in ("acme", "shop", "other")
    )


def test_items_come_once_however_they_are_bundled(pages, bridge) -> None:
    """Alone, together and the other way round: the same item is the same item."""
    send(pages, item("1", "a"))
    send(pages, item("1", "b"), item("1", "a"))
    assert send(pages, item("1", "b")).json["again"] is True
    assert ["a", "b"] == waiting(bridge, "acme")


def test_one_item_is_not_told_twice_where_two_accounts_would_take_it(pages, bridge) -> None:
    """The first of the mapping has it."""
    bridge.channels["shop"] = Paged("shop", "1")
    send(pages, item("1", "a"))
    assert ["a"] == waiting(bridge, "acme") + waiting(bridge, "shop")


def test_what_nobody_takes_is_kept_whole(pages, bridge) -> None:
    """A page that is connected to the app and not to the bridge: it can be seen that it came."""
    send(pages, item("3", "x"), item("4", "y"))
    assert ["x", "y"] == waiting(bridge, "acme")


def test_a_challenge_is_answered_with_the_right_word_only(pages) -> None:
    """As text, exactly; a stranger reads 401."""
    bad = pages.get("/hooks/mastodon/acme?word=now&challenge=4711")
    assert 401 == bad.status_code
    good = pages.get("/hooks/mastodon/acme?word=please&challenge=4711")
    assert (200, "4711") == (good.status_code, good.text)
    assert good.content_type.startswith("text/plain")


def test_who_asks_for_an_account_that_is_not_there_reads_404(pages) -> None:
    """With the addresses that could be meant."""
    assert 404 == pages.get("/hooks/mastodon/acne?word=please&challenge=1").status_code
