"""The words of a set-up: what is wanted, what was found, what is to be done."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bridge.model import Finding
from bridge.settings import Secret


class Kind(StrEnum):
    """In the order in which they are made: views and macros need the fields' numbers."""

    TICKET_FIELD = "ticket_field"
    USER_FIELD = "user_field"
    WEBHOOK = "webhook"
    SECRET = "secret"  # noqa: S105 - the name of a kind
    VIEW = "view"
    MACRO = "macro"


class Verdict(StrEnum):
    MAKE = "make"
    CHANGE = "change"
    RECORD = "record"
    """Made by a run that was cut short: only its number is missing here."""
    ADOPT = "adopt"
    KEEP = "keep"
    IN_THE_WAY = "in the way"
    REMOVE = "remove"
    LET_GO = "let go"
    """It was there before us and stays; the bridge uses it no longer."""
    LEAVE = "leave"
    """Not ours to touch: somebody changed it, or there is no address to lead it to."""


DOES_SOMETHING = frozenset(
    (
        Verdict.MAKE,
        Verdict.CHANGE,
        Verdict.RECORD,
        Verdict.ADOPT,
        Verdict.REMOVE,
        Verdict.LET_GO,
    )
)

Ids = tuple[tuple[str, str], ...]
"""Our words for ticket fields, and Zendesk's numbers."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that there should be. `name` is ours and never changes; `title` is what people
    read; `key` is what Zendesk tells things of this kind apart by, "" if nothing. `body` gives the
    JSON that makes it, once the ticket fields have numbers; it raises `Misconfigured` when it
    cannot do without one that is missing."""

    kind: Kind
    name: str
    title: str
    body: Callable[[Ids], str]
    key: str = ""

    @property
    def mark(self) -> str:
        """Stands in the thing's description: by it a thing of ours is known again."""
        return mark_of(self.name)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that there is. `seen` is how it stands, as canonical JSON of those properties that
    a set-up decides: what a person changes shows in it, a new position in a list does not.
    `wrong` is why it cannot serve in place of ours, "" if it can."""

    id: str
    title: str
    mark: str
    seen: str
    key: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a thing from earlier runs. `sent` is what made it, `seen` how Zendesk showed
    it then. `next` is what it was to be changed to by a call whose end is not known, "" if none."""

    kind: Kind
    name: str
    id: str
    sent: str = ""
    seen: str = ""
    next: str = ""
    adopted: bool = False

    def to_json(self) -> str:
        """For the memory; the other way is `remembered`."""
        return canonical({"sent": self.sent, "seen": self.seen, "next": self.next})


def remembered(kind: str, name: str, remote_id: str, body: str, *, adopted: bool) -> Remembered:
    said = json.loads(body)
    return Remembered(
        Kind(kind), name, remote_id, said["sent"], said["seen"], said["next"], adopted
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One thing and what is to become of it, with the reason in a sentence."""

    kind: Kind
    name: str
    title: str
    verdict: Verdict
    says: str
    remote_id: str = ""

    @property
    def does_something(self) -> bool:
        return self.verdict in DOES_SOMETHING


@dataclass(frozen=True, slots=True)
class Plan:
    """`findings` is what only a person can do something about: groups, triggers that write mail."""

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def to_do(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.does_something)

    @property
    def in_the_way(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.verdict is Verdict.IN_THE_WAY)


@dataclass(frozen=True, slots=True)
class Did:
    """What became of a step: `wrong` says why it could not be done, "" if it was."""

    step: Step
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a set-up depends on. `fields` are the mapping's own words with their ids, `networks`
    those of its accounts, `groups` pairs of a rule and the group it names. `public_url` is where
    Zendesk reaches us, "" if nowhere yet. The secrets are the environment's, which go first."""

    language: str
    fields: Ids
    networks: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    public_url: str
    webhook_secret: Secret
    app_secret: Secret
    can_seal: bool


class Memory(Protocol):
    """What is remembered between runs, and the sealed secrets."""

    def alone(self) -> AbstractContextManager[None]:
        """One set-up at a time, on whatever machine."""
        ...

    def everything(self) -> tuple[Remembered, ...]: ...

    def put(self, thing: Remembered) -> None: ...

    def forget(self, kind: Kind, name: str) -> None: ...

    def sealed(self, variable: str) -> Secret:
        """Empty where none is kept. Raises `Misconfigured` where no key opens it."""
        ...

    def seal(self, variable: str, value: Secret) -> None: ...

    def unseal(self, variable: str) -> None:
        """Drop it."""
        ...


def canonical(value: object) -> str:
    """The same text for the same thing, whatever order its parts came in."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


_MARK = re.compile(r"\(bridge:[a-z0-9_]+\)")


def mark_of(name: str) -> str:
    return f"(bridge:{name})"


def mark_in(description: str) -> str:
    found = _MARK.search(description)
    return found.group(0) if found else ""
