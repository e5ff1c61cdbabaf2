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
NUMBER = "333"
INSTAGRAM_DELIVERY = {
    "object": "instagram",
    "entry": [
        {
            "id": PAGE,
            "time": 1520383571,
            "changes": [
                {
                    "field": "comments",
                    "value": {
                        "from": {"id": "555", "username": "jane", "self_ig_scoped_id": "6"},
                        "id": "17900",
                        "parent_id": "17899",
                        "text": "Love this!",
                        "timestamp": "2018-03-07T00:46:11+0000",
                        "media": {"id": "1", "media_product_type": "AD", "ad_id": "2"},
                    },
                },
                {"field": "mentions", "value": {"media_id": "17", "comment_id": "18"}},
                {"field": "mentions", "value": {"media_id": "17", "seen": {"caption": "hi"}}},
                {"field": "bridge:gone", "value": "17900"},
            ],
            "messaging": [
                {**_FRAME, "message": {**_MESSAGE, "is_deleted": True}},
                {**_FRAME, "message": {**_MESSAGE, "is_self": True, "is_unsupported": True}},
                {**_FRAME, "message_edit": {"mid": "m_1", "text": "hi", "num_edit": 2}},
            ],
        },
        {"id": PAGE, "time": 1, "field": "live_comments", "value": {"id": "1", "text": "a"}},
    ],
}
_TEXT: dict[str, Any] = {
    "id": "wamid.1",
    "from": "4915112345",
    "from_user_id": "DE.1",
    "timestamp": "1520383571",
    "type": "text",
    "text": {"body": "hello"},
    "context": {"id": "wamid.0"},
    "referral": {"source_id": "1"},
}
WHATSAPP_DELIVERY = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": PAGE,
            "time": 1,
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "metadata": {"phone_number_id": NUMBER},
                        "contacts": [
                            {
                                "wa_id": "4915112345",
                                "user_id": "DE.1",
                                "profile": {"name": "Jane", "username": "jane"},
                            }
                        ],
                        "messages": [
                            _TEXT,
                            {**_TEXT, "type": "image", "image": {"id": "7", "caption": "it"}},
                            {
                                **_TEXT,
                                "type": "location",
                                "location": {"latitude": 52.5, "longitude": 13.4, "name": "A"},
                            },
                            {
                                **_TEXT,
                                "type": "edit",
                                "edit": {"original_message_id": "wamid.1", "message": _TEXT},
                            },
                            {
                                **_TEXT,
                                "type": "revoke",
                                "revoke": {"original_message_id": "wamid.1"},
                            },
                            {
                                **_TEXT,
                                "type": "order",
                                "order": {"product_items": [{"quantity": 1, "item_price": 2.5}]},
                            },
                            {
                                **_TEXT,
                                "type": "contacts",
                                "contacts": [
                                    {
                                        "name": {"formatted_name": "Al"},
                                        "phones": [{"phone": "+49"}],
                                    }
                                ],
                            },
                        ],
                        "statuses": [
                            {
                                "id": "wamid.9",
                                "status": "failed",
                                "timestamp": "1520383571",
                                "biz_opaque_callback_data": "ours",
                                "errors": [
                                    {"code": 131026, "title": "no", "error_data": {"details": "x"}}
                                ],
                            }
                        ],
                        "errors": [{"code": 1, "message": "broken"}],
                    },
                },
                {
                    "field": "smb_message_echoes",
                    "value": {
                        "metadata": {"phone_number_id": NUMBER},
                        "message_echoes": [{**_TEXT, "to": "4915112345", "to_user_id": "DE.1"}],
                    },
                },
            ],
        }
    ],
}
HANDSHAKE = {"hub.mode": "subscribe", "hub.verify_token": "open sesame", "hub.challenge": "1158"}
