"""What agents ask to be done to posts: by a note, with a reason, with a second person."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from bridge.errors import Again, Gone, NeedsSignIn, NobodyKnows, Refused
from bridge.flow import moderating
from bridge.flow.standing import paused, resumed
from bridge.ledger import acts, posts
from bridge.model import Act, Post, Remark, Removal, What
from bridge.sandbox.zendesk import preset
from bridge.settings import Secret

CAN = frozenset({Act.LIKE, Act.HIDE, Act.UNHIDE, Act.DELETE, Act.BLOCK})


@dataclass
class Network:
    """Takes acts in the place of the channel. What stands in `answers` happens to the next ones;
    `Lost(True)` is carried out all the same."""

    done: list[tuple[Act, str]] = field(default_factory=list)
    answers: list[Exception] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    def acts(self, _post: Post) -> frozenset[Act]:
        return CAN

    def do(self, act: Act, post: Post) -> None:
        if post.id in self.gone:
            raise Gone("it is gone")
        failure = self.answers.pop(0) if self.answers else None
        if failure is None or isinstance(failure, LostAfter):
            self.done.append((act, post.id))
            if act is Act.DELETE:
                self.gone.add(post.id)
        if failure is not None:
            raise failure


class LostAfter(NobodyKnows):
    """Carried out, and the answer was lost."""


@pytest.fixture
def network(world: Any, monkeypatch: pytest.MonkeyPatch) -> Network:
    """The account's network lets everything be done."""
    there = Network()
    channel = world.bridge.channels["acme"]
    monkeypatch.setattr(channel, "acts", there.acts)
    monkeypatch.setattr(channel, "do", there.do)
    return there


def note(world: Any, text: str, by: int = preset.INES) -> None:
    world.answer(text, public=False, agent=by)


def state(world: Any) -> list[tuple[str, str]]:
    """(act, state) of all that was asked for on the ticket, oldest first."""
    with world.bridge.ledger.reading() as tx:
        found = acts.of_ticket(tx, world.bridge.desk, str(world.ticket().id))
    return [(each.act, each.state) for each in reversed(found)]


def number_of(world: Any, network_id: str) -> str:
    with world.bridge.ledger.reading() as tx:
        known = posts.find(tx, "acme", network_id)
    assert known is not None
    return f"p{known.id}"


# ------------------------------------------------------------------ on a network that is there


def test_a_like_is_given_and_taken_back(world: Any) -> None:
    """At once, on the last message above the note; the ticket says so."""
    asked = world.ask("ada", "@bridge thank you!")
    note(world, "#like")
    brand = world.town.find("bridge").id
    assert world.town.favourited_by(asked.id) == {brand}
    assert "We like this message on Mastodon now" in world.notes()[-1]
    note(world, "#unlike")
    assert world.town.favourited_by(asked.id) == frozenset()
    assert state(world) == [("like", acts.DONE), ("unlike", acts.DONE)]


def test_an_author_is_blocked_with_a_reason_and_let_in_again(world: Any) -> None:
    """Without a reason nothing happens, and a note says how it is written."""
    world.ask("ada", "@bridge you are all idiots")
    bridge, ada = world.town.find("bridge").id, world.town.find("ada").id
    note(world, "#block")
    assert not world.town.blocks(bridge, ada)
    assert "a reason is needed" in world.notes()[-1]
    assert "#block p" in world.notes()[-1]
    note(world, "#block insults us in every post")
    assert world.town.blocks(bridge, ada)
    note(world, "#unblock")
    assert not world.town.blocks(bridge, ada)
    assert [each for _, each in state(world)] == [acts.REFUSED, acts.DONE, acts.DONE]


def test_what_the_network_cannot_do_is_said_with_what_it_can(world: Any) -> None:
    """Hiding others' posts does not exist on Mastodon."""
    world.ask("ada", "@bridge spam")
    note(world, "#hide advertising")
    assert "#like, #unlike, #block, #unblock" in world.notes()[-1]
    assert state(world) == [("hide", acts.REFUSED)]


def test_a_missing_scope_stops_the_act_and_nothing_else(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account goes on answering: only this needs another permission."""
    world.ask("ada", "@bridge thank you!")
    scopes = ("read:accounts", "read:notifications", "read:statuses", "write:statuses")
    token = world.town.token_for("bridge", *scopes)
    channel = world.bridge.channels["acme"]
    monkeypatch.setattr(channel, "_calls", replace(channel._calls, token=Secret(token)))
    note(world, "#like")
    assert "does not allow our app to do this" in world.notes()[-1]
    world.answer("You are welcome")
    assert "You are welcome" in world.thread(world.town.statuses()[0])[-1][2]


# ------------------------------------------------------------------ which message is meant


def test_without_a_number_the_last_message_above_the_note_is_meant(
    world: Any, network: Network
) -> None:
    """What the customer said after the agent had written is not touched."""
    first = world.ask("ada", "@bridge buy my pills")
    ticket = world.ticket()
    world.desk.answer(ticket.id, "#hide advertising", False)
    world.ask("ada", "@bridge sorry, my cat wrote that", in_reply_to=first.id)
    world.ping(ticket)
    assert network.done == [(Act.HIDE, first.id)]


def test_a_number_names_the_message(world: Any, network: Network) -> None:
    first = world.ask("ada", "@bridge buy my pills")
    world.ask("ada", "@bridge and my cream", in_reply_to=first.id)
    note(world, f"#hide {number_of(world, first.id)} advertising")
    assert network.done == [(Act.HIDE, first.id)]


@pytest.mark.parametrize("number", ["p9999", "r1", "a1", "other"])
def test_a_message_that_is_not_on_the_ticket_is_left_alone(
    world: Any, network: Network, number: str
) -> None:
    """Also one that exists, on somebody else's ticket."""
    world.ask("chloe", "@bridge hello")
    [others] = world.tickets()
    world.ask("ada", "@bridge buy my pills")
    mine = next(each for each in world.tickets() if each.id != others.id)
    if number == "other":
        number = number_of(world, world.town.statuses()[0].id)
    world.answer(f"#hide {number} advertising", mine, public=False)
    assert network.done == []
    assert "There is no such message on this ticket" in world.notes(mine)[-1]


def test_a_message_that_is_gone_is_said_to_be(world: Any, network: Network) -> None:
    asked = world.ask("ada", "@bridge buy my pills")
    world.town.delete(asked.id)
    world.later(700)
    note(world, "#hide advertising")
    assert network.done == []
    assert "no longer on Mastodon" in world.notes()[-1]


# ------------------------------------------------------------------ a reason, and a second person


@pytest.mark.parametrize("command", ["#hide", "#delete", "#block", "#delete p1"])
def test_what_takes_away_needs_a_reason(world: Any, network: Network, command: str) -> None:
    world.ask("ada", "@bridge your service is bad")
    note(world, command)
    assert network.done == []
    assert "a reason is needed" in world.notes()[-1]


def test_deleting_needs_a_second_person(world: Any, network: Network) -> None:
    """Who asked cannot agree; whoever else can, and both are named."""
    asked = world.ask("ada", "@bridge something forbidden")
    note(world, "#delete incites to violence")
    assert network.done == []
    assert "needs a second person" in world.notes()[-1]
    assert "#approve a1" in world.notes()[-1]
    note(world, "#approve a1")
    assert network.done == []
    assert "must be somebody else" in world.notes()[-1]
    note(world, "#approve", by=preset.TOM)
    assert network.done == [(Act.DELETE, asked.id)]
    assert "We have deleted this message" in world.notes()[-1]
    assert "Ines, Tom" in world.notes()[-1]
    note(world, "#approve a1", by=preset.TOM)
    assert len(network.done) == 1
    assert "Nothing on this ticket waits" in world.notes()[-1]


def test_a_customer_cannot_agree(world: Any, network: Network) -> None:
    """Only agents are persons here: an end user's comment is none of it, nor is a public one."""
    world.ask("ada", "@bridge something forbidden")
    note(world, "#delete incites to violence")
    ticket = world.ticket()
    customer = next(u.id for u in world.desk.users.values() if u.role == "end-user")
    world.answer("#approve a1", ticket, public=False, agent=customer)
    world.answer("#approve a1", ticket, agent=preset.TOM)
    assert network.done == []
    assert state(world) == [("delete", acts.HELD)]


def test_the_number_of_another_tickets_act_approves_nothing(world: Any, network: Network) -> None:
    world.ask("ada", "@bridge something forbidden")
    note(world, "#delete incites to violence")
    mine = world.ticket()
    world.ask("chloe", "@bridge hello")
    hers = next(each for each in world.tickets() if each.id != mine.id)
    world.answer("#approve a1", hers, public=False, agent=preset.TOM)
    assert network.done == []
    assert "Nothing on this ticket waits" in world.notes(hers)[-1]


# ------------------------------------------------------------------ once, and whatever happens


@pytest.mark.parametrize("lost", [NobodyKnows("lost"), LostAfter("lost")])
@pytest.mark.parametrize("act", [Act.HIDE, Act.DELETE])
def test_a_lost_answer_is_asked_for_again(
    world: Any, network: Network, lost: Exception, act: Act
) -> None:
    """Acts may be repeated; a deletion that was carried out is found done, not refused."""
    world.ask("ada", "@bridge buy my pills")
    network.answers = [lost]
    note(world, f"#{act} advertising")
    if act is Act.DELETE:
        note(world, "#approve", by=preset.TOM)
    world.later(60)
    assert state(world) == [(act, acts.DONE)]
    assert sum("We have" in each for each in world.notes()) == 1


def test_what_nobody_ever_confirms_is_said_to_be_unknown(world: Any, network: Network) -> None:
    world.ask("ada", "@bridge buy my pills")
    network.answers = [NobodyKnows("lost")] * 50
    note(world, "#hide advertising")
    for _ in range(8):
        world.later(700)
    assert state(world) == [("hide", acts.UNKNOWN)]
    assert "may or may not have happened" in world.notes()[-1]


def test_a_refusal_is_told_in_the_networks_words(world: Any, network: Network) -> None:
    world.ask("ada", "@bridge buy my pills")
    network.answers = [Refused("not on a Tuesday")]
    note(world, "#hide advertising")
    assert "refused to do this: not on a Tuesday" in world.notes()[-1]
    assert state(world) == [("hide", acts.REFUSED)]


def test_a_dead_sign_in_is_waited_for_in_order(world: Any, network: Network) -> None:
    """As a reply does: what was asked for later is done later."""
    asked = world.ask("ada", "@bridge buy my pills")
    network.answers = [NeedsSignIn("dead")]
    note(world, "#hide advertising")
    assert "cannot be asked to do this at the moment" in world.notes()[-1]
    note(world, "#unhide")
    assert network.done == []
    world.later(400)
    assert network.done == [(Act.HIDE, asked.id), (Act.UNHIDE, asked.id)]


def test_a_paused_account_does_nothing_until_it_goes_on(world: Any, network: Network) -> None:
    asked = world.ask("ada", "@bridge buy my pills")
    with world.bridge.ledger.writing() as tx:
        paused(tx, "acme", "an admin said so")
    note(world, "#hide advertising")
    world.later(7200)
    assert network.done == []
    assert "paused our account" in world.notes()[-1]
    with world.bridge.ledger.writing() as tx:
        resumed(tx, "acme")
    world.later(400)
    assert network.done == [(Act.HIDE, asked.id)]


def test_after_a_day_it_is_given_up(world: Any, network: Network) -> None:
    world.ask("ada", "@bridge buy my pills")
    network.answers = [Again("not now")] * 1000
    note(world, "#hide advertising")
    for _ in range(30):
        world.later(3600)
    assert state(world) == [("hide", acts.REFUSED)]
    assert "for a whole day" in world.notes()[-1]


def test_a_note_is_taken_up_once(world: Any, network: Network) -> None:
    world.ask("ada", "@bridge buy my pills")
    note(world, "#hide advertising")
    for _ in range(3):
        world.ping(world.ticket())
    assert len(network.done) == 1


# ------------------------------------------------------------------ what comes back


def test_our_own_hiding_is_not_told_again_and_somebody_elses_is(
    world: Any, network: Network, hears: Any
) -> None:
    """The network tells of it as of anybody's; later, an admin does the same in its app."""
    hears(hears.post("77", "@bridge buy my pills"))
    note(world, "#hide advertising")
    before = len(world.notes())
    now = world.clock()
    hears(Remark("acme", "77", now + timedelta(seconds=1), What.HIDDEN))
    assert len(world.notes()) == before
    hears(Remark("acme", "77", now + timedelta(seconds=30), What.SHOWN))
    assert "shown to the public" in world.notes()[-1]
    hears(Remark("acme", "77", now + timedelta(seconds=60), What.HIDDEN))
    assert "hidden from the public" in world.notes()[-1]
    assert len(world.notes()) == before + 2


def test_our_own_deletion_is_not_told_as_the_customers(
    world: Any, network: Network, hears: Any
) -> None:
    """And the words stay on the ticket: they are why it was deleted, and who answers for that."""
    hears(hears.post("77", "@bridge something forbidden"))
    note(world, "#delete incites to violence")
    note(world, "#approve", by=preset.TOM)
    before = world.notes()
    hears(Removal("acme", "77", world.clock(), "deleted"))
    assert world.notes() == before
    assert "something forbidden" in world.comments()[0].plain_body


def test_a_removal_proves_a_deletion_that_nobody_confirmed(
    world: Any, network: Network, hears: Any
) -> None:
    hears(hears.post("77", "@bridge something forbidden"))
    network.answers = [NobodyKnows("lost")] * 50
    note(world, "#delete incites to violence")
    note(world, "#approve", by=preset.TOM)
    for _ in range(8):
        world.later(700)
    assert state(world) == [("delete", acts.UNKNOWN)]
    hears(Removal("acme", "77", world.clock(), "deleted"))
    assert state(world) == [("delete", acts.DONE)]
    assert "We have deleted this message" in world.notes()[-1]


def test_a_customers_removal_while_a_deletion_waits_is_theirs(
    world: Any, network: Network, hears: Any
) -> None:
    """It was never asked of the network: the words are taken off, and the second person reads that
    there is nothing left to do."""
    hears(hears.post("77", "@bridge something forbidden"))
    note(world, "#delete incites to violence")
    hears(Removal("acme", "77", world.clock(), "deleted"))
    assert "removed on Mastodon" in world.notes()[-1]
    note(world, "#approve", by=preset.TOM)
    assert network.done == []
    assert "no longer on Mastodon" in world.notes()[-1]


# ------------------------------------------------------------------ what the sidebar asks


def test_what_is_possible_is_told_for_each_post(world: Any, network: Network, hears: Any) -> None:
    """Nothing for what is gone, for our own posts, and where the network can do nothing."""
    hears(hears.post("77", "@bridge hello"))
    with world.bridge.ledger.reading() as tx:
        known = posts.find(tx, "acme", "77")
        post = posts.newest_revision(tx, known.id)
    assert moderating.possible(world.bridge, post, known) == tuple(a for a in Act if a in CAN)
    hears(Removal("acme", "77", world.clock(), "deleted"))
    with world.bridge.ledger.reading() as tx:
        known = posts.find(tx, "acme", "77")
    assert moderating.possible(world.bridge, post, known) == ()
