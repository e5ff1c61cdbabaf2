"""Keeping somebody from a Page and from its Messenger, or letting them in again. May be repeated.

Meta documents that a Page's blocked people are managed here, by the Page's own token; the names of
the parameters are those of its own library (`asid`, `psid`, `uid`, `user`).

- https://developers.facebook.com/docs/graph-api/reference/page/blocked/
- https://github.com/facebook/facebook-python-business-sdk (`Page.create_blocked`)
"""

from __future__ import annotations

from bridge.channels.meta.calls import Calls, part
from bridge.errors import Gone, Refused
from bridge.model import Act, Post, Visibility

_ACTS = frozenset({Act.BLOCK, Act.UNBLOCK})


def acts(post: Post) -> frozenset[Act]:
    return _ACTS if post.author.id else frozenset()


def do(calls: Calls, page_id: str, act: Act, post: Post) -> None:
    """Those who wrote privately are known by another id than those who commented. Raises as a
    write does."""
    whom = "psid" if post.visibility is Visibility.PRIVATE else "user"
    path, person = f"/{part(page_id)}/blocked", post.author.id
    try:
        if act is Act.BLOCK:
            told = calls.write(path, {whom: [person]}).data
        else:
            told = calls.write(f"{path}?{whom}={part(person)}", {}, method="DELETE").data
    except Gone as gone:
        raise Refused(gone.because) from gone  # the person, not the post
    if isinstance(told, dict) and False in (told.get(person), told.get("success")):
        raise Refused("Facebook says that it did not")
