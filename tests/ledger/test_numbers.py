"""What numbers are made of, on both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.ledger import (
    Ledger,
    conversations,
    costs,
    dialogues,
    intents,
    numbers,
    people,
    posts,
    replies,
    reports,
)
from bridge.ledger.dialogues import Said, Who
from bridge.ledger.numbers import Rated
from bridge.ledger.periods import Period
from bridge.ledger.service_tables import holds, ratings
from bridge.ledger.shapes import Draft
from bridge.ledger.tables import tickets
from bridge.model import (
    DAY,
    HOUR,
    MINUTE,
    AgentComment,
    Arrival,
    Kind,
    Outcome,
    Person,
    Receipt,
    Removal,
    Report,
    Visibility,
)

ADA = Person("mastodon", "1", "ada@example.social", "Ada")
US = Person("mastodon", "us", "acme", "Acme")
PRIVATE = Visibility.PRIVATE


@dataclass
class World:
    """A ledger in which things are said at the minute that the clock shows."""

    ledger: Ledger
    clock: object
    make: object
    keep: object
    conversation: int

    def ask(self, name: str, conversation: int | None = 0, **more: object) -> int:
        place = self.conversation if conversation == 0 else conversation
        more.setdefault("created_at", self.clock())
        with self.ledger.writing() as tx:
            return self.keep(tx, self.make(id=name, **more), place)

    def answer(
        self,
        comment: str,
        post_id: int,
        *,
        receipt: str = "",
        visibility: Visibility = Visibility.PUBLIC,
    ) -> int:
        """What an agent wrote; with a receipt it was sent."""
        with self.ledger.writing() as tx:
            written = AgentComment(comment, "35", "hi", True, True, "7", "Grace", self.clock())
            draft = Draft("acme", visibility, "hi", ADA, "p1", "p1", "en", ())
            reply_id = replies.take(
                tx,
                "helpdesk:zendesk",
                written,
                self.conversation,
                draft=draft,
                because="",
                answers=post_id,
            )
            assert reply_id is not None
        if receipt:
            self.send(f"reply:{reply_id}", receipt, reply_id=reply_id)
        return reply_id

    def send(
        self, key: str, receipt: str, *, kind: str = "send", reply_id: int | None = None
    ) -> None:
        with self.ledger.writing() as tx:
            intent = intents.intend(
                tx,
                key=key,
                kind=kind,
                far_side="acme",
                conversation_id=self.conversation,
                body="{}",
                reply_id=reply_id,
            )
            intents.settle(tx, intent, Receipt(receipt))

    def said(self, period: Period, account: str = "") -> list[Said]:
        with self.ledger.reading() as tx:
            return sorted(dialogues.said(tx, period, account), key=lambda each: each.at)


@pytest.fixture
def world(ledger: Ledger, clock, make, keep, conversation: int) -> World:
    return World(ledger, clock, make, keep, conversation)


@pytest.fixture
def today(clock) -> Period:
    return Period(clock() - HOUR, clock() + DAY)


def test_a_question_and_its_answer(world: World, clock, today: Period) -> None:
    """The answer is to whoever wrote the post that it answers, at our clock where the network
    told of no other."""
    began = clock()
    post = world.ask("p1")
    clock.move(600)
    world.answer("c1", post, receipt="r1")
    asked, answered = world.said(today)
    assert (Who.CUSTOMER, Who.AGENT) == (asked.who, answered.who)
    assert asked.person == answered.person is not None
    assert (began, began + 10 * MINUTE) == (asked.at, answered.at)
    assert ("acme", "mastodon") == (answered.account, answered.network)


def test_the_networks_clock_goes_first(world: World, clock, today: Period) -> None:
    """What came back of a message of ours, or was reported of it, says when it was there."""
    began = clock()
    post = world.ask("p1")
    world.ask("r1", author=US, by_us=True, created_at=began + MINUTE)
    with world.ledger.writing() as tx:
        reports.add(tx, Report("acme", "r2", Arrival.SENT, began + 2 * MINUTE))
    clock.move(1800)
    world.answer("c1", post, receipt="r1")
    world.answer("c2", post, receipt="r2")
    world.answer("c3", post, receipt="r3")
    at = [each.at - began for each in world.said(today)]
    assert [0 * MINUTE, MINUTE, 2 * MINUTE, 30 * MINUTE] == at


def test_an_answer_is_never_older_than_its_question(world: World, clock, today: Period) -> None:
    """The network's clock and ours differ."""
    ahead = clock() + 5 * MINUTE
    world.answer("c1", world.ask("p1", created_at=ahead), receipt="r1")
    assert [ahead, ahead] == [each.at for each in world.said(today)]


def test_what_did_not_arrive_is_no_answer(world: World, clock, today: Period) -> None:
    """Not without a receipt, and not where the network takes its word back."""
    post = world.ask("p1")
    world.answer("c1", post)
    world.answer("c2", post, receipt="r2")
    with world.ledger.writing() as tx:
        reports.add(tx, Report("acme", "r2", Arrival.FAILED, clock()))
    assert [Who.CUSTOMER] == [each.who for each in world.said(today)]


def test_what_the_bridge_says_by_itself_is_apart(world: World, today: Period) -> None:
    """Also from what it does at the helpdesk, and to posts."""
    world.ask("p1")
    world.send("notice", "n1", kind="notice")
    world.send("act", "a1", kind="act")
    with world.ledger.writing() as tx:
        intent = intents.intend(
            tx,
            key="open",
            kind="open",
            far_side="helpdesk:zendesk",
            conversation_id=world.conversation,
            body="{}",
        )
        intents.settle(tx, intent, Receipt("9"))
    assert [Who.CUSTOMER, Who.AUTOMATIC] == [each.who for each in world.said(today)]


def test_answered_in_the_networks_own_app(world: World, clock, today: Period) -> None:
    """A post of our own that we did not send is an agent's, to whoever wrote what it answers; what
    carries our mark is the echo of a send."""
    ben = Person("mastodon", "2", "ben", "Ben")
    world.ask("p1")
    world.ask("p2", author=ben)
    clock.move(60)
    world.ask("o1", author=US, by_us=True, parent_id="p2")
    world.ask("o2", author=US, by_us=True, parent_id="elsewhere")
    with world.ledger.writing() as tx:
        intents.intend(
            tx,
            key="ours:1",
            kind="send",
            far_side="acme",
            conversation_id=world.conversation,
            body="{}",
        )
        reports.add(tx, Report("acme", "o3", Arrival.SENT, clock(), mark="ours:1"))
    world.ask("o3", author=US, by_us=True)
    answers = [each for each in world.said(today) if each.who is Who.AGENT]
    by_customer = {each.person for each in world.said(today) if each.who is Who.CUSTOMER}
    assert 2 == len(answers)
    assert {None} < {each.person for each in answers} <= {None, *by_customer}


def test_the_whole_of_a_conversation_counts(world: World, clock) -> None:
    """What was asked before the period began is needed to tell what waited in it; a conversation
    with nothing in the period is left alone, and so is another account."""
    world.ask("p1")
    clock.move(2 * 86_400)
    late = Period(clock() - HOUR, clock() + HOUR)
    assert [] == world.said(late)
    world.ask("p2")
    assert 2 == len(world.said(late))
    assert 2 == len(world.said(late, "acme"))
    assert [] == world.said(late, "other")


def test_a_score_asks_nothing(world: World, clock, today: Period) -> None:
    """What a customer writes when asked how satisfied they are is no question to us."""
    world.ask("p1")
    score = world.ask("p2")
    with world.ledger.writing() as tx:
        tx.conn.execute(
            ratings.insert().values(
                helpdesk="helpdesk:zendesk",
                ticket_id="35",
                conversation_id=world.conversation,
                account="acme",
                solved_at=clock(),
                asked_at=clock(),
                answered_at=clock(),
                score=4,
                post_id=score,
            )
        )
    assert 1 == len(world.said(today))
    with world.ledger.reading() as tx:
        assert (Rated("acme", 1, ((4, 1),)),) == numbers.rated(tx, today)
        assert () == numbers.rated(tx, today, "other")


def test_volume(world: World, clock, today: Period) -> None:
    """Everything of others in the period, with a ticket or without; neither our own posts nor
    what was removed before it was heard of."""
    world.ask("p1")
    world.ask("p2", conversation=None, kind=Kind.REPOST)
    world.ask("p3", visibility=PRIVATE, kind=Kind.DM, account="other", conversation=None)
    world.ask("p4", created_at=today.until)
    world.ask("p5", by_us=True, author=US)
    with world.ledger.writing() as tx:
        posts.store_removed(tx, Removal("acme", "p6", clock(), "gone"))
    with world.ledger.reading() as tx:
        everything = numbers.heard(tx, today)
        alone = numbers.heard(tx, today, "other")
    assert [(Kind.MENTION, True), (Kind.REPOST, False), (Kind.DM, False)] == [
        (each.kind, each.ticketed) for each in everything
    ]
    assert [PRIVATE] == [each.visibility for each in alone]


def test_solved_tickets(world: World, clock, today: Period) -> None:
    """All tickets of a conversation in which one was solved, even where nobody wrote."""
    with world.ledger.writing() as tx:
        for number, at in (("35", clock()), ("36", None)):
            tx.conn.execute(
                tickets.insert().values(
                    helpdesk="helpdesk:zendesk",
                    ticket_id=number,
                    conversation_id=world.conversation,
                    since=clock() - DAY,
                    solved_at=at,
                )
            )
    with world.ledger.reading() as tx:
        assert [clock(), None] == [each.at for each in dialogues.solved(tx, today)]
        assert () == dialogues.solved(tx, Period(today.until, today.until + DAY))


def test_failures_by_reason(world: World, today: Period) -> None:
    """Each reply once for each code; not the lost tries that were found again; and which arrived
    after all."""
    post = world.ask("p1")
    first, second = world.answer("c1", post), world.answer("c2", post)
    with world.ledger.writing() as tx:
        for reply_id in (first, first, second):
            intents.note(tx, Outcome.REFUSED, reply_id=reply_id, code="too_long", because="612")
        intent = intents.intend(
            tx,
            key="k",
            kind="send",
            far_side="acme",
            conversation_id=world.conversation,
            body="{}",
            reply_id=first,
        )
        intents.note(tx, Outcome.UNKNOWN, intent_id=intent.id, reply_id=first, because="lost")
        intents.note(tx, Outcome.WILL_RETRY, reply_id=first, code="will_retry")
        replies.came_to(tx, second, Outcome.DELIVERED)
    with world.ledger.reading() as tx:
        found = numbers.failures(tx, today)
        assert [("acme", "too_long", 2, 1)] == [
            (each.account, each.code, each.replies, each.later) for each in found
        ]
        assert () == numbers.failures(tx, Period(today.until, today.until + DAY))


def test_held_back(world: World, clock, today: Period) -> None:
    """By what became of them."""
    reply_id = world.answer("c1", world.ask("p1"))
    with world.ledger.writing() as tx:
        for attempt, state in ((1, "open"), (2, "open"), (3, "anyway")):
            tx.conn.execute(
                holds.insert().values(
                    reply_id=reply_id,
                    attempt=attempt,
                    findings="[]",
                    state=state,
                    held_at=clock(),
                )
            )
    with world.ledger.reading() as tx:
        assert {("acme", "open"): 2, ("acme", "anyway"): 1} == numbers.held(tx, today)
        assert {} == numbers.held(tx, today, "other")


def test_costs_of_whole_days(ledger: Ledger, clock) -> None:
    """From the day in which the period begins, up to the one in which it ends, which is not in
    it."""
    midnight = clock().replace(hour=0)
    for _ in range(3):
        with ledger.writing() as tx:
            costs.spend(tx, "acme", "post", 5_000, 2)
        clock.move(86_400)
    with ledger.reading() as tx:
        found = numbers.spent(tx, Period(midnight, midnight + 2 * DAY))
    assert [("2026-11-21", 2, 10_000), ("2026-11-22", 2, 10_000)] == [
        (each.day, each.times, each.millionths) for each in found
    ]


def test_costs_of_the_days_that_are_called_so(ledger: Ledger, clock) -> None:
    """Costs are kept by days of UTC. A period of another zone is told those of the same names."""
    with ledger.writing() as tx:
        costs.spend(tx, "acme", "post", 5_000, 2)
    for zone in ("Pacific/Auckland", "Europe/Berlin", "America/Los_Angeles"):
        first = datetime(2026, 11, 21, tzinfo=ZoneInfo(zone))
        with ledger.reading() as tx:
            today = numbers.spent(tx, Period(first, first + DAY))
            before = numbers.spent(tx, Period(first - DAY, first))
            after = numbers.spent(tx, Period(first + DAY, first + 2 * DAY))
        assert (["2026-11-21"], (), ()) == ([each.day for each in today], before, after)


def test_conversations_of_other_accounts(world: World, ledger: Ledger, clock, keep, make) -> None:
    """One account alone."""
    with ledger.writing() as tx:
        person = people.remember(tx, ADA)
        other = conversations.begin(tx, "other", person, "thread:x:by:1", clock())
        keep(tx, make(account="other", id="x", created_at=clock()), other)
    world.ask("p1")
    period = Period(clock() - HOUR, clock() + HOUR)
    assert ["acme"] == [each.account for each in world.said(period, "acme")]
    assert 2 == len(world.said(period))
