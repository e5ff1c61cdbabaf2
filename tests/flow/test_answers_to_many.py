"""One answer to many is held, confirmed by its number, and sent once to each, at a pace."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bridge.errors import Refused
from bridge.flow import queues, sending_many
from bridge.flow.standing import paused, resumed
from bridge.helpdesks.contract import Changed
from bridge.ledger import broadcast_browsing, broadcast_sending, broadcasts, posts, replies, storms
from bridge.model import Outcome
from bridge.sandbox.zendesk import endings, preset

STORM = "storm: {after: 3, within: 10m, samples: 2, answers_per_minute: 6}\nrules:\n"
DOWN = "@bridge the app is down again and nobody can sign in since this morning"
ANSWER = "We know, and are at it. It will work again by noon."


@pytest.fixture
def stormy(no_limit_of_posts: None, world: Any) -> Any:
    return begun(world)


def begun(world: Any) -> Any:
    world.remap("rules:\n", STORM)
    for number in range(12):
        world.town.person(f"p{number}", f"Person {number}", followers=number)
    return world


def many(world: Any, *numbers: int) -> list[Any]:
    """So many people say the same, one after the other."""
    return [world.ask(f"p{number}", f"{DOWN} {'!' * (number % 3)}") for number in numbers]


def incident(world: Any) -> Any:
    (found,) = (each for each in world.tickets() if "bridge_storm" in each.tags)
    return found


def answers(world: Any) -> Counter[str]:
    """What the brand has said in public, by whom it mentions."""
    said = (each for each in world.town.statuses() if ANSWER in each.text)
    return Counter(each.text.split()[0].split("@")[1] for each in said)


def newest(world: Any) -> Any:
    with world.bridge.ledger.reading() as tx:
        (storm,) = storms.open_ones(tx, world.bridge.desk)
        return broadcasts.of_storm(tx, storm.id)[0]


def go_on(world: Any, times: int = 10) -> None:
    """Ten seconds at a time: six answers a minute."""
    for _ in range(times):
        world.later(10)


def order(world: Any, text: str, **how: Any) -> None:
    world.answer(text, incident(world), public=False, **how)


def ask_all(world: Any) -> Any:
    """An agent answers on the incident's ticket; what waits for a confirmation."""
    world.answer(ANSWER, incident(world))
    return newest(world)


def test_a_comment_is_held_and_says_whom_it_would_reach(stormy: Any) -> None:
    many(stormy, *range(7))
    found = ask_all(stormy)
    assert Counter() == answers(stormy)
    note = stormy.notes(incident(stormy))[-1]
    assert f"sent to nobody ({found.number})" in note
    assert "in public, to 5 people" in note
    assert "- acme (Mastodon): 5 people, " in note
    assert "of 500 graphemes, about 50 s" in note
    assert f"> @p2@sandbox.example {ANSWER}" in note
    assert f"#answer-all {found.number} 5" in note
    go_on(stormy)
    assert Counter() == answers(stormy)


def test_it_goes_to_each_once_at_a_pace(stormy: Any) -> None:
    many(stormy, *range(7))
    found = ask_all(stormy)
    order(stormy, f"#answer-all {found.number} {found.count}")
    assert 1 == answers(stormy).total()
    stormy.later(9)
    assert 1 == answers(stormy).total()
    stormy.later(1)
    assert 2 == answers(stormy).total()
    go_on(stormy)
    assert Counter({f"p{number}": 1 for number in range(2, 7)}) == answers(stormy)
    started, done = stormy.notes(incident(stormy))[-2:]
    assert f"{found.number} goes out to 5 people since Ines" in started
    assert "has gone out.\n- Delivered: 5\n" in done
    assert broadcasts.DONE == newest(stormy).state
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy)
    assert 5 == answers(stormy).total()


def test_each_is_a_reply_under_the_persons_newest_post(stormy: Any) -> None:
    many(stormy, 0, 1, 2, 3, 4)
    last = many(stormy, 4)[0]
    found = ask_all(stormy)
    assert 3 == found.count
    order(stormy, f"#answer-all {found.number} 3")
    go_on(stormy)
    (said,) = (
        each
        for each in stormy.town.statuses()
        if each.text.startswith("@p4") and ANSWER in each.text
    )
    assert last.id == said.in_reply_to
    assert "public" == said.visibility


@pytest.mark.parametrize(
    "text", ["#answer-all {r} 4", "#answer-all {r}", "#answer-all 5", "#answer-all r999999 5"]
)
def test_another_number_sends_nothing(stormy: Any, text: str) -> None:
    many(stormy, *range(7))
    found = ask_all(stormy)
    before = len(stormy.notes(incident(stormy)))
    order(stormy, text.format(r=found.number))
    go_on(stormy)
    assert Counter() == answers(stormy)
    assert before + 2 == len(stormy.notes(incident(stormy)))
    order(stormy, f"#answer-all {found.number} 5")
    assert 1 == answers(stormy).total()


def test_whoever_joined_since_is_not_among_them(stormy: Any) -> None:
    many(stormy, *range(5))
    found = ask_all(stormy)
    many(stormy, 5, 6)
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy)
    assert Counter({"p2": 1, "p3": 1, "p4": 1}) == answers(stormy)


def test_withdrawn_it_goes_nowhere(stormy: Any) -> None:
    many(stormy, *range(6))
    found = ask_all(stormy)
    order(stormy, "#withdraw")
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy)
    assert Counter() == answers(stormy)
    assert broadcasts.WITHDRAWN == newest(stormy).state


def test_stopped_the_rest_is_not_sent(stormy: Any) -> None:
    many(stormy, *range(8))
    found = ask_all(stormy)
    order(stormy, f"#answer-all {found.number} {found.count}")
    order(stormy, f"#stop {found.number}")
    go_on(stormy)
    assert 1 == answers(stormy).total()
    last = stormy.notes(incident(stormy))[-1]
    assert "has been stopped.\n- Delivered: 1\n- Not sent any more: 5\n" in last


@pytest.mark.parametrize("how", [{"reply_as": "private"}, {"text": f"#dm {ANSWER}"}])
def test_privately_there_is_no_answer_to_many(stormy: Any, how: dict[str, Any]) -> None:
    many(stormy, *range(6))
    stormy.answer(**{"text": ANSWER, "ticket": incident(stormy), **how})
    go_on(stormy)
    assert "Many cannot be answered privately" in stormy.notes(incident(stormy))[-1]
    assert Counter() == answers(stormy)


def test_a_note_is_never_sent(stormy: Any) -> None:
    many(stormy, *range(6))
    order(stormy, ANSWER)
    go_on(stormy)
    assert Counter() == answers(stormy)


def test_who_has_gone_is_left_out(stormy: Any) -> None:
    """A removed post, somebody who was blocked, somebody who has a ticket of their own now."""
    said = many(stormy, *range(8))
    found = ask_all(stormy)
    assert 6 == found.count
    stormy.town.delete(said[3].id)
    with stormy.bridge.ledger.writing() as tx:
        gone = posts.find(tx, "acme", said[3].id)
        posts.gone(tx, gone.id)
        blocked = posts.find(tx, "acme", said[4].id)
    order(stormy, f"#block p{blocked.id} spam")
    stormy.ask("p5", "@bridge and besides, where is the invoice for my new bicycle?")
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy)
    assert Counter({"p2": 1, "p6": 1, "p7": 1}) == answers(stormy)
    last = stormy.notes(incident(stormy))[-1]
    assert "- Delivered: 3\n" in last
    assert "- Left out, the post is gone: 1\n" in last
    assert "- Left out, they are blocked: 1\n" in last
    assert "- Left out, they have a ticket of their own: 1\n" in last


def test_a_second_person_where_the_mapping_wants_one(stormy: Any) -> None:
    stormy.remap("answers_per_minute: 6", "answers_per_minute: 6, approval: true")
    many(stormy, *range(6))
    found = ask_all(stormy)
    assert "a colleague writes" in stormy.notes(incident(stormy))[-1]
    order(stormy, f"#answer-all {found.number} {found.count}")
    assert Counter() == answers(stormy)
    order(stormy, f"#answer-all {found.number} {found.count}", agent=preset.TOM)
    assert 1 == answers(stormy).total()


def test_what_a_guard_finds_stands_in_the_note(stormy: Any) -> None:
    many(stormy, *range(6))
    stormy.answer(f"{ANSWER} Call +49 30 1234567.", incident(stormy))
    assert "There seems to be a telephone number in it" in stormy.notes(incident(stormy))[-1]


def test_what_is_too_long_goes_nowhere_and_says_so(stormy: Any) -> None:
    many(stormy, *range(6))
    stormy.answer("word " * 120, incident(stormy))
    note = stormy.notes(incident(stormy))[-1]
    assert "there is nobody to whom it could go" in note
    assert "it cannot be sent there (4 people)" in note


def test_a_third_of_what_the_network_takes_is_left_to_other_answers(world: Any) -> None:
    """Mastodon takes 300 posts in three hours: one in 54 s goes out, whatever the mapping says."""
    many(begun(world), *range(5))
    found = ask_all(world)
    assert "about 2 min" in world.notes(incident(world))[-1]
    order(world, f"#answer-all {found.number} {found.count}")
    sent = []
    for seconds in (0, 53, 1, 53, 1):
        world.later(seconds)
        sent.append(answers(world).total())
    assert [1, 1, 2, 2, 3] == sent


def test_the_networks_429_is_obeyed(stormy: Any) -> None:
    many(stormy, *range(6))
    found = ask_all(stormy)
    stormy.town_faults.add("429", method="POST", path="/api/v1/statuses", times=1)
    order(stormy, f"#answer-all {found.number} {found.count}")
    assert Counter() == answers(stormy)
    for _ in range(60):
        stormy.later(10)
    assert Counter({f"p{number}": 1 for number in range(2, 6)}) == answers(stormy)


def state_of(world: Any, found: Any) -> str:
    with world.bridge.ledger.reading() as tx:
        return str(broadcasts.one(tx, found.id).state)


def test_a_sign_in_that_nobody_gives_is_waited_for_only_so_long(stormy: Any) -> None:
    """As any other answer: after a day without one the ticket says what was not sent."""
    many(stormy, *range(6))
    found = ask_all(stormy)
    order(stormy, f"#answer-all {found.number} {found.count}")
    assert 1 == answers(stormy).total()
    stormy.town_faults.add("401", method="POST", path="/api/v1/statuses", times=100_000)
    for _ in range(23):
        stormy.later(3600)
    assert "waits on acme" in stormy.notes(incident(stormy))[-1]
    assert broadcasts.SENDING == state_of(stormy, found)
    stormy.later(3 * 3600)
    assert broadcasts.DONE == state_of(stormy, found)
    end = stormy.notes(incident(stormy))[-1]
    assert "- Delivered: 1\n" in end
    assert "- Not sent, nobody signed in to the account again: 3\n" in end
    with stormy.bridge.ledger.reading() as tx:
        told = broadcast_browsing.addressed(tx, found.id, 0, 10)
    assert Counter({"needs_sign_in": 3, "": 1}) == Counter(each.code for each in told)
    stormy.town_faults.clear()
    go_on(stormy)
    assert 1 == answers(stormy).total()


def test_all_that_were_begun_before_are_given_up_with_the_rest(stormy: Any) -> None:
    """Two were told to wait before the sign-in was gone: the second is not waited for anew."""
    many(stormy, *range(6))
    found = ask_all(stormy)
    stormy.town_faults.add("429", method="POST", path="/api/v1/statuses", times=2)
    order(stormy, f"#answer-all {found.number} {found.count}")
    stormy.later(1200)
    stormy.town_faults.add("401", method="POST", path="/api/v1/statuses", times=100_000)
    for _ in range(26):
        stormy.later(3600)
    go_on(stormy, 3)
    assert broadcasts.DONE == state_of(stormy, found)
    assert "nobody signed in to the account again: 4\n" in stormy.notes(incident(stormy))[-1]
    stormy.town_faults.clear()
    go_on(stormy)
    assert Counter() == answers(stormy)


def test_what_stood_behind_another_for_a_day_is_tried_as_long_as_any(stormy: Any) -> None:
    """The account was paused: a first "not now" of the network is no day of them."""
    many(stormy, *range(6))
    found = ask_all(stormy)
    with stormy.bridge.ledger.writing() as tx:
        paused(tx, "acme", "an admin")
    order(stormy, f"#answer-all {found.number} {found.count}")
    for _ in range(25):
        stormy.later(3600)
    with stormy.bridge.ledger.writing() as tx:
        resumed(tx, "acme")
    stormy.town_faults.add("503", method="POST", path="/api/v1/statuses", times=1)
    for _ in range(3):
        stormy.later(3600)
    go_on(stormy)
    assert Counter({f"p{number}": 1 for number in range(2, 6)}) == answers(stormy)


def test_killed_between_any_two_it_goes_on_exactly(
    stormy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receipt is in hand, and the process ends before it is put down whom it was for."""
    many(stormy, *range(6))
    found = ask_all(stormy)
    settle = broadcast_sending.settle

    class Killed(BaseException):
        pass

    def dies(*_args: Any, **_more: Any) -> bool:
        raise Killed

    stormy.clock.move(5)
    stormy.desk.answer(
        incident(stormy).id, f"#answer-all {found.number} {found.count}", public=False
    )
    stormy.tell(incident(stormy))
    monkeypatch.setattr(broadcast_sending, "settle", dies)
    with pytest.raises(Killed):
        stormy.settle()
    monkeypatch.setattr(broadcast_sending, "settle", settle)
    assert 1 == answers(stormy).total()
    for _ in range(60):
        stormy.later(10)
    assert Counter({f"p{number}": 1 for number in range(2, 6)}) == answers(stormy)
    ends = [note for note in stormy.notes(incident(stormy)) if "has gone out" in note]
    assert ["- Delivered: 4"] == [note.splitlines()[1] for note in ends]


def test_an_ordinary_ticket_knows_no_such_word(stormy: Any) -> None:
    stormy.ask("ada", "@bridge where is my parcel?")
    stormy.answer("#answer-all r1 1", public=False)
    assert "No such answer to many waits" in stormy.notes()[-1]


def test_who_is_stopped_as_they_are_about_to_be_begun_is_not_answered(
    stormy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has found whom to answer next; `#stop` comes before it has put that down."""
    many(stormy, *range(6))
    found = ask_all(stormy)
    take = sending_many._reply

    def stopped_first(bridge: Any, lease: Any, due: Any) -> Any:
        with bridge.ledger.writing() as tx:
            broadcasts.stop(tx, due.broadcast.id)
        return take(bridge, lease, due)

    monkeypatch.setattr(sending_many, "_reply", stopped_first)
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy)
    assert Counter() == answers(stormy)
    with stormy.bridge.ledger.reading() as tx:
        came = broadcast_browsing.came_to(tx, found.id)
    assert [(broadcasts.LEFT_OUT, 4)] == [(each.state, each.count) for each in came]


def test_what_was_begun_when_it_was_stopped_is_told(stormy: Any) -> None:
    many(stormy, *range(6))
    found = ask_all(stormy)
    stormy.town_faults.add("429", method="POST", path="/api/v1/statuses", times=1)
    order(stormy, f"#answer-all {found.number} {found.count}")
    order(stormy, f"#stop {found.number}")
    assert "- Begun before that: 1." in stormy.notes(incident(stormy))[-1]
    go_on(stormy, 60)
    assert Counter() == answers(stormy)


def test_of_two_whose_tickets_were_merged_into_the_incident_the_private_one_is_answered(
    stormy: Any,
) -> None:
    """Nobody is asked who is to read it: what is written once more there would go to many."""
    world = stormy
    first = many(world, *range(8))
    here = incident(world)
    world.ask("p0", "@bridge my card?", "direct")
    private = world.tickets()[-1]
    public = [each for each in world.tickets() if "bridge_storm" not in each.tags][1]
    world.desk.merge(private.id, here.id)
    world.desk.merge(public.id, here.id)
    world.ping(here)
    world.later(200)
    world.ask("p0", "@bridge and my card 1234?", "direct")
    world.ask("p1", "@bridge and what about the bicycle?", in_reply_to=first[1].id)
    world.answer("Your card is fine", here)
    heard = [each.visibility for each in world.town.statuses() if "card is fine" in each.text]
    assert ["direct"] == heard


def test_a_customers_ticket_merged_into_the_incident(stormy: Any) -> None:
    """What answers their words goes to them, and all else is held as on any incident."""
    first = many(stormy, *range(6))[0]
    mine = next(each for each in stormy.tickets() if "bridge_storm" not in each.tags)
    here = incident(stormy)
    stormy.desk.merge(mine.id, here.id)
    stormy.ask("p0", "@bridge and besides, is it the same for the bicycle?", in_reply_to=first.id)
    stormy.answer("Yes, for the bicycle, too", here)
    said = [each.text for each in stormy.town.statuses() if "Yes, for the bicycle" in each.text]
    assert ["@p0 Yes, for the bicycle, too"] == [
        each.replace("@sandbox.example", "") for each in said
    ]
    found = ask_all(stormy)
    assert f"sent to nobody ({found.number})" in stormy.notes(here)[-1]
    order(stormy, f"#withdraw {found.number}")
    assert broadcasts.WITHDRAWN == newest(stormy).state
    found = ask_all(stormy)
    go_on(stormy)
    assert Counter() == answers(stormy)
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy)
    assert found.count == answers(stormy).total()


def test_nobody_sends_one_of_many_again(stormy: Any) -> None:
    """Its end is told once; it is not what waits for a person, nor what `#retry` means."""
    many(stormy, *range(6))
    found = ask_all(stormy)
    stormy.town_faults.add("refuse_replies", times=1)
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy)
    assert 3 == answers(stormy).total()
    before = len(stormy.notes(incident(stormy)))
    with stormy.bridge.ledger.writing() as tx:
        refused = replies.one(tx, found_reply(tx, found))
        assert Outcome.REFUSED == refused.outcome
        assert () == replies.undelivered(tx)
        assert not queues.retry(tx, refused.id, "an admin")
    go_on(stormy)
    assert before == len(stormy.notes(incident(stormy)))


def found_reply(tx: Any, found: Any) -> int:
    """The reply to the first of those to whom an answer went."""
    first = broadcast_browsing.addressed(tx, found.id, 0, 1)[0]
    number = broadcast_sending.reply_to(tx, found, first.post_id)
    assert number is not None
    return number


def test_what_stands_on_the_follow_up_of_an_incident_is_held(stormy: Any) -> None:
    many(stormy, *range(6))
    stormy.desk.close(incident(stormy).id)
    stormy.later(60 * 61)
    stormy.later(60 * 61)
    closed, follow_up = (each for each in stormy.tickets() if "bridge_storm" in each.tags)
    assert closed.id == follow_up.follow_up_of
    stormy.answer(ANSWER, follow_up)
    go_on(stormy)
    assert Counter() == answers(stormy)
    assert "sent to nobody" in stormy.notes(follow_up)[-1]


def test_out_of_the_mapping_what_was_begun_comes_to_its_end(stormy: Any) -> None:
    many(stormy, *range(6))
    found = ask_all(stormy)
    order(stormy, f"#answer-all {found.number} {found.count}")
    stormy.remap(STORM, "rules:\n")
    go_on(stormy)
    assert found.count == answers(stormy).total()
    before = len(stormy.tickets())
    many(stormy, 9)
    assert before + 1 == len(stormy.tickets())
    stormy.later(60 * 61)
    stormy.later(60 * 61)
    assert "bridge_storm_over" in incident(stormy).tags


def take_back(world: Any, how: str) -> None:
    """The comment of the answer, as agents take it back in Zendesk."""
    here, ines = incident(world), world.desk.user(preset.INES)
    (audit,) = (
        each
        for each in world.desk.ticket_audits(here.id)
        if each.comment and each.comment.plain_body == ANSWER
    )
    if how == "internal":
        endings.make_private(world.desk, here.id, audit.id, ines)
    else:
        endings.redact(world.desk, here.id, audit.comment.id, by=ines, text="by noon")


def tell_nothing(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The helpdesk does not say what has changed."""
    monkeypatch.setattr(
        world.bridge.helpdesk, "changed_since", lambda cursor, _now: Changed((), cursor)
    )


@pytest.mark.parametrize("how", ["internal", "redacted"])
def test_taken_back_before_it_is_confirmed_it_goes_nowhere(stormy: Any, how: str) -> None:
    """Whoever confirms it has read the note, and not what was done to the comment."""
    many(stormy, *range(6))
    found = ask_all(stormy)
    take_back(stormy, how)
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy)
    assert Counter() == answers(stormy)
    assert broadcasts.WITHDRAWN == newest(stormy).state
    notes = stormy.notes(incident(stormy))
    told = f"redacted or made internal before it went out ({found.number})"
    assert 1 == sum(told in note for note in notes)
    assert 1 == sum(f"decided already ({found.number})" in note for note in notes)


def test_taken_back_while_it_waits_the_ticket_says_so(stormy: Any) -> None:
    many(stormy, *range(6))
    ask_all(stormy)
    stormy.desk.solve(incident(stormy).id)
    take_back(stormy, "internal")
    for _ in range(4):
        stormy.later(61)
    assert broadcasts.WITHDRAWN == newest(stormy).state
    assert "It was sent to nobody" in stormy.notes(incident(stormy))[-1]
    assert "bridge_many_taken_back" in incident(stormy).tags
    assert "open" == incident(stormy).status


@pytest.mark.parametrize("how", ["internal", "redacted"])
def test_taken_back_under_way_the_rest_is_not_sent(stormy: Any, how: str) -> None:
    many(stormy, *range(8))
    found = ask_all(stormy)
    order(stormy, f"#answer-all {found.number} {found.count}")
    take_back(stormy, how)
    stormy.ping(incident(stormy))
    go_on(stormy)
    assert 1 == answers(stormy).total()
    last = stormy.notes(incident(stormy))[-1]
    assert f"made internal while it went out ({found.number})" in last
    assert "bridge_many_taken_back_late" in incident(stormy).tags
    assert "has been stopped.\n- Delivered: 1\n- Not sent any more: 5\n" in last


def test_taken_back_under_way_though_nothing_tells_of_it(
    stormy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comment is read as often as the helpdesk is asked what has changed: once a minute."""
    many(stormy, *range(12))
    found = ask_all(stormy)
    tell_nothing(stormy, monkeypatch)
    order(stormy, f"#answer-all {found.number} {found.count}")
    take_back(stormy, "internal")
    go_on(stormy, 12)
    assert 6 == answers(stormy).total()
    assert broadcasts.STOPPED == newest(stormy).state


def test_what_still_stands_is_sent_to_all(stormy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the helpdesk does not let itself be asked for a while."""
    many(stormy, *range(12))
    found = ask_all(stormy)
    tell_nothing(stormy, monkeypatch)
    whole, refusals, reads = stormy.bridge.helpdesk.comments_now, [Refused("forbidden")], []

    def refuses_once(ticket_id: str) -> Any:
        reads.append(ticket_id)
        if len(reads) > 1 and refusals:
            raise refusals.pop()
        return whole(ticket_id)

    monkeypatch.setattr(stormy.bridge.helpdesk, "comments_now", refuses_once)
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy, 12)
    assert (6, 2) == (answers(stormy).total(), len(reads))
    stormy.later(900)
    go_on(stormy, 12)
    assert Counter({f"p{number}": 1 for number in range(2, 12)}) == answers(stormy)
    assert 3 == len(reads)
