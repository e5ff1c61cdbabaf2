"""Rules, and whether one takes a post: every yes and every no carries its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bridge.mapping.hours import Hours
from bridge.mapping.model import Route, Skip
from bridge.mapping.words import either
from bridge.model import Kind, Post, Visibility
from bridge.text.phrases import said

UNDETERMINED = "und"
"""The tag of a text whose language nobody told (BCP 47, https://www.rfc-editor.org/info/bcp47)."""


@dataclass(frozen=True, slots=True)
class Followers:
    """How many followers the author must have, both ends included."""

    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class When:
    """What a rule asks of a post. Everything named must fit; what is empty is not asked."""

    networks: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    visibilities: tuple[Visibility, ...] = ()
    languages: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    followers: Followers | None = None
    has_media: bool | None = None
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it asks, and what it makes of the posts it takes."""

    name: str
    when: When
    then: Route | Skip


@dataclass(frozen=True, slots=True)
class Answer:
    """One condition's answer about one post."""

    fits: bool
    says: str


def ask(when: When, post: Post, now: datetime) -> tuple[Answer, ...]:
    """The answer of every condition that is asked, in the order of the reference."""
    answers = (condition(when, post, now) for condition in _CONDITIONS)
    return tuple(answer for answer in answers if answer is not None)


def same_language(tag: str, wanted: str) -> bool:
    """Basic filtering: `de` fits `de` and `de-AT` (https://www.rfc-editor.org/rfc/rfc4647)."""
    tag, wanted = tag.replace("_", "-").lower() or UNDETERMINED, wanted.lower()
    return tag == wanted or tag.startswith(wanted + "-")


def plain_handle(handle: str) -> str:
    """A handle as handles are compared: without its @, upper and lower case alike."""
    return handle.strip().removeprefix("@").casefold()


def _one_of(what: str, value: str, wanted: tuple[str, ...]) -> Answer | None:
    if not wanted:
        return None
    if value in wanted:
        return Answer(True, f"{what} is {value}")
    return Answer(False, f"{what} is {value}, the rule wants {either(wanted)}")


def _network(when: When, post: Post, now: datetime) -> Answer | None:
    return _one_of("network", post.network, when.networks)


def _account(when: When, post: Post, now: datetime) -> Answer | None:
    return _one_of("account", post.account, when.accounts)


def _kind(when: When, post: Post, now: datetime) -> Answer | None:
    return _one_of("kind", post.kind, when.kinds)


def _visibility(when: When, post: Post, now: datetime) -> Answer | None:
    return _one_of("visibility", post.visibility, when.visibilities)


def _language(when: When, post: Post, now: datetime) -> Answer | None:
    if not when.languages:
        return None
    told = f"language is {post.language}" if post.language else "the language is not known"
    if any(same_language(post.language, wanted) for wanted in when.languages):
        return Answer(True, told)
    return Answer(False, f"{told}, the rule wants {either(when.languages)}")


def _words(when: When, post: Post, now: datetime) -> Answer | None:
    if not when.words:
        return None
    for word in said(when.words, f"{post.subject}\n{post.text}"):
        return Answer(True, f'it says "{word}"')
    listed = either(f'"{word}"' for word in when.words)
    return Answer(False, f"it does not say {listed}")


def _author(when: When, post: Post, now: datetime) -> Answer | None:
    if not when.authors:
        return None
    told = f"the author is {post.author.handle}"
    if plain_handle(post.author.handle) in map(plain_handle, when.authors):
        return Answer(True, told)
    return Answer(False, f"{told}, the rule wants {either(when.authors)}")


def _followers(when: When, post: Post, now: datetime) -> Answer | None:
    if when.followers is None:
        return None
    has, least, most = post.author.followers, when.followers.at_least, when.followers.at_most
    if has is None:
        return Answer(False, "how many followers the author has is not known")
    told = f"the author has {has} followers"
    if least is not None and has < least:
        return Answer(False, f"{told}, the rule wants at least {least}")
    if most is not None and has > most:
        return Answer(False, f"{told}, the rule wants at most {most}")
    return Answer(True, told)


def _has_media(when: When, post: Post, now: datetime) -> Answer | None:
    if when.has_media is None:
        return None
    told = "it shows media" if post.media else "it shows no media"
    if bool(post.media) == when.has_media:
        return Answer(True, told)
    return Answer(False, f"{told}, the rule wants {'some' if when.has_media else 'none'}")


def _hours(when: When, post: Post, now: datetime) -> Answer | None:
    if when.hours is None:
        return None
    if when.hours.fit(now):
        return Answer(True, f"it is {'within' if when.hours.within else 'outside'} the hours")
    side = "outside the hours" if when.hours.within else "within the hours"
    return Answer(False, f"it is {side}, the rule wants the opposite")


_CONDITIONS: tuple[Callable[[When, Post, datetime], Answer | None], ...] = (
    _network,
    _account,
    _kind,
    _visibility,
    _language,
    _words,
    _author,
    _followers,
    _has_media,
    _hours,
)
