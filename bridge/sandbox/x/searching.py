"""A few of the words of X's search: https://docs.x.com/x-api/posts/search/integrate/operators"""

from __future__ import annotations

from collections.abc import Callable

from bridge.sandbox.x.people import Person, invalid
from bridge.sandbox.x.posts import Post
from bridge.sandbox.x.town import Town

Fits = Callable[[Post], bool]


def condition(query: str, town: Town) -> Fits:
    """All words must fit. Raises `Refusal` for an operator that the sandbox does not know."""
    if not query.strip():
        raise invalid("The `query` query parameter can not be empty", {"query": [query]})
    parts = [_negated(one, town) for one in query.split()]
    return lambda post: all(fits(post) for fits in parts)


def _negated(word: str, town: Town) -> Fits:
    if not word.startswith("-"):
        return _single(word, town)
    fits = _single(word[1:], town)
    return lambda post: not fits(post)


def _single(word: str, town: Town) -> Fits:
    name, colon, value = word.partition(":")
    if not colon:
        if word.startswith("@"):
            person = town.known(word)
            return lambda post: person in town.named(post, explicitly=False)
        return lambda post: word.lower() in post.text.lower()
    if name == "conversation_id":
        return lambda post: post.conversation == value
    if name in ("from", "to"):
        who = _person(value, town)
        there = who.id if who else "nobody"
        return lambda post: (post.author if name == "from" else post.in_reply_to_user) == there
    kinds: dict[str, Fits] = {
        "is:reply": lambda post: bool(post.in_reply_to),
        "is:retweet": lambda post: bool(post.reposts),
        "is:quote": lambda post: bool(post.quotes),
    }
    if word in kinds:
        return kinds[word]
    raise invalid(f"There were errors processing your request: {word} is not known here")


def _person(value: str, town: Town) -> Person | None:
    return town.by_id(value) or town.known(value)
