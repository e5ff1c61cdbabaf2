"""What a mapping says, once it has been read and checked. Pure data and pure questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Account:
    """One of the brand's identities. `options` is what the channel's own schema loaded."""

    name: str
    network: str
    language: str
    options: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a post goes, and because of what."""

    rule: str
    because: str
    group: str = ""
    priority: str = ""
    assignee: str = ""
    form: str = ""
    tags: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Skip:
    """The post makes no ticket, because."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class Considered:
    """One rule's answer about one post: it took it, or why not."""

    rule: str
    took: bool
    because: str


class Per(StrEnum):
    """What shares one ticket."""

    THREAD = "thread"
    AUTHOR = "author"  # one author within one thread
    PERSON = "person"  # everything one person says privately (or publicly) to one account


class AfterClosing(StrEnum):
    FOLLOW_UP = "follow_up"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class ThreadPolicy:
    """`reopen_within` counts from the conversation's last word; later, a new ticket begins.
    None: the ticket is reopened however late."""

    per: Per
    reopen_within: timedelta | None
    after_closing: AfterClosing


@dataclass(frozen=True, slots=True)
class Handover:
    """Whether the public thread is told, and in which words (language tag → text)."""

    notice: bool
    wording: tuple[tuple[str, str], ...]


class WhenTooLong(StrEnum):
    REFUSE = "refuse"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class MediaPolicy:
    """Whether what a post shows is copied to the ticket or only linked."""

    copy: bool = True


__all__ = [
    "Account",
    "AfterClosing",
    "Considered",
    "Handover",
    "MediaPolicy",
    "Per",
    "Route",
    "Skip",
    "ThreadPolicy",
    "WhenTooLong",
]
