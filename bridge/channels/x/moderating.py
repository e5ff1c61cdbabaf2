"""What X lets an account do about somebody else's post or message.

Replies beneath our own posts are hidden and shown again; X refuses it elsewhere. Likes by API are
for Enterprise since 20 April 2026 (https://docs.x.com/changelog, 16 April 2026), and so are blocks
(https://docs.x.com/enterprise-api/users/blocks/integrate), which X's description of its API (2.167)
does not even contain. Who writes privately can be kept from doing so. Each call may be repeated.

- https://docs.x.com/x-api/posts/hide-replies/introduction (tweet.moderate.write)
- https://docs.x.com/x-api/posts/likes/introduction (like.write)
- https://docs.x.com/x-api/direct-messages/blocks/introduction (dm.write)
"""

from __future__ import annotations

from bridge.channels.x.calls import Calls
from bridge.channels.x.translate import Me
from bridge.errors import Gone, Refused
from bridge.model import Act, Kind, Post, Visibility

HIDING = "tweet.moderate.write"
LIKING = "like.write"

_LIKES = frozenset({Act.LIKE, Act.UNLIKE})
_HIDES = frozenset({Act.HIDE, Act.UNHIDE})
_BLOCKS = {Act.BLOCK: "block", Act.UNBLOCK: "unblock"}


def acts(me: Me, post: Post) -> frozenset[Act]:
    if post.visibility is Visibility.PRIVATE:
        return frozenset(_BLOCKS) if post.author.id.isdecimal() else frozenset()
    hides = _HIDES if post.kind is Kind.REPLY else frozenset()
    return hides if me.only_summoned else hides | _LIKES


def do(calls: Calls, me: Me, act: Act, post: Post) -> None:
    """Raises as a write does."""
    if act is Act.LIKE:
        calls.write("POST", f"/2/users/{me.id}/likes", {"tweet_id": _id(post.id)})
    elif act is Act.UNLIKE:
        calls.write("DELETE", f"/2/users/{me.id}/likes/{_id(post.id)}")
    elif act in _HIDES:
        body = {"hidden": act is Act.HIDE}
        calls.write("PUT", f"/2/tweets/{_id(post.id)}/hidden", body)
    else:
        path = f"/2/users/{_id(post.author.id)}/dm/{_BLOCKS[act]}"
        try:
            calls.write("POST", path)
        except Gone as gone:
            raise Refused(gone.because) from gone  # the person, not the message


def _id(opaque: str) -> str:
    if not opaque.isdecimal() or len(opaque) > 19:
        raise Refused(f"{opaque!r} is no id on X")
    return opaque
