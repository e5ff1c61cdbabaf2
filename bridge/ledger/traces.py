"""By what a person can be known in the ledger, and how that is taken out of other people's rows."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import select

from bridge.ledger import facts
from bridge.ledger.shapes import post_from_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import people, posts, revisions
from bridge.model import Event, Person, Post, Removal
from bridge.text.comments import called, quoted

GONE = "[erased]"
SHORTEST = 3
ANYBODYS = 8
"""Words shorter than this are not looked for in what others wrote: many people say "yes"."""

OUR_WORDS = frozenset(
    [
        "account",
        "answered_at",
        "answers",
        "content_type",
        "created_at",
        "heard_at",
        "kind",
        "labels",
        "network",
        "priority",
        "status",
        "type",
        "visibility",
    ]
)
"""Names in frozen bodies under which no customer's word stands: somebody may be called `public`."""


@dataclass(frozen=True)
class Traces:
    """`row` is the ledger's number of the person. `shown` is every form in which the network
    showed them: names and handles change. `words` are the texts of all that they said."""

    row: int
    person: Person
    helpdesk_id: str
    shown: tuple[Person, ...]
    words: tuple[str, ...]
    post_ids: tuple[int, ...]
    network_ids: tuple[tuple[str, str], ...]

    @property
    def _ids(self) -> tuple[str, ...]:
        """Ours, and what their own server calls them: that is how they stand in what it sent."""
        return (self.person.id, self.person.id.partition("@")[0])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What identifies them: handles, names, addresses, the network's id."""
        found: list[str] = []
        for person in self.shown:
            local = person.handle.partition("@")[0]
            found += [person.handle, f"@{person.handle}", f"@{local}", person.name]
            found += [person.profile_url, person.avatar_url]
        found += self._ids
        return tuple(dict.fromkeys(each for each in found if len(each.strip("@ ")) >= SHORTEST))

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """What nobody else has, as a note that names them alone has it: no name, and no word."""
        found = [form for person in self.shown for form in (f"@{person.handle}", person.handle)]
        found += [person.profile_url for person in self.shown]
        found += self._ids
        return tuple(dict.fromkeys(each for each in found if len(each.strip("@")) >= SHORTEST))

    @cached_property
    def said(self) -> tuple[str, ...]:
        """Their words as they may stand elsewhere: whole, by the line, as one line, and as they
        are shown above an answer. What is very short is anybody's, but for the last."""
        found: list[str] = []
        for text in self.words:
            found += [text, quoted(text), quoted(text).removesuffix("…"), *text.split("\n")]
        long = [each.strip() for each in found if len(each.strip()) >= ANYBODYS]
        shown = [
            f"{called(person)}: {quoted(text)}" for person in self.shown for text in self.words
        ]
        return tuple(dict.fromkeys((*shown, *long)))

    @cached_property
    def anywhere(self) -> re.Pattern[str]:
        """What is nobody else's: the handle and the id, as whole words."""
        sure = [person.handle for person in self.shown]
        sure += [person.profile_url for person in self.shown]
        sure += self._ids
        return whole_words(e for e in sure if len(e) >= SHORTEST + 2)

    @cached_property
    def everything(self) -> re.Pattern[str]:
        return whole_words((*self.names, *self.said))

    def is_by(self, person: Person) -> bool:
        return (person.network, person.id) == (self.person.network, self.person.id)

    def is_theirs(self, event: Event) -> bool:
        """Whether an event is what they said, or the removal of it."""
        if isinstance(event, Post):
            return self.is_by(event.author)
        if isinstance(event, Removal):
            return (event.account, event.post_id) in self.network_ids
        return False

    def without(self, post: Post) -> Post:
        """Somebody else's post, with nothing of this person above it or in it."""
        history = tuple(self.without(e) for e in post.history if not self.is_by(e.author))
        text = self.everything.sub(GONE, post.text)
        return replace(post, text=text, history=history)

    def scrubbed(self, text: str) -> str:
        """Any text of a row, JSON or not, without a trace. `""` stays `""`."""
        try:
            value = json.loads(text)
        except ValueError:
            return self.everything.sub(GONE, text)
        if not isinstance(value, dict | list):
            return self.everything.sub(GONE, text)
        return json.dumps(self._walk(value), sort_keys=True, separators=(",", ":"))

    def _walk(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v if k in OUR_WORDS else self._walk(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._walk(each) for each in value]
        return self.everything.sub(GONE, value) if isinstance(value, str) else value


def whole_words(words: Iterable[str]) -> re.Pattern[str]:
    """Whole words, longest first, upper and lower case alike; also as they stand in HTML."""
    forms = {form for word in words for form in (word, html.escape(word))}
    if not forms:
        return re.compile(r"(?!)")
    longest = sorted(forms, key=lambda word: (-len(word), word))
    each = "|".join(re.escape(word) for word in longest)
    return re.compile(rf"(?<!\w)(?:{each})(?!\w)", re.IGNORECASE)


def known_as(tx: Tx, name: str) -> tuple[tuple[int, Person], ...]:
    """Everybody whom `network:id`, or a handle with or without its @, may mean."""
    handle = name.strip().removeprefix("@").lower()
    network, colon, network_id = name.strip().partition(":")
    by_id = (people.c.network == network) & (people.c.network_id == network_id)
    rows = tx.conn.execute(select(people).where(by_id)).all() if colon else []
    if not rows:
        # Compared here: what databases call lower case differs beyond ASCII.
        rows = [row for row in tx.conn.execute(select(people)) if row.handle.lower() == handle]
    return tuple((row.id, _person(row)) for row in rows)


def gather(tx: Tx, row_id: int) -> Traces:
    """Everything by which a person is known here now."""
    row = tx.conn.execute(select(people).where(people.c.id == row_id)).one()
    person = _person(row)
    theirs = tx.conn.execute(select(posts).where(posts.c.person_id == row_id)).all()
    bodies = tx.conn.execute(
        select(revisions.c.body)
        .join(posts, posts.c.id == revisions.c.post_id)
        .where(posts.c.person_id == row_id)
        .order_by(revisions.c.id)
    ).scalars()
    said = [post_from_json(body) for body in bodies]
    texts = [text for post in said for text in (post.text, post.subject, post.permalink)]
    texts += [media.description for post in said for media in post.media]
    return Traces(
        row=row_id,
        person=person,
        helpdesk_id=row.helpdesk_id,
        shown=tuple(
            dict.fromkeys((person, *(post.author for post in said), *_learnt(tx, row_id, person)))
        ),
        words=tuple(dict.fromkeys(filter(None, texts))),
        post_ids=tuple(each.id for each in theirs),
        network_ids=tuple((each.account, each.network_id) for each in theirs),
    )


def _learnt(tx: Tx, row_id: int, person: Person) -> tuple[Person, ...]:
    """As other accounts of ours were shown them."""
    shown: dict[str, dict[str, str]] = {}
    for each in facts.of(tx, row_id):
        if each.fact in ("handle", "name", "profile_url"):
            shown.setdefault(each.source, {})[each.fact] = each.value
    return tuple(
        Person(
            person.network,
            person.id,
            each.get("handle", ""),
            each.get("name", ""),
            each.get("profile_url", ""),
        )
        for each in shown.values()
    )


def _person(row: Any) -> Person:
    return Person(
        network=row.network,
        id=row.network_id,
        handle=row.handle,
        name=row.name,
        profile_url=row.profile_url,
        avatar_url=row.avatar_url,
    )
