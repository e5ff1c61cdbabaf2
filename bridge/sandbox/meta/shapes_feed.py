"""What a Page's webhooks say of posts, comments and mentions.

Meta documents the values as a table only, no longer by examples:
https://developers.facebook.com/docs/graph-api/webhooks/reference/page/#feed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.sandbox.meta.posts import Post

if TYPE_CHECKING:
    from bridge.sandbox.meta.page_wall import Page


def value(page: Page, post: Post, verb: str) -> dict[str, Any]:
    """`verb`: add, edited, remove, hide, unhide."""
    return _comment(page, post, verb) if post.is_comment else _post(page, post, verb)


def _from(page: Page, post: Post) -> dict[str, Any]:
    if (page.anonymous or post.anonymous) and not post.by_page:
        return {}
    return {"from": {"id": post.author, "name": post.author_name}}


def _comment(page: Page, post: Post, verb: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        **_from(page, post),
        "item": "comment",
        "verb": verb,
        "comment_id": post.id,
        "post_id": post.post_id,
        "parent_id": post.parent_id,
        "created_time": _seconds(page.ground.clock() if verb == "remove" else post.at),
    }
    if verb == "remove":
        return told
    if verb == "edited" and post.edited_at:
        told["edited_time"] = _seconds(post.edited_at)
    if verb in ("hide", "unhide"):
        told["is_hidden"] = post.hidden
    if post.text:
        told["message"] = post.text
    for file_id in post.files[:1]:
        file = page.ground.files.find(file_id)
        if file:
            told["video" if file.type == "video" else "photo"] = page.ground.files.link(file)
    if verb == "add":
        told["post"] = _about(page, post)
    return told


def _about(page: Page, post: Post) -> dict[str, Any]:
    beneath = page.ground.nodes.get(post.post_id)
    at = beneath.at if isinstance(beneath, Post) else post.at
    promoted = isinstance(beneath, Post) and beneath.ad
    return {
        "status_type": "mobile_status_update",
        "is_published": not promoted,
        "updated_time": iso(at),
        "permalink_url": permalink(page, post.post_id),
        "promotion_status": "active" if promoted else "inactive",
        "id": post.post_id,
    }


def _post(page: Page, post: Post, verb: str) -> dict[str, Any]:
    files = [one for one in map(page.ground.files.find, post.files) if one]
    told: dict[str, Any] = {
        **_from(page, post),
        "item": post.item if verb == "add" else "post",
        "verb": verb,
        "post_id": post.id,
    }
    if verb == "remove":
        return {
            **told,
            "recipient_id": page.id,
            "created_time": _seconds(page.ground.clock()),
        }
    if post.item == "photo" and verb == "add":
        told |= {"photo_id": post.photo_id, "link": page.ground.files.link(files[0])}
    elif len(files) > 1 and verb == "add":
        told["photos"] = [page.ground.files.link(one) for one in files]
    told |= {"published": 1, "created_time": _seconds(post.at)}
    if verb in ("hide", "unhide"):
        told["is_hidden"] = post.hidden
    if post.text:
        told["message"] = post.text
    return told


def reaction(page: Page, post: Post, author: str, who: str, kind: str) -> dict[str, Any]:
    return _reaction(page, post, {"id": author, "name": page.ground.find(who).name}, kind)


def own_like(page: Page, post: Post) -> dict[str, Any]:
    return _reaction(page, post, {"id": page.id, "name": page.name}, "like")


def _reaction(page: Page, post: Post, author: dict[str, str], kind: str) -> dict[str, Any]:
    told = {
        "from": author,
        "item": "reaction",
        "verb": "add",
        "reaction_type": kind,
        "post_id": post.post_id,
        "parent_id": post.parent_id or post.post_id,
        "created_time": _seconds(page.ground.clock()),
    }
    # A reaction to a comment carries the comment's id as well, and is no comment.
    return {**told, "comment_id": post.id} if post.is_comment else told


def mention(post: Post, *, sender: bool) -> dict[str, Any]:
    """Of a comment nobody says who wrote it, nor when."""
    told: dict[str, Any] = {
        "post_id": post.post_id,
        "verb": "add",
        "item": post.item,
        "message": post.text,
    }
    if post.is_comment:
        return {**told, "comment_id": post.id}
    if sender:
        told |= {"sender_name": post.author_name, "sender_id": post.author}
    return {**told, "created_time": _seconds(post.at)}


def permalink(page: Page, post_id: str) -> str:
    return f"{page.ground.files.url}/facebook/posts/{post_id}"


def iso(at: Any) -> str:
    """Graph's way to write a time: `2018-03-07T00:46:11+0000`."""
    return f"{at:%Y-%m-%dT%H:%M:%S%z}"


def _seconds(at: Any) -> int:
    return int(at.timestamp())
