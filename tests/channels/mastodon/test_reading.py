"""Reading mentions from a server that does what servers do."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.channels.mastodon.reading import START
from bridge.errors import Again, NeedsSignIn, RateLimited, Unreachable
from bridge.model import Kind, Post, Removal, Unreadable
from bridge.sandbox.mastodon import Policy, Verdict

NOTIFICATIONS = "/api/v1/notifications"
CONTEXTS = "/api/v1/statuses/*/context"


def texts(town: Any, items: Any) -> list[str]:
    found = [event for raw in items for event in town.channel.unpack(raw.body)]
    return [event.text.removeprefix("@bridge ") for event in found]


def read_all(town: Any, cursor: str) -> tuple[list[str], str]:
    said: list[str] = []
    while True:
        batch = town.channel.read(cursor)
        said += texts(town, batch.items)
        if not batch.more:
            return said, batch.cursor
        cursor = batch.cursor


def test_the_first_place_is_after_what_is_there(town: Any) -> None:
    """And before everything where nothing is there yet."""
    assert (town.channel.read("").cursor, town.channel.read("").items) == (START, ())
    town.says("old")
    place = town.channel.read("").cursor
    assert place != START
    town.says("new")
    assert read_all(town, place)[0] == ["new"]


@pytest.mark.parametrize("with_links", [True, False])
def test_hundreds_of_mentions_come_oldest_first_and_once(town: Any, with_links: bool) -> None:
    """Page by page, with the server's links or without them."""
    if not with_links:
        town.faults_on.add("no_link_header", times=None)
    town.says("the first")
    place = town.channel.read("").cursor
    for number in range(130):
        town.says(str(number), private=number % 3 == 0)
    assert [str(number) for number in range(130)] == read_all(town, place)[0]


def test_whatever_came_before_the_first_mention_is_read_from_the_start(town: Any) -> None:
    """Nobody had written when the account was connected; then a hundred did."""
    assert town.channel.read("").cursor == START
    for number in range(100):
        town.says(str(number))
    said, place = read_all(town, START)
    assert [str(number) for number in range(100)] == said
    assert ([], place) == read_all(town, place)


def test_a_server_that_ignores_the_place_does_not_hold_us_for_ever(town: Any) -> None:
    """From the start, a page that brings nothing new is the last."""
    for number in range(3):
        town.says(str(number))
    first = town.channel._calls.get(NOTIFICATIONS).data
    town.answers = lambda path, data: first if path == NOTIFICATIONS else data
    assert texts(town, town.channel.read(START).items) == ["0", "1", "2"]


def test_an_ascending_server_is_read_in_order_as_well(town: Any) -> None:
    """The order is seen from the times, not taken for granted."""
    place = town.channel.read("").cursor
    for number in range(3):
        town.says(str(number))
    town.answers = lambda path, data: data[::-1] if path == NOTIFICATIONS else data
    assert read_all(town, place)[0] == ["0", "1", "2"]


def test_ids_are_opaque(town: Any) -> None:
    """Hollo writes notification ids with slashes and dates in them: they only travel."""
    town.says("old")
    place = town.channel.read("").cursor
    town.says("new")

    def renamed(path: str, data: Any) -> Any:
        if path == NOTIFICATIONS:
            for one in data:
                one["id"] = f"2026-06-01T12:00/mention/{one['id']}"
        return data

    town.faults_on.add("no_link_header", times=None)
    town.answers = renamed
    assert "2026-06-01T12:00/mention/" in town.channel.read(place).cursor


def test_private_messages_that_the_policy_filters_are_read(town: Any) -> None:
    """The policy of a fresh account hides private mentions of strangers; we ask for them."""
    town.town.set_policy("bridge", Policy(for_private_mentions=Verdict.FILTER))
    town.says("psst", private=True)
    assert read_all(town, START)[0] == ["psst"]


def test_a_server_that_refuses_the_narrow_question_is_asked_the_wide_one(town: Any) -> None:
    """And what is certainly no mention is not stored."""
    town.faults_on.add("403", status=422, method="GET", path=NOTIFICATIONS, body='{"error": "?"}')
    post = town.says("hello")
    town.town.follow("ada", "bridge")
    town.town.favourite("ada", town.town.post("bridge", "ours").id)
    batch = town.channel.read(START)
    assert [f"status:{post}:"] == [raw.key for raw in batch.items]


def test_the_place_stays_before_what_is_only_seconds_old(town: Any) -> None:
    """A mention with a lower number may still appear; the later one then comes again, as itself."""
    town.says("settled")
    place = town.channel.read("").cursor
    town.says("fresh")
    at = town.channel._calls.get(NOTIFICATIONS).at
    assert at is not None
    town.time = at
    town.town.post("ada", "@bridge fresher")
    town.time = at.replace(year=at.year - 1)
    first = town.channel.read(place)
    again = town.channel.read(first.cursor)
    assert texts(town, first.items) == ["fresh", "fresher"]
    assert texts(town, again.items) == ["fresher"]
    assert first.items[1].key == again.items[0].key
    assert not again.more


def test_a_crowded_page_moves_the_place_in_any_case(town: Any) -> None:
    """Standing still would lose what no longer fits on the page."""
    town.time = town.channel._calls.get(NOTIFICATIONS).at
    place = town.channel.read("").cursor
    for number in range(60):
        town.town.post("ada", f"@bridge {number}")
    assert [str(number) for number in range(60)] == read_all(town, place)[0][:60]


def test_a_reply_comes_with_its_thread(town: Any) -> None:
    """Back to the root, which names it."""
    root = town.town.post("chloe", "Bonjour tout le monde")
    ours = town.town.post("bridge", "@chloe bonjour", in_reply_to=root.id)
    town.later(seconds=60)
    last = town.town.post("ada", "@bridge and me?", in_reply_to=ours.id)
    [raw] = town.channel.read(START).items
    [post] = town.channel.unpack(raw.body)
    assert isinstance(post, Post)
    assert (last.id, root.id, ours.id) == (post.id, post.thread_id, post.parent_id)
    assert [root.id, ours.id] == [one.id for one in post.history]
    assert Kind.REPLY is post.kind


def test_a_thread_that_cannot_be_read_now_holds_back_only_what_comes_after(town: Any) -> None:
    """What was read is delivered; the rest is read again, in order."""
    place = town.channel.read("").cursor
    town.says("one")
    above = town.town.post("chloe", "root")
    town.later(seconds=5)
    town.town.post("ada", "@bridge two", in_reply_to=above.id)
    town.says("three")
    town.faults_on.add("503", method="GET", path=CONTEXTS, times=2)
    batch = town.channel.read(place)
    assert texts(town, batch.items) == ["one"]
    assert not batch.more
    with pytest.raises(Again):
        town.channel.read(batch.cursor)
    assert read_all(town, batch.cursor)[0] == ["two", "three"]


def test_a_thread_that_is_broken_for_good_holds_up_nobody(town: Any) -> None:
    """After ten minutes the mention comes without what stands above it."""
    above = town.town.post("chloe", "root")
    town.town.post("ada", "@bridge two", in_reply_to=above.id)
    town.faults_on.add("500", method="GET", path=CONTEXTS, times=None)
    with pytest.raises(Again):
        town.channel.read(START)
    town.later(minutes=11)
    [raw] = town.channel.read(START).items
    [post] = town.channel.unpack(raw.body)
    assert (above.id, ()) == (post.thread_id, post.history)


def test_a_thread_that_was_deleted_is_no_obstacle(town: Any) -> None:
    """404 for the context: there is simply nothing above."""
    above = town.town.post("chloe", "root")
    town.town.post("ada", "@bridge two", in_reply_to=above.id)
    town.faults_on.add("404", method="GET", path=CONTEXTS, times=None)
    assert read_all(town, START)[0] == ["two"]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("401", NeedsSignIn),
        ("429", RateLimited),
        ("500", Again),
        ("503", Again),
        ("drop_before_write", Unreachable),
    ],
)
def test_what_stops_a_read_is_told_apart(town: Any, fault: str, expected: type[Exception]) -> None:
    """By itself later, or by a person."""
    town.faults_on.add(fault, method="GET", path=NOTIFICATIONS, times=None)
    with pytest.raises(expected):
        town.channel.read(START)


def test_a_server_that_is_not_there_is_unreachable(town: Any) -> None:
    """Nothing listens on that port."""
    nowhere = town.open("http://127.0.0.1:1")
    with pytest.raises(Unreachable):
        nowhere.read("")


@pytest.mark.parametrize("data", [{"error": "?"}, None, "x", 5])
def test_an_answer_that_is_no_list_is_no_end_of_the_world(town: Any, data: Any) -> None:
    """A portal in between answers 200 to everything."""
    town.answers = lambda path, real: data if path == NOTIFICATIONS else real
    with pytest.raises(Unreachable):
        town.channel.read(START)


def test_rubbish_in_the_list_is_passed_on_to_be_set_aside(town: Any) -> None:
    """Every item becomes a delivery, whatever it is."""
    town.says("old")
    place = town.channel.read("").cursor
    town.says("one")
    rubbish = [None, 5, [], {}, {"id": "9", "type": "mention", "status": {"id": 3.5}}]
    town.answers = lambda path, data: rubbish + data if path == NOTIFICATIONS else data
    items = town.channel.read(place).items
    found = [event for raw in items for event in town.channel.unpack(raw.body)]
    assert 6 == len(found) == len({raw.key for raw in items})
    assert len([one for one in found if isinstance(one, Unreadable)]) == 5


@pytest.mark.parametrize("in_one_go", [True, False])
def test_looking_again_finds_edits_and_deletions(town: Any, in_one_go: bool) -> None:
    """Also on servers without the question for many at once; unedited posts keep their key."""
    if not in_one_go:
        town.faults_on.add("batch_statuses_missing", times=None)
    ids = tuple(town.says(str(number)) for number in range(45))
    town.town.edit(ids[3], "@bridge changed")
    town.town.delete(ids[44])
    raws = town.channel.reread(ids)
    events = [town.channel.unpack(raw.body)[0] for raw in raws]
    assert town.arrivals()[4].key == raws[4].key
    assert events[3].text == "@bridge changed"
    assert events[3].revision
    assert [ids[44]] == [one.post_id for one in events if isinstance(one, Removal)]


def test_a_post_stays_the_same_where_edits_change_its_id(town: Any) -> None:
    """snac's ids do: what was asked for by an id is the post with that id."""
    post = town.says("before")

    def renamed(path: str, data: Any) -> Any:
        return {**data, "id": "new"} if path == f"/api/v1/statuses/{post}" else data

    town.town.edit(post, "@bridge after")
    town.faults_on.add("batch_statuses_missing", times=None)
    town.answers = renamed
    [raw] = town.channel.reread((post,))
    [event] = town.channel.unpack(raw.body)
    assert (event.id, event.thread_id, event.text) == (post, post, "@bridge after")


def test_a_post_is_not_gone_because_the_server_stumbles(town: Any) -> None:
    """Only 404 counts: a wrong removal takes a customer's words off the ticket."""
    post = town.says("still here")
    town.answers = lambda path, data: [] if path == "/api/v1/statuses" else data
    assert [f"status:{post}:"] == [raw.key for raw in town.channel.reread((post,))]
    town.faults_on.add("500", method="GET", path="/api/v1/statuses*", times=None)
    with pytest.raises(Again):
        town.channel.reread((post,))


def test_an_edited_reply_stays_in_its_thread(town: Any) -> None:
    """The thread above is looked at again for it."""
    root = town.town.post("chloe", "root")
    middle = town.town.post("chloe", "middle", in_reply_to=root.id)
    reply = town.town.post("ada", "@bridge two", in_reply_to=middle.id)
    town.later(seconds=60)
    town.town.edit(reply.id, "@bridge three")
    [raw] = town.channel.reread((reply.id,))
    [post] = town.channel.unpack(raw.body)
    assert (root.id, "@bridge three") == (post.thread_id, post.text)


def test_a_picture_is_fetched_from_the_server(town: Any) -> None:
    """From the account's own server, even on a private address."""
    upload = town.town.upload("ada", b"\x89PNG...", "image/png", "cat.png", "a cat")
    town.town.post("ada", "@bridge look", media=[upload.id])
    [raw] = town.channel.read(START).items
    [post] = town.channel.unpack(raw.body)
    file = town.channel.fetch(post.media[0], 1000)
    assert (file.content, file.content_type) == (b"\x89PNG...", "image/png")
