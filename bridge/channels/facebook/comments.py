"""Answering a comment or a post in public, and finding the answer again.

- https://developers.facebook.com/docs/graph-api/reference/object/comments/
- https://developers.facebook.com/docs/graph-api/reference/page/photos/
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError

from bridge.channels.contract import Length, Limits, Once, Told, Unit
from bridge.channels.facebook.payload import CommentSchema
from bridge.channels.facebook.translate import address_of
from bridge.channels.looking import fitting, looking_up
from bridge.channels.meta.calls import Calls, Pairs, part
from bridge.channels.meta.send_api import gist
from bridge.errors import Gone, NobodyKnows, Refused
from bridge.model import File, Receipt, Reply

LIMITS = Limits(
    length=Length(8_000, Unit.CHARACTERS),
    files=1,
    file_bytes=10 * 1000 * 1000,
    file_types=frozenset({"image/jpeg", "image/png", "image/gif"}),
    shows_own_notice=True,
    edits=Told.PUSHED,
    deletes=Told.PUSHED,
    once=Once.NOTHING,
)

_CLOCKS = timedelta(minutes=2)
_PAGES = 5
_FIELDS = "id,message,from,created_time,attachment"
_FEWER = "id,message,created_time,attachment"


def send(calls: Calls, page_id: str, reply: Reply, text: str) -> Receipt:
    """Beneath what is answered. Raises `NobodyKnows` where it may stand there without an answer.

    Nothing is asked for besides the id: a field that cannot be read would fail the answer of a
    comment that was written."""
    if not reply.in_reply_to:
        raise Refused("there is no post to answer")
    body = {"message": text} if text else {}
    if reply.files:
        body["attachment_id"] = _upload(calls, page_id, reply.files[0])
    answer = calls.write(f"/{part(reply.in_reply_to)}/comments", body)
    made = answer.text("id")
    if not made:
        raise NobodyKnows("Facebook took the comment and did not say what it made of it")
    return _receipt(made)


def _upload(calls: Calls, page_id: str, file: File) -> str:
    """A photo that is published nowhere, until a comment shows it."""
    answer = calls.upload(f"/{part(page_id)}/photos", (("published", "false"),), "source", file)
    if not answer.text("id"):
        raise Refused(f"Facebook took {file.filename} and did not say what it made of it")
    return answer.text("id")


def find(
    calls: Calls, page_id: str, reply: Reply, text: str, known: frozenset[str]
) -> Receipt | None:
    """The comment that `reply` became: beneath the same, ours (or nobody's that we are told),
    saying the same, not older than the intent; the oldest, if several. Raises as a read does, and
    `NobodyKnows` where we may not look, or among too many others."""
    if not reply.in_reply_to:
        return None
    fits = fitting(
        (one["created_time"], one["id"])
        for one in _beneath(calls, reply)
        if one["id"] not in known
        and one["created_time"] >= reply.intended_at - _CLOCKS
        and _author(one) in ("", page_id)
        and bool(one["attachment"]) == bool(reply.files)
        and gist(one["message"] or "") == gist(text)
    )
    return _receipt(min(fits)[1]) if fits else None


def _beneath(calls: Calls, reply: Reply) -> Iterator[dict[str, Any]]:
    """The readable comments, newest first, as far back as the intent."""
    place: Pairs = ()
    for _ in range(_PAGES):
        wanted: Pairs = (("order", "reverse_chronological"), ("limit", "50"), *place)
        with looking_up():
            try:
                path = f"/{part(reply.in_reply_to)}/comments"
                answer = calls.read(path, _FIELDS, _FEWER, params=wanted)
            except Gone:
                return
        page = list(_readable(answer.rows()))
        yield from page
        after = answer.after()
        is_older = bool(page) and page[-1]["created_time"] < reply.intended_at - _CLOCKS
        if is_older or not after:  # a page with nothing to show is no end
            return
        place = (("after", after),)
    raise NobodyKnows("there are too many comments beneath this one to look through")


def _readable(rows: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    for row in rows:
        try:
            yield CommentSchema().load(row)
        except ValidationError:
            continue


def _author(comment: dict[str, Any]) -> str:
    author = comment["author"]
    return str(author.get("id") or "") if isinstance(author, dict) else ""


def _receipt(comment_id: str) -> Receipt:
    return Receipt(comment_id, address_of(comment_id))
