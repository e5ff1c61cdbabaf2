"""What every product of the stand-in stands on: people, ids, files, what is told to whom, tokens.

In memory, behind one lock; everything may be called from any thread.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from bridge.model import Clock
from bridge.sandbox.meta.courier import Courier
from bridge.sandbox.meta.faults import GraphFaults
from bridge.sandbox.meta.files import Files
from bridge.sandbox.meta.hooks import Hooks, Item
from bridge.sandbox.meta.ids import Ids
from bridge.sandbox.meta.people import App, Holder, Person, Token


class Node(Protocol):
    """Whatever has an id in the graph."""

    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=Node)


class Ground:
    """`nodes` is everything that has an id of its own in the graph, by id."""

    def __init__(self, clock: Clock, faults: GraphFaults | None = None) -> None:
        self.clock = clock
        self.faults = faults or GraphFaults()
        self.lock = threading.RLock()
        self.ids = Ids()
        self.files = Files(clock, self.ids)
        self.hooks = Hooks()
        self.nodes: dict[str, Any] = {}
        self.apps: dict[str, App] = {}
        self.courier = Courier(clock, self.faults, self.hooks, self.apps)
        self._people: dict[str, Person] = {}
        self._scoped: dict[tuple[str, str], str] = {}
        self._persons: dict[str, tuple[str, str]] = {}
        self._tokens: dict[str, Token] = {}

    # ---------------------------------------------------------------- people

    def person(
        self,
        handle: str,
        name: str = "",
        *,
        username: str = "",
        phone: str = "",
        bsuid: str = "",
        followers: int = 0,
    ) -> Person:
        """Somebody joins, on all networks. Raises `ValueError` if the handle is taken."""
        with self.lock:
            if handle in self._people:
                raise ValueError(f"{handle} is here already")
            made = Person(
                handle, name or handle.capitalize(), username or handle, phone, bsuid, followers
            )
            self._people[handle] = made
            return made

    def people(self) -> tuple[Person, ...]:
        with self.lock:
            return tuple(self._people.values())

    def find(self, handle: str) -> Person:
        """Raises `LookupError` for somebody nobody knows."""
        with self.lock:
            if handle not in self._people:
                raise LookupError(f"nobody here is called {handle}")
            return self._people[handle]

    def change(self, handle: str, **changes: Any) -> Person:
        """Somebody takes another name, number or user name; the ids they have stay."""
        with self.lock:
            self._people[handle] = replace(self.find(handle), **changes)
            return self._people[handle]

    def scoped(self, handle: str, account_id: str, kind: str) -> str:
        """The id that somebody has towards one account."""
        with self.lock:
            person = self.find(handle)
            key = (person.handle, f"{account_id} {kind}")
            if key not in self._scoped:
                self._scoped[key] = self.ids.next(kind)
                self._persons[self._scoped[key]] = (handle, account_id)
            return self._scoped[key]

    def whose(self, scoped_id: str) -> Person | None:
        """Whom such an id means; None for an account's own and for ids never handed out."""
        with self.lock:
            known = self._persons.get(scoped_id)
            return self._people[known[0]] if known else None

    def towards(self, scoped_id: str) -> str:
        """The account towards which somebody has this id, "" for an id never handed out."""
        with self.lock:
            return self._persons.get(scoped_id, ("", ""))[1]

    # ---------------------------------------------------------------- apps and tokens

    def app(
        self, name: str, *, app_id: str = "", secret: str = "", human_agent: bool = True
    ) -> App:
        with self.lock:
            made = App(
                app_id or self.ids.next("app"), secret or secrets.token_hex(16), name, human_agent
            )
            self.apps[made.id] = made
            return made

    def issue(
        self,
        holder: Holder,
        account_id: str,
        app_id: str,
        scopes: tuple[str, ...],
        expires_in: timedelta | None = None,
        data_access_in: timedelta | None = timedelta(days=90),
    ) -> Token:
        now = self.clock()
        made = Token(
            value=("IGAA" if holder is Holder.INSTAGRAM else "EAAV") + secrets.token_hex(24),
            holder=holder,
            account_id=account_id,
            app_id=app_id,
            scopes=scopes,
            issued_at=now,
            expires_at=now + expires_in if expires_in else None,
            data_access_expires_at=now + data_access_in if data_access_in else None,
        )
        with self.lock:
            self._tokens[made.value] = made
        return made

    def token(self, value: str) -> Token | None:
        """What a token is, also an app's own (`id|secret`); None for one nobody issued."""
        app_id, bar, secret = value.partition("|")
        app = self.apps.get(app_id)
        if bar and app and secret == app.secret:
            return Token(value, Holder.APP, app.id, app.id, (), self.clock())
        with self.lock:
            return self._tokens.get(value)

    def revoke(self, value: str, wrong: str = "token_invalidated") -> None:
        """`wrong`: the name of what it meets from now on (token_invalidated, app_removed)."""
        with self.lock:
            self._tokens[value] = replace(self._tokens[value], wrong=wrong)

    def lacks(self, value: str, scope: str) -> None:
        """Take one permission from a token."""
        with self.lock:
            token = self._tokens[value]
            left = tuple(one for one in token.scopes if one != scope)
            self._tokens[value] = replace(token, scopes=left)

    # ---------------------------------------------------------------- the graph

    def put(self, node: N) -> N:
        """Keep something that has an `id`, in place of what had it before."""
        with self.lock:
            self.nodes[node.id] = node
            return node

    def tell(self, item: Item) -> None:
        self.courier.post(item)
