"""How accounts stand: what is found out, what is told to whom, and how it ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bridge.channels.contract import Expires
from bridge.flow.polls import keep
from bridge.flow.standing import paused, resumed
from bridge.flow.watching import look_at_signatures
from bridge.ledger import accounts, alarms, deliveries, lanes, people, posts
from bridge.ledger.accounts import About, State
from bridge.ledger.posts import Because
from bridge.ledger.ranks import heads
from bridge.mapping import OpsPolicy, Skip
from bridge.model import DAY, HOUR, MINUTE, Kind, Person, Post, Visibility
from bridge.sandbox import mastodon as network

ADA = Person("mastodon", "1", "ada@example.social", "Ada")


def stands(world, name="acme"):
    with world.bridge.ledger.reading() as tx:
        return accounts.standing(tx, name)


def state(world, name="acme"):
    return stands(world, name).state


def with_ops(world, **how):
    """The same installation, with a group that is told."""
    mapping = replace(world.bridge.mapping, ops=OpsPolicy("Support", **how))
    world.bridge = replace(world.bridge, mapping=mapping)


@pytest.fixture
def quiet(world):
    """A world whose account gets two posts an hour for four weeks, until now."""
    ledger = world.bridge.ledger
    now = world.clock()
    with ledger.writing() as tx:
        person = people.remember(tx, ADA)
        for half_hours in range(2 * 24 * 30):
            at = now - half_hours * 30 * MINUTE
            post = Post(
                account="acme",
                network="mastodon",
                id=f"old-{half_hours}",
                kind=Kind.MENTION,
                visibility=Visibility.PUBLIC,
                author=ADA,
                text="hello",
                created_at=at,
                thread_id=f"old-{half_hours}",
            )
            posts.store(
                tx, post, person_id=person, conversation_id=None, because=Because("", "", 1)
            )
    return world


def hours_go_by(world, hours):
    for _ in range(hours * 4):
        world.later(900)


# ------------------------------------------------------------------ states


def test_a_trouble_is_logged_once_and_so_is_its_end(world):
    """Down once, up once, however often it is tried in between; both are kept with their time."""
    began = world.clock()
    with capture_logs() as logs:
        world.town_faults.add("401", times=3)
        world.later(20)
        for _ in range(4):
            world.later(301)
    told = [line["event"] for line in logs if line["event"].startswith("account ")]
    assert ["account in trouble", "account works again"] == told
    assert State.CONNECTED is state(world)
    with world.bridge.ledger.reading() as tx:
        kept = [(each.state, each.at >= began) for each in accounts.changes(tx, "acme")]
    assert [(State.CONNECTED, True), (State.NEEDS_SIGN_IN, True)] == kept


def test_the_worst_trouble_is_the_state(ledger):
    """What one finds well does not wipe out what another found wrong."""
    with ledger.writing() as tx:
        assert accounts.stands(tx, "acme", State.DEGRADED, "policy", about=About.EXAMINATION)
        assert accounts.stands(tx, "acme", State.NEEDS_SIGN_IN, "dead", about=About.SENDING)
        assert not accounts.stands(tx, "acme", State.RATE_LIMITED, "slow")
        assert (State.NEEDS_SIGN_IN, "dead") == (
            (now_is := accounts.standing(tx, "acme")).state,
            now_is.because,
        )
        assert accounts.stands(tx, "acme", State.CONNECTED, about=About.SENDING)
        assert (State.DEGRADED, "policy") == (
            (now_is := accounts.standing(tx, "acme")).state,
            now_is.because,
        )
        assert not accounts.stands(tx, "acme", State.CONNECTED)
        assert accounts.stands(tx, "acme", State.CONNECTED, about=About.EXAMINATION)
        assert State.CONNECTED is accounts.standing(tx, "acme").state


# ------------------------------------------------------------------ silence


def test_silence_is_told_and_ends_with_the_next_post(quiet):
    """Two posts an hour are usual; after some hours without any something must be wrong."""
    hours_go_by(quiet, 2)
    assert State.CONNECTED is state(quiet)
    hours_go_by(quiet, 4)
    now_is = stands(quiet)
    assert State.SILENT is now_is.state
    assert now_is.because.startswith("usually 48 a day, none for ")
    quiet.ask("ada", "@bridge are you there?")
    quiet.later(60)
    assert State.CONNECTED is state(quiet)


def test_an_account_with_little_history_is_never_silent(world):
    """A few posts are no rhythm."""
    world.ask("ada", "@bridge hello")
    hours_go_by(world, 30)
    assert State.CONNECTED is state(world)


def test_nobody_is_called_silent_while_nothing_can_be_heard(quiet):
    """An account that cannot be read is in another trouble, and its silence says nothing."""
    quiet.town_faults.add("401", times=10_000)
    hours_go_by(quiet, 8)
    assert State.NEEDS_SIGN_IN is state(quiet)
    with quiet.bridge.ledger.reading() as tx:
        assert accounts.trouble(tx, "acme", About.RHYTHM) is None


# ------------------------------------------------------------------ what the network says


def test_the_first_connect_looks_at_the_account(world):
    """A notification policy that throws messages away is told the same day, not by a customer."""
    world.town.set_policy("bridge", network.Policy(for_private_mentions=network.Verdict.DROP))
    world.later(3600)
    assert State.CONNECTED is state(world)  # once a day is enough
    world.later(DAY.total_seconds())
    now_is = stands(world)
    assert State.DEGRADED is now_is.state
    assert "thrown away unseen: private messages" in now_is.because
    world.town.set_policy("bridge", network.Policy(for_private_mentions=network.Verdict.ACCEPT))
    world.later(3660)
    assert State.CONNECTED is state(world)


def test_a_sign_in_that_ends_soon_is_announced(world):
    """A week ahead, and never for one that does not end."""

    class Ending:
        def __init__(self, channel):
            self._channel = channel
            self.at = None

        def __getattr__(self, name):
            return getattr(self._channel, name)

        def expires_at(self):
            return self.at

    ending = Ending(world.bridge.channels["acme"])
    assert isinstance(ending, Expires)
    world.bridge = replace(world.bridge, channels={"acme": ending})
    world.later(301)
    assert State.CONNECTED is state(world)
    ending.at = world.clock() + 8 * DAY
    world.later(301)
    assert State.CONNECTED is state(world)
    world.later(DAY.total_seconds())
    assert State.DEGRADED is state(world)
    assert "the sign-in ends on 2026-11-29" in stands(world).because
    ending.at = None
    world.later(301)
    assert State.CONNECTED is state(world)


# ------------------------------------------------------------------ who calls us


def test_a_webhook_that_went_dead_is_told_and_the_next_ping_ends_it(world):
    """Answers are found all the same, only later."""
    desk = world.bridge.desk
    world.ask("ada", "@bridge one")
    for number in range(3):
        world.clock.move(5)
        world.desk.answer(world.ticket().id, f"answer {number}")
        for _ in range(4):
            world.later(60)
    assert State.CONNECTED is state(world, desk)  # a ping may still be on its way
    for _ in range(13):
        world.later(60)
    assert State.WEBHOOK_DEAD is state(world, desk)
    assert "no ping came for the last 3 answers" in stands(world, desk).because
    world.answer("and a fourth")
    world.later(60)
    assert State.CONNECTED is state(world, desk)


def test_answers_that_were_pinged_say_nothing(world):
    """The usual case: one ping each."""
    world.ask("ada", "@bridge one")
    for number in range(4):
        world.answer(f"answer {number}")
        world.later(60)
    for _ in range(15):
        world.later(60)
    assert State.CONNECTED is state(world, world.bridge.desk)


def test_a_row_of_bad_signatures_is_told_and_a_genuine_delivery_ends_it(ledger, clock):
    """Twelve refused and none genuine: a secret was changed on one side only."""

    def looked():
        with ledger.writing() as tx:
            look_at_signatures(tx, "shop")
            return accounts.standing(tx, "shop")

    began = clock()
    with ledger.writing() as tx:
        alarms.refuse(tx, "shop", 9, began)
    clock.move(900)
    assert State.CONNECTED is looked().state
    with ledger.writing() as tx:
        alarms.refuse(tx, "shop", 3, clock())
    assert State.DEGRADED is looked().state
    assert "12 deliveries refused as not genuine since 2026-11-21 12:00" in looked().because
    clock.move(60)
    with ledger.writing() as tx:
        deliveries.receive(tx, source="shop", key="k", via="webhook", body=b"")
    assert State.CONNECTED is looked().state
    with ledger.writing() as tx:
        alarms.refuse(tx, "shop", 9, clock() + HOUR)
    assert State.CONNECTED is looked().state


# ------------------------------------------------------------------ gaps


def test_a_gap_is_told_with_what_it_brought(world):
    """Nobody read for half an hour; three people wrote."""
    for number in range(3):
        world.clock.move(600)
        world.town.post("ada", f"@bridge question {number}")
    with capture_logs() as logs:
        world.settle()
    gap = stands(world).gap
    assert gap is not None
    assert (timedelta(seconds=1800), 3) == (gap.until - gap.since, gap.items)
    told = [line["because"] for line in logs if line["event"] == "recovered"]
    assert "acme: 12:00 to 12:30, 3 posts" in told
    assert 3 == len(world.tickets())


def test_an_ordinary_pause_between_reads_is_no_gap(world):
    """Three polls, and at least five minutes."""
    world.later(290)
    assert stands(world).gap is None


# ------------------------------------------------------------------ the ops group


def test_the_ops_group_gets_one_ticket_that_is_solved_by_itself(world):
    """Opened once the trouble has lasted, whatever else happens; solved when all is well."""
    with_ops(world, after=10 * MINUTE)
    world.town_faults.add("401", times=10_000)
    world.later(20)
    world.later(301)
    assert () == world.tickets()
    for _ in range(20):
        world.later(301)
    ticket = world.ticket()
    assert "acme (Mastodon): sign in again" == ticket.subject
    assert {"bridge", "bridge_ops"} <= set(ticket.tags)
    assert 1 == len(world.comments())
    world.town_faults.clear()
    for _ in range(3):
        world.later(301)
    assert "solved" == world.ticket().status
    assert ["acme (Mastodon) is well again. What was held has gone on, in order."] == world.notes()


def test_another_reason_is_a_note_but_not_more_than_hourly(world):
    """A new state is news; the same state again is none."""
    with_ops(world, after=MINUTE)
    ledger = world.bridge.ledger

    def wrong(state, because):
        with ledger.writing() as tx:
            accounts.stands(tx, "acme", state, because, about=About.SENDING)
        for _ in range(2):
            world.later(61)

    wrong(State.DEGRADED, "it said 12 times no")
    wrong(State.DEGRADED, "it said 13 times no")
    wrong(State.NEEDS_SIGN_IN, "the token is dead")
    assert [] == world.notes()
    world.later(3600)
    world.later(61)
    assert 1 == len(world.notes())
    assert "the token is dead" in world.notes()[0]


def test_without_ops_nobody_gets_a_ticket(world):
    """A mapping that names no group makes no tickets of its own."""
    world.town_faults.add("401", times=10_000)
    for _ in range(20):
        world.later(301)
    assert () == world.tickets()


def test_what_agents_write_on_it_is_sent_to_nobody(world):
    """There is no customer on such a ticket."""
    with_ops(world, after=MINUTE)
    with world.bridge.ledger.writing() as tx:
        accounts.stands(tx, "acme", State.DEGRADED, "odd", about=About.SENDING)
    world.later(61)
    world.later(61)
    world.answer("I am looking into it", world.ticket())
    assert [] == world.notes()


def test_a_killed_worker_opens_no_second_ticket(world):
    """The write arrived, its answer did not: it is found again."""
    with_ops(world, after=MINUTE)
    with world.bridge.ledger.writing() as tx:
        accounts.stands(tx, "acme", State.DEGRADED, "odd", about=About.SENDING)
    world.desk.faults.add("drop_after_write", times=1)
    for _ in range(5):
        world.later(61)
    assert 1 == len(world.tickets())


# ------------------------------------------------------------------ paused


def pause(world):
    with world.bridge.ledger.writing() as tx:
        paused(tx, "acme", "an admin asked for it")


def resume(world):
    with world.bridge.ledger.writing() as tx:
        resumed(tx, "acme")


def test_a_paused_account_is_held_and_goes_on_in_order(world):
    """Nothing is read and nothing is sent; agents are told; then all of it happens, in order."""
    asked = world.ask("ada", "@bridge first")
    pause(world)
    world.answer("one")
    world.answer("two")
    world.town.post("chloe", "@bridge second")
    for _ in range(3):
        world.later(86_400)
    assert 1 == len(world.tickets())
    assert 1 == sum("has paused our account" in note for note in world.notes())
    assert 1 == len(world.thread(asked))
    assert State.DISABLED is state(world)
    resume(world)
    world.settle()
    said = [text for who, _, text in world.thread(asked) if who == "bridge"]
    assert ["one", "two"] == [text.split()[-1] for text in said]
    assert 2 == len(world.tickets())
    assert State.CONNECTED is state(world)


def test_a_lane_of_its_own_watches_each(world):
    """The helpdesk as well."""
    with world.bridge.ledger.reading() as tx:
        assert heads(tx)
        keys = {row.key for row in tx.conn.execute(lanes.lanes.select())}
    assert {"watch:acme", "watch:helpdesk:zendesk"} <= keys


# ------------------------------------------------------------------ history


def test_neither_the_first_connect_nor_another_mapping_replays_history(world):
    """What was there before makes no ticket; what was skipped stays skipped under new rules."""
    skipping = replace(world.bridge.mapping.rules[0], then=Skip("none", "nothing today"))
    rules = world.bridge.mapping.rules
    quiet = replace(world.bridge.mapping, rules=(replace(skipping, when=rules[1].when),))
    all_of_it, world.bridge = world.bridge, replace(world.bridge, mapping=quiet)
    world.ask("ada", "@bridge skipped")
    assert () == world.tickets()
    world.bridge = all_of_it
    for _ in range(5):
        world.later(600)
    assert () == world.tickets()
    world.ask("ada", "@bridge taken")
    assert 1 == len(world.tickets())


def test_reading_back_makes_tickets_of_what_was_before(world):
    """Each once, oldest first, also beside what was read since; its edits are no news."""
    channel = world.bridge.channels["acme"]
    world.ask("ada", "@bridge one")
    world.ask("chloe", "@bridge two")
    past = channel.read_back(world.clock() - DAY)
    items = tuple(past.items)
    assert (2, 2) == (past.count, len(items))
    with world.bridge.ledger.writing() as tx:
        assert 0 == keep(tx, "acme", items, "read back")
    assert 0 == channel.read_back(world.clock() + HOUR).count
    assert 2 == len(world.tickets())
