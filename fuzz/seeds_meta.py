"""Right deliveries of Meta's, from which the wrong ones are made."""

from __future__ import annotations

from typing import Any

PAGE = "111"
_FRAME: dict[str, Any] = {
    "sender": {"id": "7766"},
    "recipient": {"id": PAGE},
    "timestamp": 1458692752478,
}
_COMMENT: dict[str, Any] = {
    "from": {"id": "555", "name": "Jane Doe"},
    "item": "comment",
    "verb": "add",
    "comment_id": "9001_7002",
    "post_id": "111_9001",
    "parent_id": "9001_7001",
    "created_time": 1520383571,
    "message": "Love this!",
    "photo": "https://x.example/p.jpg",
    "post": {
        "permalink_url": "https://x.example/111/posts/9001?a=b",
        "is_published": False,
        "promotion_status": "active",
        "updated_time": "2018-03-07T00:46:11+0000",
    },
}
_POST = {
    "from": {"id": "555", "name": "Jane Doe"},
    "item": "photo",
    "verb": "edited",
    "post_id": "111_9100",
    "link": "https://x.example/q.jpg",
    "photos": ["https://x.example/r.jpg"],
    "created_time": 1520383571,
    "edited_time": 1520383999,
    "message": "Broken",
}
_MESSAGE = {
    "mid": "m_1",
    "text": "hello",
    "is_echo": True,
    "app_id": 42,
    "metadata": "ours",
    "reply_to": {"mid": "m_0", "story": {"url": "https://x.example/s", "id": "1"}},
    "referral": {"source": "ADS", "ad_id": "6"},
    "attachments": [
        {"type": "image", "payload": {"url": "https://x.example/a.jpg"}},
        {"type": "location", "payload": {"coordinates": {"lat": 52.5, "long": 13.4}}},
        {"type": "fallback", "title": "Shop", "url": "https://x.example/1"},
    ],
}
PAGE_DELIVERY = {
    "object": "page",
    "entry": [
        {
            "id": PAGE,
            "time": 1520383571,
            "changes": [
                {"field": "feed", "value": _COMMENT},
                {"field": "feed", "value": _POST},
                {"field": "feed", "value": {**_COMMENT, "verb": "hide"}},
                {"field": "mention", "value": {**_POST, "item": "post", "sender_id": "5"}},
            ],
            "messaging": [
                {**_FRAME, "message": _MESSAGE},
                {**_FRAME, "postback": {"mid": "m_2", "title": "Start", "payload": "GO"}},
                {**_FRAME, "message_edit": {"mid": "m_1", "text": "hi", "num_edit": 2}},
            ],
            "standby": [{**_FRAME, "message": {"mid": "m_3", "text": "listen"}}],
        },
        {"id": PAGE, "time": 1, "field": "comments", "value": {"id": "1"}},
    ],
}
