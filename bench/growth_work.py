"""What the service asks of a ledger: the same work over ledgers of several sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bench.story import DESK, SHOP
from bench.tongue import FIRST_TICKET
from bridge.crm import feed
from bridge.crm.feed import Asked
from bridge.flow import lanes as names
from bridge.ledger import (
    Ledger,
    accounts,
    alarms,
    asides,
    browsing,
    changes,
    conversations,
    deliveries,
    intents,
    lanes,
    people,
    posts,
    replies,
    searching,
    sendings,
    steps,
)
from bridge.ledger.posts import Because
from bridge.ledger.ranks import heads
from bridge.ledger.searching import Search
from bridge.model import DAY, Kind, Person, Post, Receipt, Visibility
from bridge.records import Resource

LEASE = timedelta(minutes=2)


@dataclass
class Grown:
    """A ledger of `size` conversations, and how many new things were put into it."""

    kind: str
    size: int
    ledger: Ledger
    told: int = 0

    def next(self) -> int:
        self.told += 1
        return self.told


Work = Callable[[Grown], object]


def _accept(here: Grown) -> None:
    """A message, as the web process keeps it."""
    key = f"new-{here.next()}"
    with here.ledger.writing() as tx:
        deliveries.receive(tx, source=SHOP, key=key, via="webhook", body=b"x" * 400)
        lanes.wake(tx, names.intake(SHOP), account=SHOP)


def _through(here: Grown) -> None:
    """A message in a conversation there is, from the delivery to the comment's receipt: what
    intake, the conversation's lane and the write to the helpdesk ask of the ledger."""
    number = here.next()
    conversation = here.size - number % (here.size // 2)
    lane = conversations.lane_of(conversation)
    with here.ledger.writing() as tx:
        key, word = f"through-{number}", f"new-{number}"
        delivery = deliveries.receive(tx, source=SHOP, key=key, via="webhook", body=b"{}")
        assert delivery is not None
    with here.ledger.reading() as tx:
        deliveries.next_waiting(tx, SHOP, 20)
        kept = posts.one(tx, 3 * conversation)
    who = Person("site", str((conversation + 1) // 2), "", "Customer")
    with here.ledger.writing() as tx:
        post = Post(
            account=SHOP,
            network="site",
            id=word,
            kind=Kind.MENTION,
            visibility=Visibility.PUBLIC,
            author=who,
            text="Is it coming?",
            created_at=tx.now,
            thread_id=kept.thread_id,
            parent_id=kept.network_id,
        )
        posts.find(tx, SHOP, word)
        posts.sent_by_us(tx, SHOP, word)
        posts.newest_in_thread(tx, SHOP, kept.thread_id)
        person = people.remember(tx, who)
        because = Because("everything else", "the rule takes every post", 1)
        made = posts.store(
            tx, post, person_id=person, conversation_id=conversation, because=because
        )
        version = posts.add_revision(tx, made, post, delivery)
        conversations.heard(tx, conversation, tx.now)
        steps.add(tx, lane, "post", str(version), account=SHOP)
        deliveries.settle(tx, delivery, deliveries.DONE)
    lease = _claimed(here)
    with here.ledger.reading() as tx:
        [step] = steps.waiting(tx, lane)
        posts.quoting(tx, posts.one(tx, made))
        ticket = conversations.one(tx, conversation).ticket_id
        replies.taken_ids(tx, DESK, ticket)
    with here.ledger.writing() as tx:
        lanes.fence(tx, lease)
        intent = intents.intend(
            tx,
            key=f"growth:{number}",
            kind="append",
            far_side=DESK,
            conversation_id=conversation,
            body="{}",
            ticket_id=ticket,
        )
        intents.trying(tx, intent.id)
    with here.ledger.writing() as tx:
        lanes.fence(tx, lease)
        intents.settle(tx, intent, Receipt(f"growth-{number}"))
        posts.told(tx, made, f"growth-{number}")
        steps.settle(tx, step.id, steps.DONE)
        lanes.rest(tx, lease, None)


def _claimed(here: Grown) -> lanes.Lease:
    """The lane that was woken just now; others that are due are given back."""
    while True:
        with here.ledger.writing() as tx:
            lease = lanes.claim(tx, "bench", LEASE)
            assert lease is not None
            if lease.lane.startswith("conversation:"):
                return lease
            lanes.rest(tx, lease, None)


def _claim(here: Grown) -> None:
    """Woken, claimed, given back."""
    number = here.size - here.next() % (here.size // 2)
    with here.ledger.writing() as tx:
        lanes.wake(tx, conversations.lane_of(number), account=SHOP)
    lease = _claimed(here)
    with here.ledger.writing() as tx:
        lanes.rest(tx, lease, None)


def _idle(here: Grown) -> None:
    """What a worker without work asks, and its sign of life."""
    with here.ledger.reading() as tx:
        heads(tx)
    with here.ledger.writing() as tx:
        lanes.prolong(tx, "bench", LEASE)


def _changes(here: Grown) -> None:
    """A page of the change feed, from somewhere in its last third."""
    with here.ledger.reading() as tx:
        seen = changes.stands(tx)
    after = seen.last_seq - 40_000 + here.next() % 20_000
    asked = Asked(tuple(Resource), cursor=feed.cursor(seen, max(after, 0)))
    feed.read(here.ledger, asked, _no_note)


def _page(here: Grown) -> None:
    """/api/v1/interactions of one conversation."""
    number = here.size - here.next() % (here.size // 2)
    asked = Asked((Resource.INTERACTION,), conversations=(number,))
    feed.read(here.ledger, asked, _no_note)


def _since(here: Grown) -> None:
    """/api/v1/changes?updated_since= of an hour and a quarter ago."""
    asked = Asked(tuple(Resource), updated_since=here.ledger.clock() - timedelta(minutes=75))
    feed.read(here.ledger, asked, _no_note)


def _no_note(_body: str) -> str:
    return ""


def _list(here: Grown) -> None:
    """The console's list of conversations, and what waits for a person."""
    with here.ledger.reading() as tx:
        searching.find(tx, Search(), 50)
        asides.counts(tx)


def _one(here: Grown) -> None:
    """One conversation in the console, and it found by its ticket."""
    number = here.size - here.next() % (here.size // 2)
    with here.ledger.reading() as tx:
        browsing.whole(tx, number)
        for asked in searching._exact(tx, str(FIRST_TICKET + number)):
            tx.conn.execute(asked.limit(50)).all()


def _metrics(here: Grown) -> None:
    """/metrics and /health, the ledger's part."""
    with here.ledger.reading() as tx:
        deliveries.unsettled(tx)
        steps.unsettled(tx)
        intents.unsettled(tx)
        replies.not_out(tx)
        lanes.backlog(tx)
        alarms.shown(tx, accounts.standing(tx, SHOP))
        alarms.shown(tx, accounts.standing(tx, DESK))


def _sweep(here: Grown) -> None:
    """A look of the sweeping lane that finds nothing old, and what was changed is numbered."""
    with here.ledger.writing() as tx:
        changes.fold(tx)
    with here.ledger.writing() as tx:
        deliveries.empty_settled(tx, tx.now - 5_000 * DAY, 200)
        sendings.forget(tx, tx.now - 30 * DAY, 200)
        changes.forget_tombstones(tx, tx.now - changes.KEPT_DAYS * DAY)


def _watch(here: Grown) -> None:
    """The watch over an account's rhythm."""
    with here.ledger.reading() as tx:
        alarms.last_post_at(tx, SHOP)
        alarms.first_post_at(tx, SHOP)
        alarms.last_pushed_at(tx, SHOP)
        alarms.has_heard_from(tx, SHOP)


WORK: dict[str, Work] = {
    "accepting a message": _accept,
    "a message to its receipt": _through,
    "wake, claim, rest": _claim,
    "an idle worker's look": _idle,
    "a page of the change feed": _changes,
    "changes since an instant": _since,
    "a conversation's interactions": _page,
    "the console's list": _list,
    "a conversation in the console": _one,
    "health and metrics": _metrics,
    "a look of the sweep": _sweep,
    "an account's rhythm": _watch,
}
