"""A mapping that has been checked: the questions the rest of the bridge asks it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bridge.mapping.explain import explain, outcome
from bridge.mapping.guards import Guard
from bridge.mapping.model import (
    Account,
    Considered,
    ErasedAt,
    Files,
    Handover,
    MediaPolicy,
    OpsPolicy,
    Problem,
    Removed,
    Route,
    Skip,
    ThreadPolicy,
    WhenTooLong,
)
from bridge.mapping.policies import Choices, Policies, pick, settle
from bridge.mapping.rules import Rule
from bridge.mapping.service import Service
from bridge.mapping.storms import Storm
from bridge.model import Kind, Post, Visibility

DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the admins decided, as a whole.

    `text` is the source, `digest` its SHA-256 (hex): two mappings with one digest say the same.
    `files` are what `text` is put together of.
    `number` is the revision the ledger gave it, 0 before. `fields` are the words of ticket fields
    and the helpdesk's ids of them. `advice` is what is worth a look but no mistake.

    `agents_language` is the language of the bridge's notes on tickets. `erased_at` is what
    becomes of a person at the helpdesk whom `bridge erase` removes.

    `storm` None: nothing is folded, however many say it.

    An account that the mapping does not name (any more) gets what holds for all accounts, because
    its conversations may still be open.
    """

    accounts: dict[str, Account]
    fields: tuple[tuple[str, int], ...]
    rules: tuple[Rule, ...]
    text: str
    digest: str
    advice: tuple[Problem, ...] = ()
    number: int = 0
    files: Files = field(default=(), repr=False)
    agents_language: str = DEFAULT_LANGUAGE
    erased_at: ErasedAt = ErasedAt.REDACT
    ops: OpsPolicy | None = None
    storm: Storm | None = None
    policies: dict[str, Policies] = field(default_factory=dict, repr=False)
    elsewhere: Policies = field(default=settle("", Choices(), Choices()), repr=False)

    def route(self, post: Post, now: datetime) -> Route | Skip:
        """Where the post goes, or that it makes no ticket; both because of something."""
        return outcome(self.rules, post, now)

    def explain(self, post: Post, now: datetime) -> tuple[Considered, ...]:
        """Every rule in order, up to and including the one that took the post."""
        return explain(self.rules, post, now)

    def threads(self, account: str, kind: Kind) -> ThreadPolicy:
        return dict(self._of(account).threads)[kind]

    def handover(self, account: str) -> Handover:
        return self._of(account).handover

    def wording(self, account: str, language: str) -> str:
        """The notice in the customer's language, else in the account's, else the first there is.

        `language` is a BCP 47 tag, "" where unknown.
        """
        known = self.accounts.get(account)
        fallback = known.language if known else DEFAULT_LANGUAGE
        return pick(self._of(account).handover.wording, language, fallback)

    def too_long(self, account: str, visibility: Visibility) -> WhenTooLong:
        return dict(self._of(account).too_long)[visibility]

    def media(self, account: str) -> MediaPolicy:
        return self._of(account).media

    def removed(self, account: str) -> Removed:
        """What happens to the words of a post that its author removed."""
        return self._of(account).removed

    def guard(self, account: str) -> Guard:
        """What holds a public reply back."""
        return self._of(account).guard

    def service(self, account: str) -> Service:
        """Opening hours, promises, and what is said by itself."""
        return self._of(account).service

    def _of(self, account: str) -> Policies:
        return self.policies.get(account, self.elsewhere)
