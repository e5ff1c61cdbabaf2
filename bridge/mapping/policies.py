"""What holds for an account: its own choice, else the choice for all, else what is built in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bridge.mapping.guards import Guard, GuardChoice, settle_guard
from bridge.mapping.model import (
    AfterClosing,
    Handover,
    MediaPolicy,
    Per,
    Removed,
    ThreadPolicy,
    WhenTooLong,
)
from bridge.mapping.service import Service, settle_service
from bridge.mapping.wording import built_in
from bridge.model import Kind, Visibility

DEFAULT_REOPEN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Reopen:
    """`within` None: always."""

    within: timedelta | None


@dataclass(frozen=True, slots=True)
class ThreadChoice:
    """What was written about threads of one kind; None where nothing was."""

    per: Per | None = None
    reopen_within: Reopen | None = None
    after_closing: AfterClosing | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What was written in one place: for all accounts, or for one. Empty where nothing was.

    `threads` holds kinds, and "default" for those not named.
    """

    threads: tuple[tuple[str, ThreadChoice], ...] = ()
    notice: bool | None = None
    wording: tuple[tuple[str, str], ...] = ()
    too_long: tuple[tuple[Visibility, WhenTooLong], ...] = ()
    media: MediaPolicy | None = None
    removed: Removed | None = None
    guard: GuardChoice = field(default=GuardChoice())
    service: Service = field(default=Service())

    def thread(self, name: str) -> ThreadChoice:
        return dict(self.threads).get(name, ThreadChoice())


@dataclass(frozen=True, slots=True)
class Policies:
    """What holds, with nothing left open."""

    threads: tuple[tuple[Kind, ThreadPolicy], ...]
    handover: Handover
    too_long: tuple[tuple[Visibility, WhenTooLong], ...]
    media: MediaPolicy
    removed: Removed
    guard: Guard
    service: Service


def settle(network: str, own: Choices, overall: Choices) -> Policies:
    """What holds for an account of this network ("" for one that is no longer known)."""
    wording = dict(built_in(network))
    chosen = dict(overall.wording) | dict(own.wording)
    # What admins wrote comes first; the built-in sentences follow for the other languages.
    words = chosen | {tag: text for tag, text in wording.items() if tag not in chosen}
    notices = [choice for choice in (own.notice, overall.notice) if choice is not None]
    too_long = (
        {Visibility.PUBLIC: WhenTooLong.REFUSE, Visibility.PRIVATE: WhenTooLong.SPLIT}
        | dict(overall.too_long)
        | dict(own.too_long)
    )
    return Policies(
        threads=tuple((kind, _thread(kind, own, overall)) for kind in Kind),
        handover=Handover(
            notice=[*notices, True][0],
            wording=tuple(words.items()),
            insists=own.notice is True,
        ),
        too_long=tuple(too_long.items()),
        media=own.media or overall.media or MediaPolicy(),
        removed=own.removed or overall.removed or Removed.REDACT,
        guard=settle_guard(own.guard, overall.guard),
        service=settle_service(own.service, overall.service),
    )


def _thread(kind: Kind, own: Choices, overall: Choices) -> ThreadPolicy:
    """Public: each author of a thread has a ticket, because a shared one shows comments under
    another customer's name (zammad#4398). Private: everything a person says has one ticket, as
    messengers have one conversation. What is private never follows `default` into sharing a
    ticket with other people; only `dm` itself can ask for that.
    """
    named = [choices.thread(name) for choices in (own, overall) for name in (kind, "default")]
    private = kind is Kind.DM
    asked = [own.thread(kind), overall.thread(kind)] if private else named
    per = [choice.per for choice in asked if choice.per]
    reopen = [choice.reopen_within for choice in named if choice.reopen_within]
    after = [choice.after_closing for choice in named if choice.after_closing]
    return ThreadPolicy(
        per=[*per, Per.PERSON if private else Per.AUTHOR][0],
        reopen_within=[*reopen, Reopen(DEFAULT_REOPEN)][0].within,
        after_closing=[*after, AfterClosing.FOLLOW_UP][0],
    )


def pick(wording: tuple[tuple[str, str], ...], language: str, fallback: str) -> str:
    """The exact tag, then its primary subtag, then the same for the fallback, then the first."""
    words = {tag.lower(): text for tag, text in reversed(wording)}
    for tag in (language, fallback):
        folded = tag.replace("_", "-").lower()
        for wanted in (folded, folded.partition("-")[0]):
            if wanted in words:
                return words[wanted]
    return wording[0][1]


def speaks(wording: tuple[tuple[str, str], ...], language: str) -> bool:
    """Whether there are words for this language, the region aside."""
    tags = {tag.lower() for tag, _ in wording}
    return language.lower() in tags or language.lower().partition("-")[0] in tags
