"""How fast an answer to many may go out, as the networks tell it."""

from __future__ import annotations

from datetime import timedelta

from bridge.channels.mastodon.calls import Answer
from bridge.channels.mastodon.instance import instance_of
from bridge.channels.x.sending import PRIVATE, PUBLIC


def test_the_pace_of_each_is_what_its_limits_allow_in_the_long_run() -> None:
    """In public: many are never answered privately."""
    assert timedelta(minutes=15) / 100 == PUBLIC.pace
    assert timedelta(hours=3) / 300 == instance_of(Answer(404, {})).limits.pace
    assert PRIVATE.pace is None
