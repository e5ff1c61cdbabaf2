"""What no event brought is read; what events brought already is the same once more."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from x.samples import Till

from bridge.channels.contract import Raw
from bridge.errors import Gone, Misconfigured, Refused, Unreachable
from bridge.model import Label, Post, Removal
from bridge.sandbox.x import Rules

Opener = Callable[..., AbstractContextManager[Any]]


def events(town: Any, raws: tuple[Raw, ...]) -> list[Any]:
    return [event for raw in raws for event in town.channel.unpack(raw.body)]


def read_on(town: Any, cursor: str) -> tuple[list[Any], str]:
    batch = town.channel.read(cursor)
    return events(town, batch.items), batch.cursor


@pytest.fixture
def start(town: Any) -> str:
    cursor: str = town.channel.read("").cursor
    return cursor


# ------------------------------------------------------------------ the same, however it came


def test_what_was_brought_is_read_under_the_same_keys(town: Any, start: str) -> None:
    """So that it stays one post: mention, reply, answer with a mention, private message."""
    ours = town.town.post("acme", "We are open")
    town.says("where is it?")
    town.later(seconds=1)
    town.town.post("ada", "nice!", in_reply_to=ours.id)
    town.later(seconds=1)
    town.town.post("ada", "so, @acme?", in_reply_to=ours.id)
    town.says("order 4711", private=True)
    brought = {raw.key: raw for raw in town.arrivals()}
    read = {raw.key: raw for raw in town.channel.read(start).items}
    assert len(read) == 4
    assert set(read) <= set(brought)
    for key, raw in read.items():
        [one] = town.channel.unpack(raw.body)
        [other] = town.channel.unpack(brought[key].body)
        for name in ("id", "thread_id", "parent_id", "text", "kind", "unanswerable", "visibility"):
            assert getattr(one, name) == getattr(other, name)


def test_what_is_read_comes_with_its_people(town: Any, start: str) -> None:
    """Also a reply, whose event brings none."""
    ours = town.town.post("acme", "We are open")
    town.later(seconds=1)
    town.town.post("ada", "nice!", in_reply_to=ours.id)
    [found], _ = read_on(town, start)
    assert (found.author.handle, found.author.name) == ("ada", "Ada Lovelace")
    assert found.author.followers == 128


@pytest.mark.parametrize("names", ["tweet", "post"])
def test_either_naming_is_understood(open_town: Opener, names: str) -> None:
    """https://docs.x.com/x-api/fundamentals/fields says `tweet`, X's OpenAPI description `post`."""
    with open_town(rules=Rules(names=names)) as town:
        start = town.channel.read("").cursor
        ours = town.town.post("acme", "We are open")
        town.later(seconds=1)
        answer = town.town.post("ada", "nice!", in_reply_to=ours.id)
        [found], _ = read_on(town, start)
        assert (found.id, found.parent_id, found.thread_id) == (answer.id, ours.id, ours.id)


def test_where_x_refuses_one_naming_the_other_is_asked(town: Any, start: str) -> None:
    """Once; where that is refused as well, it is told."""
    refusal = {"detail": "The query parameter [tweet.fields] is not one of [id]", "title": "x"}
    town.says("hello")
    town.faults_on.add(
        "404", method="GET", path="/2/users/*/mentions", status=400, body=json.dumps(refusal)
    )
    with pytest.raises(Refused, match=r"post\.fields"):  # here only one of them is known
        town.channel.read(start)
    asked = [one.query for one in town.faults_on.asked() if one.path.endswith("/mentions")]
    assert "tweet.fields" in asked[-2]
    assert "post.fields" in asked[-1]


# ------------------------------------------------------------------ nothing lost, nothing twice


def test_everything_new_comes_once_and_in_order(town: Any, start: str) -> None:
    """Over several reads, and over more than one page."""
    for number in range(12):
        town.says(f"post {number}")
        town.says(f"message {number}", private=True)
    first, cursor = read_on(town, start)
    assert [one.text for one in first if one.id.startswith("dm:")] == [
        f"message {number}" for number in range(12)
    ]
    assert [one.text for one in first if not one.id.startswith("dm:")] == [
        f"@acme post {number}" for number in range(12)
    ]
    second, cursor = read_on(town, cursor)
    assert second == []
    town.says("one more")
    third, _ = read_on(town, cursor)
    assert [one.text for one in third] == ["@acme one more"]


def test_the_first_messages_ever_are_read(town: Any, start: str) -> None:
    """There was no place yet to go on from."""
    assert json.loads(start) == {"post": "0", "message": "0", "at": town.now().isoformat()}
    town.says("the very first", private=True)
    found, _ = read_on(town, start)
    assert [one.text for one in found] == ["the very first"]


def test_hundreds_of_messages_at_once_are_read(town: Any, start: str) -> None:
    """After some days without a read; in pages as large as X gives them."""
    for number in range(600):
        town.later(seconds=1)
        town.town.dm("ada", f"{number}")
    found, cursor = read_on(town, start)
    assert [one.text for one in found] == [f"{number}" for number in range(600)]
    assert len(town.faults_on.asked("GET", "/2/dm_events")) == 1 + 1 + 6
    assert read_on(town, cursor)[0] == []


@pytest.mark.parametrize("messages", [[], [{"id": "7"}]])
def test_pages_that_come_again_have_no_end(town: Any, start: str, messages: list[Any]) -> None:
    """Every event is paid for: it is not read on for ever."""
    page = json.dumps({"data": messages, "meta": {"next_token": "the-same-again-and-again"}})
    town.faults_on.add("404", method="GET", path="/2/dm_events", status=200, body=page, times=None)
    with pytest.raises(Unreachable, match="again"):
        town.channel.read(start)
    assert len(town.faults_on.asked("GET", "/2/dm_events")) == 1 + 2


def test_a_place_stays_before_what_is_seconds_old(town: Any, start: str) -> None:
    """Something older may still appear beside it: it is read again, under the same key."""
    town.time = town.time.now(town.time.tzinfo)  # as X's own clock says
    town.says("just now")
    first = town.channel.read(start)
    again = town.channel.read(first.cursor)
    assert [raw.key for raw in first.items] == [raw.key for raw in again.items] != []


def test_what_could_be_read_is_delivered_and_the_rest_read_again(town: Any, start: str) -> None:
    """Messages cannot be read just now; the posts are not lost over it, nor read twice."""
    town.says("a post")
    town.says("a message", private=True)
    town.faults_on.add("503", method="GET", path="/2/dm_events", times=2)
    found, cursor = read_on(town, start)
    assert [one.text for one in found] == ["@acme a post"]
    with pytest.raises(Unreachable):
        town.channel.read(cursor)
    found, _ = read_on(town, cursor)
    assert [one.text for one in found] == ["a message"]


def test_our_own_messages_are_read_as_ours(town: Any, start: str) -> None:
    """Somebody answered in X itself."""
    town.later(seconds=1)
    town.town.dm("acme", "We are on it", to="ada")
    [found], _ = read_on(town, start)
    assert (found.by_us, found.thread_id) == (True, town.customer.id)


def test_without_messages_none_are_asked_for(town: Any) -> None:
    channel = town.open(direct_messages=False)
    cursor = channel.read("").cursor
    town.says("order 4711", private=True)
    assert channel.read(cursor).items == ()
    assert not any("dm_events" in one.path for one in town.faults_on.asked())


@pytest.mark.parametrize("cursor", ["x", "[]", "{}", '{"post": "1", "message": 2, "at": ""}'])
def test_a_place_that_is_none_is_an_admins_business(town: Any, cursor: str) -> None:
    with pytest.raises(Misconfigured):
        town.channel.read(cursor)


# ------------------------------------------------------------------ gaps


def test_after_a_long_silence_events_are_asked_for_again(town: Any, start: str) -> None:
    """Quotes are in no reading: https://docs.x.com/x-api/webhooks/create-replay-job-for-webhook"""
    ours = town.town.post("acme", "We are open")
    town.town.deliver()
    town.later(minutes=1)
    [webhook] = town.town.hooks.webhooks()
    town.faults_on.add("webhook_never", times=None)
    quote = town.town.post("ada", "really?", quotes=ours.id)
    town.town.deliver()
    town.faults_on.clear()
    town.later(hours=3)
    town.channel.read(start)
    town.taken.clear()
    found = [one for one in events(town, town.arrivals()) if isinstance(one, Post)]
    assert quote.id in [one.id for one in found]
    assert webhook.valid


@pytest.mark.parametrize(
    ("fault", "path"),
    [("401", "/2/webhooks"), ("503", "/2/webhooks"), ("503", "/2/webhooks/replay")],
)
def test_what_keeps_events_from_coming_again_keeps_nothing_from_being_read(
    town: Any, start: str, fault: str, path: str
) -> None:
    """The app's own token died, say, and with it the events: reading is what is left. They are
    asked for again once that can be done."""
    town.says("where is it?")
    town.says("order 4711", private=True)
    town.later(hours=3)
    town.faults_on.add(fault, path=path)
    found, cursor = read_on(town, start)
    assert [one.text for one in found] == ["@acme where is it?", "order 4711"]
    town.later(minutes=15)
    again, cursor = read_on(town, cursor)
    town.later(minutes=15)
    assert (again, read_on(town, cursor)[0]) == ([], [])
    asked = town.faults_on.asked("POST", "/2/webhooks/replay")
    assert len([one for one in asked if not one.fault]) == 1


def test_an_encrypted_message_is_told_of(town: Any) -> None:
    """No legacy reader sees it; the event is all there is."""
    town.later(seconds=1)
    town.town.dm("emil", "secret")
    [found] = events(town, town.arrivals())
    assert found.labels == (Label.ENCRYPTED,)
    assert "secret" not in found.text


# ------------------------------------------------------------------ looking again


def test_an_edit_that_no_event_told_of_is_found(town: Any) -> None:
    """Asked for by its first id, X shows the first version, and which came after it."""
    first = town.town.post("ada", "@acme hlep")
    town.later(minutes=5)
    second = town.town.edit(first.id, "@acme help")
    [found] = events(town, town.channel.reread((first.id,)))
    assert (found.id, found.text) == (first.id, "@acme help")
    assert found.revision.endswith(second.id)


def test_what_was_not_edited_has_the_key_it_came_with(town: Any) -> None:
    post = town.says("as it is")
    [brought] = town.arrivals()
    [again] = town.channel.reread((post,))
    assert brought.key == again.key


def test_a_message_is_never_taken_for_a_post_that_is_gone(town: Any) -> None:
    """Their numbers are of the same kind, and no post has this one."""
    message = town.says("order 4711", private=True)
    assert town.channel.reread((message, "chat:e4f4d3fc-8bbf")) == ()
    assert town.channel.reread_public_first


def test_who_protects_their_posts_takes_them_from_us(town: Any) -> None:
    """https://docs.x.com/developer-terms/policy: what is no longer public must go."""
    post = town.says("for everybody, for now")
    town.town.change("ada", protected=True)
    [found] = events(town, town.channel.reread((post,)))
    assert isinstance(found, Removal)
    assert found.post_id == post


def test_silence_about_a_post_is_no_proof(town: Any) -> None:
    """Neither shown nor said to be gone: it is left as it is."""
    post = town.says("still here")
    town.faults_on.add("404", path="/2/tweets", status=200, body="{}")
    assert town.channel.reread((post,)) == ()


# ------------------------------------------------------------------ who it is


def test_who_came_without_a_name_can_be_asked_for(town: Any) -> None:
    """Replies and quotes bring only the number of who wrote them."""
    till = Till()
    found = town.open(meter=till).person(town.customer.id)
    assert (found.id, found.handle, found.name) == (town.customer.id, "ada", "Ada Lovelace")
    assert (found.followers, found.profile_url) == (128, "https://x.com/ada")
    assert till.bill() == {"user read": 10_000}
    with pytest.raises(Gone):
        town.channel.person("7")


def test_nobody_is_asked_for_once_the_budget_is_used_up(town: Any) -> None:
    """Nor by what is no number: it becomes a part of the address."""
    asked = len(town.faults_on.asked())
    assert town.open(meter=Till(), budget=0).person(town.customer.id).name == ""
    assert town.channel.person("../me").name == ""
    assert asked == len(town.faults_on.asked())


# ------------------------------------------------------------------ what it costs


def test_reading_is_counted_as_x_counts_it(open_town: Opener) -> None:
    """The sandbox writes the bill that X would write; a resource costs once in a day."""
    with open_town() as town:
        till = Till()
        channel = town.open(meter=till)
        cursor = channel.read("").cursor
        for number in range(7):
            town.says(f"post {number}")
            town.says(f"message {number}", private=True)
        town.town.costs._charges.clear()
        till.spendings.clear()
        for _ in range(3):
            channel.read(cursor)
        assert till.bill() == {"post read": 7 * 5_000, "message read": 7 * 10_000}
        assert sum(till.bill().values()) == town.town.costs.spent()


def test_the_owner_of_the_app_pays_less(town: Any) -> None:
    """https://docs.x.com/x-api/getting-started/pricing#owned-reads"""
    till = Till()
    channel = town.open(meter=till, owned_reads=True)
    cursor = channel.read("").cursor
    town.says("hello")
    channel.read(cursor)
    channel.reread((town.says("again"),))
    assert [each for _, _, each, _ in till.spendings] == [1_000, 5_000]


def test_reading_stops_when_the_budget_is_used_up(town: Any) -> None:
    """Answers still go out: a customer waits for them."""
    till = Till()
    channel = town.open(meter=till, budget=0.01)
    cursor = channel.read("").cursor
    post = town.says("one")
    town.says("two")
    assert len(channel.read(cursor).items) == 2
    town.says("three")
    asked = len(town.faults_on.asked())
    assert channel.read(cursor) == type(channel.read(cursor))((), cursor)
    assert channel.reread((post,)) == ()
    assert asked == len(town.faults_on.asked())
    assert channel.send(town.reply("Hello", to=post)).id
    [cost] = [one for one in channel.examine() if one.about == "cost"]
    assert "used up" in cost.says
