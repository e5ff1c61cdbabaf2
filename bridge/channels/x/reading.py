"""Reading what no event brought, oldest first; and looking again at what is known.

- https://docs.x.com/x-api/users/get-mentions: newest first, `since_id`, at most 800 back
- https://docs.x.com/x-api/direct-messages/lookup/integrate#pagination: newest first, 30 days, and
  no way to ask for what is new only. Every event read is paid for, so the first page is small;
  where it is full of news, the others are as large as X gives them.
- https://docs.x.com/x-api/fundamentals/response-codes-and-errors#partial-errors

Ids grow with time (https://docs.x.com/resources/fundamentals/x-ids); X itself compares them in
`since_id`, so they may be compared here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError

from bridge.channels.contract import Batch, Raw
from bridge.channels.fields import Instant
from bridge.channels.x import envelopes
from bridge.channels.x.calls import MEDIA_FIELDS, USER_FIELDS, Answer, Calls, Params
from bridge.channels.x.envelopes import get, id_in
from bridge.channels.x.people import Included
from bridge.channels.x.prices import Spending
from bridge.errors import Again, Gone, Misconfigured, Unreachable
from bridge.model import MINUTE, Person

MESSAGE_FIELDS = "attachments,created_at,dm_conversation_id,entities,event_type,id,text"
_FEW, _MANY = 5, 100
_MOST_PAGES = 100
_SETTLED_AFTER = timedelta(seconds=20)
_START = "0"


@dataclass(frozen=True, slots=True)
class Place:
    """How far was read: the newest post and the newest message ("0" for none yet), and when;
    while X cannot be asked to repeat what it told meanwhile, when that began."""

    post: str = _START
    message: str = _START
    at: str = ""

    @classmethod
    def of(cls, cursor: str) -> Place:
        """Raises `Misconfigured` for what is none of ours."""
        try:
            told = json.loads(cursor)
            place = cls(_number(told["post"]), _number(told["message"]), told["at"])
            place.read_at()
        except (ValueError, KeyError, TypeError) as odd:
            raise Misconfigured("the place up to which X was read cannot be understood") from odd
        return place

    def cursor(self) -> str:
        return json.dumps({"post": self.post, "message": self.message, "at": self.at})

    def read_at(self) -> datetime:
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks for one account. `messages`: whether direct messages are read at all."""

    calls: Calls
    user_id: str
    spending: Spending
    messages: bool

    def newest(self, now: datetime) -> Place:
        """Where to begin: after everything that is there already."""
        posts = self._mentions({"max_results": str(_FEW)})
        messages = self._events({"max_results": "1"}).listed if self.messages else []
        return Place(_newest(posts.listed), _newest(messages), now.isoformat())

    def read(self, place: Place, now: datetime) -> Batch:
        """What is new. Where only one of the two could be read, that much is delivered; the other
        is read the next time. Raises as `Calls.get` where there is nothing to deliver."""
        posts, place_of_posts = self._posts(place)
        kept = replace(place, post=place_of_posts)
        if not self.messages:
            return Batch(posts, replace(kept, at=now.isoformat()).cursor())
        try:
            messages, place_of_messages = self._messages(place)
        except Again:
            if not posts:
                raise
            return Batch(posts, kept.cursor())
        done = replace(kept, message=place_of_messages, at=now.isoformat())
        return Batch((*posts, *messages), done.cursor())

    def reread(self, post_ids: tuple[str, ...], now: datetime) -> tuple[Raw, ...]:
        """The posts as they stand; what is not there any more as something that is gone. Messages
        cannot be looked at again, and what X did not answer for is left alone."""
        posts = tuple(one for one in post_ids if one.isdecimal())
        if not posts:
            return ()
        answer = self._by_ids(posts)
        newer = tuple(last for one in answer.listed if (last := _last(one)) != id_in(one))
        items = [self._item(answer, one) for one in answer.listed if _last(one) == id_in(one)]
        if newer:
            edited = self._by_ids(newer)
            items += [self._item(edited, one) for one in edited.listed]
        gone = [one for one in posts if one in _missing(answer)]
        return (*items, *(envelopes.gone_item(self.user_id, one, now) for one in gone))

    def is_there(self, post_id: str) -> bool:
        return bool(self._by_ids((post_id,)).listed)

    def person(self, person_id: str) -> Person:
        """https://docs.x.com/x-api/users/get-user-by-id; somebody who is not there comes as an
        error beside nothing."""
        told = self.calls.get(f"/2/users/{person_id}", {"user.fields": USER_FIELDS}).data
        if not id_in(told):
            raise Gone(f"nobody on X has the number {person_id}")
        self.spending.read("user", [person_id])
        return Included.of({"users": [told]}).person(person_id, "")[0]

    # -------------------------------------------------------------- posts

    def _posts(self, place: Place) -> tuple[tuple[Raw, ...], str]:
        params = {"max_results": "100"}
        if place.post != _START:
            params["since_id"] = place.post
        items: list[Raw] = []
        fresh: list[tuple[str, bool]] = []
        for answer in self._pages(self._mentions, params, lambda _: True):
            items += [self._item(answer, one) for one in answer.listed]
            fresh += [(id_in(one), _is_settled(one, answer.at)) for one in answer.listed]
        return tuple(reversed(items)), _onward(place.post, fresh)

    def _mentions(self, params: Params) -> Answer:
        answer = self.calls.posts(f"/2/users/{self.user_id}/mentions", params)
        self.spending.read("post", map(id_in, answer.listed), own=True)
        return answer

    def _by_ids(self, ids: tuple[str, ...]) -> Answer:
        answer = self.calls.posts("/2/tweets", {"ids": ",".join(ids[:100])})
        self.spending.read("post", map(id_in, answer.listed))
        return answer

    def _item(self, answer: Answer, post: Any) -> Raw:
        includes = _of_post(answer.told.get("includes"), post)
        return envelopes.read_item(envelopes.READ_POST, self.user_id, post, includes)

    # -------------------------------------------------------------- messages

    def _messages(self, place: Place) -> tuple[tuple[Raw, ...], str]:
        """The first time there was none: all there are by now."""
        after = int(place.message)
        items: list[Raw] = []
        fresh: list[tuple[str, bool]] = []

        def all_new(answer: Answer) -> bool:
            return all(_as_number(id_in(one)) > after for one in answer.listed)

        for answer in self._pages(self._events, {"max_results": str(_FEW)}, all_new):
            for one in answer.listed:
                if _as_number(id_in(one)) <= after:
                    continue
                includes = _of_message(answer.told.get("includes"), one)
                items.append(
                    envelopes.read_item(envelopes.READ_MESSAGE, self.user_id, one, includes)
                )
                fresh.append((id_in(one), _is_settled(one, answer.at)))
        return tuple(reversed(items)), _onward(place.message, fresh)

    def _events(self, params: Params) -> Answer:
        answer = self.calls.get("/2/dm_events", {**params, **MESSAGE_PARAMS})
        self.spending.read("message", map(id_in, answer.listed))
        return answer

    # -------------------------------------------------------------- pages

    def _pages(
        self, ask: Callable[[Params], Answer], params: Params, goes_on: Callable[[Answer], bool]
    ) -> list[Answer]:
        """Newest first, as X gives them. Raises `Unreachable` where it makes no end of it: that
        is, where it sends what it has sent before."""
        pages = [ask(params)]
        while (place := pages[-1].next) and goes_on(pages[-1]):
            if place in [one.next for one in pages[:-1]]:
                raise Unreachable("X sends the same pages again and again")
            if len(pages) == _MOST_PAGES:
                raise Unreachable("X sends page after page without an end")
            more = {"max_results": str(_MANY), "pagination_token": place}
            pages.append(ask({**params, **more}))
        return pages


MESSAGE_PARAMS = {
    "event_types": "MessageCreate",
    "dm_event.fields": MESSAGE_FIELDS,
    "expansions": "sender_id,attachments.media_keys",
    "user.fields": USER_FIELDS,
    "media.fields": MEDIA_FIELDS,
}


def _newest(listed: list[Any]) -> str:
    return str(max((_as_number(id_in(one)) for one in listed), default=0))


def _onward(place: str, fresh: list[tuple[str, bool]]) -> str:
    """How far the place may move: not past what is only seconds old. X writes side by side, and
    something with a lower id can appear a moment after something with a higher one; the next read
    then brings both, the known one under the key that it had."""
    settled = [_as_number(one) for one, is_settled in fresh if is_settled]
    young = [_as_number(one) for one, is_settled in fresh if not is_settled]
    reached = [one for one in settled if not young or one < min(young)]
    return str(max([int(place), *reached]))


def _is_settled(said: Any, now: datetime | None) -> bool:
    try:
        at = Instant().deserialize(get(said, "created_at"))
    except ValidationError:
        return True
    return now is None or at is None or not -MINUTE < now - at < _SETTLED_AFTER


def _last(post: Any) -> str:
    """The id of a post's newest version."""
    for name in ("edit_history_tweet_ids", "edit_history_post_ids"):
        versions = get(post, name)
        if isinstance(versions, list) and versions and isinstance(versions[-1], str):
            return str(versions[-1])
    return id_in(post)


def _missing(answer: Answer) -> frozenset[str]:
    """The ids that X says are gone or hidden from us."""
    listed = answer.told.get("errors")
    problems = listed if isinstance(listed, list) else []
    return frozenset(
        id_in(one, "resource_id") or id_in(one, "value")
        for one in problems
        if get(one, "parameter") in (None, "ids", "id")
        and str(get(one, "type")).endswith(("resource-not-found", "not-authorized-for-resource"))
    )


def _of_post(includes: Any, post: Any) -> dict[str, Any]:
    """Of all that came along, what belongs to one post."""
    keys = get(post, "attachments", "media_keys")
    return _picked(includes, {id_in(post, "author_id")}, keys)


def _of_message(includes: Any, message: Any) -> dict[str, Any]:
    keys = get(message, "attachments", "media_keys")
    return _picked(includes, {id_in(message, "sender_id")}, keys)


def _picked(includes: Any, people: set[str], keys: Any) -> dict[str, Any]:
    users, media = get(includes, "users"), get(includes, "media")
    wanted = keys if isinstance(keys, list) else []
    return {
        "users": [one for one in users or () if id_in(one) in people],
        "media": [one for one in media or () if get(one, "media_key") in wanted],
    }


def _number(value: Any) -> str:
    if not isinstance(value, str) or not value.isdecimal():
        raise ValueError("is no place that a read has reached")
    return value


def _as_number(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) < 30 else 0
