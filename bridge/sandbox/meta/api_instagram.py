"""Instagram's comments, mentions and messages, for both logins.

- https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-comment
- https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-comment/replies
- https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/mentioned_comment
- https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api/private-replies
"""

from __future__ import annotations

from bridge.sandbox.meta.api_hooks import account_api
from bridge.sandbox.meta.api_messages import keep_attachment, listed, send_from
from bridge.sandbox.meta.graph import Answer, Call, Graph
from bridge.sandbox.meta.instagram import LONGEST, Instagram
from bridge.sandbox.meta.posts import Comment, Media
from bridge.sandbox.meta.refusals import parameter, refuse, unknown_object
from bridge.sandbox.meta.selection import Known, Want, picked
from bridge.sandbox.meta.shapes_feed import iso

COMMENTS = ("instagram_business_manage_comments", "instagram_manage_comments")
MESSAGES = ("instagram_business_manage_messages", "instagram_manage_messages")
BASIC = ("instagram_business_basic", "instagram_basic")
USUAL = ("id", "text", "timestamp")


def instagram_api(graph: Graph) -> None:
    account_api(graph, Instagram, *BASIC)

    @graph.on(Instagram, "", "GET", *BASIC)
    def account(call: Call, account: Instagram) -> Answer:
        known: Known = {
            "id": lambda _: account.id if account.page_id else account.scoped_id,
            "user_id": lambda _: account.id,
            "username": lambda _: account.username,
            "name": lambda _: account.name,
            "account_type": lambda _: "BUSINESS",
            "mentioned_comment": lambda want: _mentioned_comment(call, account, want),
            "mentioned_media": lambda want: _mentioned_media(call, account, want),
        }
        return picked(known, call.wants, ("id",), "IGUser")

    @graph.on(Instagram, "messages", "POST", *MESSAGES)
    def send(call: Call, account: Instagram) -> Answer:
        return send_from(call, account, account.inbox)

    @graph.on(Instagram, "message_attachments", "POST", *MESSAGES)
    def attach(call: Call, account: Instagram) -> Answer:
        return keep_attachment(call, account.inbox)

    @graph.on(Instagram, "conversations", "GET", *MESSAGES)
    def conversations(call: Call, account: Instagram) -> Answer:
        if call.text("platform") not in ("", "instagram"):
            raise parameter("Param platform must be one of {INSTAGRAM, MESSENGER}")
        return listed(call, account.inbox)

    @graph.on(Instagram, "mentions", "POST", *COMMENTS)
    def answer_mention(call: Call, account: Instagram) -> Answer:
        if call.text("comment_id"):
            return {"id": account.reply(call.text("comment_id"), _words(call)).id}
        media = _media(call, account, call.text("media_id"))
        return {"id": account.comment("", _words(call), on=media.id).id}

    @graph.on(Instagram, "media", "GET", *BASIC)
    def media(call: Call, account: Instagram) -> Answer:
        newest = account.published()[::-1][: call.number("limit", 25)]
        return {"data": [_shown_media(call, account, one, call.wants) for one in newest]}

    @graph.on(Media, "", "GET", *BASIC)
    def medium(call: Call, media: Media) -> Answer:
        return _shown_media(call, _account(call, media.account_id), media, call.wants)

    @graph.on(Media, "comments", "GET", *COMMENTS)
    def on_medium(call: Call, media: Media) -> Answer:
        account = _account(call, media.account_id)
        return _listed(call, account, account.on(media.id), call.wants)

    @graph.on(Media, "comments", "POST", *COMMENTS)
    def comment_on(call: Call, media: Media) -> Answer:
        account = _account(call, media.account_id)
        return _written(call, account.comment("", _words(call), on=media.id))

    @graph.on(Comment, "", "GET", *COMMENTS)
    def read(call: Call, comment: Comment) -> Answer:
        account = _account(call, comment.account_id)
        return _shown(call, account, account.one(comment.id), call.wants)

    @graph.on(Comment, "replies", "GET", *COMMENTS)
    def replies(call: Call, comment: Comment) -> Answer:
        account = _account(call, comment.account_id)
        account.one(comment.id)
        return _listed(call, account, account.replies(comment.id), call.wants)

    @graph.on(Comment, "replies", "POST", *COMMENTS)
    def reply(call: Call, comment: Comment) -> Answer:
        account = _account(call, comment.account_id)
        return _written(call, account.reply(comment.id, _words(call)))

    @graph.on(Comment, "", "POST", *COMMENTS)
    def hide(call: Call, comment: Comment) -> Answer:
        account = _account(call, comment.account_id)
        account.hide(comment.id, hidden=call.text("hide").lower() in ("true", "1"))
        return {"success": True}

    @graph.on(Comment, "", "DELETE", *COMMENTS)
    def delete(call: Call, comment: Comment) -> Answer:
        _account(call, comment.account_id).remove(comment.id)
        return {"success": True}


def _account(call: Call, account_id: str) -> Instagram:
    account = call.town.node(account_id)
    if not isinstance(account, Instagram):
        raise unknown_object(call.method, account_id)
    return account


def _words(call: Call) -> str:
    text = call.text("message")
    if not text:
        raise parameter("The parameter message is required")
    if len(text) > LONGEST:
        raise parameter(f"Param message must be at most {LONGEST} characters")
    return text


def _written(call: Call, made: Comment) -> Answer:
    """With `fields` it is written, and the answer is an error all the same."""
    if call.wants:
        raise refuse("ig_comment_created_then_400")
    return {"id": made.id}


def _listed(
    call: Call, account: Instagram, comments: tuple[Comment, ...], wants: tuple[Want, ...]
) -> Answer:
    return {"data": [_shown(call, account, one, wants) for one in comments]}


def _shown(call: Call, account: Instagram, one: Comment, wants: tuple[Want, ...]) -> Answer:
    media = call.town.nodes[one.media_id]
    known: Known = {
        "id": lambda _: one.id,
        "text": lambda _: one.text,
        "timestamp": lambda _: iso(one.at),
        "username": lambda _: one.username,
        "from": lambda _: {"id": one.author, "username": one.username},
        "user": lambda _: {"id": one.author} if one.author == account.id else None,
        "parent_id": lambda _: one.parent_id or None,
        "hidden": lambda _: one.hidden,
        "like_count": lambda _: 0,
        "media": lambda want: _shown_media(call, account, media, want.inside),
        "replies": lambda want: _listed(call, account, account.replies(one.id), want.inside),
    }
    return picked(known, wants, USUAL, "IGComment")


def _shown_media(call: Call, account: Instagram, media: Media, wants: tuple[Want, ...]) -> Answer:
    known: Known = {
        "id": lambda _: media.id,
        "caption": lambda _: media.caption,
        "media_product_type": lambda _: media.kind,
        "media_type": lambda _: "IMAGE",
        "permalink": lambda _: f"{call.town.url}/instagram/p/{media.id}",
        "timestamp": lambda _: iso(media.at),
        "username": lambda _: media.username,
        "comments": lambda want: _listed(call, account, account.on(media.id), want.inside),
    }
    return picked(known, wants, ("id",), "IGMedia")


def _media(call: Call, account: Instagram, media_id: str) -> Media:
    media = call.town.node(media_id)
    if not isinstance(media, Media) or media.account_id != account.id:
        raise unknown_object(call.method, media_id)
    return media


def _mentioned_comment(call: Call, account: Instagram, want: Want) -> Answer:
    one = account.one(want.modifiers.get("comment_id", ""))
    return _shown(call, account, one, want.inside or (Want("timestamp"), Want("text")))


def _mentioned_media(call: Call, account: Instagram, want: Want) -> Answer:
    media = _media(call, account, want.modifiers.get("media_id", ""))
    return _shown_media(call, account, media, want.inside)
