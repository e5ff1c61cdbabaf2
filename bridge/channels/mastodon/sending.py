"""Sending one reply, proving that it went where it should, and finding it again.

- https://docs.joinmastodon.org/methods/statuses/#create
- https://docs.joinmastodon.org/methods/media/#v2
- `allowed_mentions` (4.0): the server refuses a status that would reach anybody else,
  https://github.com/mastodon/mastodon/pull/18350
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError

from bridge.channels.contract import Limits
from bridge.channels.fields import what_is_wrong
from bridge.channels.looking import fitting, looking_up
from bridge.channels.mastodon.calls import Calls, Pairs, part
from bridge.channels.mastodon.mentions import gist
from bridge.channels.mastodon.payload import Mention, Status, StatusSchema
from bridge.channels.mastodon.translate import Me, id_in, id_there
from bridge.errors import Again, BridgeError, Gone, NobodyKnows, Refused, TooLong
from bridge.model import HOUR, Clock, Receipt, Reply, Visibility
from bridge.text.html import to_text
from bridge.text.weigh import weigh

_OF_THE_LENGTH = re.compile(
    r"character limit|too long|limit of \d+|max(imum)? .*length", re.IGNORECASE
)
_OF_THE_MEDIA = re.compile(r"processing|not ready", re.IGNORECASE)
_NOT_PUBLIC = ("direct", "private")
"""`private` is what snac calls a direct status; whom it reached is told by its mentions."""

_SLACK = timedelta(minutes=2)
_PAGES = 5
_AT_ONCE = 40


def check_before(reply: Reply, text: str, limits: Limits) -> None:
    """Raises `TooLong` or `Refused` for what the server would refuse, or worse, would not."""
    weight = weigh(text, limits.length)
    if weight > limits.length.most:
        raise TooLong(f"{weight} characters, and this server takes {limits.length.most}")
    if len(reply.files) > limits.files:
        raise Refused(f"{len(reply.files)} files, and one post takes {limits.files}")
    if not text and not reply.files:
        raise Refused("there is nothing to send")


def post(calls: Calls, reply: Reply, text: str, visibility: str, media: tuple[str, ...]) -> Status:
    """Write the status. Raises `NobodyKnows` where that may have happened without an answer."""
    form: Pairs = (
        ("status", text),
        ("visibility", visibility),
        *((("in_reply_to_id", reply.in_reply_to),) if reply.in_reply_to else ()),
        *((("language", language),) if (language := _language(reply)) else ()),
        *(("media_ids[]", one) for one in media),
    )
    if reply.visibility is not Visibility.PUBLIC and reply.to.id:
        form += (("allowed_mentions[]", id_there(reply.to)),)
    try:
        answer = calls.write("POST", "/api/v1/statuses", form=form, key=reply.key)
    except Gone as gone:
        if reply.in_reply_to:
            raise Gone("the post that this answers is no longer there") from gone
        raise Refused(gone.because) from gone
    except Refused as refused:
        if media and _OF_THE_MEDIA.search(refused.because):
            raise Again("the server is still working on the attached files", wait=5.0) from refused
        if _OF_THE_LENGTH.search(refused.because):
            raise TooLong(refused.because) from refused
        raise
    try:
        status: Status = StatusSchema().load(answer.data)
    except ValidationError as wrong:
        if not id_in(answer.data):
            raise NobodyKnows("the server took it and did not say what it made of it") from wrong
        because = f"the server's receipt cannot be read ({what_is_wrong(wrong)})"
        if reply.visibility is not Visibility.PUBLIC:
            raise take_back(calls, id_in(answer.data), "", because) from wrong
        raise NobodyKnows(because) from wrong
    return status


def proof(calls: Calls, reply: Reply, status: Status, local: str) -> Receipt:
    """The receipt, once it is certain that a private reply is private.

    A server that made it public, or brought it to somebody else or to nobody, is asked to delete
    it at once; `Refused` says what happened.
    """
    link = status.url or status.uri
    if reply.visibility is Visibility.PUBLIC:
        return Receipt(status.id, link)
    if status.visibility not in _NOT_PUBLIC:
        because = f"the server made this private answer {status.visibility!r}"
        raise take_back(calls, status.id, link, because)
    reached = {
        mention.acct or mention.id for mention in status.mentions if not _is(reply, mention, local)
    }
    if reached:
        because = f"the server brought this private answer to {', '.join(sorted(reached))} as well"
        raise take_back(calls, status.id, link, because)
    if not status.mentions:
        because = f"the server does not know @{reply.to.handle}, so this answer reached nobody"
        raise take_back(calls, status.id, link, because)
    return Receipt(status.id, link)


def _is(reply: Reply, mention: Mention, local: str) -> bool:
    """By either: snac gives a person one id as an author and another one where mentioned."""
    acct = mention.acct if "@" in mention.acct else f"{mention.acct}@{local}"
    return mention.id == id_there(reply.to) or acct.casefold() == reply.to.handle.casefold()


def take_back(calls: Calls, status_id: str, link: str, because: str) -> Refused:
    """Delete it, and say so, or say that a person has to. 404 alone proves nothing: there are
    servers that cannot delete (snac), and answer so."""
    try:
        calls.write("DELETE", f"/api/v1/statuses/{part(status_id)}")
    except BridgeError as wrong:
        if not (isinstance(wrong, Gone) and _is_gone(calls, status_id)):
            return Refused(
                f"{because}; it could not be deleted ({wrong.because}): delete it by hand, "
                f"{link or f'its id is {status_id}'}"
            )
    return Refused(f"{because}; it was deleted at once")


def _is_gone(calls: Calls, status_id: str) -> bool:
    try:
        calls.get(f"/api/v1/statuses/{part(status_id)}")
    except Gone:
        return True
    except BridgeError:
        return False
    return False


def is_open(status: Status) -> bool:
    return status.visibility in ("public", "unlisted")


def _language(reply: Reply) -> str:
    """ISO 639-1, as Mastodon wants it: `pt` of `pt-BR`."""
    first = reply.language.partition("-")[0].lower()
    return first if re.fullmatch("[a-z]{2,3}", first) else ""


# ------------------------------------------------------------------ files


@dataclass
class Uploads:
    """The files of replies, on their way. What was uploaded is remembered for an hour: a film is
    still being worked on when the upload is over, and the next try must find it, not begin anew.
    Losing this memory costs an upload, nothing else."""

    clock: Clock
    _known: dict[tuple[str, int], tuple[str, datetime]] = field(default_factory=dict)

    def ids(self, calls: Calls, reply: Reply) -> tuple[str, ...]:
        """The ids of all files, ready. Raises `Again` while the server is working on one."""
        self._forget()
        return tuple(self._ready(calls, reply, at) for at in range(len(reply.files)))

    def _ready(self, calls: Calls, reply: Reply, at: int) -> str:
        known = self._known.get((reply.key, at))
        try:
            media_id, done = (known[0], False) if known else self._upload(calls, reply, at)
            if not done and calls.get(f"/api/v1/media/{part(media_id)}").status == 206:
                raise Again("the server is still working on the attached files", wait=5.0)
        except Gone:
            if not known:
                raise
            # Used by an earlier try whose answer was lost, or thrown away since.
            media_id, _ = self._upload(calls, reply, at)
        return media_id

    def _upload(self, calls: Calls, reply: Reply, at: int) -> tuple[str, bool]:
        """The id, and whether the server is done with it."""
        file = reply.files[at]
        try:
            answer = calls.upload("/api/v2/media", file)
        except Gone:
            # Before 3.1.3, and on some other servers, there is only the older way.
            answer = calls.upload("/api/v1/media", file)
        media_id = id_in(answer.data)
        if not media_id:
            raise Refused(f"the server took {file.filename} and did not say what it made of it")
        self._known[reply.key, at] = (media_id, self.clock())
        return media_id, answer.status != 202

    def drop(self, reply: Reply) -> None:
        for at in range(len(reply.files)):
            self._known.pop((reply.key, at), None)

    def _forget(self) -> None:
        old = [key for key, (_, since) in self._known.items() if self.clock() - since > HOUR]
        for key in old:
            self._known.pop(key, None)


# ------------------------------------------------------------------ finding it again


def find(calls: Calls, reply: Reply, text: str, me: Me, known: frozenset[str]) -> Status | None:
    """The status that `reply` became: ours, answering the same, saying the same, not older than
    the intent (two minutes for the clocks), and no other message of ours. The oldest, if several.

    A private reply is looked for among the public ones as well, last: if the server made it
    public, whoever asked must learn of it. Raises as a read does, and `NobodyKnows` where we may
    not look, or among too many others.
    """
    said = gist(text)
    private = reply.visibility is not Visibility.PUBLIC

    def same(listed: Iterator[Status]) -> Iterator[Status]:
        return (
            status
            for status in listed
            if status.id not in known
            and status.account.id == me.id
            and _answers(status, reply, me)
            and status.created_at >= reply.intended_at - _SLACK
            and (private or is_open(status))
            and bool(status.attachments) == bool(reply.files)
            and gist(to_text(status.content)) == said
        )

    fits = fitting(same(_own(calls, reply, me)), same(_below(calls, reply)))
    return min(
        fits, key=lambda status: (private and is_open(status), status.created_at), default=None
    )


def _answers(status: Status, reply: Reply, me: Me) -> bool:
    """Answers to a post that was deleted since answer nothing any more, but still name its author
    (https://github.com/mastodon/mastodon/blob/main/app/models/status.rb, `replies`)."""
    if status.in_reply_to_id == reply.in_reply_to:
        return True
    named = any(_is(reply, mention, me.domain) for mention in status.mentions)
    return named and not status.in_reply_to_id


def _own(calls: Calls, reply: Reply, me: Me) -> Iterator[Status]:
    """What the account has posted since the intent, newest first. snac gives one page, whatever is
    asked for: where that is not full, it is all there is.
    https://docs.joinmastodon.org/methods/accounts/#statuses"""
    place: Pairs = ()
    seen = ""
    for _ in range(_PAGES):
        wanted: Pairs = (("limit", str(_AT_ONCE)), ("exclude_reblogs", "true"), *place)
        with looking_up():
            answer = calls.get(f"/api/v1/accounts/{part(me.id)}/statuses", wanted)
        page = _readable(answer.data)
        yield from page
        if not answer.data or (page and page[-1].created_at < reply.intended_at - _SLACK):
            return
        if not page:
            raise NobodyKnows("what was posted since cannot be read")
        if page[-1].id == seen and len(answer.data) < _AT_ONCE:
            return
        seen = page[-1].id
        place = (("max_id", seen),)
    raise NobodyKnows("too many others have been posted since to look through")


def _below(calls: Calls, reply: Reply) -> Iterator[Status]:
    """What answers the same post: not every server lists private posts under their author."""
    if not reply.in_reply_to:
        return
    with looking_up():
        try:
            answer = calls.get(f"/api/v1/statuses/{part(reply.in_reply_to)}/context")
        except Gone:
            return
    told = answer.data.get("descendants") if isinstance(answer.data, dict) else None
    yield from _readable(told)


def _readable(listed: Any) -> list[Status]:
    found = []
    for one in listed if isinstance(listed, list) else []:
        try:
            found.append(StatusSchema().load(one))
        except ValidationError:
            continue
    return found
