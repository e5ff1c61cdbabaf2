"""Where last week's posts would have gone: on each database, by the instant at which they came."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.channels import registry
from bridge.flow.bridge import Bridge
from bridge.flow.foreseeing import Fate, Foreseen, foresee
from bridge.ledger import Ledger, conversations, people, posts
from bridge.ledger.posts import Because
from bridge.mapping import Mapping, load_files
from bridge.model import Kind, Person, Post, Visibility
from bridge.opening import open_bridge
from bridge.settings import Secret, Settings, ZendeskSettings

ENVIRON = {"MASTODON_TOKEN": "toot-toot-4711"}
ACCOUNTS = """\
accounts:
  acme:
    network: mastodon
    options: {url: https://mastodon.example, token: env:MASTODON_TOKEN}
rules:
"""
EVERYTHING = "  - {name: Everything, route: {group: Support}}\n"
REFUNDS = "  - {name: Refunds, when: {words: refund}, route: {group: Billing, tags: [money]}}\n"
AT_NIGHT = """\
  - name: At night
    when: {hours: {zone: UTC, outside: {daily: 08:00-18:00}}}
    route: {group: Night}
"""


def mapping(*rules: str) -> Mapping:
    text = ACCOUNTS + "".join(rules)
    return load_files((("mapping.yaml", text),), registry.installed(), ENVIRON)


class Week:
    """Posts of this week; `bridge` runs on one rule that takes everything."""

    def __init__(self, bridge: Bridge, clock: Any) -> None:
        self.bridge, self.clock = bridge, clock

    def foresee(self, draft: Mapping, **how: Any) -> Foreseen:
        return foresee(self.bridge.ledger, draft, self.bridge.mapping, **how)

    def said(self, text: str, *, hours_ago: float = 1, by_us: bool = False) -> int:
        """Heard when it was written."""
        now = self.clock.now
        self.clock.now = now - timedelta(hours=hours_ago)
        ada = Person("mastodon", "1", "ada@example.social", "Ada")
        with self.bridge.ledger.writing() as tx:
            person = people.remember(tx, ada)
            name = f"p{posts.count(tx)}"
            post = Post(
                account="acme",
                network="mastodon",
                id=name,
                kind=Kind.MENTION,
                visibility=Visibility.PUBLIC,
                author=ada,
                text=text,
                created_at=self.clock(),
                thread_id=name,
                by_us=by_us,
            )
            thread = conversations.begin(tx, "acme", person, f"thread:{name}", self.clock())
            because = Because("Everything", "the rule takes every post", 1)
            stored = posts.store(
                tx, post, person_id=person, conversation_id=thread, because=because
            )
            posts.add_revision(tx, stored, post, None)
        self.clock.now = now
        return stored

    def edited(self, post_id: int, text: str) -> None:
        with self.bridge.ledger.writing() as tx:
            post = replace(posts.newest_revision(tx, post_id), text=text, revision="2")
            posts.add_revision(tx, post_id, post, None)


@pytest.fixture
def week(ledger: Ledger, tmp_path: Path, clock: Any) -> Week:
    file = tmp_path / "mapping.yaml"
    file.write_text(ACCOUNTS + EVERYTHING, encoding="utf-8")
    settings = Settings(
        database_url=ledger.url,
        mappings=str(file),
        zendesk=ZendeskSettings("https://acme.zendesk.com", oauth_token=Secret("desk-0815")),
    )
    return Week(open_bridge(settings, ENVIRON, clock=clock, ledger=ledger), clock)


def test_it_tells_from_where_to_where_and_how_many(week: Week) -> None:
    """With the newest ones as samples, and what stays as it is only counted."""
    for hours, text in enumerate(("refund!", "nice", "a refund", "Refund me", "REFUND"), 1):
        week.said(text, hours_ago=hours)
    found = week.foresee(mapping(REFUNDS, EVERYTHING))
    (change,) = found.changes
    assert (5, 1, 4, 0, False) == (
        found.posts,
        found.unchanged,
        found.changed,
        found.lost,
        found.cut,
    )
    assert Fate(ticket=True, told="Support", rule="Everything") == change.before
    assert Fate(ticket=True, told="Billing; tags money", rule="Refunds") == change.after
    assert 4 == change.count
    assert ["refund!", "a refund", "Refund me"] == [each.excerpt for each in change.samples]


def test_hours_are_those_at_which_a_post_came(week: Week) -> None:
    """It is noon; one came at three at night, one at ten."""
    week.said("at night", hours_ago=9)
    week.said("by day", hours_ago=2)
    (change,) = week.foresee(mapping(AT_NIGHT, EVERYTHING)).changes
    assert ["at night"] == [each.excerpt for each in change.samples]


def test_posts_are_taken_as_they_say_now(week: Week) -> None:
    """The newest version decides, at the time of the first."""
    post = week.said("hello", hours_ago=9)
    week.edited(post, "refund, please")
    (change,) = week.foresee(mapping(REFUNDS, EVERYTHING)).changes
    assert ["refund, please"] == [each.excerpt for each in change.samples]
    (at_night,) = week.foresee(mapping(AT_NIGHT, EVERYTHING)).changes
    assert "Night" == at_night.after.told


def test_what_no_rule_takes_any_more_comes_first(week: Week) -> None:
    """However few they are: it is the only change that loses something without a sound."""
    week.said("nice")
    for _ in range(3):
        week.said("refund")
    draft = mapping(REFUNDS, "  - {name: Praise, when: {words: great}, skip: praise}\n")
    found = week.foresee(draft)
    assert [(True, 1), (False, 3)] == [(each.after.is_lost, each.count) for each in found.changes]
    assert 1 == found.lost


def test_a_skip_in_words_is_no_loss(week: Week) -> None:
    """The rule says why."""
    week.said("nice")
    (change,) = week.foresee(
        mapping("  - {name: Praise, when: {words: nice}, skip: praise}\n", EVERYTHING)
    ).changes
    assert not change.after.is_lost
    assert "no ticket: praise" == change.after.told


def test_an_account_that_is_left_out_is_told(week: Week) -> None:
    """Its posts would not even be heard."""
    week.said("nice")
    draft = mapping(EVERYTHING)
    (change,) = week.foresee(replace(draft, accounts={"other": draft.accounts["acme"]})).changes
    assert "not heard" in change.after.told


def test_neither_our_own_words_nor_old_ones_are_tried(week: Week) -> None:
    """The customers' of the last seven days, the newest ones where there are too many."""
    week.said("refund", by_us=True)
    week.said("refund", hours_ago=8 * 24)
    week.said("refund one", hours_ago=3)
    week.said("refund two", hours_ago=2)
    draft = mapping(REFUNDS, EVERYTHING)
    assert 2 == week.foresee(draft).posts
    cut = week.foresee(draft, most=1)
    assert (1, True) == (cut.posts, cut.cut)
    assert ["refund two"] == [each.excerpt for each in cut.changes[0].samples]
