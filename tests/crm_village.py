"""One of everything that a CRM is told, and a client that copies the feed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from bridge.crm import feed, schemas
from bridge.crm.feed import Asked
from bridge.helpdesks.zendesk.compose import freeze, said_in
from bridge.ledger import (
    Ledger,
    Tx,
    belonging,
    conversations,
    customers,
    history,
    intents,
    people,
    posts,
    ratings,
    replies,
    reports,
)
from bridge.ledger.belonging import Belongs, Named
from bridge.ledger.changes import RESOURCES, Ref
from bridge.ledger.crm_tables import profile_facts
from bridge.ledger.customers import Proof
from bridge.ledger.posts import Because
from bridge.ledger.shapes import Draft, draft_to_json
from bridge.model import (
    AgentComment,
    Arrival,
    Kind,
    Outcome,
    Person,
    Post,
    Receipt,
    Report,
    Visibility,
)
from bridge.records import Record, Resource

EVERYTHING = Asked(tuple(Resource))
BECAUSE = Because("the rest", "it is the last rule", 1)
ADA = Person("mastodon", "901", "ada@far.example", "Ada Lovelace")
BEN = Person("mastodon", "902", "ben@far.example", "Ben Okri")
BRAND = Person("mastodon", "1", "acme", "Acme")
DESK = "helpdesk:zendesk"

Rows = dict[str, dict[str, Any]]
"""A row of the feed by its id."""


@dataclass
class Copy:
    """A client's own copy of the feed, kept by cursor, `limit` rows at a time."""

    ledger: Ledger
    limit: int = 3
    rows: Rows = field(default_factory=dict)
    cursor: str = ""
    asked: Asked = EVERYTHING

    def pull(self, most: int = 10_000) -> int:
        """So many pages, or to the end; how many rows came."""
        came = 0
        for _ in range(most):
            asked = replace(self.asked, cursor=self.cursor, limit=self.limit)
            page = feed.read(self.ledger, asked, said_in)
            for change in page.changes:
                row = schemas.row(change)
                self.rows[row["id"]] = row
            came += len(page.changes)
            self.cursor = page.resume_cursor
            if not page.has_more:
                break
        return came


def everything(ledger: Ledger) -> Rows:
    """All there is, read from the start."""
    copy = Copy(ledger, limit=feed.MOST)
    copy.pull()
    return copy.rows


def standing(tx: Tx, most: int = 40) -> dict[Named, tuple[Belongs, Record | None]]:
    """Every record as its rows stand now, whatever was told of them."""
    belongs = belonging.of(tx, [(kind, n) for kind in RESOURCES for n in range(1, most)])
    refs = [
        Ref(kind, number, 1, tx.now, tx.now if its.gone else None, its.gone)
        for (kind, number), its in belongs.items()
    ]
    made = {each.record.id: each.record for each in history.changes(tx, refs, said_in)}
    return {
        (ref.kind, ref.number): (belongs[ref.kind, ref.number], made.get(ref.id)) for ref in refs
    }


def draft(to: Person, text: str, visibility: Visibility = Visibility.PUBLIC) -> Draft:
    return Draft("acme", visibility, text, to, "s1", "s1", "en", (), answers=Kind.MENTION)


def said(number: str, text: str, at: Any, who: Person = ADA, **more: Any) -> Post:
    plain = Post("acme", "mastodon", number, Kind.MENTION, Visibility.PUBLIC, who, text, at, "s1")
    return replace(plain, **more)


class Village:
    """Writes into a ledger what the flow writes, in as few words."""

    def __init__(self, tx: Tx, of: str = "") -> None:
        """`of` tells one village from another: all its ids begin so."""
        self.tx = tx
        self.of = of
        self.ticket = f"{of}7"

    def heard(self, post: Post, conversation_id: int | None = None) -> int:
        post = replace(post, id=f"{self.of}{post.id}", thread_id=f"{self.of}{post.thread_id}")
        person = people.remember(self.tx, post.author)
        number = posts.store(
            self.tx, post, person_id=person, conversation_id=conversation_id, because=BECAUSE
        )
        posts.add_revision(self.tx, number, post, None)
        return number

    def begun(self, who: Person, key: str, account: str = "acme") -> int:
        person = people.remember(self.tx, who)
        return conversations.begin(self.tx, account, person, self.of + key, self.tx.now)

    def told(self, conversation_id: int, kind: str, key: str, remote: str, body: str = "{}") -> int:
        intent = intents.intend(
            self.tx,
            key=self.of + key,
            kind=kind,
            far_side=DESK,
            conversation_id=conversation_id,
            body=body,
            ticket_id=self.ticket,
        )
        intents.settle(self.tx, intent, Receipt(self.of + remote))
        return intent.id

    def answered(self, conversation_id: int, comment: str, body: Draft, answers: int | None) -> int:
        wrote = AgentComment(
            id=self.of + comment,
            ticket_id=self.ticket,
            author_id="501",
            author_name="Grace",
            text=body.text,
            public=True,
            by_agent=True,
            created_at=self.tx.now,
        )
        number = replies.take(
            self.tx, DESK, wrote, conversation_id, draft=body, because="", answers=answers
        )
        assert number is not None
        return number

    def sent(
        self, conversation_id: int, key: str, body: Draft, reply: int | None, remote: str = ""
    ) -> intents.Intent:
        """`remote` is the network's id of the message, "" while there is no receipt."""
        intent = intents.intend(
            self.tx,
            key=self.of + key,
            kind="send" if reply else key.partition(":")[0],
            far_side="acme",
            conversation_id=conversation_id,
            body=draft_to_json(body),
            reply_id=reply,
        )
        intents.trying(self.tx, intent.id)
        if remote:
            intents.settle(
                self.tx, intent, Receipt(self.of + remote, f"https://far.example/{remote}")
            )
        return intent


def one_of_everything(tx: Tx, of: str = "") -> None:
    """Two customers in one public thread, and all that can come of it."""
    v, now = Village(tx, of), tx.now
    home = v.begun(ADA, "s1")
    conversations.point(tx, home, DESK, v.ticket)
    first = v.heard(said("s1", "my parcel is late", now), home)
    posts.add_revision(
        tx, first, said(of + "s1", "my blue parcel is late", now, revision="2"), None
    )
    v.told(home, "open", "open:1", "c1")
    posts.told(tx, first, of + "c1")
    other = v.heard(said("s2", "mine too", now, BEN), home)
    v.told(home, "append", "append:2", "c2")
    posts.told(tx, other, of + "c2")
    posts.gone(tx, v.heard(said("s3", "never mind", now), home))
    v.heard(said("s4", "an advertisement", now))
    v.heard(said("s5", "typed in the network's own app", now, BRAND, by_us=True), home)
    # An answer in two parts, whose copies come back; the network has its word on both.
    reply = v.answered(home, "c3", draft(ADA, "It comes tomorrow."), first)
    v.sent(home, "send:1", draft(ADA, "It comes"), reply, "m1")
    v.sent(home, "send:2", draft(ADA, "tomorrow."), reply, "m2")
    replies.came_to(tx, reply, Outcome.DELIVERED)
    reports.add(tx, Report("acme", of + "m1", Arrival.READ, now))
    v.heard(said("m1", "It comes", now, BRAND, by_us=True), home)
    # One that came back by its mark, before its receipt; and one to nobody's post in particular.
    private = v.answered(home, "c4", draft(BEN, "Your number?", Visibility.PRIVATE), other)
    v.sent(home, "send:3", draft(BEN, "Your number?", Visibility.PRIVATE), private)
    intents.note(tx, Outcome.REFUSED, reply_id=private, code="closed", because="the window")
    reports.add(tx, Report("acme", of + "m3", Arrival.SENT, now, mark=of + "send:3"))
    v.heard(said("m3", "Your number?", now, BRAND, by_us=True), home)
    v.answered(home, "c5", draft(ADA, "To whom it may concern"), None)
    v.sent(home, "notice:1", draft(BEN, "We have answered privately."), None, "m4")
    v.sent(home, "automatic:1", draft(ADA, "We are back at nine."), None, "m5")
    note = freeze({"comment": {"html_body": "<p>They edited it.</p>"}})
    v.told(home, "note", "note:1", "c6", note)
    ratings.expect(tx, DESK, v.ticket, home, "acme", now)
    for rating in ratings.to_ask(tx):
        ratings.asked(tx, rating.id)
    # What no CRM is told: the bridge's own troubles.
    itself = Person("bridge", "ops", "", "Helpdesk bridge")
    ops = v.begun(itself, "ops", DESK)
    v.answered(ops, "c8", draft(itself, "the token that ended is renewed"), None)
    v.told(ops, "note", "note:2", "c7", "the token has ended")
    elsewhere = people.remember(tx, Person("x", "77", "ada", "A. L."))
    if not of:
        tx.conn.execute(
            profile_facts.insert().values(
                person_id=elsewhere, fact="name", value="A. L.", source="x", learnt_at=now
            )
        )
    customers.merge(
        tx, people.remember(tx, ADA), elsewhere, proof=Proof.AGENT, evidence="ticket 7", by="Grace"
    )
