"""X's own sample events (https://docs.x.com/x-api/activity/event-payloads), and a channel to read
them with."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

from contract import SPECS, spec_file

from bridge.channels.contract import Surroundings
from bridge.channels.x import X, XOptions
from bridge.settings import Secret

ME, OTHER = "1111111111111111111", "2222222222222222222"
NOW = datetime(2026, 8, 20, 12, 0, tzinfo=UTC)
FOLDER = SPECS / "x" / "activity_payloads"
SECRET = Secret("consumer-secret")


def names() -> list[str]:
    """Of all samples; none where they are not at hand."""
    return sorted(one.stem for one in FOLDER.glob("*.json"))


def sample(name: str, **payload: Any) -> Any:
    """One event, with some of its payload replaced (None: taken out)."""
    told = json.loads(spec_file(FOLDER / f"{name}.json").read_text("utf-8"))
    for key, value in payload.items():
        told["data"]["payload"][key] = value
        if value is None:
            del told["data"]["payload"][key]
    return told


def packed(told: Any) -> bytes:
    return json.dumps(told).encode()


def channel(*, meter: Any = None, **options: Any) -> X:
    given = {
        "user_id": ME,
        "handle": "ExampleUser",
        "consumer_key": "key",
        "consumer_secret": SECRET,
        "access_token": Secret("token"),
        "access_token_secret": Secret("token-secret"),
        **options,
    }
    loaded: dict[str, Any] = XOptions().load(given)
    return X("acme", loaded, Surroundings(clock=lambda: NOW, meter=meter))


def event(told: Any, **options: Any) -> Any:
    """The one event that a delivery holds."""
    [found] = channel(**options).unpack(packed(told))
    return found


def post_named(told: Any) -> Any:
    """The same with the names of X's OpenAPI description (2.167) instead of the samples'."""
    renamed = {
        "edit_history_tweet_ids": "edit_history_post_ids",
        "referenced_tweets": "referenced_posts",
        "in_reply_to_tweet_id": "in_reply_to_post_id",
        "note_tweet": "note_post",
        "tweets": "posts",
        "tweet_count": "post_count",
    }
    if isinstance(told, list):
        return [post_named(one) for one in told]
    if not isinstance(told, dict):
        return copy.copy(told)
    return {renamed.get(name, name): post_named(value) for name, value in told.items()}


class Till:
    """A meter that remembers what was spent, and when."""

    def __init__(self) -> None:
        self.spendings: list[tuple[str, str, int, int]] = []

    def spend(self, account: str, what: str, each: int, times: int = 1) -> None:
        self.spendings.append((account, what, each, times))

    def spent(self, account: str, since: datetime) -> int:
        return sum(each * times for one, _, each, times in self.spendings if one == account)

    def bill(self) -> dict[str, int]:
        """Millionths of a dollar by what they were for."""
        found: dict[str, int] = {}
        for _, what, each, times in self.spendings:
            found[what] = found.get(what, 0) + each * times
        return found
