"""`bridge numbers`, without a console."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from bridge.ledger import Ledger, people, posts
from bridge.ledger.posts import Because
from bridge.model import Kind, Person, Post, Visibility, utcnow


@pytest.fixture
def asked(store: Ledger) -> None:
    """Somebody wrote to the shop just now."""
    ada = Person("site", "1", "ada", "Ada")
    post = Post("shop", "site", "p1", Kind.DM, Visibility.PRIVATE, ada, "hi", utcnow(), "p1")
    with store.writing() as tx:
        person = people.remember(tx, ada)
        posts.store(tx, post, person_id=person, conversation_id=None, because=Because("", "", 1))


@pytest.mark.usefixtures("asked")
def test_numbers_on_the_command_line(bridge: Any) -> None:
    """For people, as JSON, and one table as CSV."""
    shown = bridge("numbers", "--days=7")
    assert 0 == shown.exit_code, shown.output
    assert "What customers wrote (volume)" in shown.output
    assert "no data" in shown.output
    told = json.loads(bridge("numbers", "--json").output)
    assert [("shop", "Website", "1", "0")] == [
        (row["Account"], row["Network"], row["Posts"], row["On a ticket"]) for row in told["volume"]
    ]
    _, row = csv.reader(io.StringIO(bridge("numbers", "--csv=volume").output))
    assert ["shop", "Website", "private message", "private", "1", "0"] == row


def test_wrong_use(bridge: Any, store: Ledger) -> None:
    """A table or an account that there is not."""
    assert 2 == bridge("numbers", "--csv=volumes").exit_code
    assert 2 == bridge("numbers", "--account=shops").exit_code
