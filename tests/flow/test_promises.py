"""The three promises where they are hardest to keep: crowds, dead sign-ins, merged tickets."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from bridge.channels.contract import Limits
from bridge.ledger import accounts, conversations, deliveries, lanes, steps
from bridge.ledger import tables as t
from bridge.ledger.accounts import State
from bridge.model import Media, Removal, Visibility
from bridge.sandbox.zendesk import preset

PUBLIC, DIRECT = "public", "direct"
STATUSES, TICKETS, UPDATES = "/api/v1/statuses", "/api/v2/tickets", "/api/v2/tickets/*"


def standing(world: Any, account: str) -> State:
    with world.bridge.ledger.reading() as tx:
        return accounts.standing(tx, account).state


def step_states(world: Any) -> set[str]:
    with world.bridge.ledger.reading() as tx:
        return set(steps.counts(tx))


def numbers_on(world: Any, ticket: Any = None) -> list[int]:
    """The numbers of "message <n>." on a ticket, in the order in which they stand there."""
    said = [comment.plain_body.partition("Earlier in")[0] for comment in world.comments(ticket)]
    return [int(number) for number in re.findall(r"message (\d+)\.", "\n".join(said))]


def each_comment(world: Any) -> list[list[str]]:
    return [re.findall(r"message (\d+)\.", said.plain_body) for said in world.comments()]


# ------------------------------------------------------------------ a crowd on one ticket


def crowd(hears: Any, first: int, last: int) -> None:
    for number in range(first, last):
        parent = {"parent_id": "m0", "thread_id": "m0"} if number else {}
        hears(hears.post(f"m{number}", f"message {number}.", **parent))
        hears.world.clock.move(2)


def test_more_messages_than_a_ticket_takes_are_all_there_in_order(hears: Any) -> None:
    """Sixty messages in two minutes, where a ticket takes thirty updates in ten: none is dropped,
    none is doubled, several share a comment, and the helpdesk never had to refuse one."""
    world = hears.world
    crowd(hears, 0, 60)
    for _ in range(4):
        world.later(320)
    assert list(range(60)) == numbers_on(world)
    assert len(world.comments()) < 60
    assert max(len(numbers) for numbers in each_comment(world)) > 1
    assert not [asked for asked in world.desk.faults.asked("PUT") if asked.status == 429]
    assert {steps.DONE} == step_states(world)


@pytest.mark.parametrize("fault", ["429", "drop_before_write", "drop_after_write"])
def test_what_arrives_between_two_tries_of_one_comment_is_not_lost(hears: Any, fault: str) -> None:
    """The comment for several was frozen and did not go through; more arrives; the next try sends
    what was frozen, and what came later follows by itself."""
    world = hears.world
    crowd(hears, 0, 20)  # from here on the ticket is crowded
    world.desk.faults.add(fault, method="PUT", path=UPDATES, **_wait(fault))
    crowd(hears, 20, 25)
    for number in range(25, 28):
        hears.keep(hears.post(f"m{number}", f"message {number}.", parent_id="m0", thread_id="m0"))
    world.settle()
    for _ in range(5):
        world.later(320)
    assert list(range(28)) == numbers_on(world)
    assert {steps.DONE} == step_states(world)


@pytest.mark.parametrize("fault", ["429", "drop_before_write", "drop_after_write"])
def test_a_comment_of_its_own_stays_one_when_it_gets_crowded_before_its_next_try(
    hears: Any, fault: str
) -> None:
    """Frozen alone and not gone through; by the next try the ticket is crowded and more waits:
    what was frozen alone does not count for the others."""
    world = hears.world
    crowd(hears, 0, 5)
    world.desk.faults.add(fault, method="PUT", path=UPDATES, **_wait(fault))
    crowd(hears, 5, 8)
    world.bridge.helpdesk.updates_per_window = 8  # crowded from one moment to the next
    for _ in range(8):
        world.later(320)
    assert list(range(8)) == numbers_on(world)
    assert {steps.DONE} == step_states(world)


@pytest.mark.parametrize("fault", ["drop_before_write", "drop_after_write"])
def test_the_others_of_one_comment_are_told_once_though_its_first_is_removed(
    hears: Any, fault: str
) -> None:
    """The comment for three may stand on the ticket; before that is known, the first of them is
    taken back. It is found first: the other two are told once, the first is taken off."""
    world = hears.world
    crowd(hears, 0, 1)
    world.bridge.helpdesk.updates_per_window = 13  # crowded from here on
    for number in (1, 2, 3):
        hears.keep(hears.post(f"m{number}", f"message {number}.", parent_id="m0", thread_id="m0"))
    world.desk.faults.add(fault, method="PUT", path=UPDATES)
    world.settle()
    hears(Removal("acme", "m1", world.clock(), "deleted"))
    for _ in range(3):
        world.later(320)
    assert [0, 2, 3] == numbers_on(world)
    assert {steps.DONE} == step_states(world)


def test_a_ticket_opened_by_what_was_removed_meanwhile_is_known_as_ours(hears: Any) -> None:
    """Its answer was lost, and the post taken back before anybody looked: the ticket is there,
    agents may write on it, and the words are taken off."""
    world = hears.world
    world.desk.faults.add("drop_after_write", method="POST", path=TICKETS)
    hears(hears.post("m0", "message 0."))
    hears(Removal("acme", "m0", world.clock(), "deleted"))
    world.later(60)
    with world.bridge.ledger.reading() as tx:
        known = conversations.by_ticket(tx, world.bridge.desk, str(world.ticket().id))
    assert known is not None
    assert [] == numbers_on(world)
    assert any("removed" in note for note in world.notes())


def _wait(fault: str) -> dict[str, float]:
    return {"retry_after": 60} if fault == "429" else {}


def test_a_crowd_of_several_people_is_never_one_comment(hears: Any) -> None:
    """Messages of different people, or of different visibility, are not put under one name."""
    world = hears.world
    world.remap("rules:\n", "threads: {default: {per: thread}}\nrules:\n")
    world.bridge.helpdesk.updates_per_window = 13  # crowded from the start
    hears(hears.post("m0", "message 0."))
    for number in range(1, 7):
        hears.keep(
            hears.post(
                f"m{number}",
                f"message {number}.",
                author=hears.person(number // 2),
                parent_id="m0",
                thread_id="m0",
            )
        )
    world.settle()
    assert list(range(7)) == numbers_on(world)
    for said in world.comments():
        assert 1 == len({line for line in said.plain_body.split() if line.startswith("@person")})


def test_very_long_messages_are_not_put_together_beyond_what_a_comment_takes(hears: Any) -> None:
    """Ten messages of five thousand characters stay several comments."""
    world = hears.world
    hears(hears.post("m0", "message 0."))
    world.bridge.helpdesk.updates_per_window = 13
    for number in range(1, 9):
        hears.keep(
            hears.post(
                f"m{number}", f"message {number}." + "x" * 5000, parent_id="m0", thread_id="m0"
            )
        )
    world.settle()
    for _ in range(3):
        world.later(320)
    assert list(range(9)) == numbers_on(world)
    assert max(len(said.plain_body) for said in world.comments()) < 12_000


def test_messages_keep_their_order_when_the_first_must_wait(hears: Any) -> None:
    """What is asked to wait stays at the head of its lane; another conversation goes on."""
    world = hears.world
    hears(hears.post("m0", "message 0."))
    world.desk.faults.add("429", method="PUT", path=UPDATES, retry_after=60)
    crowd(hears, 1, 4)
    assert [0] == numbers_on(world)
    hears(hears.post("other", "somebody else", author=hears.person(5)))
    assert 2 == len(world.tickets())
    world.later(61)
    assert [0, 1, 2, 3] == numbers_on(world, world.tickets()[0])


# ------------------------------------------------------------------ dead sign-ins


def test_replies_wait_for_a_dead_account_and_go_out_in_order(world: Any) -> None:
    """One note says so; when the account is connected again, everything goes out by itself."""
    asked = world.ask("ada", "@bridge hello")
    world.town_faults.add("401", path="/api/*", times=None)
    world.answer("first answer")
    world.answer("second answer")
    for _ in range(5):
        world.later(301)
    assert 1 == len(world.thread(asked))
    assert State.NEEDS_SIGN_IN is standing(world, "acme")
    assert 1 == len([note for note in world.notes() if "no longer accepts our sign-in" in note])
    world.town_faults.clear()
    world.later(301)
    texts = [text for _, _, text in world.thread(asked)[1:]]
    assert ["first answer", "second answer"] == [" ".join(x.split()[-2:]) for x in texts]
    assert State.CONNECTED is standing(world, "acme")
    assert "delivered" == world.ticket().value(preset.FIELD_DELIVERY)


def test_a_dead_account_is_given_up_after_a_day_and_can_be_retried(world: Any) -> None:
    """The reply is not sent out of the blue days later; #retry sends it."""
    asked = world.ask("ada", "@bridge hello")
    world.town_faults.add("401", method="POST", path=STATUSES, times=None)
    world.answer("first answer")
    world.later(25 * 3600)
    world.later(301)
    world.town_faults.clear()
    world.later(3600)
    assert 1 == len(world.thread(asked))
    world.answer("#retry", public=False)
    world.later(301)
    assert 2 == len(world.thread(asked))


def test_a_network_away_for_a_day_is_told_first_as_waiting_then_as_given_up(world: Any) -> None:
    """After ten minutes the ticket says that it is still being tried, after a day that it is not;
    never that a time window of the network's has closed."""
    asked = world.ask("ada", "@bridge hello")
    world.town_faults.add("503", path="/api/*", times=None)
    world.town_faults.add("429", method="POST", path=STATUSES, times=None, retry_after=300)
    channel = world.bridge.channels["acme"]
    assert isinstance(channel.limits(), Limits)
    world.answer("Hello Ada")
    for _ in range(4):
        world.later(301)
    assert 1 == len([note for note in world.notes() if "sent again by itself" in note])
    world.later(25 * 3600)
    world.later(3600)
    assert "for a whole day" in world.notes()[-1]
    assert not any("time window" in note for note in world.notes())
    assert 1 == len(world.thread(asked))


def test_a_dead_helpdesk_holds_everything_and_sets_nothing_aside(world: Any) -> None:
    """Posts of several people arrive while the helpdesk refuses our token: they wait, in order,
    and nothing of it is blamed on the network."""
    world.ask("chloe", "@bridge before")
    world.desk.faults.add("401", path="/api/*", times=None)
    asked = world.ask("ada", "@bridge message 1.")
    world.ask("ada", "@bridge message 2.", in_reply_to=asked.id)
    world.ask("dora", "@bridge message 3.")
    for _ in range(5):
        world.later(301)
    assert 1 == len(world.tickets())
    assert State.NEEDS_SIGN_IN is standing(world, world.bridge.desk)
    assert State.CONNECTED is standing(world, "acme")
    assert steps.SET_ASIDE not in step_states(world)
    world.desk.faults.clear()
    world.later(301)
    world.later(301)
    assert State.CONNECTED is standing(world, world.bridge.desk)
    # Whose ticket is opened first is nobody's promise.
    assert [[], [1, 2], [3]] == sorted(numbers_on(world, ticket) for ticket in world.tickets())


def test_a_note_that_could_not_be_written_is_written_later(world: Any) -> None:
    """The network refuses a reply while the helpdesk refuses our token: the agent is told once the
    helpdesk takes it, not never."""
    world.ask("dora", "@bridge hello")
    world.desk.faults.add("401", method="PUT", path=UPDATES, times=None)
    world.answer("Hello Dora")
    assert [] == world.notes()
    world.desk.faults.clear()
    world.later(301)
    (note,) = world.notes()
    assert "refused this reply" in note


def test_a_helpdesk_that_does_not_give_an_attachment_is_not_the_networks_fault(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While our token is dead the reply waits and the account stays connected; a file that is gone
    is said to be gone."""
    from bridge.errors import Gone, NeedsSignIn
    from bridge.model import File

    asked = world.ask("ada", "@bridge hello")
    whole, wrong = world.bridge.helpdesk.download, [NeedsSignIn("token"), Gone("no such file")]

    def download(*args: Any) -> Any:
        if wrong:
            raise wrong.pop(0)
        return whole(*args)

    monkeypatch.setattr(world.bridge.helpdesk, "download", download)
    picture = File("p.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    world.answer("See", files=(picture,))
    assert State.CONNECTED is standing(world, "acme")
    assert [] == world.notes()
    world.later(301)
    (note,) = world.notes()
    assert "p.png: no such file" in note
    world.answer("#retry", public=False)
    assert 2 == len(world.thread(asked))


def test_being_asked_to_wait_outlasts_other_good_news(world: Any) -> None:
    """The network asked the poll to wait; a reply that goes through meanwhile does not make the
    poll impatient."""
    asked = world.ask("ada", "@bridge hello")
    world.town_faults.add("429", path="/api/v1/notifications", retry_after=500)
    world.later(61)
    polls = len(world.town_faults.asked("GET", "/api/v1/notifications"))
    world.answer("Hello Ada")
    world.later(61)
    assert 2 == len(world.thread(asked))
    assert polls == len(world.town_faults.asked("GET", "/api/v1/notifications"))
    world.later(500)
    assert polls < len(world.town_faults.asked("GET", "/api/v1/notifications"))


def test_an_account_that_left_the_mapping_is_a_note_not_a_defect(world: Any) -> None:
    """An agent answers a ticket of an account that is no longer there: the ticket says so."""
    world.ask("ada", "@bridge hello")
    mapping = replace(world.bridge.mapping, accounts={})
    world.bridge = replace(world.bridge, channels={}, mapping=mapping)
    world.answer("Hello Ada")
    (note,) = world.notes()
    assert "not set up properly" in note


# ------------------------------------------------------------------ settings that are wrong


def test_a_group_that_nobody_knows_does_not_keep_a_customer_waiting(world: Any) -> None:
    """The ticket is opened where the helpdesk puts it, tagged, and says what is wrong."""
    world.remap("group: Social", "group: Sozial")
    world.ask("ada", "@bridge hello")
    ticket = world.ticket()
    assert "bridge_misrouted" in ticket.tags
    (said,) = world.comments()
    assert "hello" in said.plain_body
    assert "Sozial" in said.plain_body


# ------------------------------------------------------------------ pictures


def test_a_picture_that_cannot_be_fetched_is_linked_in_the_end(hears: Any) -> None:
    """The words cannot wait for ever: after a few tries the picture is only linked."""
    world = hears.world
    media = world.town.upload("ada", b"\x89PNG\r\n\x1a\n" + b"0" * 40, "image/png", "p.png")
    world.town_faults.add("503", method="GET", path="/system/*", times=None)
    world.ask("ada", "@bridge look", media=(media.id,))
    assert () == world.tickets()
    for _ in range(6):
        world.later(120)
    (said,) = world.comments()
    assert "look" in said.plain_body
    assert media.id in said.plain_body
    assert () == said.attachments


def test_a_helpdesk_in_trouble_does_not_cost_the_picture(hears: Any) -> None:
    """However often the helpdesk had to be asked again, the picture is still copied."""
    world = hears.world
    media = world.town.upload("ada", b"\x89PNG\r\n\x1a\n" + b"0" * 40, "image/png", "p.png")
    world.desk.faults.add("503", method="POST", times=6)
    world.ask("ada", "@bridge look", media=(media.id,))
    for _ in range(9):
        world.later(120)
    (said,) = world.comments()
    assert 1 == len(said.attachments)


def test_a_picture_that_is_gone_is_linked_at_once(hears: Any) -> None:
    """What will never be there is not waited for."""
    gone = Media(f"{_address(hears.world)}/system/gone.png", "image/png", description="a parcel")
    hears(hears.post("p1", "look", media=(gone,)))
    (said,) = hears.world.comments()
    assert "gone.png" in said.plain_body


def _address(world: Any) -> str:
    return str(world.bridge.mapping.accounts["acme"].options["url"])


# ------------------------------------------------------------------ what agents do meanwhile


def test_an_answer_written_while_the_ticket_is_being_read_is_not_overlooked(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comments were fetched, then the agent writes and the helpdesk pings: that ping counts."""
    asked = world.ask("ada", "@bridge hello")
    whole, written = world.bridge.helpdesk.comments, []

    def comments(ticket_id: str, *more: object) -> Any:
        found = whole(ticket_id, *more)
        if not written:
            written.append(world.desk.answer(int(ticket_id), "second answer"))
            # What the intake of that ping does, in another worker at this very moment.
            from bridge.flow.tickets import look_at
            from bridge.ledger import conversations

            with world.bridge.ledger.writing() as tx:
                look_at(tx, conversations.one(tx, 1), ticket_id)
        return found

    monkeypatch.setattr(world.bridge.helpdesk, "comments", comments)
    world.answer("first answer")
    assert ["first answer", "second answer"] == [
        " ".join(text.split()[-2:]) for _, _, text in world.thread(asked)[1:]
    ]


def test_an_answer_on_a_ticket_before_we_knew_it_as_ours_is_sent(world: Any) -> None:
    """The helpdesk opened the ticket and its answer was lost; an agent is faster than our look."""
    world.desk.faults.add("drop_after_write", method="POST", path=TICKETS)
    asked = world.ask("ada", "@bridge hello")
    world.desk.answer(world.ticket().id, "quick answer")
    world.ping(world.ticket())
    assert 1 == len(world.thread(asked))
    world.later(11)
    assert 2 == len(world.thread(asked))


def test_an_answer_on_the_old_ticket_goes_out_after_the_follow_up_was_opened(world: Any) -> None:
    """The agent answered and the ticket was closed; before we heard of it the customer wrote again
    and a follow-up was opened: the answer is still sent."""
    asked = world.ask("ada", "@bridge hello")
    first = world.ticket()
    world.clock.move(5)
    world.desk.answer(first.id, "late answer")
    world.desk.close(first.id)
    world.ask("ada", "@bridge hello again", in_reply_to=asked.id)
    assert 2 == len(world.tickets())
    world.ping(first)
    assert any("late answer" in text for _, _, text in world.thread(asked))


def test_after_a_merge_a_private_message_is_not_answered_in_another_persons_thread(
    world: Any,
) -> None:
    """Ada's private ticket was merged into Chloé's public one. What the agent answers stands under
    Ada's private words, so it goes to Ada, privately."""
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    asked = world.ask("chloe", "@bridge hello all")
    private, public = world.tickets()
    world.desk.merge(private.id, public.id)
    first = world.town.direct_between("ada", "bridge")[0]
    world.ask("ada", "@bridge and it expires in May", DIRECT, in_reply_to=first.id)
    assert any("in May" in said.plain_body for said in world.comments(public))
    world.answer("your card 1234 is blocked now", public)
    world.later(3)
    assert 1 == len(world.thread(asked))
    assert all("blocked" not in status.text for status in world.town.public_timeline())
    assert "blocked now" in world.town.direct_between("ada", "bridge")[-1].text
    assert all("blocked" not in s.text for s in world.town.direct_between("chloe", "bridge"))


def test_a_removed_post_is_redacted_where_it_stands(world: Any) -> None:
    """The conversation has gone on in a follow-up; the words to take back stand on the old one."""
    asked = world.ask("ada", "@bridge my number is 555-1234")
    first = world.ticket()
    world.desk.close(first.id)
    world.ask("ada", "@bridge hello again", in_reply_to=asked.id)
    world.town.delete(asked.id)
    world.later(700)
    assert all("555-1234" not in said.plain_body for said in world.comments(first))
    assert steps.SET_ASIDE not in step_states(world)


def test_the_same_words_to_the_same_person_twice_are_two_messages(world: Any) -> None:
    """An answer that was lost on the way is not taken for an equal one that did arrive."""
    asked = world.ask("ada", "@bridge hello")
    world.answer("On it!")
    world.town_faults.add("drop_before_write", method="POST", path=STATUSES)
    world.answer("On it!")
    world.later(11)
    world.later(31)
    assert 3 == len(world.thread(asked))


def test_a_look_that_lost_its_ticket_is_no_trouble(world: Any) -> None:
    """An agent deletes the ticket: there is nothing to look at, and nothing to set aside."""
    world.ask("ada", "@bridge hello")
    ticket = world.ticket()
    world.desk.delete(ticket.id)
    world.ping(ticket)
    assert steps.SET_ASIDE not in step_states(world)


def test_a_ping_about_somebody_elses_ticket_costs_no_call(world: Any) -> None:
    """Most of a helpdesk's tickets are not ours: the ledger tells, without asking the helpdesk."""
    with world.bridge.ledger.writing() as tx:
        deliveries.receive(
            tx, source=world.bridge.desk, key="x", via="webhook", body=b"{}", about="4711"
        )
        lanes.wake(tx, f"intake:{world.bridge.desk}")
    world.settle()
    assert () == world.desk.faults.asked("GET", "/api/v2/tickets/4711*")
    with world.bridge.ledger.reading() as tx:
        row = tx.conn.execute(t.deliveries.select().where(t.deliveries.c.key == "x")).one()
    assert ("ignored", "the ticket is not one of ours") == (row.state, row.because)


@pytest.mark.parametrize("when", ["open", "append"])
def test_every_private_post_says_on_the_ticket_that_it_is_private(hears: Any, when: str) -> None:
    """Agents see for each comment who can read it, also where both kinds share a ticket."""
    world = hears.world
    if when == "append":
        hears(hears.post("p1", "public"))
    hears(hears.post("p2", "secret", visibility=Visibility.PRIVATE, parent_id="p1", thread_id="p1"))
    assert (
        "private: only the customer and we can read it"
        in world.comments(world.tickets()[-1])[-1].plain_body
    )
