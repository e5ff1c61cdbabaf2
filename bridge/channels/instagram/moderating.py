"""What an Instagram account may do about a comment beneath its own media: hide it, show it again,
delete it. Comments cannot be liked by a program.

Blocking somebody is documented for conversations only, and with Facebook's login:

- https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-comment
- https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/moderate-conversations
"""

from __future__ import annotations

from bridge.channels.instagram.mentions import mention_of
from bridge.channels.meta.calls import Answer, Calls, part
from bridge.errors import Refused
from bridge.model import Act, Kind, Post, Visibility

_ON_COMMENTS = frozenset({Act.HIDE, Act.UNHIDE, Act.DELETE})
_ON_PEOPLE = {Act.BLOCK: "block_user", Act.UNBLOCK: "unblock_user"}


def acts(post: Post, *, by_page: bool) -> frozenset[Act]:
    if post.visibility is Visibility.PRIVATE:
        return frozenset(_ON_PEOPLE) if by_page else frozenset()
    own = post.kind is Kind.COMMENT and mention_of(post.id) is None
    return _ON_COMMENTS if own else frozenset()


def do(calls: Calls, page_id: str, act: Act, post: Post) -> None:
    """Raises as a write does."""
    if act in _ON_PEOPLE:
        body = {"user_ids": [{"id": post.author.id}], "actions": [_ON_PEOPLE[act]]}
        _agreed(calls.write(f"/{part(page_id)}/moderate_conversations", body))
    elif act is Act.DELETE:
        _agreed(calls.write(f"/{part(post.id)}", {}, method="DELETE"))
    else:
        _agreed(calls.write(f"/{part(post.id)}", {"hide": act is Act.HIDE}))


def _agreed(answer: Answer) -> None:
    """Moderating conversations is answered with a word, not with a truth value."""
    told = answer.data.get("success") if isinstance(answer.data, dict) else None
    if told is False or told == "false":
        raise Refused("Instagram says that it did not")
