"""Right deliveries of X's, from which the wrong ones are made."""

from __future__ import annotations

from typing import Any

ME, OTHER = "1111111111111111111", "2222222222222222222"
_USER = {
    "id": OTHER,
    "name": "Jane",
    "username": "jane",
    "protected": False,
    "profile_image_url": "https://x.example/a.png",
    "public_metrics": {"followers_count": 7},
}
_POST: dict[str, Any] = {
    "id": "1800000000000000002",
    "author_id": OTHER,
    "text": "@Acme it &amp; broke https://t.co/abc",
    "created_at": "2026-08-20T11:00:00.000Z",
    "conversation_id": "1800000000000000001",
    "in_reply_to_user_id": ME,
    "lang": "en",
    "display_text_range": [6, 30],
    "edit_history_tweet_ids": ["1800000000000000002"],
    "referenced_tweets": [{"type": "replied_to", "id": "1800000000000000001"}],
    "attachments": {"media_keys": ["3_1"]},
    "note_tweet": {"text": "@Acme it broke, and more"},
    "entities": {
        "mentions": [{"start": 0, "end": 5, "username": "Acme", "id": ME}],
        "urls": [{"url": "https://t.co/abc", "expanded_url": "https://x.example/abc"}],
    },
}
_MEDIA = {"media_key": "3_1", "type": "photo", "url": "https://x.example/p.jpg", "alt_text": "it"}


def _event(kind: str, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "event_uuid": "-7",
        "event_type": kind,
        "filter": {"user_id": ME},
        "tag": "t",
        "payload": payload,
        **more,
    }


_MESSAGE = {
    "type": "message_create",
    "id": "1800000000000000009",
    "created_timestamp": "1755687600000",
    "message_create": {
        "target": {"recipient_id": ME},
        "sender_id": OTHER,
        "message_data": {
            "text": "hello",
            "entities": {"urls": []},
            "attachment": {"type": "media", "media": {"id_str": "1", "media_url_https": "x"}},
        },
    },
}
_SEALED = {
    "id": "1800000000000000010",
    "sender_id": OTHER,
    "conversation_id": f"{ME}-{OTHER}",
    "created_at_msec": "1755687600000",
}
DELIVERY = {
    "data": [
        _event(
            "post.mention.create",
            _POST,
            includes={
                "users": [_USER],
                "media": [_MEDIA],
                "tweets": [{**_POST, "id": "1800000000000000001", "author_id": ME}],
            },
        ),
        _event("dm.received", {"direct_message_events": [_MESSAGE], "users": {OTHER: _USER}}),
        _event("chat.received", _SEALED),
        _event("post.delete", {"id": "1800000000000000002"}),
        _event("oauth.revoke", {"user_id": ME}),
    ]
}
