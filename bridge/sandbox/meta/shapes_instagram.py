"""What webhooks say of comments on Instagram.

https://developers.facebook.com/docs/instagram-platform/webhooks/examples
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.sandbox.meta.posts import Comment, Media

if TYPE_CHECKING:
    from bridge.sandbox.meta.instagram import Instagram


def comment(account: Instagram, one: Comment, media: Media) -> dict[str, Any]:
    author: dict[str, Any] = {"id": one.author, "username": one.username}
    if one.author == account.id:
        author["self_ig_scoped_id"] = account.scoped_id
    told: dict[str, Any] = {
        "id": one.id,
        "from": author,
        "text": one.text,
        "media": _media(media),
    }
    return {**told, "parent_id": one.parent_id} if one.parent_id else told


def _media(media: Media) -> dict[str, Any]:
    told = {"id": media.id, "media_product_type": media.kind}
    if media.kind == "AD":
        told |= {"ad_id": "120226", "ad_title": "Ad", "original_media_id": media.original_id}
    return told
