"""Who lives in the stand-in network, what they may do, and what they want to be told.

- Scopes: https://docs.joinmastodon.org/api/oauth-scopes/
- Notification policy: https://docs.joinmastodon.org/methods/notifications/#get-policy
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

NEW_ACCOUNT = timedelta(days=30)
EVERY_SCOPE = ("read", "write", "follow", "push")


class Refusal(Exception):
    """The network says no: an HTTP status and the words of Mastodon's `{"error": …}`."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(f"{status} {error}")
        self.status = status
        self.error = error


@dataclass(frozen=True, slots=True)
class Person:
    """One account. `domain` is "" for those who live on this server.

    `refuses_replies` is somebody whose posts take no replies: Mastodon itself has no such setting,
    but servers that speak its API do (GoToSocial's interaction policies), and say so for good.
    `limited` is what moderators do to an account short of suspending it. `verified` are addresses
    on their profile that were found to link back.
    """

    id: str
    username: str
    domain: str
    name: str
    created_at: datetime
    followers: int = 0
    language: str = ""
    refuses_replies: bool = False
    limited: bool = False
    verified: tuple[str, ...] = ()

    @property
    def acct(self) -> str:
        """As the API writes it: `ada`, or `ben@elsewhere.example` for other servers."""
        return f"{self.username}@{self.domain}" if self.domain else self.username


@dataclass(frozen=True, slots=True)
class Token:
    """Whose, and what for. A scope such as `read` covers `read:statuses`."""

    person_id: str
    scopes: tuple[str, ...]
    revoked: bool = False

    def covers(self, scope: str) -> bool:
        return scope in self.scopes or scope.split(":", 1)[0] in self.scopes


class Verdict(StrEnum):
    """What becomes of a notification; the worst verdict of all the policy's rules holds."""

    ACCEPT = "accept"
    FILTER = "filter"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Policy:
    """The defaults are those of a fresh Mastodon account: private mentions from strangers are
    filtered, so a client that does not ask for filtered notifications never sees them."""

    for_not_following: Verdict = Verdict.ACCEPT
    for_not_followers: Verdict = Verdict.ACCEPT
    for_new_accounts: Verdict = Verdict.ACCEPT
    for_private_mentions: Verdict = Verdict.FILTER
    for_limited_accounts: Verdict = Verdict.FILTER


POLICY_RULES = tuple(one.name for one in fields(Policy))


@dataclass(frozen=True, slots=True)
class Approach:
    """How a sender stands to the one who would be told."""

    followed: bool
    follows: bool
    new: bool
    limited: bool
    private: bool
    answers_private: bool


def verdict(policy: Policy, approach: Approach) -> Verdict:
    """Private mentions by people one follows, or in answer to one's own, always come through."""
    applies = [
        (not approach.followed, policy.for_not_following),
        (not approach.follows, policy.for_not_followers),
        (approach.new and not approach.followed, policy.for_new_accounts),
        (approach.limited and not approach.followed, policy.for_limited_accounts),
        (
            approach.private and not approach.followed and not approach.answers_private,
            policy.for_private_mentions,
        ),
    ]
    found = {says for holds, says in applies if holds}
    for worst in (Verdict.DROP, Verdict.FILTER):
        if worst in found:
            return worst
    return Verdict.ACCEPT
