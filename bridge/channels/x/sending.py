"""Sending one reply, and finding it again.

- https://docs.x.com/x-api/posts/manage-tweets/integrate
- https://docs.x.com/x-api/direct-messages/manage/integrate
- https://docs.x.com/x-api/media/quickstart/best-practices
- https://docs.x.com/x-api/users/get-posts, newest first

X has no key for repeating safely. It refuses a post with words that it has just had (403): what is
in doubt is then looked up. A direct message would be doubled, so it is looked up first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError

from bridge.channels.contract import Length, Limits, Once, Told, Unit
from bridge.channels.looking import fitting, looking_up
from bridge.channels.x import prices
from bridge.channels.x.calls import Answer, Calls, Params
from bridge.channels.x.envelopes import id_in
from bridge.channels.x.errors import Duplicate, No
from bridge.channels.x.messages import ReadMessageSchema
from bridge.channels.x.payload import PostSchema
from bridge.channels.x.prices import Spending
from bridge.channels.x.reading import MESSAGE_PARAMS
from bridge.channels.x.remembered import Uploads
from bridge.channels.x.texts import gist, has_link, without_name
from bridge.channels.x.translate import MESSAGE, Me
from bridge.errors import NobodyKnows, Refused, TooLong
from bridge.model import Receipt, Reply, Visibility
from bridge.text.html import whole
from bridge.text.weigh import weigh

MESSAGE_LENGTH = Length(10_000, Unit.CHARACTERS)
"""https://docs.x.com/x-api/direct-messages/manage/introduction"""

IMAGE_BYTES = 5 * 1024 * 1024
PACE = timedelta(seconds=9)
"""100 posts in a quarter of an hour: https://docs.x.com/x-api/fundamentals/rate-limits"""
IMAGES = frozenset({"image/jpeg", "image/png", "image/webp"})
PUBLIC = Limits(
    length=Length(280, Unit.WEIGHTED),
    files=4,
    file_bytes=IMAGE_BYTES,
    file_types=IMAGES,
    edits=Told.PUSHED,
    deletes=Told.POLLED,
    once=Once.SECOND_REFUSED,
    one_private_thread=True,
    no_links_in_notices=True,
    pace=PACE,
)
PRIVATE = Limits(
    length=MESSAGE_LENGTH,
    files=1,
    file_bytes=IMAGE_BYTES,
    file_types=IMAGES,
    one_private_thread=True,
    no_links_in_notices=True,
)

_SLACK = timedelta(minutes=2)
_PAGES = 5


def shape(reply: Reply) -> str:
    """In public without the name of whom it answers: X puts that before it."""
    text = whole(reply.text).strip()
    if reply.visibility is Visibility.PUBLIC and reply.in_reply_to:
        return without_name(text, reply.to.handle)
    return text


def check_before(reply: Reply, text: str, limits: Limits) -> None:
    """Raises `TooLong` or `Refused` for what X would refuse, or worse, would not."""
    weight = weigh(text, limits.length)
    if weight > limits.length.most:
        raise TooLong(f"{weight} of {limits.length.most}")
    if len(reply.files) > limits.files:
        raise Refused(f"{len(reply.files)} files, and one message takes {limits.files}")
    if not text and not reply.files:
        raise Refused("there is nothing to send")


@dataclass(frozen=True, slots=True)
class Sender:
    """Writes for one account."""

    calls: Calls
    me: Me
    spending: Spending
    uploads: Uploads

    def post(self, reply: Reply, text: str) -> Receipt:
        """Answer in public. Raises `NobodyKnows` where that may have happened."""
        if not reply.in_reply_to.isdecimal():
            raise No("there is no post to answer", "nothing_to_answer")
        body: dict[str, Any] = {
            "text": text,
            "reply": {"in_reply_to_tweet_id": reply.in_reply_to},
        }
        if reply.files:
            body["media"] = {"media_ids": list(self.uploads.ids(self.calls, reply, "tweet_image"))}
        try:
            made = self.calls.write("POST", "/2/tweets", body)
        except Duplicate as double:
            if self.find_post(reply, text, frozenset()) is None:
                raise
            raise NobodyKnows("X says that it has these very words already") from double
        if not id_in(made.data):
            raise NobodyKnows("X took it and did not say what it made of it")
        # Self-serve customers may only answer who called for them, and pay less for it.
        price = prices.POST_SUMMONED if self.me.only_summoned else prices.POST
        self.spending.sent("post", prices.POST_WITH_LINK if has_link(text) else price)
        return self._receipt_of_post(id_in(made.data))

    def message(self, reply: Reply, text: str) -> Receipt:
        """Answer one person privately: the address names them, nobody else can read it."""
        body: dict[str, Any] = {"text": text} if text else {}
        if reply.files:
            media = self.uploads.ids(self.calls, reply, "dm_image")
            body["attachments"] = [{"media_id": one} for one in media]
        path = f"/2/dm_conversations/with/{self._person(reply)}/messages"
        made = self.calls.write("POST", path, body)
        message_id = id_in(made.data, "dm_event_id")
        if not message_id:
            raise NobodyKnows("X took it and did not say what it made of it")
        self.spending.sent("message", prices.MESSAGE)
        return Receipt(MESSAGE + message_id, to=reply.to.id)

    # -------------------------------------------------------------- finding it again

    def find_post(self, reply: Reply, text: str, known: frozenset[str]) -> Receipt | None:
        """Ours, answering the same, saying the same, not older than the intent (two minutes for
        the clocks), and no other message of ours. The oldest, if several. Raises as a read does,
        and `NobodyKnows` where we may not look, or among too many others."""
        fits = fitting(self._same_posts(reply, gist(text), known))
        return self._receipt_of_post(min(fits, key=int)) if fits else None

    def _same_posts(self, reply: Reply, said: str, known: frozenset[str]) -> Iterator[str]:
        since = reply.intended_at - _SLACK
        params = {"start_time": _instant(since), "max_results": "100"}
        for answer in self._pages(self._own_posts, params):
            for one in answer.listed:
                try:
                    post = PostSchema().load({"author_id": self.me.id, **one})
                except (ValidationError, TypeError):
                    continue
                same = (
                    post.answers == reply.in_reply_to and gist(post.long_text or post.text) == said
                )
                ours = post.author_id == self.me.id and post.id not in known
                if same and ours and post.created_at >= since:
                    yield post.id

    def find_message(self, reply: Reply, text: str, known: frozenset[str]) -> Receipt | None:
        """As `find_post`, among the messages to this person."""
        fits = fitting(self._same_messages(reply, gist(text), known))
        return Receipt(MESSAGE + min(fits, key=int), to=reply.to.id) if fits else None

    def _same_messages(self, reply: Reply, said: str, known: frozenset[str]) -> Iterator[str]:
        since = reply.intended_at - _SLACK
        path = f"/2/dm_conversations/with/{self._person(reply)}/dm_events"
        for answer in self._pages(
            lambda params: self._messages(path, params), {"max_results": "20"}
        ):
            oldest = None
            for one in answer.listed:
                try:
                    message = ReadMessageSchema().load(one)
                except ValidationError:
                    continue
                oldest = message.created_at
                same = message.sender_id == self.me.id and gist(message.text) == said
                fresh = message.created_at >= since and MESSAGE + message.id not in known
                if same and fresh:
                    yield message.id
            if oldest is not None and oldest < since:  # a page with nothing to show is no end
                return

    def _own_posts(self, params: Params) -> Answer:
        with looking_up():
            answer = self.calls.posts(f"/2/users/{self.me.id}/tweets", params)
        self.spending.read("post", map(id_in, answer.listed), own=True)
        return answer

    def _messages(self, path: str, params: Params) -> Answer:
        with looking_up():
            answer = self.calls.get(path, {**MESSAGE_PARAMS, **params})
        self.spending.read("message", map(id_in, answer.listed))
        return answer

    @staticmethod
    def _pages(ask: Any, params: Params) -> Iterator[Answer]:
        for _ in range(_PAGES):
            answer: Answer = ask(params)
            yield answer
            if not answer.next:
                return
            params = {**params, "pagination_token": answer.next}
        raise NobodyKnows("too many others have been said since to look through")

    def _receipt_of_post(self, post_id: str) -> Receipt:
        return Receipt(post_id, f"https://x.com/{self.me.handle}/status/{post_id}")

    @staticmethod
    def _person(reply: Reply) -> str:
        if not reply.to.id.isdecimal() or len(reply.to.id) > 19:
            raise Refused(f"{reply.to.id!r} is no id of a person on X")
        return reply.to.id


def _instant(at: datetime) -> str:
    """https://docs.x.com/x-api/users/get-posts: RFC 3339, in whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
