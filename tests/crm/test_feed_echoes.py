"""What a network tells of our own messages, sooner or later than its receipt."""

from __future__ import annotations

import pytest
from crm_village import ADA, BRAND, Copy, Village, draft, everything, said

from bridge.ledger import Ledger, intents, posts, reports
from bridge.ledger.intents import Intent
from bridge.model import Arrival, Outcome, Receipt, Report

WORDS = draft(ADA, "It comes tomorrow.")


@pytest.fixture
def under_way(ledger: Ledger) -> tuple[Intent, int]:
    """An answer that was sent, and of which no receipt has come; the conversation's number."""
    with ledger.writing() as tx:
        village = Village(tx)
        home = village.begun(ADA, "s1")
        first = village.heard(said("s1", "my parcel is late", tx.now), home)
        reply = village.answered(home, "c3", WORDS, first)
        return village.sent(home, "send:1", WORDS, reply), home


def test_an_echo_before_its_receipt(ledger: Ledger, under_way: tuple[Intent, int]) -> None:
    """Told as a post of our own at first; then it is known for a copy, and says of what."""
    intent, home = under_way
    copy = Copy(ledger)
    with ledger.writing() as tx:
        Village(tx).heard(said("m1", WORDS.text, tx.now, BRAND, by_us=True), home)
    copy.pull()
    (echo,) = [row for row in copy.rows.values() if row.get("author") == BRAND.name]
    assert ("out", WORDS.text, False) == (echo["direction"], echo["text"], echo["deleted"])
    with ledger.writing() as tx:
        intents.settle(tx, intent, Receipt("m1"))
    copy.pull()
    gone = copy.rows[echo["id"]]
    assert (True, "duplicate", "reply_1", "") == (
        gone["deleted"],
        gone["deleted_reason"],
        gone["replaced_by"],
        gone["text"],
    )
    assert "m1" == copy.rows["reply_1"]["platform_message_id"]
    assert everything(ledger) == copy.rows


def test_a_mark_is_as_good_as_a_receipt(ledger: Ledger, under_way: tuple[Intent, int]) -> None:
    """Whichever comes first, the post or the report that carries the mark."""
    intent, home = under_way
    for number, order in enumerate((("post", "report"), ("report", "post"))):
        copy = Copy(ledger)
        for what in order:
            with ledger.writing() as tx:
                if what == "post":
                    echo = said(f"m{number}", WORDS.text, tx.now, BRAND, by_us=True)
                    Village(tx).heard(echo, home)
                else:
                    mark = Report("acme", f"m{number}", Arrival.SENT, tx.now, mark=intent.key)
                    reports.add(tx, mark)
            copy.pull()
        with ledger.reading() as tx:
            known = posts.find(tx, "acme", f"m{number}")
        assert known is not None
        assert "reply_1" == copy.rows[f"post_{known.id}"]["replaced_by"], order
        assert everything(ledger) == copy.rows


def test_a_report_before_its_receipt(ledger: Ledger, under_way: tuple[Intent, int]) -> None:
    """The network's word on a message that we do not know of yet counts as soon as we do."""
    intent, _ = under_way
    copy = Copy(ledger)
    with ledger.writing() as tx:
        reports.add(tx, Report("acme", "m1", Arrival.READ, tx.now))
    copy.pull()
    assert "" == copy.rows["reply_1"]["arrival"]
    with ledger.writing() as tx:
        intents.settle(tx, intent, Receipt("m1"))
    copy.pull()
    assert "read" == copy.rows["reply_1"]["arrival"]


def test_what_is_believed_and_why(ledger: Ledger, under_way: tuple[Intent, int]) -> None:
    """The latest word, with its reason: what has arrived after all is not told with an old one."""
    intent, _ = under_way
    copy = Copy(ledger)
    with ledger.writing() as tx:
        intents.note(tx, Outcome.UNKNOWN, reply_id=1, code="lost", because="no answer came")
    copy.pull()
    assert "no answer came" == copy.rows["reply_1"]["because"]
    with ledger.writing() as tx:
        intents.settle(tx, intent, Receipt("m1"))
    copy.pull()
    assert "" == copy.rows["reply_1"]["because"]
