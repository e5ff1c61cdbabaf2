"""Numbers from small histories that can be counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bridge.flow import measuring
from bridge.flow.measuring import MEDIAN, NINETIETH, percentile
from bridge.ledger.dialogues import Said, Solved, Who
from bridge.ledger.periods import Period
from bridge.mapping.hours import Span
from bridge.mapping.openings import OpeningHours
from bridge.mapping.service import Service, Targets
from bridge.model import DAY, HOUR, MINUTE, Visibility

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)  # a Monday
ADA, BEN = 1, 2
PUBLIC, PRIVATE = Visibility.PUBLIC, Visibility.PRIVATE


def said(
    who: Who,
    minutes: float,
    person: int | None = ADA,
    *,
    conversation: int = 1,
    visibility: Visibility = PUBLIC,
    gone: bool = False,
) -> Said:
    at = NOON + minutes * MINUTE
    return Said(conversation, "acme", "mastodon", who, person, visibility, at, gone)


def asks(minutes: float, person: int = ADA, **more: object) -> Said:
    return said(Who.CUSTOMER, minutes, person, **more)  # type: ignore[arg-type]


def answers(minutes: float, person: int | None = ADA, **more: object) -> Said:
    return said(Who.AGENT, minutes, person, **more)  # type: ignore[arg-type]


def solved(minutes: float | None, since: float = 0, conversation: int = 1) -> Solved:
    at = None if minutes is None else NOON + minutes * MINUTE
    return Solved(conversation, "acme", NOON + since * MINUTE, at)


def waits(*events: Said, ended: tuple[Solved, ...] = ()) -> list[float | None]:
    """Minutes of each spell, None for one without an answer."""
    found = measuring.spells(events, ended)
    return [each.waited / MINUTE if each.waited is not None else None for each in found]


def test_a_spell_begins_with_the_first_unanswered_word() -> None:
    """Three questions in a row are one waiting, from the first of them; after an answer the next
    one begins anew, and a second answer ends nothing."""
    history = (asks(0), asks(2), asks(5), answers(10), answers(11), asks(60), answers(65))
    assert [10, 5] == waits(*history)


def test_history_may_come_in_any_order() -> None:
    """What is read from several tables is not sorted."""
    assert [10] == waits(answers(10), asks(5), asks(0))


def test_what_the_bridge_says_by_itself_is_no_first_reply() -> None:
    """An away text ends no waiting; it is told apart, the first of them."""
    (spell,) = measuring.spells(
        (
            asks(0),
            said(Who.AUTOMATIC, 1, None),
            said(Who.AUTOMATIC, 3, None),
            answers(30),
            said(Who.AUTOMATIC, 31, None),
        )
    )
    assert (30 * MINUTE, MINUTE) == (spell.waited, spell.automatic_after)
    (alone,) = measuring.spells((asks(0), said(Who.AUTOMATIC, 1, None)))
    assert alone.waits


def test_each_customer_of_a_thread_waits_alone() -> None:
    """On one ticket with two customers an answer to the one leaves the other waiting; one that
    may be for anybody is for both."""
    assert [10, None] == waits(asks(0), asks(1, BEN), answers(10))
    assert [10, 9] == waits(asks(0), asks(1, BEN), answers(10, None))


def test_conversations_are_apart() -> None:
    """An answer in one conversation is none in the other."""
    assert [None, 5] == waits(asks(0), asks(1, conversation=2), answers(6, conversation=2))


def test_solved_without_an_answer_waits_no_more() -> None:
    """Solving a ticket ends the waiting without an answer; what is said later waits again."""
    found = measuring.spells((asks(0), asks(30)), (solved(20),))
    assert [(True, False), (False, True)] == [(each.closed, each.waits) for each in found]


def test_an_answer_at_the_moment_of_solving_counts() -> None:
    """Agents answer and solve in one go."""
    (spell,) = measuring.spells((asks(0), answers(20)), (solved(20),))
    assert (20 * MINUTE, False) == (spell.waited, spell.closed)


def test_what_was_taken_back_waits_no_more() -> None:
    """Only where all of it was; an answer given before counts all the same."""
    assert measuring.spells((asks(0, gone=True),))[0].closed
    assert measuring.spells((asks(0, gone=True), asks(1)))[0].waits
    assert [10] == waits(asks(0, gone=True), answers(10))


def test_spells_of_a_period() -> None:
    """A question before the period makes one in it part of an older waiting."""
    period = Period(NOON, NOON + HOUR)
    found = measuring.spells((asks(-5), asks(5), answers(10), asks(59), asks(60, BEN)))
    assert [NOON + 59 * MINUTE] == [each.began_at for each in measuring.within(found, period)]


@pytest.mark.parametrize(
    ("minutes", "median", "ninetieth"),
    [
        ([7], 7, 7),
        ([1, 2], 1, 2),
        ([3, 1, 2], 2, 3),
        (range(1, 11), 5, 9),
        (range(1, 12), 6, 10),
    ],
)
def test_percentiles_are_nearest_rank(minutes: list[int], median: int, ninetieth: int) -> None:
    """As one counts them on a sorted list."""
    values = [each * MINUTE for each in minutes]
    assert median * MINUTE == percentile(values, MEDIAN)
    assert ninetieth * MINUTE == percentile(values, NINETIETH)


def test_of_nothing_there_is_no_number() -> None:
    """Which is not the same as zero."""
    assert measuring.Times(0, None, None) == measuring.times([None])
    nothing = measuring.answering((), lambda _: Service(), NOON)
    assert (0, None) == (nothing.spells, nothing.share)
    assert measuring.privately(()).share is None
    assert measuring.badge((), NOON).share is None


def test_share_within_the_promise() -> None:
    """One in time, one late, one that waits too long already; one that may still be answered in
    time and one whose ticket was solved are not judged."""
    history = (
        asks(0),
        answers(10),
        asks(20),
        answers(40),
        asks(50, conversation=2),
        asks(95, conversation=3),
        asks(0, conversation=4),
    )
    found = measuring.spells(history, (solved(1, conversation=4),))
    promise = Service(targets=Targets(public=15 * MINUTE))
    row = measuring.answering(found, lambda _: promise, NOON + 100 * MINUTE)
    assert (5, 2, 1) == (row.spells, row.waiting, row.closed)
    assert (1, 3, Fraction(1, 3)) == (row.in_time, row.promised, row.share)


def test_no_promise_no_share() -> None:
    """A promise for private messages says nothing about public ones."""
    found = measuring.spells((asks(0), answers(10)))
    promise = Service(targets=Targets(private=15 * MINUTE))
    assert measuring.answering(found, lambda _: promise, NOON + HOUR).share is None


def test_the_promise_is_counted_in_opening_hours() -> None:
    """Asked at 16:50, closed from 17:00 to 9:00, answered at 9:04: 14 minutes of open time, of
    which the customer waited more than 16 hours."""
    nine_to_five = OpeningHours("UTC", tuple(Span(day, 9 * 60, 17 * 60) for day in range(5)))
    evening, morning = 4 * 60 + 50, 21 * 60 + 4
    (spell,) = measuring.spells((asks(evening), answers(morning)))
    promise = Service(hours=nine_to_five, targets=Targets(public=15 * MINUTE))
    assert measuring.kept(spell, promise, NOON + DAY) is True
    assert timedelta(hours=16, minutes=14) == spell.waited
    (late,) = measuring.spells((asks(evening), answers(morning + 2)))
    assert measuring.kept(late, promise, NOON + DAY) is False


def test_open_time_over_a_change_of_clocks() -> None:
    """The night of 25 October 2026 has an hour more in Berlin, that of 29 March one less."""
    always = OpeningHours("Europe/Berlin", tuple(Span(day, 0, 24 * 60) for day in range(7)))
    for day, hours in ((25, 25), (26, 24)):
        begins = datetime(2026, 10, day, tzinfo=UTC) - (2 if day == 25 else 1) * HOUR
        assert hours * HOUR == measuring.open_time(always, begins, begins + hours * HOUR)
    night = OpeningHours("Europe/Berlin", (Span(6, 0, 6 * 60),))
    spring = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert 5 * HOUR == measuring.open_time(night, spring, spring + DAY)


def test_answered_privately() -> None:
    """Of three public posts that were answered, one was privately; a private one and one that
    waits are not counted."""
    found = measuring.spells(
        (
            asks(0),
            answers(1),
            asks(2),
            answers(3, visibility=PRIVATE),
            asks(4),
            answers(5),
            asks(6, visibility=PRIVATE),
            answers(7, visibility=PRIVATE),
            asks(8),
        )
    )
    assert measuring.Privately(3, 1) == measuring.privately(found)
    assert Fraction(1, 3) == measuring.privately(found).share


def test_resolution() -> None:
    """From the first word to the solving; a follow-up counts from what was said after the ticket
    before it was solved."""
    history = (asks(0), answers(10), asks(20), asks(300), answers(310))
    tickets = (solved(60), solved(330, since=301))
    period = Period(NOON, NOON + DAY)
    found = measuring.resolutions(history, tickets, period)
    assert [60 * MINUTE, 30 * MINUTE] == [each.took for each in found]
    later = Period(NOON + 2 * HOUR, NOON + DAY)
    assert [30 * MINUTE] == [each.took for each in measuring.resolutions(history, tickets, later)]
    assert () == measuring.resolutions(history, (solved(None),), period)


def test_the_badge() -> None:
    """Ten private messages: eight answered within 15 minutes, one late, one not yet and only just
    asked. What is public, or older than a week, is not counted."""
    history = [asks(0, visibility=PUBLIC), asks(-8 * 24 * 60, 9, visibility=PRIVATE)]
    for person in range(10, 18):
        history += [asks(person, person, visibility=PRIVATE)]
        history += [answers(person + 14, person, visibility=PRIVATE)]
    history += [asks(0, 20, visibility=PRIVATE), answers(40, 20, visibility=PRIVATE)]
    history += [asks(95, 21, visibility=PRIVATE)]
    now = NOON + 100 * MINUTE
    stands = measuring.badge(measuring.spells(history), now)
    assert (9, 8, 9, 14 * MINUTE) == (stands.asked, stands.quick, stands.answered, stands.median)
    assert not stands.is_reached
    assert 1 == stands.needed  # 9 of 10
    later = measuring.badge(measuring.spells(history), now + HOUR)
    assert (10, 8, 10) == (later.asked, later.quick, later.needed)  # 18 of 20
    assert measuring.Badge(10, 9, 9, None).is_reached


EVENTS = some.builds(
    said,
    some.sampled_from(Who),
    some.integers(0, 300),
    some.sampled_from([ADA, BEN]),
    conversation=some.integers(1, 3),
    visibility=some.sampled_from(Visibility),
    gone=some.booleans(),
)
TICKETS = some.builds(solved, some.none() | some.integers(0, 300), conversation=some.integers(1, 3))
PROMISES = some.builds(
    Service,
    targets=some.builds(Targets, public=some.none() | some.just(HOUR), private=some.just(MINUTE)),
)


@given(some.lists(EVENTS, max_size=40), some.lists(TICKETS, max_size=4), PROMISES)
def test_whatever_was_said(events: list[Said], tickets: list[Solved], promise: Service) -> None:
    """Every spell is answered, closed or waits; shares lie between 0 and 1; percentiles are among
    what was measured; parts add up to the whole."""
    found = measuring.spells(events, tickets)
    now = NOON + 400 * MINUTE
    row = measuring.answering(found, lambda _: promise, now)
    assert row.spells == row.first.count + row.closed + row.waiting == len(found)
    assert 0 <= row.in_time <= row.promised <= row.spells
    assert row.share is None or 0 <= row.share <= 1
    known = [each.waited for each in found if each.waited is not None]
    assert all(each >= timedelta(0) for each in known)
    if known:
        assert row.first.median in known
        assert min(known) <= row.first.median <= row.first.ninetieth <= max(known)
    parts = measuring.grouped(found, lambda each: each.began_at.hour)
    assert row.spells == sum(len(some) for some in parts.values())
    customers = {(each.conversation, each.person) for each in events if each.who is Who.CUSTOMER}
    assert len(customers) <= row.spells <= sum(each.who is Who.CUSTOMER for each in events)
    public = measuring.privately(found)
    assert 0 <= public.privately <= public.answered <= row.first.count


@given(some.lists(some.timedeltas(timedelta(0), DAY), min_size=1), some.integers(1, 100))
def test_percentiles_leave_enough_behind(values: list[timedelta], hundredths: int) -> None:
    """At least the asked share lies within it, and less than that within any shorter one."""
    share = Fraction(hundredths, 100)
    found = percentile(values, share)
    assert found in values
    assert sum(each <= found for each in values) >= share * len(values)
    assert sum(each < found for each in values) < share * len(values)
