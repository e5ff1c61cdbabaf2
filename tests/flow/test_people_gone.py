"""The helpdesk's admins merge users and delete them; what those people write arrives, once."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bridge.errors import Refused
from bridge.ledger import people, posts, steps
from bridge.model import Person
from bridge.sandbox.zendesk.records import User

TICKETS, UPDATES = "/api/v2/tickets", "/api/v2/tickets/*"


def user_of(world: Any, name: str = "Ada") -> User:
    (found,) = [one for one in world.desk.users.values() if one.name.startswith(name)]
    return found


def merged(world: Any) -> User:
    """Ada's user, as an admin merges it into one they know by e-mail."""
    gone = user_of(world)
    stays = world.desk.add_user("Lady Lovelace", email="ada@example.org")
    world.desk.merge_user(gone.id, stays.id)
    return stays


def deleted(world: Any) -> None:
    """Possible only once their tickets are closed."""
    gone = user_of(world)
    world.desk.close(world.ticket().id)
    world.desk.delete_user(gone.id)


def asks_more(world: Any, text: str = "@bridge second") -> None:
    world.ask("ada", text, in_reply_to=world.town.statuses()[0].id)


def recover(world: Any) -> None:
    for seconds in (11, 31, 130, 320, 700):
        world.later(seconds)


def nothing_is_set_aside(world: Any) -> None:
    with world.bridge.ledger.reading() as tx:
        assert () == steps.set_aside(tx)


def told(world: Any) -> list[str]:
    """Which of the words each comment says, ticket after ticket; the thread stands below them."""
    every = [said.plain_body for each in world.tickets() for said in world.comments(each)]
    return [re.findall("first|second|third", text)[0] for text in every]


def ensured(world: Any) -> int:
    return len(world.desk.faults.asked("POST", "/api/v2/users/create_or_update"))


def test_a_merged_user_is_asked_for_again(world: Any) -> None:
    """The comment is refused, the person gets a user again, the same comment goes in their name."""
    world.ask("ada", "@bridge first")
    stays = merged(world)
    assert stays.id == world.ticket().requester_id
    asks_more(world)
    assert ["first", "second"] == told(world)
    assert user_of(world).id == world.comments()[-1].author_id
    assert 2 == ensured(world)
    asks_more(world, "@bridge third")
    assert 2 == ensured(world)  # the new one is remembered
    assert ["first", "second", "third"] == told(world)
    nothing_is_set_aside(world)


def test_a_deleted_user_opens_a_follow_up_all_the_same(world: Any) -> None:
    """The stale id is refused as a requester, too."""
    world.ask("ada", "@bridge first")
    deleted(world)
    asks_more(world)
    first, follow_up = world.tickets()
    assert (first.id, user_of(world).id) == (follow_up.follow_up_of, follow_up.requester_id)
    assert (1, 1) == (len(world.comments(first)), len(world.comments(follow_up)))
    assert ["first", "second"] == told(world)
    nothing_is_set_aside(world)


@pytest.mark.parametrize("fault", ["drop_after_write", "drop_before_write", "429"])
@pytest.mark.parametrize(
    ("gone", "method", "path"), [(merged, "PUT", UPDATES), (deleted, "POST", TICKETS)]
)
def test_trouble_in_the_middle_doubles_and_loses_nothing(
    world: Any, gone: Any, method: str, path: str, fault: str
) -> None:
    """The first try is refused; the second, in the name of the new user, meets a fault."""
    world.ask("ada", "@bridge first")
    gone(world)
    world.desk.faults.add(fault, method=method, path=path, skip=1)
    asks_more(world)
    recover(world)
    assert () == world.desk.faults.waiting(), "the fault never struck"
    assert ["first", "second"] == told(world)
    nothing_is_set_aside(world)


def test_asking_who_it_is_may_fail_and_is_asked_again(world: Any) -> None:
    """The stale id stays in the ledger until the new one is known."""
    world.ask("ada", "@bridge first")
    merged(world)
    world.desk.faults.add("503", method="POST", path="/api/v2/users/create_or_update")
    asks_more(world)
    assert 1 == len(world.comments())
    recover(world)
    assert 2 == len(world.comments())
    nothing_is_set_aside(world)


def test_a_body_frozen_before_somebody_else_found_out(world: Any) -> None:
    """Another conversation has healed the ledger; this one's frozen words still name the old
    user."""
    world.ask("ada", "@bridge first")
    world.desk.faults.add("503", method="PUT", path=UPDATES)
    asks_more(world)
    assert 1 == len(world.comments())
    merged(world)
    with world.bridge.ledger.writing() as tx:
        ada = posts.newest_revision(tx, 1).author
        now_is = world.bridge.helpdesk.ensure_person(ada)
        people.set_helpdesk_id(tx, ada, now_is)
    recover(world)
    assert 2 == len(world.comments())
    assert now_is == str(world.comments()[-1].author_id)
    nothing_is_set_aside(world)


def test_another_refusal_is_not_repeated(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person is who they were: it is set aside for a person, after one question."""
    world.ask("ada", "@bridge first")
    tries = []

    def refuses(*args: Any) -> None:
        tries.append(args)
        raise Refused("Zendesk said no: the form wants a colour")

    monkeypatch.setattr(world.bridge.helpdesk, "update", refuses)
    asks_more(world)
    recover(world)
    assert (1, 2) == (len(tries), ensured(world))
    with world.bridge.ledger.reading() as tx:
        assert ["post"] == [step.kind for step in steps.set_aside(tx)]


def test_a_person_is_themselves(world: Any) -> None:
    """What the ledger keeps is by the network's id, whoever the helpdesk takes them for."""
    world.ask("ada", "@bridge first")
    before = user_of(world).id
    merged(world)
    asks_more(world)
    with world.bridge.ledger.reading() as tx:
        ada: Person = posts.newest_revision(tx, 1).author
        assert str(user_of(world).id) == people.helpdesk_id(tx, ada) != str(before)
