"""What the console asks of the ledger, on both databases."""

from __future__ import annotations

import threading

import pytest
from console_rows import a_post, fill

from bridge.flow import queues
from bridge.ledger import (
    admins,
    asides,
    attempts,
    browsing,
    conversations,
    deadlines,
    deeds,
    holds,
    invitations,
    people,
    posts,
    replies,
    searching,
    steps,
)
from bridge.ledger.deadlines import Because as DeadlineBecause
from bridge.ledger.posts import Because
from bridge.ledger.searching import Search
from bridge.model import HOUR, Outcome, Person


@pytest.fixture
def rows(ledger, clock):
    return fill(ledger, clock)


def found(ledger, text="", **more):
    with ledger.reading() as tx:
        return [each.id for each in searching.find(tx, Search(text, **more), 50)]


@pytest.mark.parametrize(
    "text",
    [
        "ada",
        "@ADA@example",
        "Lovelace",
        "35",
        "#35",
        "110",
        "777",
        "https://mastodon.example/@ada/110",
        "https://mastodon.example/@acme/777?x=1",
        "conversation:1",
        "PARCEL, please",
        "<script>",
        "once more",
    ],
)
def test_a_conversation_is_found(ledger, rows, text):
    """By author, ticket, network's id, link, and words, also of agents."""
    assert [rows.conversation] == found(ledger, text)


@pytest.mark.parametrize(
    "text", ["bob", "36", "%", "_", "\\", "visibility", "example.social\\", "p_rcel", "'; --"]
)
def test_what_nobody_said_is_not_found(ledger, rows, text):
    """Neither by a wildcard nor by the names of what is kept."""
    assert [] == found(ledger, text)


def test_words_with_accents_and_quotes_are_found(ledger, clock):
    """As they were written; they stand in the ledger as escapes."""
    with ledger.writing() as tx:
        person = people.remember(tx, Person("mastodon", "2", "bob", "Bob"))
        here = conversations.begin(tx, "acme", person, "k", clock())
        post = a_post(clock(), id="2", text='Größe "XL" 100% 👍 a\\b_c')
        post_id = posts.store(
            tx, post, person_id=person, conversation_id=here, because=Because("", "", 1)
        )
        posts.add_revision(tx, post_id, post, None)
    for text in ("größe", 'öße "XL"', "100%", "👍", "a\\b_c"):
        assert [here] == found(ledger, text), text


def test_lists_are_in_order_and_in_pages(ledger, clock):
    """The latest word first; pages neither lose nor repeat one of the same instant."""
    with ledger.writing() as tx:
        person = people.remember(tx, Person("mastodon", "2", "bob", "Bob"))
        ids = [conversations.begin(tx, "acme", person, f"k{n}", clock()) for n in range(5)]
    with ledger.reading() as tx:
        first = searching.find(tx, Search(), 2)
        place = (first[-1].last_word_at, first[-1].id)
        rest = searching.find(tx, Search(before=place), 50)
    assert ids[::-1] == [each.id for each in (*first, *rest)]


def test_lists_by_state_and_account(ledger, rows):
    for state in (searching.UNDELIVERED, searching.HELD, searching.SET_ASIDE):
        assert [rows.conversation] == found(ledger, state=state)
    assert [] == found(ledger, state=searching.NO_TICKET)
    assert [] == found(ledger, state=searching.WAITING)
    assert ([rows.conversation], []) == (
        found(ledger, account="acme"),
        found(ledger, account="other"),
    )


def test_old_words_are_not_looked_for(ledger, rows, monkeypatch):
    """The search is bounded, and says so."""
    with ledger.reading() as tx:
        assert not searching.reaches_back(tx)
        monkeypatch.setattr(searching, "FAR_BACK", 1)
        assert searching.reaches_back(tx)
    assert [] == found(ledger, "script")
    assert [rows.conversation] == found(ledger, "parcel, please")


def test_a_conversation_is_whole(ledger, rows):
    """Every kind of row that belongs to it, and none of another."""
    with ledger.reading() as tx:
        whole = browsing.whole(tx, rows.conversation)
        assert browsing.whole(tx, rows.conversation + 1) is None
    assert whole is not None
    [post] = whole.posts
    assert 2 == len(post.versions)
    assert ("the rest", 3, "900") == (post.rule, post.mapping_revision, post.comment_id)
    assert ["refused", "delivered", "held"] == [each.outcome for each in whole.replies]
    [call] = whole.calls
    assert ("777", 1) == (call.remote_id, call.tries)
    assert {"refused", ""} == {each.code for each in whole.learnt}
    assert [rows.delivery] == [each.id for each in whole.arrived]
    assert (1, 1) == (len(whole.holds), len(whole.steps))
    assert ("35",) == whole.heading.tickets
    assert () == whole.cut


def test_nobody_waits_once_all_is_answered(ledger, rows, clock):
    """The row that only waits for the ticket's field to be emptied is no promise any more."""
    here, by = rows.conversation, clock() + HOUR
    with ledger.writing() as tx:
        deadlines.put(tx, here, by, DeadlineBecause.TARGET, clock(), None)
        deadlines.shown(tx, here, by)
        assert by == getattr(browsing.heading(tx, here), "reply_by", None)
        deadlines.answered(tx, here)
        assert deadlines.row(tx, here) is not None
        found = browsing.heading(tx, here)
    assert found is not None
    assert found.reply_by is None


def test_what_waits_is_counted_and_listed(ledger, rows):
    with ledger.reading() as tx:
        assert asides.Counts(1, 1, 1, 1, 0) == asides.counts(tx)
        assert [rows.aside] == [each.id for each in asides.parcels(tx, 9)]
        assert [] == list(asides.parcels(tx, 9, before=rows.aside))
        [stuck] = asides.stuck(tx, replies.UNDELIVERED, 9)
    assert (rows.failed, "422 text is bad") == (stuck.id, stuck.because)


def test_what_a_person_decides_happens_once(ledger, rows):
    """The second click, or the second admin, is told that nothing waits any more."""
    who = "ada asked for it"
    for act, number in (
        (queues.take_up, rows.aside),
        (queues.take_up_step, rows.step),
        (queues.retry, rows.failed),
    ):
        with ledger.writing() as tx:
            assert (True, False) == (act(tx, number, who), act(tx, number, who))
    with ledger.reading() as tx:
        lane = conversations.lane_of(rows.conversation)
        waits = {(each.kind, each.about) for each in steps.waiting(tx, lane)}
        assert {("edit", "2"), ("reply", f"{rows.failed}:2")} == waits
        assert asides.Counts(0, 0, 0, 1, 0) == asides.counts(tx)
        whole = browsing.whole(tx, rows.conversation)
    assert who in {each.because for each in whole.trail}


def test_what_changed_since_it_was_seen_is_not_tried_again(ledger, rows):
    """Of two who decide upon the same page, the second meets what the first try came to."""
    seen = queues.Seen("refused", 1)
    with ledger.writing() as tx:
        assert queues.retry(tx, rows.failed, "w", seen)
        replies.came_to(tx, rows.failed, Outcome.UNKNOWN)
    with pytest.raises(queues.Changed, match="it is now unknown"), ledger.writing() as tx:
        queues.retry(tx, rows.failed, "w", seen)
    with ledger.writing() as tx:
        assert 2 == replies.one(tx, rows.failed).attempt
        assert queues.retry(tx, rows.failed, "w", queues.Seen("unknown", 2))


def test_two_clicks_at_once_are_one_try(ledger, rows):
    """Two processes of the web service: the second waits for the first, and finds it done."""
    answers = []

    def click(barrier):
        barrier.wait()
        with ledger.writing() as tx:
            answers.append(queues.retry(tx, rows.failed, "ada"))

    for _ in range(5):
        barrier = threading.Barrier(4)
        clicks = [threading.Thread(target=click, args=(barrier,)) for _ in range(4)]
        for each in clicks:
            each.start()
        for each in clicks:
            each.join()
        assert [False, False, False, True] == sorted(answers)
        answers.clear()
        with ledger.writing() as tx:
            replies.came_to(tx, rows.failed, Outcome.REFUSED)


def test_dismissed_is_dismissed(ledger, rows):
    with ledger.writing() as tx:
        assert queues.dismiss(tx, rows.aside, "w")
        assert queues.dismiss_step(tx, rows.step, "w")
        assert queues.withdraw(tx, rows.failed, "w", "ada")
        assert not queues.withdraw(tx, rows.failed, "w", "ada")
        assert not queues.retry(tx, rows.failed, "w")
        assert asides.Counts(0, 0, 0, 1, 0) == asides.counts(tx)


def test_a_withdrawn_reply_that_still_waited_is_not_sent(ledger, rows):
    """One that waits for a sign-in stands in its lane, and leaves it; the ticket is told."""
    with ledger.writing() as tx:
        lane = conversations.lane_of(rows.conversation)
        steps.add(tx, lane, "reply", f"{rows.failed}:1", account="acme")
        replies.came_to(tx, rows.failed, Outcome.NEEDS_SIGN_IN)
        assert queues.withdraw(tx, rows.failed, "w", "ada")
        assert ["note"] == [each.kind for each in steps.waiting(tx, lane)]


def test_a_held_reply_is_withdrawn_or_looked_at_again(ledger, rows):
    """Who did it stands with what held it; a further try may be held anew."""
    with ledger.writing() as tx:
        [held] = asides.stuck(tx, (Outcome.HELD,), 9)
        assert queues.look_again(tx, held.id, "w", "ada")
        assert not queues.look_again(tx, held.id, "w", "ada")
        settled = holds.of_reply(tx, held.id)
        assert ("again", "ada") == (settled.state, settled.settled_by)
        replies.came_to(tx, held.id, Outcome.HELD)
        assert queues.withdraw(tx, held.id, "w", "ada")
        assert Outcome.WITHDRAWN == replies.one(tx, held.id).outcome


# ------------------------------------------------------------------ who gets in


def test_sessions_and_admins(ledger, clock):
    """A token is good until it was idle, is over, or its admin is ended."""
    with ledger.writing() as tx:
        ada = admins.add(tx, "ada", password="x")
        assert admins.add(tx, "ada") is None
        admins.sign_in(tx, ada.id, admins.digest("t"))
    clock.move(7199)
    with ledger.writing() as tx:
        admin, _ = admins.signed_in(tx, admins.digest("t"))
        assert "ada" == admin.name
        assert {ada.id: 1} == admins.sessions(tx)
        assert admins.end(tx, "ada")
        assert not admins.end(tx, "ada")
        assert admins.signed_in(tx, admins.digest("t")) is None
        assert not admins.anyone(tx)
        assert not admins.set_password(tx, "ada", "y")
        assert admins.restore(tx, "ada")
        admins.sign_in(tx, ada.id, admins.digest("u"))
        assert admins.set_password(tx, "ada", "y")
        assert admins.signed_in(tx, admins.digest("u")) is None


def test_a_link_is_used_once(ledger, clock):
    with ledger.writing() as tx:
        invitations.make(tx, "t", made_by="ada")
        assert "ada" == invitations.find(tx, "t").made_by
        assert invitations.use(tx, "t") is not None
        assert invitations.use(tx, "t") is None
        invitations.make(tx, "u", made_by="ada", whom="bob")
    clock.move(3600)
    with ledger.writing() as tx:
        assert invitations.use(tx, "u") is None


def test_tries_cost_ever_more_time(ledger, clock):
    """Two are free; a forbidden try does not count; a day later all is forgotten."""
    limit = attempts.limit("name", "ada", free=2)
    waits = []
    with ledger.writing() as tx:
        assert attempts.begin(tx, limit) is None
        assert attempts.begin(tx, limit) is None
    for _ in range(10):
        with ledger.writing() as tx:
            until = attempts.begin(tx, limit)
            assert until == attempts.begin(tx, limit)
        waits.append((until - clock()).total_seconds())
        clock.now = until
        with ledger.writing() as tx:
            assert attempts.begin(tx, limit) is None
    assert [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600] == waits
    clock.move(86401)
    with ledger.writing() as tx:
        assert attempts.begin(tx, limit) is None
        assert attempts.begin(tx, limit) is None


def test_one_limit_is_enough_to_forbid(ledger):
    """And then none counts."""
    name, address = attempts.limit("name", "ada", 1), attempts.limit("address", "::1", 9)
    with ledger.writing() as tx:
        assert attempts.begin(tx, name, address) is None
        assert attempts.begin(tx, name, address) is not None
        attempts.succeeded(tx, name)
        assert attempts.begin(tx, name, address) is None


def test_deeds_are_found_by_who_what_and_when(ledger, clock):
    with ledger.writing() as tx:
        deeds.add(tx, "ada", "signed in")
        deeds.add(tx, "", "sign-in failed")
    clock.move(10)
    with ledger.writing() as tx:
        deeds.add(tx, "bob", "signed in", "password", "x")
        assert [3, 2, 1] == [each.id for each in deeds.latest(tx, 9)]
        assert [1] == [each.id for each in deeds.latest(tx, 9, before=3, what="signed in")]
        assert [3] == [each.id for each in deeds.latest(tx, 9, since=clock())]
        assert [2, 1] == [each.id for each in deeds.latest(tx, 9, until=clock())]
        assert (("ada", "bob"), 2) == (deeds.doers(tx), len(deeds.kinds(tx)))
