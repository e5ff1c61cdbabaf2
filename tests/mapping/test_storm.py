"""What counts as a storm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.mapping import MappingError, Storm, load_files
from tests.mapping.test_ops import HEAD, TAIL


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{alike: 60}", "alike: must be from 0.45 to 1, and here is 60: did you mean 0.6?"),
        ("{alike: 0.2}", "alike: must be from 0.45 to 1, and here is 0.2: 0.6 is usual"),
        ("{alike: very}", "alike: must be a number from 0.45 to 1"),
        ("{after: 2}", "after: must be from 3 to 10000, and here is 2"),
        ("{within: soon}", "within: must be a time such as 30m"),
        ("{within: 2d}", "within: must be 24h at most"),
        ("{quiet: 8d}", "quiet: must be 7d at most"),
        ("{samples: 0}", "samples: must be from 1 to 20"),
        ("{group: ''}", "group: is empty"),
        ("{priority: critical}", 'did you mean "urgent"?'),
        ("{tags: [one two]}", "a tag has no spaces"),
        ("{answers_per_minute: 0}", "answers_per_minute: must be from 1 to 600"),
        ("{approval: 1}", "approval: must be true or false"),
        ("{aproval: true}", 'did you mean "approval"?'),
        ("on", "storm: must hold keys"),
    ],
)
def test_a_mistake_is_told(problems_of, written, says):
    """With its line, and with what to write instead."""
    (found,) = problems_of(f"{HEAD}storm: {written}\n{TAIL}")
    assert says in found.message
    assert 3 == found.line


def test_nothing_is_folded_where_nothing_is_said(load_text):
    """An empty one takes all as it is."""
    assert load_text(f"{HEAD}{TAIL}").storm is None
    assert Storm() == load_text(f"{HEAD}storm: {{}}\n{TAIL}").storm


def test_all_of_it(load_text):
    """Each key."""
    written = (
        "{alike: 0.7, after: 50, within: 5m, quiet: 2h, samples: 3, group: Incidents, "
        "priority: urgent, tags: incident, answers_per_minute: 30, approval: true}"
    )
    found = load_text(f"{HEAD}storm: {written}\n{TAIL}").storm
    assert (
        Storm(
            alike=0.7,
            after=50,
            within=timedelta(minutes=5),
            quiet=timedelta(hours=2),
            samples=3,
            group="Incidents",
            priority="urgent",
            tags=("incident",),
            answers_per_minute=30,
            approval=True,
        )
        == found
    )
    assert 2.0 == found.seconds_between
    assert (
        "into one incident ticket in group Incidents once 50 people say the same (likeness 0.7) "
        "within 5 minutes" == str(found)
    )


def test_one_file_says_it(channels, environ):
    """Two would have to agree."""
    twice = (("a.yaml", f"{HEAD}storm: {{after: 5}}\n"), ("b.yaml", f"storm: {{}}\n{TAIL}"))
    with pytest.raises(MappingError, match='"storm" is already'):
        load_files(twice, channels, environ)
    once = (("a.yaml", HEAD), ("b.yaml", f"storm: {{after: 5}}\n{TAIL}"))
    assert Storm(after=5) == load_files(once, channels, environ).storm
