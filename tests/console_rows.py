"""Rows for the console to show: a customer who asked twice and was answered, badly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bridge.ledger import (
    Ledger,
    Tx,
    audit,
    conversations,
    deliveries,
    holds,
    intents,
    people,
    posts,
    replies,
    steps,
    targets,
)
from bridge.ledger.posts import Because
from bridge.ledger.shapes import Draft
from bridge.ledger.targets import Became, Standing, State
from bridge.model import (
    AgentComment,
    Kind,
    Outcome,
    Person,
    Post,
    Receipt,
    Visibility,
)
from bridge.text.guard import Found

ADA = Person("mastodon", "1", "ada@example.social", "Ada Lovelace", "https://example.social/@ada")
HTML = "<script>alert(1)</script> Where is my parcel?"


@dataclass(frozen=True)
class Rows:
    conversation: int
    post: int
    failed: int
    delivery: int
    aside: int
    step: int


def a_post(at: datetime, **how: object) -> Post:
    plain = Post(
        account="acme",
        network="mastodon",
        id="110",
        kind=Kind.MENTION,
        visibility=Visibility.PUBLIC,
        author=ADA,
        text=HTML,
        created_at=at,
        thread_id="110",
        permalink="https://mastodon.example/@ada/110",
    )
    return replace(plain, **how)


def answer(at: datetime, comment_id: str, text: str) -> AgentComment:
    return AgentComment(comment_id, "35", text, True, True, "7", "Grace", at)


def take(tx: Tx, conversation: int, post: int, comment_id: str, text: str) -> int:
    """A public answer to the post; its number."""
    said = posts.newest_revision(tx, post)
    draft = Draft("acme", Visibility.PUBLIC, text, ADA, said.id, said.thread_id, "", ())
    reply = replies.take(
        tx,
        "helpdesk:zendesk",
        answer(tx.now, comment_id, text),
        conversation,
        draft=draft,
        because="it answers a public post",
        answers=post,
    )
    assert reply is not None
    return reply


def fill(ledger: Ledger, clock: object) -> Rows:
    """One conversation with a bit of everything, and two deliveries, one of them set aside."""
    with ledger.writing() as tx:
        body = b'{"id": "110", "content": "<b>parcel</b>"}'
        delivery = deliveries.receive(tx, source="acme", key="110", via="poll", body=body)
        aside = deliveries.receive(tx, source="acme", key="x", via="poll", body=b"not json <b>")
        assert delivery
        assert aside
        deliveries.settle(tx, delivery, deliveries.DONE)
        deliveries.settle(tx, aside, deliveries.SET_ASIDE, "an item without an author")
        audit.add(tx, "set aside", "an item without an author", delivery_id=aside)
        person = people.remember(tx, ADA)
        here = conversations.begin(tx, "acme", person, "thread:110", tx.now)
        because = Because("the rest", "it is public", 3)
        first = a_post(tx.now)
        post = posts.store(tx, first, person_id=person, conversation_id=here, because=because)
        posts.add_revision(tx, post, first, delivery)
        audit.add(tx, "routed by the rest", "it is public", conversation_id=here)
        conversations.point(tx, here, "zendesk", "35")
        posts.told(tx, post, "900")
    clock.move(60)  # type: ignore[attr-defined]
    with ledger.writing() as tx:
        edited = a_post(first.created_at, text="Where is my parcel, please?", revision="2")
        posts.add_revision(tx, post, edited, None)
        failed = take(tx, here, post, "901", "It is on its way, Ada.")
        replies.came_to(tx, failed, Outcome.REFUSED)
        intents.note(
            tx, Outcome.REFUSED, reply_id=failed, code="refused", because="422 text is bad"
        )
    clock.move(60)  # type: ignore[attr-defined]
    with ledger.writing() as tx:
        good = take(tx, here, post, "902", "Once more: it is on its way.")
        intent = intents.intend(
            tx,
            key="reply:2:1:0",
            kind="send",
            far_side="acme",
            conversation_id=here,
            body="{}",
            reply_id=good,
        )
        intents.trying(tx, intent.id)
        intents.settle(tx, intent, Receipt("777", "https://mastodon.example/@acme/777"))
        replies.came_to(tx, good, Outcome.DELIVERED)
        held = take(tx, here, post, "903", "Write to me at my own address.")
        holds.hold(tx, held, 1, (Found("email", "a…@e…"),), needs_second=True)
        replies.came_to(tx, held, Outcome.HELD)
        lane = conversations.lane_of(here)
        steps.add(tx, lane, "edit", "2", account="acme")
        [step] = steps.waiting(tx, lane)
        steps.settle(tx, step.id, steps.SET_ASIDE, "the ticket is gone")
        targets.add(tx, "acme", "salesforce", {})
        refused = (State.PERSON, "", "STRING_TOO_LONG", "Text__c: data value too large")
        waits = (State.AGAIN, "", "waits", "identity_1 is not in the CRM yet", tx.now)
        targets.put_down(tx, "acme", [Became("post_1", 1, *refused), Became("post_2", 2, *waits)])
        targets.stand(tx, "acme", Standing.HELD, "the organisation's storage is full")
    return Rows(here, post, failed, delivery, aside, step.id)
