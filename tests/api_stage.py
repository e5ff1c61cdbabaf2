"""What the tests of the history API share: a little history, and tokens to read it with."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bridge.ledger import Ledger, api_tokens, conversations, people, posts
from bridge.ledger.api_tokens import Scope
from bridge.ledger.posts import Because
from bridge.model import Kind, Person, Post, Visibility

EVERYTHING = frozenset(Scope)


def make_token(
    ledger: Ledger,
    scopes: Collection[Scope] = EVERYTHING,
    name: str = "warehouse",
    good_for: timedelta | None = None,
) -> str:
    token = api_tokens.new()
    with ledger.writing() as tx:
        api_tokens.make(
            tx, token, name=name, scopes=frozenset(scopes), made_by="ada", good_for=good_for
        )
    return token


@dataclass
class Reader:
    """A client of the API with a token."""

    client: FlaskClient
    token: str

    def get(self, path: str, **headers: str) -> TestResponse:
        """`headers`: with underscores, as in `If_None_Match`."""
        return self._ask("get", path, headers)

    def post(self, path: str, body: Any) -> TestResponse:
        return self._ask("post", path, {}, json=body)

    def rows(self, path: str) -> list[dict[str, Any]]:
        answer = self.get(path)
        assert 200 == answer.status_code, answer.text
        found: list[dict[str, Any]] = answer.get_json()["data"]
        return found

    def ids(self, path: str) -> list[str]:
        return [row["id"] for row in self.rows(path)]

    def _ask(self, method: str, path: str, more: dict[str, str], **body: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        ask: Callable[..., TestResponse] = getattr(self.client, method)
        return ask(f"/api/v1{path}", headers=headers, **body)


def say(
    ledger: Ledger,
    network_id: str,
    person: Person,
    text: str = "Where is my parcel?",
    *,
    conversation: int = 0,
    ticket: str = "",
) -> tuple[int, int, int]:
    """A post of theirs: the numbers of person, conversation and post. `conversation` 0: a new
    one."""
    with ledger.writing() as tx:
        who = people.remember(tx, person)
        here = conversation or conversations.begin(tx, "acme", who, f"thread:{network_id}", tx.now)
        said = Post(
            account="acme",
            network=person.network,
            id=network_id,
            kind=Kind.MENTION,
            visibility=Visibility.PUBLIC,
            author=person,
            text=text,
            created_at=tx.now,
            thread_id=network_id,
        )
        because = Because("the rest", "it is public", 3)
        post = posts.store(tx, said, person_id=who, conversation_id=here, because=because)
        posts.add_revision(tx, post, said, None)
        if ticket:
            conversations.point(tx, here, "zendesk", ticket)
    return who, here, post
