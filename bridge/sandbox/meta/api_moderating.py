"""Liking comments, and keeping people from a Page, an Instagram account, a WhatsApp number.

- https://developers.facebook.com/docs/graph-api/reference/object/likes/
- https://developers.facebook.com/docs/graph-api/reference/page/blocked/ (parameters as in Meta's
  own library: https://github.com/facebook/facebook-python-business-sdk, `Page.create_blocked`)
- https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/moderate-conversations
- https://developers.facebook.com/documentation/business-messaging/whatsapp/block-users/
"""

from __future__ import annotations

from typing import Any

from bridge.sandbox.meta.api_facebook import page_of
from bridge.sandbox.meta.api_whatsapp import MESSAGING
from bridge.sandbox.meta.graph import Answer, Call, Graph
from bridge.sandbox.meta.instagram import Instagram
from bridge.sandbox.meta.page_wall import Page
from bridge.sandbox.meta.posts import Post
from bridge.sandbox.meta.refusals import (
    CATALOGUE,
    Refusal,
    Wrong,
    parameter,
    refuse,
    whatsapp_parameter,
)
from bridge.sandbox.meta.whatsapp import Number

WHOM = ("psid", "user", "asid", "uid")


def moderating_api(graph: Graph) -> None:
    @graph.on(Post, "likes", "POST", "pages_manage_engagement")
    def like(call: Call, post: Post) -> Answer:
        page_of(call, post).likes_it(post.id, on=True)
        return {"success": True}

    @graph.on(Post, "likes", "DELETE", "pages_manage_engagement")
    def unlike(call: Call, post: Post) -> Answer:
        page_of(call, post).likes_it(post.id, on=False)
        return {"success": True}

    @graph.on(Page, "blocked", "POST", "pages_manage_metadata")
    def block(call: Call, page: Page) -> Answer:
        whom = _whom(call, page)
        page.barred |= set(whom.values())
        return dict.fromkeys(whom, True)

    @graph.on(Page, "blocked", "DELETE", "pages_manage_metadata")
    def unblock(call: Call, page: Page) -> Answer:
        page.barred -= set(_whom(call, page).values())
        return {"success": True}

    @graph.on(Page, "moderate_conversations", "POST", "instagram_manage_messages")
    def moderate(call: Call, page: Page) -> Answer:
        """Towards the Instagram account that is linked to the Page. Answered with a word."""
        account = call.town.beside(page.id)
        if account is None:
            raise parameter("The Page is not linked to an Instagram account")
        handles = [_writer(account, one) for one in _list(call, "user_ids")]
        actions = _list(call, "actions")
        if set(actions) not in ({"block_user"}, {"unblock_user"}, {"block_user", "move_to_spam"}):
            raise parameter("Invalid parameter: actions")
        if "unblock_user" in actions:
            account.barred -= set(handles)
        else:
            account.barred |= set(handles)
        return {"success": "true"}

    @graph.on(Number, "block_users", "POST", MESSAGING)
    def block_numbers(call: Call, number: Number) -> Answer:
        return _moved(call, number, "added_users")

    @graph.on(Number, "block_users", "DELETE", MESSAGING)
    def unblock_numbers(call: Call, number: Number) -> Answer:
        return _moved(call, number, "removed_users")


def _whom(call: Call, page: Page) -> dict[str, str]:
    """Id → handle of those who are named."""
    given = [one for name in WHOM if call.args.get(name) for one in _list(call, name)]
    found = {str(one): call.town.whose(str(one)) for one in given}
    if not found or not all(found.values()):
        raise parameter("Invalid parameter")
    if any(call.town.towards(one) != page.id for one in found):
        raise parameter("Invalid parameter")
    return {one: person.handle for one, person in found.items() if person}


def _list(call: Call, name: str) -> list[Any]:
    given = call.args.get(name)
    listed = given if isinstance(given, list) else [given]
    if not listed or len(listed) > 10:
        raise parameter(f"Invalid parameter: {name}")
    return listed


def _writer(account: Instagram, one: Any) -> str:
    """Somebody with whom there is a conversation."""
    person = account.ground.whose(str(one.get("id", ""))) if isinstance(one, dict) else None
    if person is None or not account.inbox.with_person(person.handle):
        raise refuse("no_such_person")
    return person.handle


def _moved(call: Call, number: Number, done: str) -> Answer:
    """Each number by itself; one that fails makes the whole answer a 400."""
    if call.text("messaging_product") != "whatsapp":
        raise whatsapp_parameter("messaging_product is required")
    moved: list[Answer] = []
    for one in _list(call, "block_users"):
        given = str(one.get("user", "")) if isinstance(one, dict) else ""
        person = number.reached(given) if given else None
        blocks = done == "added_users"
        if person is None or (blocks and not number.is_open(person.handle)):
            raise _failed(given)
        if blocks:
            number.barred.add(person.handle)
        else:
            number.barred.discard(person.handle)
        moved.append({"input": given, "wa_id": person.phone})
    return {"messaging_product": "whatsapp", "block_users": {done: moved}}


def _failed(given: str) -> Refusal:
    wrong = CATALOGUE["whatsapp_window_closed"]
    return Refusal(
        Wrong(
            139100,
            "(#139100) Failed to block/unblock users",
            details=f"{given}: {wrong.details}"
            if given
            else "Failed to block some users, see the block_users response list for details",
        )
    )
