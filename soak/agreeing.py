"""The ledger against both sides: it says what is there, and nothing is left to do."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.ledger import Ledger, Tx, deliveries, intents, lanes, posts, replies, steps, written
from bridge.model import Outcome, Visibility
from soak.counting import Meant, Seen, places

SETTLED = {
    "deliveries": {deliveries.DONE, deliveries.IGNORED},
    "steps": {steps.DONE},
    "intents": {intents.SETTLED},
    "replies": {str(Outcome.DELIVERED)},
}


def counted(tx: Tx) -> dict[str, dict[str, int]]:
    """Table → state → how many."""
    return {
        "deliveries": deliveries.counts(tx),
        "steps": steps.counts(tx),
        "intents": intents.counts(tx),
        "replies": {state or "on its way": many for state, many in replies.counts(tx).items()},
    }


def is_at_rest(ledger: Ledger) -> bool:
    """Nothing waits, nothing is held back, nothing is being worked on."""
    with ledger.reading() as tx:
        counts = counted(tx)
        return not any(
            counts[table].get(state)
            for table, state in (
                ("deliveries", deliveries.WAITING),
                ("steps", steps.WAITING),
                ("steps", steps.BEGUN),
                ("intents", intents.OPEN),
                ("replies", "on its way"),
            )
        )


def disagreements(ledger: Ledger, meant: Meant, seen: Seen) -> list[str]:
    with ledger.reading() as tx:
        return [
            *_unsettled(tx),
            *_sums(tx, meant),
            *_of_posts(tx, meant, seen),
            *(
                f"the ledger has no receipt for {sent.id} in {sent.account}"
                for sent in seen.sent
                if not written.is_known(tx, sent.account, sent.id)
            ),
        ]


def _unsettled(tx: Tx) -> Iterator[str]:
    for table, states in counted(tx).items():
        for state, many in states.items():
            if many and state not in SETTLED[table]:
                yield f"the ledger has {many} {table} that are {state}"
    for step in steps.set_aside(tx):
        yield f"step {step.id} ({step.kind}) is set aside: {step.because}"
    for delivery in deliveries.set_aside(tx):
        yield f"delivery {delivery.id} is set aside: {delivery.because}"
    for reply in replies.undelivered(tx):
        yield f"reply {reply.id} on #{reply.ticket_id} is {reply.outcome}"
    if held := lanes.backlog(tx).held:
        yield f"the ledger holds back {held} lanes"


def _sums(tx: Tx, meant: Meant) -> Iterator[str]:
    for what, wanted, known in (
        ("posts", len(meant.said), posts.count(tx)),
        ("replies", len(meant.written), sum(replies.counts(tx).values())),
    ):
        if wanted != known:
            yield f"the ledger knows {known} {what}, and there were {wanted}"


def _of_posts(tx: Tx, meant: Meant, seen: Seen) -> Iterator[str]:
    standing = places(seen)
    for post in meant.said:
        known = posts.find(tx, post.account, post.id)
        if known is None:
            yield f"the ledger does not know {post.word}"
            continue
        if (known.visibility is Visibility.PRIVATE) != post.private:
            yield f"the ledger calls {post.word} {known.visibility}"
        there = [line.id for _, line, _ in standing.get(post.word, [])]
        if there and known.comment_id not in there:
            yield f"the ledger says that {post.word} is comment {known.comment_id or 'none'}"
