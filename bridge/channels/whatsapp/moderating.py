"""Blocking a number: it cannot write to the business any more, nor be written to.

Only who has written within the last day can be blocked; unblocking has no such limit.

https://developers.facebook.com/documentation/business-messaging/whatsapp/block-users/
"""

from __future__ import annotations

from bridge.channels.meta.calls import Calls, part
from bridge.channels.whatsapp.sending import is_number
from bridge.model import Act, Post

_METHODS = {Act.BLOCK: "POST", Act.UNBLOCK: "DELETE"}


def acts(post: Post) -> frozenset[Act]:
    """Nothing for people who are known by a user id alone: no number, no documented way."""
    return frozenset(_METHODS) if is_number(post.author.id) else frozenset()


def do(calls: Calls, number_id: str, act: Act, post: Post) -> None:
    """Raises as a write does: a number that could not be blocked is answered 400."""
    body = {"messaging_product": "whatsapp", "block_users": [{"user": post.author.id}]}
    calls.write(f"/{part(number_id)}/block_users", body, method=_METHODS[act])
