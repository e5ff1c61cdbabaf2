"""Who is told of an account in trouble."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.mapping import OpsPolicy

HEAD = """\
accounts:
  acme: {network: pigeon, options: {url: https://loft.example, token: env:PIGEON_TOKEN}}
"""
TAIL = "rules:\n  - {name: All, route: {group: Support}}\n"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{after: 10m}", "group: is missing"),
        ("{group: Ops, after: soon}", "after: must be a time such as 30m"),
        ("{group: Ops, afer: 10m}", 'did you mean "after"?'),
        ("Ops", "ops: must hold keys"),
    ],
)
def test_a_mistake_is_told(problems_of, written, says):
    """With what to write instead."""
    (found,) = problems_of(f"{HEAD}ops: {written}\n{TAIL}")
    assert says in found.message


def test_a_group_is_enough(load_text):
    """Ten minutes, where nothing is said; nobody, where there is no such key."""
    assert (
        OpsPolicy("Ops", timedelta(minutes=10))
        == load_text(f"{HEAD}ops: {{group: Ops}}\n{TAIL}").ops
    )
    assert (
        OpsPolicy("7", timedelta(hours=2))
        == load_text(f"{HEAD}ops: {{group: 7, after: 2h}}\n{TAIL}").ops
    )
    assert load_text(f"{HEAD}{TAIL}").ops is None
