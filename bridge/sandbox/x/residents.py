"""Who lives in the stand-in for X, who blocks whom, and with which tokens an app acts for them.

Refresh tokens are good for one use, and using one twice ends the whole family of tokens that came
of that authorisation: https://datatracker.ietf.org/doc/html/rfc6749#section-10.4, seen at X:
https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code#refresh-tokens
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bridge.model import Clock
from bridge.sandbox.x.people import (
    SCOPES,
    App,
    Grant,
    Pair,
    Person,
    Refresh,
    Refusal,
    Scheme,
)
from bridge.sandbox.x.posts import Ids, Rules

REFRESH_FOR = timedelta(days=180)
SPENT = "Value passed for the token was invalid."


class Residents:
    """The people of a town and the app they trust."""

    def __init__(self, clock: Clock, app: App | None, rules: Rules | None) -> None:
        self.clock = clock
        self.app = app or App()
        self.rules = rules or Rules()
        self.lock = threading.RLock()
        self._ids = Ids(clock)
        self._people: dict[str, Person] = {}
        self._names: dict[str, str] = {}
        self._grants: dict[str, Grant] = {}
        self._refreshes: dict[str, Refresh] = {}
        self._blocks: set[tuple[str, str]] = set()
        self._bars: set[tuple[str, str]] = set()

    def use(self, **rules: object) -> None:
        """Other rules from now on: fields of `Rules`."""
        self.rules = replace(self.rules, **rules)  # type: ignore[arg-type]

    # ---------------------------------------------------------------- people

    def person(
        self,
        handle: str,
        name: str = "",
        *,
        joined: timedelta = timedelta(days=400),
        **about: object,
    ) -> Person:
        """Somebody joins; `about` are further fields of `Person`. Raises `ValueError` if the name
        is taken."""
        username = handle.removeprefix("@")
        with self.lock:
            if username.lower() in self._names:
                raise ValueError(f"{username} lives here already")
            new = Person(
                id=self._ids.next(),
                username=username,
                name=name or username,
                created_at=self.clock() - joined,
            )
            new = replace(new, **about)  # type: ignore[arg-type]
            self._people[new.id] = new
            self._names[username.lower()] = new.id
            return new

    def change(self, handle: str, **about: object) -> Person:
        """Somebody protects their posts, is suspended, …: `about` are fields of `Person`."""
        with self.lock:
            changed = replace(self.find(handle), **about)  # type: ignore[arg-type]
            self._people[changed.id] = changed
            return changed

    def people(self) -> tuple[Person, ...]:
        with self.lock:
            return tuple(self._people.values())

    def known(self, handle: str) -> Person | None:
        with self.lock:
            return self._people.get(self._names.get(handle.removeprefix("@").lower(), ""))

    def find(self, handle: str) -> Person:
        """Raises `LookupError` for somebody nobody knows."""
        found = self.known(handle)
        if found is None:
            raise LookupError(f"nobody here is called {handle}")
        return found

    def by_id(self, person_id: str) -> Person | None:
        with self.lock:
            return self._people.get(person_id)

    def find_id(self, person_id: str) -> Person:
        """Raises `LookupError`."""
        with self.lock:
            return self._people[person_id]

    def block(self, who: str, whom: str) -> None:
        with self.lock:
            self._blocks.add((self.find(who).id, self.find(whom).id))

    def unblock(self, who: str, whom: str) -> None:
        with self.lock:
            self._blocks.discard((self.find(who).id, self.find(whom).id))

    def blocks(self, one: str, other: str) -> bool:
        """By id."""
        with self.lock:
            return (one, other) in self._blocks

    def bar(self, one: str, other: str, *, on: bool) -> None:
        """One keeps the other from writing privately. By id."""
        with self.lock:
            (self._bars.add if on else self._bars.discard)((one, other))

    def bars(self, one: str, other: str) -> bool:
        with self.lock:
            return (one, other) in self._bars

    # ---------------------------------------------------------------- what the app may do

    def keys_for(self, handle: str) -> Grant:
        """OAuth 1.0a access token and secret; they do not end."""
        person = self.find(handle)
        token = f"{person.id}-{secrets.token_hex(20)}"
        grant = Grant(token, person.id, Scheme.OAUTH1, secret=secrets.token_hex(22))
        with self.lock:
            self._grants[token] = grant
        return grant

    def sign_in(self, handle: str, *scopes: str) -> Pair:
        """What the app holds after the person has agreed (OAuth 2.0); every scope unless named."""
        with self.lock:
            return self._pair(self.find(handle).id, scopes or SCOPES, secrets.token_hex(8))

    def refresh(self, token: str) -> Pair:
        """A new pair for a refresh token, which is then used up. Raises `Refusal`."""
        with self.lock:
            found = self._refreshes.get(token)
            if found is None or found.ends_at <= self.clock():
                raise Refusal(400, SPENT)
            if found.used:
                self._end(lambda one: one.family == found.family)
                raise Refusal(400, SPENT)
            self._refreshes[token] = replace(found, used=True)
            family = [one for one in self._grants.values() if one.family == found.family]
            if not family or family[-1].revoked:
                raise Refusal(400, SPENT)
            return self._pair(family[-1].person_id, family[-1].scopes, found.family)

    def grant(self, token: str) -> Grant | None:
        """A token that is good now."""
        with self.lock:
            found = self._grants.get(token)
        if found is None or found.revoked:
            return None
        if found.ends_at is not None and found.ends_at <= self.clock():
            return None
        return found

    def withdraw(self, handle: str) -> Person:
        """The person takes the app's permission back; every token of theirs is dead."""
        person = self.find(handle)
        with self.lock:
            self._end(lambda one: one.person_id == person.id)
        return person

    def _pair(self, person_id: str, scopes: tuple[str, ...], family: str) -> Pair:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        ends_at = self.clock() + timedelta(seconds=self.rules.token_seconds)
        self._grants[access] = Grant(
            access, person_id, Scheme.OAUTH2, scopes, family=family, ends_at=ends_at
        )
        if "offline.access" not in scopes:
            return Pair(access, "", scopes, self.rules.token_seconds)
        self._refreshes[refresh] = Refresh(refresh, family, self.clock() + REFRESH_FOR)
        return Pair(access, refresh, scopes, self.rules.token_seconds)

    def _end(self, which: Callable[[Grant], bool]) -> None:
        for token, one in self._grants.items():
            if which(one):
                self._grants[token] = replace(one, revoked=True)
