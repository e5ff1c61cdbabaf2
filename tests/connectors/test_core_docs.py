"""The connector that docs/crm.md shows is whole: it keeps a CRM up, as it stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from connectors.feed_stand import TOKEN, FeedStand
from connectors.samples import ADA, HELLO
from connectors.stand import Stand
from flask import Response, request

from bridge.connectors.feed import FeedClient
from bridge.connectors.syncing import Sync, until_done
from bridge.ledger import Ledger, targets
from bridge.ledger.targets import State
from bridge.records import CustomerRecord
from bridge.settings import Secret

PAGE = Path(__file__).resolve().parents[2] / "docs" / "crm.md"


class ClubStand(Stand):
    def __init__(self) -> None:
        super().__init__()
        self.members: dict[str, str] = {}
        self.app.add_url_rule(
            "/members/<key>", view_func=self._member, methods=["GET", "PUT", "DELETE"]
        )

    def _member(self, key: str) -> Response:
        if request.method == "PUT":
            self.members[key] = request.get_json()["name"]
        elif request.method == "DELETE":
            self.members.pop(key, None)
        return Response(status=204)


@pytest.fixture
def club() -> Iterator[ClubStand]:
    stand = ClubStand()
    with stand.running():
        yield stand


@pytest.fixture
def database() -> str:
    """What is asked here is the connector."""
    return "sqlite"


def test_the_connector_of_the_page_keeps_its_crm_up(club, ledger: Ledger, around: Any) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    crm = names["Club"]("club", {"url": club.url, "token": Secret("t")}, around)
    assert ("works",) == tuple(each.says for each in crm.examine())
    feed = FeedStand()
    with ledger.writing() as tx:
        targets.add(tx, "club", "club", {})
    with feed.running():
        sync = Sync("club", crm, FeedClient(feed.url, Secret(TOKEN), around), ledger)
        feed.tell(ADA, HELLO, CustomerRecord("customer_2", name="Ben"))
        club.goes_wrong("/members/customer_2", 422, {"error": "Ben is banned"})
        until_done(sync, lambda _: None)
        assert {"customer_1": "Ada"} == club.members
        with ledger.reading() as tx:
            (failed,) = targets.rows(tx, "club", (State.PERSON,))
        assert ("customer_2", "422") == (failed.object_id, failed.code)
        feed.tell(CustomerRecord("customer_1", deleted=True))
        until_done(sync, lambda _: None)
        assert {} == club.members
