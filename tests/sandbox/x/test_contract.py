"""The check of requests finds what X would refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from x_contract import XContract

EVENTS = "/2/dm_events"


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("POST", "/2/statuses", {}, {"text": "x"}),
        ("PUT", "/2/tweets", {}, {"text": "x"}),
        ("POST", "/2/tweets", {}, None),
        ("POST", "/2/tweets", {}, {"text": 5}),
        ("POST", "/2/tweets", {}, {"text": "x", "in_reply_to_status_id": "1"}),
        ("POST", "/2/tweets", {}, {"text": "x", "reply": {"in_reply_to_tweet_id": 1}}),
        ("POST", "/2/tweets", {}, {"text": "x", "media": {"media_ids": []}}),
        ("POST", "/2/dm_conversations/with/1/messages", {}, {}),
        ("POST", "/2/dm_conversations/with/ada/messages", {}, {"text": "x"}),
        ("POST", "/2/activity/subscriptions", {}, {"event_type": "DmReceived", "filter": {}}),
        ("POST", "/2/activity/subscriptions", {}, {"event_type": "dm.received"}),
        ("POST", "/2/webhooks/replay", {}, {"webhook_id": "1", "from_date": "2026"}),
        ("GET", "/2/tweets", {}, None),
        ("GET", "/2/tweets/abc", {}, None),
        ("GET", "/2/tweets/1", {"tweet.fields": "colour"}, None),
        ("GET", "/2/tweets/1", {"expansions": "colour"}, None),
        ("GET", "/2/tweets/1", {"colour": "red"}, None),
        ("GET", "/2/users/1/mentions", {"max_results": "4"}, None),
        ("GET", EVENTS, {"since_id": "1"}, None),
        ("GET", EVENTS, {"event_types": "messageCreate"}, None),
    ],
)
def test_what_x_would_refuse(method: str, path: str, query: dict[str, str], body: Any) -> None:
    contract = XContract()
    sent = b"" if body is None else json.dumps(body).encode()
    contract.check(method, path, query=query, body=sent)
    assert len(contract.excuse()) == 1


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("POST", "/2/tweets", {}, {"text": "x", "reply": {"in_reply_to_tweet_id": "1"}}),
        ("POST", "/2/dm_conversations/with/1/messages", {}, {"attachments": [{"media_id": "1"}]}),
        ("POST", "/2/activity/subscriptions", {}, {"event_type": "oauth.revoke", "filter": {}}),
        ("GET", "/2/tweets/1", {"tweet.fields": "author_id,referenced_tweets"}, None),
        ("GET", "/2/tweets/1", {"post.fields": "created_at", "expansions": "author_id"}, None),
        ("GET", "/2/users/me", {"user.fields": "public_metrics"}, None),
        ("GET", EVENTS, {"dm_event.fields": "sender_id,created_at,attachments"}, None),
    ],
)
def test_what_x_takes(method: str, path: str, query: dict[str, str], body: Any) -> None:
    """Also where only the guide names it."""
    contract = XContract()
    sent = b"" if body is None else json.dumps(body).encode()
    contract.check(method, path, query=query, body=sent)
    contract.assert_kept()
