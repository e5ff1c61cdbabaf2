"""Answering in public, and finding the answer again.

- https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-comment/replies
- https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/mentions
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError

from bridge.channels.contract import Length, Limits, Once, Told, Unit
from bridge.channels.instagram import mentions
from bridge.channels.instagram.mentions import mention_of
from bridge.channels.instagram.payload import ReplySchema
from bridge.channels.looking import fitting, looking_up
from bridge.channels.meta.calls import Calls, Pairs, part
from bridge.channels.meta.send_api import gist
from bridge.errors import Gone, NobodyKnows, Refused
from bridge.model import Receipt, Reply

LIMITS = Limits(
    length=Length(2_200, Unit.CHARACTERS),
    edits=Told.NEVER,
    deletes=Told.POLLED,
    once=Once.NOTHING,
)

_CLOCKS = timedelta(minutes=2)
_PAGES = 10
_FIELDS = "id,text,username,timestamp"


def send(calls: Calls, node: str, reply: Reply, text: str) -> Receipt:
    """Beneath the top-level comment: whichever was answered, there it stands. Raises `NobodyKnows`
    where it may stand there without an answer.

    No `fields` are asked for: Instagram writes the comment and then answers 400 (20/1772107).
    """
    if not reply.in_reply_to:
        raise Refused("there is no comment to answer")
    mention = mention_of(_top(reply))
    if mention:
        answer = mentions.answer(calls, node, mention, text)
    else:
        answer = calls.write(f"/{part(_top(reply))}/replies", {"message": text})
    made = answer.text("id")
    if not made:
        raise NobodyKnows("Instagram took the comment and did not say what it made of it")
    return Receipt(made)


def find(
    calls: Calls, own_name: Callable[[], str], reply: Reply, text: str, known: frozenset[str]
) -> Receipt | None:
    """The comment that `reply` became: beneath the same, ours (or nobody's that we are told),
    saying the same, not older than the intent; the oldest, if several. Raises `NobodyKnows` where
    that cannot be told: beneath somebody else's post, among too many others, where we may not look.
    """
    if not reply.in_reply_to:
        return None
    if mention_of(_top(reply)):
        raise NobodyKnows("what stands beneath somebody else's post cannot be looked through")
    with looking_up():
        ours = ("", own_name())
    fits = fitting(
        (one["timestamp"], one["id"])
        for one in _beneath(calls, _top(reply))
        if one["id"] not in known
        and one["timestamp"] >= reply.intended_at - _CLOCKS
        and one["username"] in ours
        and gist(one["text"] or "") == gist(text)
    )
    return Receipt(min(fits)[1]) if fits else None


def _top(reply: Reply) -> str:
    return reply.thread_id or reply.in_reply_to


def _beneath(calls: Calls, comment_id: str) -> Iterator[dict[str, Any]]:
    """The readable answers, in whatever order: none is documented."""
    place: Pairs = ()
    for _ in range(_PAGES):
        wanted: Pairs = (("fields", _FIELDS), ("limit", "50"))
        with looking_up():
            try:
                answer = calls.get(f"/{part(comment_id)}/replies", (*wanted, *place))
            except Gone:
                return
        yield from _readable(answer.rows())
        after = answer.after()
        if not after:
            return
        place = (("after", after),)
    raise NobodyKnows("there are too many answers beneath this comment to look through")


def _readable(rows: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    for row in rows:
        try:
            yield ReplySchema().load(row)
        except ValidationError:
            continue
