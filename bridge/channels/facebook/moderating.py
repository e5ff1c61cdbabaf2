"""What a Page may do about a comment beneath its own posts, and about those who write to it.

Comments are liked, hidden, shown again and deleted by the Page; what stands elsewhere (a mention on
somebody else's wall) is not its own to hide. Each call may be repeated.

- Hiding (`is_hidden`) and deleting: https://developers.facebook.com/docs/graph-api/reference/comment/
- Likes: https://developers.facebook.com/docs/graph-api/reference/object/likes/
- Blocking: see `bridge.channels.messenger.blocking`
"""

from __future__ import annotations

from bridge.channels.facebook.translate import NAMELESS
from bridge.channels.messenger import blocking
from bridge.channels.meta.calls import Answer, Calls, part
from bridge.errors import Refused
from bridge.model import Act, Kind, Post, Visibility

_ON_COMMENTS = frozenset({Act.LIKE, Act.UNLIKE, Act.HIDE, Act.UNHIDE, Act.DELETE})


def acts(post: Post) -> frozenset[Act]:
    comment = post.kind is Kind.COMMENT and post.visibility is Visibility.PUBLIC
    named = not post.author.id.startswith(NAMELESS)
    return (_ON_COMMENTS if comment else frozenset()) | (
        blocking.acts(post) if named else frozenset()
    )


def do(calls: Calls, page_id: str, act: Act, post: Post) -> None:
    """Raises as a write does."""
    comment = f"/{part(post.id)}"
    if act is Act.LIKE:
        _agreed(calls.write(f"{comment}/likes", {}))
    elif act is Act.UNLIKE:
        _agreed(calls.write(f"{comment}/likes", {}, method="DELETE"))
    elif act in (Act.HIDE, Act.UNHIDE):
        _agreed(calls.write(comment, {"is_hidden": act is Act.HIDE}))
    elif act is Act.DELETE:
        _agreed(calls.write(comment, {}, method="DELETE"))
    else:
        blocking.do(calls, page_id, act, post)


def _agreed(answer: Answer) -> None:
    told = answer.data.get("success") if isinstance(answer.data, dict) else None
    if told is False:
        raise Refused("Facebook says that it did not")
