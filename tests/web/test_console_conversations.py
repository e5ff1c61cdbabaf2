"""What happened and what waits, as pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from console_rows import a_post, fill
from plugins_console import Console

from bridge.flow.retrying import heads
from bridge.ledger import asides, audit, deeds, deliveries, lanes, posts, replies, steps
from bridge.ledger.conversations import lane_of
from bridge.model import Outcome
from bridge.web.console.waiting import LONGEST_SHOWN


@pytest.fixture
def rows(console, clock):
    return fill(console.bridge.ledger, clock)


def form(page: str, action: str) -> dict[str, str]:
    """The fields of the form that does this, without the token."""
    [found] = re.findall(rf'<form method="post" action="/console{action}">(.*?)</form>', page)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', found))
    del fields["csrf"]
    return fields


def test_a_conversation_is_found_and_told(console, rows):
    """Each post, route, call, outcome and note, in order of time."""
    listed = console.get("/conversations?q=lovelace").text
    assert 'href="/console/conversations/1"' in listed
    page = console.get("/conversations/1").text
    told = [
        "Routed by rule “the rest”: it is public (mapping revision 3)",
        "On the ticket as comment 900",
        "Where is my parcel, please?",
        "Grace answered",
        "code refused",
        "422 text is bad",
        "receipt 777",
        "https://mastodon.example/@acme/777",
        "held back",
        "email: a…@e…",
        "the ticket is gone",
        "/console/deliveries/1",
    ]
    assert [] == [each for each in told if each not in page]
    instants = re.findall(r'<p class="line"><time datetime="([^"]+)"', page)
    assert instants == sorted(instants)
    assert len(instants) > 8


def test_customers_words_are_only_words(console, rows):
    for path in ("/conversations", "/conversations/1", "/deliveries/1", "/deliveries/2", "/"):
        page = console.get(path).text
        assert [] == re.findall(r"<script>|<b>", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in console.get("/conversations/1").text


def test_nothing_found_is_said(console, rows):
    assert "No conversation fits" in console.get("/conversations?q=nobody-said-this").text
    assert 404 == console.get("/conversations/2").status_code


@pytest.mark.parametrize(
    "query",
    [
        "q=%00%ff",
        "q=" + "x" * 5000,
        "before=nan-1",
        "before=9e99-1",
        "before=1-" + "9" * 40,
        "state=odd&account=%00",
        "q=conversation:" + "9" * 17,
    ],
)
def test_no_question_makes_it_fail(console, rows, query):
    assert 200 == console.get(f"/conversations?{query}").status_code


@pytest.mark.parametrize("path", ["conversations", "deliveries", "waiting/steps"])
def test_numbers_that_no_row_has_lead_nowhere(console, path):
    for number in ("0", "9" * 18, "9" * 40, "-1", "x"):
        assert 404 == console.get(f"/{path}/{number}").status_code


def test_a_delivery_is_laid_out_bounded_and_said_to_be_empty(console, rows):
    ledger = console.bridge.ledger
    page = console.get("/deliveries/1").text
    assert "{\n  &#34;id&#34;: &#34;110&#34;" in page
    assert 'href="/console/conversations/1"' in page
    assert "not json &lt;b&gt;" in console.get("/deliveries/2").text
    with ledger.writing() as tx:
        deliveries.receive(tx, source="acme", key="l", via="poll", body=b"x" * 99 * LONGEST_SHOWN)
        deliveries.empty(tx, 1)
    long = console.get("/deliveries/3").text
    assert "only the beginning is shown" in long
    assert len(long) < 2 * LONGEST_SHOWN
    emptied = console.get("/deliveries/1").text
    assert "was let go" in emptied
    assert "110" not in emptied.split("What arrived")[1]


def test_every_way_to_decide(console, rows):
    """Each is a click, tells what came of it, and is put down with the admin's name twice: in the
    trail of the thing, and among the deeds."""
    ways = [
        (f"/deliveries/{rows.aside}/retry", "took a delivery up again"),
        (f"/waiting/steps/{rows.step}/retry", "took a step up again"),
        (f"/waiting/replies/{rows.failed}/retry", "tried a reply again"),
        (f"/waiting/replies/{rows.failed + 2}/dismiss", "withdrew a reply"),
    ]
    page = console.get("/waiting").text
    for path, what in ways:
        fields = form(page, path)
        assert 303 == console.post(path, **fields).status_code
        with console.bridge.ledger.reading() as tx:
            assert ("ada", what) == ((last := deeds.latest(tx, 1)[0]).admin, last.what)
        assert 404 == console.post(path, **fields).status_code
    assert "Nothing waits for a person" in console.get("/waiting").text
    assert "ada asked for it in the console" in console.get("/conversations/1").text


def test_another_try_is_of_what_the_page_said(console, rows):
    """An agent's `#retry` ended unknown meanwhile, so it may be out: whoever still reads that it
    was refused must look at the thread first."""
    way = f"/waiting/replies/{rows.failed}/retry"
    old = form(console.get("/waiting").text, way)
    with console.bridge.ledger.writing() as tx:
        replies.next_attempt(tx, rows.failed)
        replies.came_to(tx, rows.failed, Outcome.UNKNOWN)
        before = replies.one(tx, rows.failed)
    for fields in (old, {}, {**old, "outcome": "unknown"}):
        answer = console.post(way, **fields)
        assert 409 == answer.status_code
        assert f"r{rows.failed} has changed since this page was shown" in answer.text
        assert "it is now unknown" in answer.text
        assert "Look at the thread before you decide anew" in answer.text
    with console.bridge.ledger.reading() as tx:
        assert before == replies.one(tx, rows.failed)
    assert 303 == console.post(way, **form(console.get("/waiting").text, way)).status_code


def test_a_look_at_a_held_reply_sends_nothing_again(console, rows):
    """Let through on the ticket meanwhile, it ended unknown: the guard has nothing to look at."""
    held = rows.failed + 2
    way = f"/waiting/replies/{held}/look"
    old = form(console.get("/waiting").text, way)
    with console.bridge.ledger.writing() as tx:
        replies.came_to(tx, held, Outcome.UNKNOWN)
        before = replies.one(tx, held)
    for fields in (old, {**old, "outcome": "unknown"}):
        assert console.post(way, **fields).status_code in (404, 409)
    with console.bridge.ledger.reading() as tx:
        assert before == replies.one(tx, held)


def test_a_held_reply_is_looked_at_again(console, rows):
    held = rows.failed + 2
    way = f"/waiting/replies/{held}/look"
    fields = form(console.get("/waiting").text, way)
    assert 303 == console.post(way, **fields).status_code
    with console.bridge.ledger.reading() as tx:
        assert ("ada", "looked at a held reply again") == (
            (last := deeds.latest(tx, 1)[0]).admin,
            last.what,
        )
        assert ("", 2) == ((reply := replies.one(tx, held)).outcome, reply.attempt)


def test_what_is_being_sent_at_this_moment_is_not_withdrawn(console, rows):
    """A worker has it in hand: the page says so, and nothing is put down as done."""
    with console.bridge.ledger.writing() as tx:
        before = replies.one(tx, rows.failed)
        lane = lane_of(before.conversation_id)
        steps.add(tx, lane, "reply", f"{rows.failed}:2")
        assert rows.failed == heads(tx, lane)
        assert lanes.take(tx, lane, "worker", timedelta(minutes=1))
    answer = console.post(f"/waiting/replies/{rows.failed}/dismiss")
    assert 409 == answer.status_code
    assert f"r{rows.failed} is being sent at this moment" in answer.text
    assert "Look again in a moment" in answer.text
    with console.bridge.ledger.reading() as tx:
        assert before == replies.one(tx, rows.failed)


def test_every_way_to_dismiss(console, rows):
    for path in (
        f"/deliveries/{rows.aside}/dismiss",
        f"/waiting/steps/{rows.step}/dismiss",
        f"/waiting/replies/{rows.failed}/dismiss",
    ):
        assert 303 == console.post(path).status_code
    with console.bridge.ledger.reading() as tx:
        assert asides.Counts(0, 0, 0, 1, 0) == asides.counts(tx)


def test_nothing_is_decided_by_a_stranger(console, rows):
    """Neither without a sign-in nor without the token."""
    path = f"/console/deliveries/{rows.aside}/dismiss"
    assert 403 == console.client.post(path).status_code
    stranger = Console(console.bridge, console.app)
    assert 403 == stranger.client.post(path).status_code
    with console.bridge.ledger.reading() as tx:
        assert 1 == asides.counts(tx).deliveries


def test_the_start_page_leads_to_what_failed(console, rows):
    """In two clicks: the page, the delivery."""
    page = console.get("/").text
    assert 'href="/console/deliveries/2"' in page
    assert 'href="/console/waiting#undelivered"' in page
    assert "an item without an author" in page


@pytest.mark.parametrize(
    "body",
    [b'{"text": "half of a smiley: \\ud83d"}', b"[" * 400 + b"1," * 99_000 + b"1" + b"]" * 400],
)
def test_odd_deliveries_can_be_inspected(console, rows, body):
    """Half surrogates, which no answer can carry; and what laying out would make a thousand times
    as long."""
    with console.bridge.ledger.writing() as tx:
        number = deliveries.receive(tx, source="acme", key="odd", via="poll", body=body)
    answer = console.get(f"/deliveries/{number}")
    assert 200 == answer.status_code
    assert len(answer.data) < 2 * LONGEST_SHOWN
    assert (len(body) < LONGEST_SHOWN) is ("laid out as JSON" in answer.text)


@pytest.mark.parametrize("path", ["/conversations", "/conversations/1", "/conversations?q=half"])
def test_half_a_sign_spoils_no_page(console, rows, path):
    """The ledger keeps what a network sent, as an escape; no page can carry it."""
    with console.bridge.ledger.writing() as tx:
        half = a_post(tx.now, text="half of a smiley: \ud83d", revision="3")
        posts.add_revision(tx, rows.post, half, None)
    answer = console.get(path)
    assert (200, True) == (answer.status_code, "half of a smiley: ?" in answer.text)


def test_everything_fits_on_pages(console):
    with console.bridge.ledger.writing() as tx:
        for number in range(60):
            delivery = deliveries.receive(
                tx, source="acme", key=f"d{number}", via="poll", body=b"x"
            )
            deliveries.settle(tx, delivery, deliveries.SET_ASIDE, "odd")
            audit.add(tx, "set aside", "odd", delivery_id=delivery)
    first = console.get("/waiting").text
    assert 50 == first.count(">Inspect<")
    [older] = re.findall(r'href="([^"]+)" rel="next"', first)
    assert 10 == console.client.get(older).text.count(">Inspect<")
