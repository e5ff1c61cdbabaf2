"""What a real server does with plain requests: what the Mastodon channel must be able to live with.

None of this is our doing. A test that fails here after a new release of the server says that the
facts have changed, and the channel has to be looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from .people import Customer, until
from .snac import RealMastodon, lived

# The first run fetches the server.
pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

NEVER_WAS = "1" * 42


@dataclass(frozen=True)
class Day:
    """What happened on the server before the questions are asked; everybody has been told."""

    server: RealMastodon
    mara: Customer
    mention: str
    direct: str
    public_reply: str
    direct_reply: str
    deleted: str
    edited: str


@pytest.fixture(scope="module")
def day(real_mastodons: Iterator[RealMastodon]) -> Day:
    """One day for all questions, because each post takes its 6 s to the other side."""
    return lived(real_mastodons, _day)


def _day(server: RealMastodon) -> Day:
    mara = server.customers["mara"]
    mention = server.alone(lambda: mara.post(f"{server.at_brand} my parcel is late"))
    direct = server.alone(
        lambda: mara.post(f"{server.at_brand} my address is 7 Elm Street", "direct")
    )
    deleted = server.alone(lambda: mara.post(f"{server.at_brand} forget it"))
    edited = server.alone(lambda: mara.post(f"{server.at_brand} order 12"))
    for one in (mention, direct, deleted, edited):
        server.brand.waits_for(one)
    server.alone(lambda: server.begin_to_delete(mara, deleted))
    mara.edit(edited, f"{server.at_brand} order 21")
    public_reply = server.alone(
        lambda: server.brand.post("@mara we are looking", in_reply_to=mention)
    )
    direct_reply = server.alone(
        lambda: server.brand.post("@mara your code is 4711", "direct", in_reply_to=mention)
    )
    for one in (public_reply, direct_reply):
        mara.waits_for(one)
    until(lambda: mara.reads(deleted) is None, "the deleted post to be gone")
    return Day(server, mara, mention, direct, public_reply, direct_reply, deleted, edited)


def read(person: Customer, status_id: str) -> dict[str, Any]:
    status = person.reads(status_id)
    assert status is not None
    return status


def ids(statuses: list[dict[str, Any]]) -> list[str]:
    return [status["id"] for status in statuses]


def test_a_mention_names_its_author_but_not_the_one_who_reads_it(day: Day) -> None:
    """Whether a post is for us cannot be told from its mentions: the reader is left out of them."""
    status = day.server.brand.waits_for(day.mention)
    assert ("public", day.mara.handle, []) == (
        status["visibility"],
        status["account"]["acct"],
        status["mentions"],
    )


def test_a_direct_post_is_called_private(day: Day) -> None:
    """The word `direct` does not come back, so `private` must be as private as that."""
    assert "private" == day.server.brand.waits_for(day.direct)["visibility"]


def test_a_direct_post_is_put_before_no_stranger(day: Day) -> None:
    """A public mention can be found by anybody, a direct one by nobody who was not meant."""
    stranger = day.server.stranger
    assert (True, False, False) == (
        stranger.is_shown(day.mention),
        stranger.is_shown(day.direct, thread_of=day.direct),
        stranger.is_shown(day.direct_reply, thread_of=day.mention),
    )


def test_a_stranger_who_knows_its_id_reads_a_direct_post(day: Day) -> None:
    """This server's own leak: what an id gives away is not ours to keep."""
    assert day.server.stranger.reads(day.direct) is not None


def test_replies_keep_what_they_answer(day: Day) -> None:
    """Public or direct, `in_reply_to_id` is the post that was answered."""
    brand = day.server.brand
    assert [day.mention, day.mention] == [
        read(brand, one)["in_reply_to_id"] for one in (day.public_reply, day.direct_reply)
    ]


def test_both_sides_see_public_and_direct_replies_in_the_thread(day: Day) -> None:
    """A reply of ours can be found again beneath what it answers, a direct one as well."""
    expected = [day.mention, day.public_reply, day.direct_reply]
    assert (expected, expected) == (
        ids(day.server.brand.thread(day.mention)),
        ids(day.mara.thread(day.mention)),
    )


def test_own_posts_leave_out_the_direct_ones(day: Day) -> None:
    """A direct reply of ours cannot be found again among the account's own posts."""
    brand = day.server.brand
    listed = ids(brand.call("GET", f"/api/v1/accounts/{brand.account_id}/statuses").json())
    assert (True, False) == (day.public_reply in listed, day.direct_reply in listed)


def test_the_own_timeline_holds_all_that_was_said_in_its_order(day: Day) -> None:
    """The direct ones as well; the customer is told of them in any order."""
    said = ids(day.server.brand.timeline())
    first = (day.direct_reply, day.public_reply)
    assert first == tuple(one for one in said if one in first)


def test_mentions_have_no_ids_of_accounts(day: Day) -> None:
    """Whom a reply reaches is told by `acct` alone; the ids are places in a list."""
    mentions = read(day.server.brand, day.direct_reply)["mentions"]
    assert ({day.mara.handle}, False) == (
        {one["acct"] for one in mentions},
        day.mara.account_id in {one["id"] for one in mentions},
    )


def test_an_edit_shows_in_the_post_and_is_not_told_of(day: Day) -> None:
    """`edited_at` is set, and there is still one notification of that post."""
    brand = day.server.brand
    status = read(brand, day.edited)
    told = [one for one in brand.mentioned() if one["uri"] == status["uri"]]
    assert (True, 1) == (bool(status["edited_at"]), len(told))


def test_an_edited_post_has_another_id(day: Day) -> None:
    """The id that a post was told of with still finds it, but it comes back with a new one: the
    place of the last 32 digits is the post's, the first ten are the time it was last written."""
    status = read(day.server.brand, day.edited)
    assert (False, day.edited[10:]) == (status["id"] == day.edited, status["id"][10:])


def test_a_deleted_post_is_gone_with_its_notification(day: Day) -> None:
    """It answers 404, and whoever had not read the mention by then never will."""
    brand = day.server.brand
    assert (None, False) == (brand.reads(day.deleted), day.deleted in ids(brand.mentioned()))


@pytest.mark.parametrize("parent", ["deleted", "never was"])
def test_a_reply_to_nothing_is_taken_as_a_post_of_its_own(day: Day, parent: str) -> None:
    """Nobody says that the parent is gone: the reply stands alone, in public."""
    brand = day.server.brand
    answered = {"deleted": day.deleted, "never was": NEVER_WAS}[parent]
    status = read(brand, brand.post("@mara we are sorry", in_reply_to=answered))
    assert ("public", None) == (status["visibility"], status["in_reply_to_id"])


def test_the_same_key_makes_two_posts(day: Day) -> None:
    """`Idempotency-Key` is ignored, so a repeated write is a doubled message."""
    made = {
        day.server.brand.call(
            "POST",
            "/api/v1/statuses",
            data={"status": "@mara once", "visibility": "direct"},
            headers={"Idempotency-Key": "the same"},
        ).json()["id"]
        for _ in range(2)
    }
    assert 2 == len(made)


@pytest.mark.parametrize("length", [0, 6000])
def test_no_length_is_refused(day: Day, length: int) -> None:
    """Neither nothing at all nor a text of many pages. Far more is taken as well, and then takes
    longer than anybody waits: who keeps to a sensible length is us."""
    answer = day.server.brand.call(
        "POST", "/api/v1/statuses", data={"status": "x" * length, "visibility": "direct"}
    )
    assert 200 == answer.status_code


def test_deleting_a_post_of_ours_answers_that_it_is_not_there(day: Day) -> None:
    """404 to a DELETE does not mean that the post is gone: it stays."""
    brand = day.server.brand
    status_id = brand.post("@tom never mind", "direct")
    answer = brand.call("DELETE", f"/api/v1/statuses/{status_id}")
    assert (404, True) == (answer.status_code, brand.reads(status_id) is not None)


def test_notifications_are_paged_by_id_alone(day: Day) -> None:
    """Newest first, no Link header; `min_id` and `max_id` leave their own out, `since_id` not;
    `types[]` is not heeded."""
    brand = day.server.brand
    listed = ids(brand.notified())

    def asked(name: str, value: str) -> list[str]:
        answer = brand.call("GET", "/api/v1/notifications", params={name: value})
        assert "Link" not in answer.headers
        return ids(answer.json())

    newest, oldest = listed[0], listed[-1]
    assert sorted(listed, reverse=True) == listed
    assert (listed[:-1], listed[1:], listed, listed) == (
        asked("min_id", oldest),
        asked("max_id", newest),
        asked("since_id", oldest),
        asked("types[]", "favourite"),
    )


def test_the_limits_are_where_older_servers_have_them(day: Day) -> None:
    """There is no second version of the instance; the first tells the length and the media."""
    brand = day.server.brand
    first = brand.call("GET", "/api/v1/instance").json()
    assert (404, 100_000, day.server.host) == (
        brand.call("GET", "/api/v2/instance").status_code,
        first["configuration"]["statuses"]["max_characters"],
        first["uri"],
    )


@pytest.mark.parametrize(
    "path", ["/api/v2/notifications/policy", "/api/v1/apps/verify_credentials"]
)
def test_what_newer_servers_tell_is_unknown_here(day: Day, path: str) -> None:
    """404, as a page and not as JSON."""
    answer = day.server.brand.call("GET", path)
    assert (404, True) == (
        answer.status_code,
        answer.headers["content-type"].startswith("text/html"),
    )


@pytest.mark.parametrize(
    ("expected", "method", "path"),
    [
        (422, "GET", "/api/v1/accounts/verify_credentials"),
        (401, "GET", "/api/v1/notifications"),
        (401, "POST", "/api/v1/statuses"),
    ],
)
def test_a_dead_token_is_refused_without_a_word(
    day: Day, expected: int, method: str, path: str
) -> None:
    """The body is empty, and asked who it is, the token is not even 401."""
    nobody = replace(day.server.brand, token="worthless")
    answer = nobody.call(method, path)
    assert (expected, "") == (answer.status_code, answer.text)


def test_no_answer_tells_the_servers_time(day: Day) -> None:
    """There is no Date header: how far the clocks are apart cannot be known."""
    assert "Date" not in day.server.brand.call("GET", "/api/v1/instance").headers
