"""The body of an answer: what was asked for of each thing, what hangs on it, and what is missing.

- Fields and expansions: https://docs.x.com/x-api/fundamentals/expansions
- Things that are gone or hidden come as `errors` beside `data`, with status 200:
  https://docs.x.com/x-api/fundamentals/response-codes-and-errors#partial-errors
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bridge.sandbox.x import shapes
from bridge.sandbox.x.fields import Wanted
from bridge.sandbox.x.gate import Caller
from bridge.sandbox.x.people import PROBLEMS, Person
from bridge.sandbox.x.posts import Message, Post
from bridge.sandbox.x.town import Town

POST_USUAL = frozenset({"id", "text", "edit_history_tweet_ids"})
USER_USUAL = frozenset({"id", "name", "username"})
MEDIA_USUAL = frozenset({"media_key", "type"})
MESSAGE_USUAL = frozenset({"id", "event_type", "text"})
BROUGHT = {
    "author_id": "author_id",
    "in_reply_to_user_id": "in_reply_to_user_id",
    "referenced_tweets.id": "referenced_tweets",
    "referenced_tweets.id.author_id": "referenced_tweets",
    "attachments.media_keys": "attachments",
    "entities.mentions.username": "entities",
    "sender_id": "sender_id",
}
Problem = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """For one caller who asked for certain fields."""

    town: Town
    wanted: Wanted
    caller: Caller

    # ---------------------------------------------------------------- whole bodies

    def posts(
        self, found: Iterable[Post], problems: Iterable[Problem] = (), *, single: bool = False
    ) -> dict[str, Any]:
        posts = list(found)
        shown = [self._post(one) for one in posts]
        included, missing = self._around(posts)
        return self._body(shown, included, [*problems, *missing], single=single)

    def users(
        self, found: Iterable[Person], problems: Iterable[Problem] = (), *, single: bool = False
    ) -> dict[str, Any]:
        shown = [self._user(one) for one in found]
        return self._body(shown, {}, list(problems), single=single)

    def messages(self, found: Iterable[Message]) -> dict[str, Any]:
        messages = list(found)
        usual = MESSAGE_USUAL | self.wanted.message | self._brought()
        shown = [_picked(shapes.message(self.town, one), usual) for one in messages]
        included: dict[str, list[Any]] = {"users": [], "media": []}
        if "sender_id" in self.wanted.expansions:
            people = dict.fromkeys(self.town.by_id(one.sender) for one in messages)
            included["users"] = [self._user(one) for one in people if one]
        if "attachments.media_keys" in self.wanted.expansions:
            included["media"] = self._media([one.media for one in messages if one.media])
        return self._body(shown, included, [])

    # ---------------------------------------------------------------- who may see what

    def look_up(self, ids: list[str], parameter: str) -> tuple[list[Post], list[Problem]]:
        """Posts by their ids, and what is wrong with those that are not among them."""
        found, problems = [], []
        for post_id in ids:
            one = self.town.at(post_id)
            problem = self._hidden(one, post_id, parameter)
            if one is None or problem is not None:
                problems.append(problem or missing("tweet", post_id, parameter))
            else:
                found.append(one)
        return found, problems

    def _hidden(self, one: Post | None, post_id: str, parameter: str) -> Problem | None:
        author = self.town.by_id(one.author) if one else None
        if one is None or author is None or author.suspended:
            return missing("tweet", post_id, parameter)
        if self.town.can_see(self.caller.id, one):
            return None
        return forbidden("tweet", post_id, parameter)

    # ---------------------------------------------------------------- single things

    def _post(self, one: Post) -> dict[str, Any]:
        wanted = POST_USUAL | self.wanted.post | self._brought()
        return _picked(shapes.post(self.town, one), wanted)

    def _user(self, person: Person) -> dict[str, Any]:
        shown = shapes.user(self.town, person)
        me = self.caller.person
        if me is not None:
            shown["receives_your_dm"] = self.town.can_write(me, person)
            blocking = self.town.blocks(me.id, person.id)
            shown["connection_status"] = ["blocking"] if blocking else []
        return _picked(shown, USER_USUAL | self.wanted.user)

    def _media(self, ids: list[str]) -> list[dict[str, Any]]:
        found = [self.town.media(one) for one in dict.fromkeys(ids)]
        wanted = MEDIA_USUAL | self.wanted.media
        return [_picked(shapes.media(self.town, one), wanted) for one in found if one]

    def _brought(self) -> frozenset[str]:
        """An expansion brings the field that it expands."""
        return frozenset(BROUGHT[one] for one in self.wanted.expansions if one in BROUGHT)

    def _around(self, posts: list[Post]) -> tuple[dict[str, list[Any]], list[Problem]]:
        asked = self.wanted.expansions
        people: dict[Person | None, None] = {}
        others: list[str] = []
        media: list[str] = []
        for one in posts:
            if "author_id" in asked:
                people[self.town.by_id(one.author)] = None
            if "in_reply_to_user_id" in asked:
                people[self.town.by_id(one.in_reply_to_user)] = None
            if "entities.mentions.username" in asked:
                people |= dict.fromkeys(self.town.named(one, explicitly=False))
            if asked & {"referenced_tweets.id", "referenced_tweets.id.author_id"}:
                others += [each for each in (one.in_reply_to, one.quotes, one.reposts) if each]
            if "edit_history_tweet_ids" in asked:
                others += one.history
            if "attachments.media_keys" in asked:
                media += one.media
        here = {one.id for one in posts}
        wanted = [each for each in dict.fromkeys(others) if each not in here]
        referenced, problems = self.look_up(wanted, "referenced_tweets.id")
        if "referenced_tweets.id.author_id" in asked:
            people |= dict.fromkeys(self.town.by_id(one.author) for one in referenced)
        included = {
            "users": [self._user(one) for one in people if one],
            "tweets": [self._post(one) for one in referenced],
            "media": self._media(media),
        }
        return included, problems

    def _body(
        self,
        shown: list[Any],
        included: dict[str, list[Any]],
        problems: list[Problem],
        *,
        single: bool = False,
    ) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if shown:
            body["data"] = shown[0] if single else shown
        if any(included.values()):
            body["includes"] = {name: found for name, found in included.items() if found}
        if problems:
            body["errors"] = problems
        return body


def missing(what: str, value: str, parameter: str) -> Problem:
    return {
        "value": value,
        "detail": f"Could not find {what} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": what,
        "parameter": parameter,
        "resource_id": value,
        "type": PROBLEMS + "resource-not-found",
    }


def forbidden(what: str, value: str, parameter: str) -> Problem:
    """For posts of protected accounts."""
    return {
        "value": value,
        "detail": f"Sorry, you are not authorized to see the Tweet with {parameter}: [{value}].",
        "title": "Authorization Error",
        "resource_type": what,
        "parameter": parameter,
        "resource_id": value,
        "section": "data",
        "type": PROBLEMS + "not-authorized-for-resource",
    }


def suspended(person: Person, parameter: str) -> Problem:
    return {
        "value": person.id,
        "detail": f"User has been suspended: [{person.id}].",
        "title": "Forbidden",
        "resource_type": "user",
        "parameter": parameter,
        "resource_id": person.id,
        "type": PROBLEMS + "resource-not-found",
    }


def _picked(shown: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name in names}
