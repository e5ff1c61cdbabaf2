"""The mapping's draft, as forms decide about it: what is done is what was looked at."""

from __future__ import annotations

import re
from typing import Any

import pytest
from plugins_console import MAPPING

from bridge.flow import publishing
from bridge.ledger import mappings
from bridge.opening import publish

MINE = MAPPING.replace("group: Support", "group: Billing")
TYPED = MAPPING.replace("    route: {group: Support}", "    skip: not now")
THEIRS = MAPPING.replace("mastodon.example", "social.example")
SINCE = "Your draft has changed since this page was shown: look again."


def keeps(console: Any, text: str, base: int) -> None:
    console.post("/mapping/check", name="mapping.yaml", text=text, base=str(base))


def field(page: str, name: str) -> str:
    [found] = set(re.findall(rf'name="{name}" value="([^"]*)"', page))
    return str(found)


def live(console: Any) -> str:
    with console.bridge.ledger.reading() as tx:
        found = mappings.latest(tx)
    return str(publishing.files_of(found)[0][1])


def draft(console: Any) -> Any:
    with console.bridge.ledger.reading() as tx:
        return mappings.draft(tx, "ada")


@pytest.fixture
def published(console: Any) -> Any:
    publish(console.bridge)
    return console


def test_only_what_was_looked_at_is_published(published: Any) -> None:
    """The editor keeps what is typed by itself, in every tab."""
    keeps(published, MINE, 1)
    reviewed = field(published.get("/mapping/review").text, "reviewed")
    keeps(published, TYPED, 1)
    for fields in ({"reviewed": reviewed}, {}):
        published.post("/mapping/publish", comment="as reviewed", **fields)
        page = published.get("/mapping/review").text
        assert SINCE in page
        assert live(published) == MAPPING
    reviewed = field(page, "reviewed")
    published.post("/mapping/publish", comment="as reviewed", reviewed=reviewed)
    assert live(published) == TYPED


def publishes(console: Any, text: str) -> None:
    publishing.publish(console.bridge, (("mapping.yaml", text),), author="bob", base=1)


@pytest.mark.parametrize("how", ["mine", "together"])
def test_only_what_was_looked_at_is_based_anew(published: Any, how: str) -> None:
    keeps(published, MINE, 1)
    publishes(published, THEIRS)
    page = published.get("/mapping/review").text
    assert "both changes can go together" in page
    fields = {"seen": field(page, "seen"), "how": how, "reviewed": field(page, "reviewed")}
    keeps(published, TYPED, 1)
    published.post("/mapping/rebase", **fields)
    assert SINCE in published.get("/mapping/review").text
    assert (1, TYPED) == (draft(published).base, draft(published).files[0][1])
    keeps(published, MINE, 1)
    published.post("/mapping/rebase", **fields)
    assert 2 == draft(published).base


def test_a_draft_from_before_the_first_revision_is_not_lost(console: Any) -> None:
    """Nothing kept what it began from, so nothing tells whose a line is: no merge is offered, and
    none is made."""
    keeps(console, MINE, 0)
    publish(console.bridge)
    page = console.get("/mapping/review").text
    assert "What you began from is not kept" in page
    assert "What is live says the same" not in page
    assert 'value="together"' not in page
    fields = {"seen": field(page, "seen"), "reviewed": field(page, "reviewed")}
    console.post("/mapping/rebase", how="together", **fields)
    assert (0, MINE) == (draft(console).base, draft(console).files[0][1])
    console.post("/mapping/rebase", how="mine", **fields)
    assert (1, MINE) == (draft(console).base, draft(console).files[0][1])
    assert "group: Billing" in console.get("/mapping/review").text


def test_no_draft_is_based_upon_what_was_never_published(published: Any) -> None:
    keeps(published, MINE, 1)
    reviewed = field(published.get("/mapping/review").text, "reviewed")
    published.post("/mapping/rebase", seen="7", how="mine", reviewed=reviewed)
    assert 1 == draft(published).base
