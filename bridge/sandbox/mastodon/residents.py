"""Who lives in the stand-in network, who follows and blocks whom, and what each is told."""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace
from datetime import timedelta

from bridge.model import Clock
from bridge.sandbox.mastodon.people import EVERY_SCOPE, Person, Policy, Token
from bridge.sandbox.mastodon.posts import Ids, Notification

FIRST_NOTIFICATION = 34_975_535


class Residents:
    """The people of a town. `domain` is what follows the @ in the names of those who live here."""

    def __init__(self, clock: Clock, domain: str) -> None:
        self.clock = clock
        self.domain = domain
        self.lock = threading.RLock()
        self._ids = Ids(clock)
        self._people: dict[str, Person] = {}
        self._names: dict[str, str] = {}
        self._tokens: dict[str, Token] = {}
        self._policies: dict[str, Policy] = {}
        self._follows: set[tuple[str, str]] = set()
        self._blocks: set[tuple[str, str]] = set()
        self._notifications: list[Notification] = []
        self._notified = FIRST_NOTIFICATION

    def person(
        self,
        handle: str,
        name: str = "",
        *,
        followers: int = 0,
        language: str = "",
        joined: timedelta = timedelta(days=400),
        refuses_replies: bool = False,
        limited: bool = False,
    ) -> Person:
        """Somebody moves in. `joined` is how long ago. Raises `ValueError` if the name is taken."""
        username, _, domain = handle.removeprefix("@").partition("@")
        with self.lock:
            new = Person(
                id=self._ids.next(),
                username=username,
                domain="" if domain.lower() == self.domain else domain.lower(),
                name=name or username.capitalize(),
                created_at=self.clock() - joined,
                followers=followers,
                language=language,
                refuses_replies=refuses_replies,
                limited=limited,
            )
            if new.acct.lower() in self._names:
                raise ValueError(f"{new.acct} lives here already")
            self._people[new.id] = new
            self._names[new.acct.lower()] = new.id
            return new

    def verify(self, handle: str, address: str) -> None:
        """Somebody's profile shows a link from now on that was found to link back."""
        person = self.find(handle)
        with self.lock:
            self._people[person.id] = replace(person, verified=(*person.verified, address))

    def people(self) -> tuple[Person, ...]:
        with self.lock:
            return tuple(self._people.values())

    def known(self, handle: str, seen_from: str = "") -> Person | None:
        """Whom a handle means on the server `seen_from` ("" is this one)."""
        username, _, domain = handle.removeprefix("@").lower().partition("@")
        domain = domain or seen_from
        acct = username if domain in ("", self.domain) else f"{username}@{domain}"
        with self.lock:
            return self._people.get(self._names.get(acct, ""))

    def find(self, handle: str) -> Person:
        """Raises `LookupError` for somebody nobody knows."""
        found = self.known(handle)
        if found is None:
            raise LookupError(f"nobody here is called {handle}")
        return found

    def by_id(self, person_id: str) -> Person | None:
        with self.lock:
            return self._people.get(person_id)

    def token_for(self, handle: str, *scopes: str) -> str:
        """A new bearer token, for every scope unless some are named."""
        token = secrets.token_urlsafe(24)
        with self.lock:
            self._tokens[token] = Token(self.find(handle).id, scopes or EVERY_SCOPE)
        return token

    def revoke(self, token: str) -> None:
        with self.lock:
            self._tokens[token] = replace(self._tokens[token], revoked=True)

    def token(self, token: str) -> Token | None:
        with self.lock:
            return self._tokens.get(token)

    def follow(self, who: str, whom: str) -> None:
        with self.lock:
            one, other = self.find(who).id, self.find(whom).id
            if (one, other) not in self._follows:
                self._follows.add((one, other))
                self._tell(other, "follow", one, "")

    def block(self, who: str, whom: str) -> None:
        with self.lock:
            self._blocks.add((self.find(who).id, self.find(whom).id))

    def unblock(self, who: str, whom: str) -> None:
        with self.lock:
            self._blocks.discard((self.find(who).id, self.find(whom).id))

    def follows(self, one: str, other: str) -> bool:
        with self.lock:
            return (one, other) in self._follows

    def blocks(self, one: str, other: str) -> bool:
        with self.lock:
            return (one, other) in self._blocks

    def policy(self, handle: str) -> Policy:
        with self.lock:
            return self._policies.get(self.find(handle).id, Policy())

    def set_policy(self, handle: str, policy: Policy) -> None:
        with self.lock:
            self._policies[self.find(handle).id] = policy

    def notifications(self, handle: str) -> tuple[Notification, ...]:
        """All of them, filtered ones as well, oldest first."""
        with self.lock:
            me = self.find(handle).id
            return tuple(one for one in self._notifications if one.to == me)

    def _tell(
        self, to: str, kind: str, who: str, status_id: str, *, filtered: bool = False
    ) -> None:
        if to == who or (to, who) in self._blocks:
            return
        self._notified += 1
        self._notifications.append(
            Notification(self._notified, to, kind, who, status_id, self.clock(), filtered)
        )
