"""What a mapping says, once it has been read and checked. Pure data and pure questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from bridge.errors import Misconfigured

Files = tuple[tuple[str, str], ...]
"""Mapping files as they are written: name and text, with plain line ends, in reading order."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake (or piece of advice) and where it stands. Lines and columns count from 1;
    0 means the file as a whole."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        if not self.line:
            return f"{self.file}: {self.message}"
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class MappingError(Misconfigured):
    """The mapping cannot be used. `problems` holds every mistake, in reading order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        super().__init__(f"the mapping has {count}: " + "; ".join(map(str, problems)))
        self.problems = problems


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
    """Whether the public thread is told, and in which words (language tag → text). `insists`: the
    account itself says so, also where the network shows a notice of its own."""

    notice: bool
    wording: tuple[tuple[str, str], ...]
    insists: bool = False


class WhenTooLong(StrEnum):
    REFUSE = "refuse"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class OpsPolicy:
    """The group that is told on a ticket of an account's trouble, once it lasts so long."""

    group: str
    after: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class MediaPolicy:
    """Whether what a post shows is copied to the ticket or only linked."""

    copy: bool = True


class Removed(StrEnum):
    """What happens on the ticket to the words of a post that is gone from the network."""

    REDACT = "redact"
    NOTE = "note"  # they stay, and a note says that the post is gone


class ErasedAt(StrEnum):
    """What `bridge erase` does at the helpdesk."""

    REDACT = "redact"
    DELETE_USER = "delete_user"  # redact, and delete the user for good
    KEEP = "keep"
