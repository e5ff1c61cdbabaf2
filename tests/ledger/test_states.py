"""How tickets stand: since when they are solved, also where nobody told of them as open again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bridge.errors import Closed
from bridge.ledger import Ledger, Tx, conversations, intents, states
from bridge.model import Receipt

DESK = "helpdesk:zendesk"


@pytest.fixture
def ticket(ledger: Ledger, conversation: int) -> str:
    with ledger.writing() as tx:
        conversations.point(tx, conversation, DESK, "77")
    return "77"


def write(tx: Tx, conversation: int, key: str = "k", **how: str) -> intents.Intent:
    """A write on the ticket that has just left."""
    plain = {"kind": "append", "far_side": DESK, "body": "{}", "ticket_id": "77"}
    return intents.intend(tx, key=key, conversation_id=conversation, leaving=True, **(plain | how))


def hear(ledger: Ledger, ticket: str, status: str, at: datetime) -> datetime | None:
    with ledger.writing() as tx:
        states.stands(tx, DESK, ticket, status, at)
        return states.solved_at(tx, DESK, ticket)


def test_it_is_solved_since_it_was_first_told(ledger: Ledger, ticket: str, clock) -> None:
    """What is told of it later moves nothing, nor does its closing; being open does."""
    first = clock()
    assert hear(ledger, ticket, "solved", first) == first
    clock.move(60)
    assert hear(ledger, ticket, "solved", clock()) == first
    assert hear(ledger, ticket, "closed", clock()) == first
    assert hear(ledger, ticket, "open", clock()) is None
    assert hear(ledger, ticket, "solved", clock()) == clock()


@pytest.mark.parametrize("status", ["solved", "closed"])
def test_what_we_opened_was_solved_again(
    ledger: Ledger, ticket: str, conversation: int, clock, status: str
) -> None:
    """Told of once more as it was before, and not told of as open in between."""
    hear(ledger, ticket, "solved", clock())
    clock.move(60)
    with ledger.writing() as tx:
        intents.settle(tx, write(tx, conversation), Receipt("c1"))
    clock.move(10)
    again = clock()
    assert hear(ledger, ticket, status, again) == again
    clock.move(60)
    assert hear(ledger, ticket, status, clock()) == again


def test_the_helpdesks_whole_second_may_begin_before_our_write(
    ledger: Ledger, ticket: str, conversation: int, clock
) -> None:
    """A rule that solves it at once does so in the second in which it was opened."""
    hear(ledger, ticket, "solved", clock())
    clock.move(60.4)
    with ledger.writing() as tx:
        intents.settle(tx, write(tx, conversation), Receipt("c1"))
    again = clock() - timedelta(seconds=0.4)
    assert hear(ledger, ticket, "solved", again) == again


def test_the_same_solving_told_in_whole_seconds_is_no_earlier(
    ledger: Ledger, ticket: str, conversation: int, clock
) -> None:
    first = clock()
    hear(ledger, ticket, "solved", first)
    clock.move(0.2)
    with ledger.writing() as tx:
        intents.settle(tx, write(tx, conversation), Receipt("c1"))
    assert hear(ledger, ticket, "solved", first - timedelta(seconds=0.4)) == first


@pytest.mark.parametrize(
    "how",
    [{"kind": "note"}, {"kind": "fields"}, {"ticket_id": "78"}, {"far_side": "helpdesk:other"}],
)
def test_other_writes_open_nothing(
    ledger: Ledger, ticket: str, conversation: int, clock, how: dict[str, str]
) -> None:
    first = clock()
    hear(ledger, ticket, "solved", first)
    clock.move(60)
    with ledger.writing() as tx:
        intents.settle(tx, write(tx, conversation, **how), Receipt("c1"))
    clock.move(10)
    assert hear(ledger, ticket, "solved", clock()) == first


def test_what_was_not_written_opened_nothing(
    ledger: Ledger, ticket: str, conversation: int, clock
) -> None:
    """Refused because it is closed, still under way, written before it was solved, or after the
    helpdesk was last seen to change it."""
    with ledger.writing() as tx:
        intents.settle(tx, write(tx, conversation, "before"), Receipt("c1"))
    clock.move(60)
    first = clock()
    hear(ledger, ticket, "solved", first)
    clock.move(60)
    seen = clock()
    clock.move(60)
    with ledger.writing() as tx:
        intents.settle(tx, write(tx, conversation, "after"), Receipt("c2"))
    assert hear(ledger, ticket, "solved", seen) == first
    hear(ledger, ticket, "open", clock())
    first = clock()
    hear(ledger, ticket, "closed", first)
    clock.move(60)
    with ledger.writing() as tx:
        closed = Closed("it is closed")
        refused = write(tx, conversation, "refused")
        intents.refuse(tx, refused, closed.outcome, closed.code, closed.because)
        write(tx, conversation, "under way")
    clock.move(60)
    assert hear(ledger, ticket, "closed", clock()) == first
