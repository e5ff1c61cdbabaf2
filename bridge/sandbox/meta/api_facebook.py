"""Pages, their posts and comments: read, answered, hidden, removed.

- https://developers.facebook.com/docs/graph-api/reference/comment/
- https://developers.facebook.com/docs/graph-api/reference/object/comments/
- https://developers.facebook.com/docs/pages-api/comments-mentions
"""

from __future__ import annotations

from bridge.sandbox.meta.api_messages import uploaded
from bridge.sandbox.meta.files import File
from bridge.sandbox.meta.graph import Answer, Call, Graph
from bridge.sandbox.meta.page_wall import LONGEST, Page
from bridge.sandbox.meta.posts import Post
from bridge.sandbox.meta.refusals import parameter, unknown_object
from bridge.sandbox.meta.selection import Known, Want, picked
from bridge.sandbox.meta.shapes_feed import iso, permalink

COMMENT = ("id", "message", "created_time", "from")
ORDERS = ("", "chronological", "reverse_chronological", "ranked")


def facebook_api(graph: Graph) -> None:
    @graph.on(Page, "", "GET")
    def page(call: Call, page: Page) -> Answer:
        known: Known = {
            "id": lambda _: page.id,
            "name": lambda _: page.name,
            "link": lambda _: f"{call.host}/facebook",
            "access_token": lambda _: _token(call, page),
            "instagram_business_account": lambda _: _beside(call, page),
        }
        return picked(known, call.wants, ("id", "name"), "Page")

    @graph.on(Page, "feed", "GET", "pages_read_user_content", "pages_read_engagement")
    def feed(call: Call, page: Page) -> Answer:
        """Everything on the Page, what was published last first.
        https://developers.facebook.com/docs/graph-api/reference/page/feed/
        """
        posts = [one for one in page.everything() if not one.is_comment and not one.removed]
        newest = posts[::-1][: call.number("limit", 25)]
        return {"data": [shown(page, one, call.wants) for one in newest]}

    @graph.on(Page, "photos", "POST", "pages_manage_posts")
    def photo(call: Call, page: Page) -> Answer:
        """Only unpublished ones, to be attached to a comment. They need the permission to post:
        https://developers.facebook.com/docs/graph-api/reference/page/photos/
        """
        if call.text("published") not in ("false", "0", "False"):
            raise parameter("This stand-in keeps unpublished photos only")
        kept = uploaded(call, page.id)
        if kept is None and call.text("url"):
            kept = call.town.files.keep(page.id, b"", "", "", link=call.text("url"))
        if kept is None:
            raise parameter("(#324) Requires upload file")
        return {"id": kept.id}

    @graph.on(Post, "", "GET", "pages_read_user_content", "pages_read_engagement")
    def read(call: Call, post: Post) -> Answer:
        page = page_of(call, post)
        return shown(page, page.one(post.id), call.wants)

    @graph.on(Post, "comments", "GET", "pages_read_user_content", "pages_read_engagement")
    def comments(call: Call, post: Post) -> Answer:
        page = page_of(call, post)
        page.one(post.id)
        order, stream = call.text("order"), call.text("filter") == "stream"
        return listed(page, post, Want("comments", _modifiers(order, call), call.wants), stream)

    @graph.on(Post, "comments", "POST", "pages_manage_engagement")
    def answer(call: Call, post: Post) -> Answer:
        page = page_of(call, post)
        page.one(post.id)
        text, files = call.text("message"), _attached(call, page)
        if not text and not files:
            raise parameter("Missing message or attachment")
        if len(text) > LONGEST:
            raise parameter(f"Param message must be at most {LONGEST} characters")
        made = page.answer(post.id, text, files)
        return shown(page, made, call.wants) if call.wants else {"id": made.id}

    @graph.on(Post, "", "POST", "pages_manage_engagement")
    def change(call: Call, post: Post) -> Answer:
        page = page_of(call, post)
        page.one(post.id)
        if "is_hidden" in call.args:
            hide = call.text("is_hidden").lower() in ("true", "1")
            (page.hide if hide else page.unhide)(post.id)
        if "message" in call.args:
            if not post.by_page:
                raise parameter("Cannot edit what somebody else wrote")
            page.edit(post.id, call.text("message"))
        return {"success": True}

    @graph.on(Post, "", "DELETE", "pages_manage_engagement")
    def delete(call: Call, post: Post) -> Answer:
        page = page_of(call, post)
        page.one(post.id)
        page.remove(post.id)
        return {"success": True}


def _token(call: Call, page: Page) -> str:
    """A system user's leads to the Page's own.
    https://developers.facebook.com/docs/facebook-login/guides/access-tokens#pagetokens"""
    asks = call.token
    own = asks is not None and asks.account_id == page.id
    return asks.value if asks and own else call.town.token_for(page)


def _beside(call: Call, page: Page) -> Answer | None:
    account = call.town.beside(page.id)
    return {"id": account.id} if account else None


def page_of(call: Call, post: Post) -> Page:
    page = call.town.node(post.page_id)
    if not isinstance(page, Page):
        raise unknown_object(call.method, post.id)
    return page


def shown(page: Page, post: Post, wants: tuple[Want, ...]) -> Answer:
    """A comment or a post; `from` is left out where the app may not see who it was."""
    anonymous = (page.anonymous or post.anonymous) and not post.by_page
    known: Known = {
        "id": lambda _: post.id,
        "message": lambda _: post.text,
        "from": lambda _: None if anonymous else {"name": post.author_name, "id": post.author},
        "created_time": lambda _: iso(post.at),
        "updated_time": lambda _: None if post.is_comment else iso(post.edited_at or post.at),
        "permalink_url": lambda _: _address(page, post),
        "is_hidden": lambda _: post.hidden,
        "can_comment": lambda _: True,
        "can_hide": lambda _: not post.by_page,
        "can_remove": lambda _: True,
        "can_reply_privately": lambda _: page.may_answer_privately(post),
        "comment_count": lambda _: len(page.beneath(post.id)),
        "comments": lambda want: listed(page, post, want, want.modifiers.get("filter") == "stream"),
    }
    known |= _of_comment(page, post) if post.is_comment else _of_post(page, post)
    kind = "Comment" if post.is_comment else "Post"
    return picked(known, wants, COMMENT, kind)


def _of_comment(page: Page, post: Post) -> Known:
    return {
        "parent": lambda _: _parent(page, post),
        "object": lambda _: {"id": post.post_id},
        "attachment": lambda _: next(iter(_media(page, post)), None),
    }


def _of_post(page: Page, post: Post) -> Known:
    media = _media(page, post)
    return {
        "attachments": lambda _: {"data": media} if media else None,
        "full_picture": lambda _: media[0]["media"]["image"]["src"] if media else None,
        "is_published": lambda _: not post.ad,
        "status_type": lambda _: "mobile_status_update",
    }


def _parent(page: Page, post: Post) -> Answer | None:
    """The comment that is answered; nothing for one directly beneath a post."""
    above = page.ground.nodes.get(post.parent_id)
    if not isinstance(above, Post) or not above.is_comment or above.removed:
        return None
    return shown(page, above, (Want("created_time"), Want("from"), Want("message"), Want("id")))


def _media(page: Page, post: Post) -> list[Answer]:
    files = [file for file in map(page.ground.files.find, post.files) if file]
    return [
        {
            "media": {"image": {"height": 720, "src": page.ground.files.link(file), "width": 720}},
            "target": {"id": file.id, "url": permalink(page, post.post_id)},
            "type": "video_inline" if file.type == "video" else "photo",
            "url": permalink(page, post.post_id),
        }
        for file in files
    ]


def _address(page: Page, post: Post) -> str:
    address = permalink(page, post.post_id)
    return f"{address}?comment_id={post.id.rpartition('_')[2]}" if post.is_comment else address


def _modifiers(order: str, call: Call) -> dict[str, str]:
    return {"order": order, "limit": call.text("limit"), "after": call.text("after")}


def listed(page: Page, post: Post, want: Want, stream: bool) -> Answer:
    """The comments beneath something, a page at a time."""
    order = want.modifiers.get("order", "")
    if order not in ORDERS:
        raise parameter("Param order must be one of {CHRONOLOGICAL, REVERSE_CHRONOLOGICAL}")
    found = list(page.beneath(post.id, stream=stream))
    if order == "reverse_chronological":
        found.reverse()
    start, limit = want.modifiers.get("after", ""), want.modifiers.get("limit", "")
    first = int(start) if start.isdigit() else 0
    upto = first + (int(limit) if limit.isdigit() else 25)
    data = [shown(page, one, want.inside) for one in found[first:upto]]
    if not data:
        return {"data": []}
    paging: Answer = {"cursors": {"before": str(first), "after": str(upto)}}
    if upto < len(found):
        paging["next"] = f"{page.ground.files.url}/{post.id}/comments?after={upto}"
    return {"data": data, "paging": paging}


def _attached(call: Call, page: Page) -> tuple[File, ...]:
    if call.text("attachment_id"):
        found = call.town.files.find(call.text("attachment_id"))
        if found is None or found.owner != page.id:
            raise parameter("Invalid parameter: attachment_id")
        return (found,)
    if call.text("attachment_url"):
        return (call.town.files.keep(page.id, b"", "", "", link=call.text("attachment_url")),)
    return ()
