"""What the bridge says by itself: once, in private, and never for ever."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import bridge
from bridge.errors import Again, Expired, Refused
from bridge.flow.automatic import NOTICE, SAID, say_once, unasked
from bridge.flow.standing import paused
from bridge.ledger import conversations, lanes, posts
from bridge.ledger import tables as t
from bridge.ledger.conversations import lane_of
from bridge.ledger.shapes import Draft
from bridge.model import DAY, Kind, Receipt, Reply, Visibility

STATUSES = "/api/v1/statuses"
CODE = Path(bridge.__file__).parent
SENDERS = {"flow/sending.py", "flow/automatic.py"}
"""An agent's reply, and what the bridge says by itself: nothing else sends."""


class Speaks:
    """One conversation, and a lease on its lane."""

    def __init__(self, world: Any) -> None:
        self.world = world
        with world.bridge.ledger.writing() as tx:
            self.conversation = conversations.one(tx, 1)
            self.answered = posts.one(tx, 1)

    def __call__(self, about: str = "away:1", text: str = "We are back at nine.") -> Any:
        bridge = self.world.bridge
        with bridge.ledger.writing() as tx:
            lanes.wake(tx, lane_of(self.conversation.id), account="acme")
            lease = lanes.take(tx, lane_of(self.conversation.id), "test", 10 * DAY)
        assert lease is not None
        try:
            return say_once(
                bridge,
                lease,
                self.conversation,
                about=about,
                answered=self.answered,
                text=text,
            )
        finally:
            with bridge.ledger.writing() as tx:
                lanes.rest(tx, lease, None)

    def trail(self) -> list[str]:
        with self.world.bridge.ledger.reading() as tx:
            rows = tx.conn.execute(t.audit.select().order_by(t.audit.c.id)).all()
        return [row.because for row in rows if row.what == "not said"]

    def sent(self) -> int:
        return len(
            [each for each in self.world.town_faults.asked("POST", STATUSES) if each.status < 300]
        )


@pytest.fixture
def says(world: Any) -> Speaks:
    world.ask("ada", "@bridge hello", "direct")
    return Speaks(world)


def test_it_is_said_once_in_private(says: Speaks) -> None:
    """However often it is asked for, the customer reads it once, and nobody else does."""
    first = says()
    assert first is not None
    assert first == says()
    (status,) = [each for each in says.world.town.statuses() if "back at nine" in each.text]
    assert "direct" == status.visibility
    assert 1 == says.sent()


def test_another_thing_is_said_too(says: Speaks) -> None:
    assert says("away:1") != says("away:2")
    assert 2 == says.sent()


def test_another_conversation_does_not_say_it_again(says: Speaks) -> None:
    """`about` names it everywhere: who has two conversations reads it in one of them."""
    says()
    says.world.ask("chloe", "@bridge hi", "direct")
    with says.world.bridge.ledger.reading() as tx:
        says.conversation, says.answered = conversations.one(tx, 2), posts.one(tx, 2)
    assert says() is None
    assert 1 == says.sent()


def test_a_network_is_told_that_no_person_wrote_it(
    says: Speaks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some take it for a shorter time than an agent's words; the trail says that it was not."""

    def expires(reply: Reply) -> Receipt:
        assert reply.automatic
        raise Expired("1 day after the customer's last message")

    monkeypatch.setattr(says.world.bridge.channels["acme"], "send", expires)
    assert says() is None
    assert ["away:1: 1 day after the customer's last message"] == says.trail()


def test_nobody_who_wrote_in_public_is_written_to(world: Any) -> None:
    world.ask("ada", "@bridge hello")
    says = Speaks(world)
    assert says() is None
    assert 0 == says.sent()
    assert ["away:1: it would answer a public post"] == says.trail()


def test_a_paused_account_says_nothing(says: Speaks) -> None:
    with says.world.bridge.ledger.writing() as tx:
        paused(tx, "acme", "an admin")
    assert says() is None
    assert 0 == says.sent()
    assert "away:1: the account is paused" in says.trail()


def test_what_does_not_fit_one_message_is_not_said(says: Speaks) -> None:
    assert says(text="x" * 501) is None
    assert says(text="short") is None
    assert 0 == says.sent()
    assert 1 == len(says.trail())


def test_a_no_is_a_no(says: Speaks) -> None:
    """What the network refused is not tried again, the ticket keeps no trace, the trail does."""
    says.world.town_faults.add("404", method="POST", path=STATUSES)
    assert says() is None
    assert says() is None
    assert 1 == len(says.world.town_faults.asked("POST", STATUSES))
    assert 1 == len(says.trail())
    assert [] == says.world.notes()
    assert "bridge_delivery_failed" not in says.world.ticket().tags


def test_what_cannot_be_said_for_long_is_left(says: Speaks) -> None:
    """For some minutes it is tried again; later nobody wants to read it any more."""
    says.world.town_faults.add("429", method="POST", path=STATUSES, times=None, retry_after=5)
    with pytest.raises(Again):
        says()
    says.world.clock.move(11 * 60)
    assert says() is None
    says.world.town_faults.clear()
    assert says() is None
    assert 0 == says.sent()
    assert any("too late" in because for because in says.trail())


def test_a_lost_answer_does_not_double_it(says: Speaks) -> None:
    says.world.town_faults.add("drop_after_write", method="POST", path=STATUSES)
    with pytest.raises(Again):
        says()
    says.world.clock.move(30)
    assert says() is not None
    found = [each for each in says.world.town.statuses() if "back at nine" in each.text]
    assert 1 == len(found)


# ------------------------------------------------------------------ where it speaks


def draft(says: Speaks, visibility: Visibility) -> Draft:
    with says.world.bridge.ledger.reading() as tx:
        post = posts.newest_revision(tx, says.answered.id)
    return Draft(
        account="acme",
        visibility=visibility,
        text="We are closed.",
        to=post.author,
        in_reply_to=post.id,
        thread_id=post.thread_id,
        language="en",
        attachments=(),
        answers=Kind.MENTION,
    )


@pytest.mark.parametrize("kind", [SAID, "csat", "", "send"])
def test_no_text_of_its_own_is_public_but_the_notice(says: Speaks, kind: str) -> None:
    """The one way out refuses it, whoever asks."""

    def then(*_: Any) -> None:
        raise AssertionError("it was sent")

    made = draft(says, Visibility.PUBLIC)
    with pytest.raises(Refused):
        unasked(says.world.bridge, says.conversation, kind, "1", made, then)
    private = replace(made, visibility=Visibility.PRIVATE)
    assert unasked(says.world.bridge, says.conversation, kind, "1", private, then).kind == kind
    assert unasked(says.world.bridge, says.conversation, NOTICE, "1", made, then).kind == NOTICE


def sends(code: str) -> bool:
    """Whether a file hands a message to a channel."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "send"
        for node in ast.walk(ast.parse(code))
    )


def test_there_is_no_other_way_out() -> None:
    """Only two files give anything to a network: the agents' replies, and the one way for the
    rest. A third would need a look at what it makes public."""
    found = {
        str(file.relative_to(CODE))
        for folder in ("flow", "web", "cli", "ledger", "connecting")
        for file in (CODE / folder).rglob("*.py")
        if sends(file.read_text("utf-8"))
    }
    assert found == SENDERS


@pytest.mark.parametrize(
    "code", ["channel.send(reply)", "bridge.channel(account).send(x)", "self._channel.send(x)"]
)
def test_another_way_out_would_be_found(code: str) -> None:
    assert sends(code)
