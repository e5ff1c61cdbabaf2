"""No private word in public: every case there is, enumerated."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from bridge.flow.previewing import BECAUSE, NO_NOTICE
from bridge.flow.visibility import decide
from bridge.ledger.posts import Known
from bridge.model import AgentComment, Visibility
from bridge.text.words import CODES

PUBLIC, PRIVATE = Visibility.PUBLIC, Visibility.PRIVATE

COMMANDS = ("", "dm", "public")
CHOICES = (("", False), ("private", False), ("private", True), ("public", False), ("public", True))
PENDING = [seen for size in range(4) for seen in product((PUBLIC, PRIVATE), repeat=size)]
EARLIER = [seen for size in range(4) for seen in product((PUBLIC, PRIVATE), repeat=size)]
RUNS = [(seen, last) for seen in EARLIER for last in range(bool(seen), len(seen) + 1)]
"""What was said before, and how many of the last of it the agents' last reply answered."""

CASES = list(product(COMMANDS, CHOICES, PENDING, RUNS))


def _known(number: int, visibility: Visibility) -> Known:
    return Known(
        id=number,
        account="acme",
        network_id=str(number),
        conversation_id=1,
        thread_id="1",
        visibility=visibility,
        state="live",
        comment_id=str(number),
        rule="",
        because="",
        by_us=False,
        route=None,
    )


def _decided(command, choice, pending, run):
    earlier, last = run
    comment = AgentComment(
        id="c",
        ticket_id="1",
        text="hello",
        public=True,
        by_agent=True,
        author_id="9",
        author_name="Ines",
        created_at=datetime(2026, 11, 21, tzinfo=UTC),
        reply_as=choice[0],
        chosen_here=choice[1],
    )
    before = tuple(_known(number, seen) for number, seen in enumerate(earlier, 1))
    since = tuple(_known(number, seen) for number, seen in enumerate(pending, len(earlier) + 1))
    went_on = before[len(before) - last :]
    return decide(command, comment, since, before, went_on), since, before, went_on


def _answered(pending, run):
    """Whose visibility a reply takes: what is new, else all that the reply before it answered."""
    earlier, last = run
    return pending or earlier[len(earlier) - last :]


def _explicit(command, choice) -> bool:
    """An act of the agent, for this very reply, that says public."""
    return command == "public" or (not command and choice == ("public", True))


def test_the_enumeration_holds_what_it_is_about() -> None:
    """There are cases with a private message pending and no act, and public answers in others."""
    risky = [case for case in CASES if PRIVATE in case[2] and not _explicit(case[0], case[1])]
    assert len(risky) > 500
    assert any(_decided(*case)[0].visibility is PUBLIC for case in CASES)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_private_message_is_never_answered_in_public_by_itself(command: str) -> None:
    """Whatever the field says from before: without an explicit act for this reply, it stays
    private. With nothing pending it goes on with the reply before it, and is judged by the same."""
    for case in CASES:
        if case[0] != command or _explicit(case[0], case[1]):
            continue
        answered = _answered(*case[2:])
        if PRIVATE in answered or not answered:
            if case[1][0] == "public" and not answered:
                continue  # nobody is answered at all: there is nothing that it could reveal
            assert _decided(*case)[0].visibility is PRIVATE, case


def test_private_can_always_be_chosen() -> None:
    """#dm, or the field without a command, makes it private whatever is answered."""
    for case in CASES:
        if case[0] == "dm" or (not case[0] and case[1][0] == "private"):
            assert _decided(*case)[0].visibility is PRIVATE, case


def test_a_public_answer_answers_a_public_post() -> None:
    """It never hangs beneath a private message; where no public post is, it answers nothing."""
    for case in CASES:
        decision, since, before, _ = _decided(*case)
        if decision.visibility is PUBLIC:
            public = [post for post in (*before, *since) if post.visibility is PUBLIC]
            assert (public[-1] if public else None) == decision.answers, case


def test_an_answer_answers_something_where_there_is_something() -> None:
    """A private answer goes to the newest private message, else to the newest message."""
    for case in CASES:
        decision, since, _, went_on = _decided(*case)
        if decision.visibility is PRIVATE:
            answered = since or went_on
            private = [post for post in answered if post.visibility is PRIVATE]
            assert (private or list(answered) or [None])[-1] == decision.answers, case


def test_an_agent_is_told_when_the_field_was_overruled() -> None:
    """Exactly when the field says public from before and a private message is answered."""
    for case in CASES:
        command, choice, *above = case
        overruled = not command and choice == ("public", False) and PRIVATE in _answered(*above)
        assert overruled == _decided(*case)[0].overruled, case


def test_every_decision_has_its_reason() -> None:
    """The audit can always say why."""
    assert all(_decided(*case)[0].because for case in CASES)


def test_every_reason_can_be_said_to_agents() -> None:
    """Whatever decides has its sentence beside the ticket, in the agent's language."""
    decisions = [_decided(*case)[0] for case in CASES] + [
        _decided("template", ("", False), (PRIVATE,), ((), 0))[0]
    ]
    assert {(each.because, each.overruled) for each in decisions} <= set(BECAUSE)
    assert set(BECAUSE.values()) | set(NO_NOTICE.values()) <= CODES
