"""Which rule takes a post, and the reason that goes with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.mapping import Considered, Mapping, Route, Skip
from bridge.model import Post

Load = Callable[[str], Mapping]
Made = Callable[..., Post]

MONDAY_10 = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

CONDITIONS: list[tuple[str, dict[str, Any], bool, str]] = [
    ("{kind: [mention, reply]}", {"kind": "dm"}, False,
     "kind is dm, the rule wants mention or reply"),
    ("{kind: [mention, reply]}", {"kind": "reply"}, True, "kind is reply"),
    ("{visibility: private}", {}, False, "visibility is public, the rule wants private"),
    ("{visibility: private}", {"visibility": "private"}, True, "visibility is private"),
    ("{account: other}", {}, False, "account is acme, the rule wants other"),
    ("{account: [other, acme]}", {}, True, "account is acme"),
    ("{network: raven}", {}, False, "network is pigeon, the rule wants raven"),
    ("{network: pigeon}", {}, True, "network is pigeon"),
    ("{language: de}", {"language": "den"}, False, "language is den, the rule wants de"),
    ("{language: de}", {"language": "de-AT"}, True, "language is de-AT"),
    ("{language: de-at}", {"language": "DE_AT"}, True, "language is DE_AT"),
    ("{language: de-AT}", {"language": "de"}, False, "language is de, the rule wants de-AT"),
    ("{language: de}", {}, False, "the language is not known, the rule wants de"),
    ("{language: und}", {}, True, "the language is not known"),
    ("{language: no}", {"language": "no"}, True, "language is no"),
    ("{words: refund}", {"text": "refunded"}, False, 'it does not say "refund"'),
    ("{words: [broken, refund]}", {"text": "My REFUND, please"}, True, 'it says "refund"'),
    ("{words: double charge}", {"text": "a double\n charge!"}, True, 'it says "double charge"'),
    ("{words: straße}", {"text": "STRASSE"}, True, 'it says "straße"'),
    ("{words: café}", {"text": "cafe\u0301?"}, True, 'it says "café"'),
    ("{words: c++}", {"text": "I use c++."}, True, 'it says "c++"'),
    ("{words: '#down'}", {"text": "all #down again"}, True, 'it says "#down"'),
    ("{words: '#down'}", {"text": "all #downtown"}, False, 'it does not say "#down"'),
    ("{words: 返金}", {"text": "すぐに返金してください"}, True, 'it says "返金"'),
    ("{words: 404}", {"text": "error 404"}, True, 'it says "404"'),
    ("{words: a.c}", {"text": "abc"}, False, 'it does not say "a.c"'),
    ("{words: help}", {"subject": "Help", "text": "x"}, True, 'it says "help"'),
    ("{author: bob}", {}, False, "the author is ada, the rule wants bob"),
    ("{author: ['@Ada']}", {}, True, "the author is ada"),
    ("{followers: {at_least: 5}}", {}, False,
     "how many followers the author has is not known"),
    ("{followers: {at_least: 5}}", {"followers": 4}, False,
     "the author has 4 followers, the rule wants at least 5"),
    ("{followers: {at_most: 5}}", {"followers": 6}, False,
     "the author has 6 followers, the rule wants at most 5"),
    ("{followers: {at_least: 5, at_most: 5}}", {"followers": 5}, True,
     "the author has 5 followers"),
    ("{has_media: true}", {}, False, "it shows no media, the rule wants some"),
    ("{has_media: false}", {"media": True}, False, "it shows media, the rule wants none"),
    ("{has_media: true}", {"media": True}, True, "it shows media"),
    ("{kind: dm, visibility: private}", {}, False,
     "kind is mention, the rule wants dm; visibility is public, the rule wants private"),
    ("{kind: mention, visibility: public}", {}, True, "kind is mention; visibility is public"),
]  # fmt: skip

TWO_ACCOUNTS = """\
accounts:
  acme: {network: pigeon, options: {url: https://loft.example, token: env:PIGEON_TOKEN}}
  other: {network: raven, options: {url: https://loft.example, token: env:PIGEON_TOKEN}}
"""


@pytest.mark.parametrize(("when", "post", "takes", "because"), CONDITIONS)
def test_a_condition(
    load_text: Load, a_post: Made, when: str, post: dict[str, Any], takes: bool, because: str
) -> None:
    """A condition says yes or no, and why, in words a person can use."""
    mapping = load_text(
        f"{TWO_ACCOUNTS}rules:\n  - {{name: R, when: {when}, route: {{group: G}}}}\n"
    )
    considered = mapping.explain(a_post(**post), MONDAY_10)
    assert considered == (Considered("R", takes, because),)
    expected = Route("R", because, group="G") if takes else Skip("", "no rule takes it")
    assert mapping.route(a_post(**post), MONDAY_10) == expected


HOURS = [
    ("within: {mon-fri: 09:00-17:00}", "2026-03-02T08:00", True),
    ("within: {mon-fri: 09:00-17:00}", "2026-03-02T07:59", False),
    ("within: {mon-fri: 09:00-17:00}", "2026-03-02T16:00", False),
    ("within: {mon-fri: 09:00-17:00}", "2026-03-07T10:00", False),
    ("outside: {mon-fri: 09:00-17:00}", "2026-03-07T10:00", True),
    ("within: {daily: 00:00-24:00}", "2026-03-07T23:30", True),
    ("within: {sun: 22:00-06:00}", "2026-03-02T04:59", True),
    ("within: {sun: 22:00-06:00}", "2026-03-02T05:00", False),
    ("within: {sun: 22:00-00:00}", "2026-03-01T23:00", False),
    ("within: {fri-mon: 09:00-10:00}", "2026-03-01T08:30", True),
    ("within: {fri-mon: 09:00-10:00}", "2026-03-03T08:30", False),
    ("within: {Monday: [08:00-09:00, 10:00-11:00]}", "2026-03-02T09:30", True),
    # Summer time began on 29 March: the same local hour is an hour earlier in UTC.
    ("within: {mon-fri: 09:00-17:00}", "2026-03-30T07:00", True),
]


@pytest.mark.parametrize(("hours", "at", "fits"), HOURS)
def test_hours(load_text: Load, a_post: Made, head: str, hours: str, at: str, fits: bool) -> None:
    """Weekly hours are those of the zone's own clock, the end not included."""
    when = f"{{hours: {{zone: Europe/Berlin, {hours}}}}}"
    mapping = load_text(f"{head}rules:\n  - {{name: R, when: {when}, route: {{group: G}}}}\n")
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    (considered,) = mapping.explain(a_post(), now)
    assert considered.took == fits
    assert "the hours" in considered.because


def test_the_first_rule_that_fits(load_text: Load, a_post: Made, head: str) -> None:
    """Rules are asked in order, and no further than the one that took the post."""
    mapping = load_text(
        head
        + """\
rules:
  - {name: Reposts, when: {kind: repost}, skip: nothing new}
  - {name: First, when: {kind: mention}, route: {group: One, priority: high, tags: [A, b]}}
  - {name: Second, route: {group: Two}}
"""
    )
    post = a_post()
    assert mapping.explain(post, MONDAY_10) == (
        Considered("Reposts", False, "kind is mention, the rule wants repost"),
        Considered("First", True, "kind is mention"),
    )
    route = Route("First", "kind is mention", group="One", priority="high", tags=("a", "b"))
    assert mapping.route(post, MONDAY_10) == route
    assert mapping.route(a_post(kind="repost"), MONDAY_10) == Skip("Reposts", "nothing new")
    last = mapping.route(a_post(kind="dm"), MONDAY_10)
    assert last == Route("Second", "the rule takes every post", group="Two")


def test_everything_a_route_can_say(load_text: Load, a_post: Made, head: str) -> None:
    """Names and ids, tags, and fields by their words arrive in the route as text."""
    mapping = load_text(
        head
        + """\
rules:
  - name: All
    route:
      group: 360001
      priority: urgent
      assignee: ada@example.com
      form: 77
      tags: vip
      fields: {topic: billing, vip: true, tier: 3}
helpdesk:
  fields: {network: 11, account: "12", author: , topic: 13, vip: 14, tier: 15}
"""
    )
    assert mapping.route(a_post(), MONDAY_10) == Route(
        "All",
        "the rule takes every post",
        group="360001",
        priority="urgent",
        assignee="ada@example.com",
        form="77",
        tags=("vip",),
        fields=(("topic", "billing"), ("vip", "true"), ("tier", "3")),
    )
    ids = (("network", 11), ("account", 12), ("topic", 13), ("vip", 14), ("tier", 15))
    assert mapping.fields == ids
