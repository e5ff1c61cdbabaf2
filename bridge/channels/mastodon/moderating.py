"""What Mastodon lets an account do about somebody else's post: like it, and block its author.

Hiding or deleting what others say is not possible: it stands on their servers, and readers of the
thread ask those. Each call may be repeated: what is so already is answered like what is done.

- https://docs.joinmastodon.org/methods/statuses/#favourite and #unfavourite (write:favourites)
- https://docs.joinmastodon.org/methods/accounts/#block and #unblock (write:blocks)
"""

from __future__ import annotations

from bridge.channels.mastodon.calls import Calls, part
from bridge.channels.mastodon.translate import id_there
from bridge.errors import NeedsSignIn
from bridge.model import Act, Post

SCOPES = ("write:blocks", "write:favourites")
"""Needed for this alone: without them everything else works."""

_OF_POSTS = {Act.LIKE: "favourite", Act.UNLIKE: "unfavourite"}
_OF_PEOPLE = {Act.BLOCK: "block", Act.UNBLOCK: "unblock"}


def acts(post: Post) -> frozenset[Act]:
    return frozenset((*_OF_POSTS, *(_OF_PEOPLE if post.author.id else ())))


def do(calls: Calls, act: Act, post: Post) -> None:
    """Raises as a write does; `needs_permission` where a scope is missing."""
    if act in _OF_POSTS:
        path = f"/api/v1/statuses/{part(post.id)}/{_OF_POSTS[act]}"
    else:
        path = f"/api/v1/accounts/{part(id_there(post.author))}/{_OF_PEOPLE[act]}"
    try:
        calls.write("POST", path)
    except NeedsSignIn as dead:
        if "scope" in dead.because.lower():
            dead.code = "needs_permission"
        raise
