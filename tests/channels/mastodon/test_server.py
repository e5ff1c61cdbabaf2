"""What a server says about itself, and what the doctor makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from bridge.channels.contract import (
    Channel,
    Examined,
    FetchesMedia,
    FindsOwn,
    Length,
    Once,
    Reads,
    Rereads,
    ShowsPosts,
    Told,
    Unit,
)
from bridge.channels.mastodon import Mastodon, MastodonOptions
from bridge.channels.mastodon.calls import Answer
from bridge.channels.mastodon.instance import instance_of
from bridge.channels.mastodon.reading import START
from bridge.errors import Again, NeedsSignIn, Unreachable
from bridge.model import HOUR, Urgency
from bridge.sandbox.mastodon import Policy, Verdict
from bridge.settings import Secret

POLICY = "/api/v2/notifications/policy"
FRESH = Policy(for_new_accounts=Verdict.DROP)


def found(town: Any, about: str) -> list[Any]:
    return [one for one in town.channel.examine() if one.about == about]


def urgencies(town: Any, about: str) -> list[Urgency]:
    return [one.urgency for one in found(town, about)]


# ------------------------------------------------------------------ options


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({}, "url"),
        ({"url": "example.social", "token": Secret("t")}, "url"),
        ({"url": "ftp://example.social", "token": Secret("t")}, "url"),
        ({"url": "https://me:pass@example.social", "token": Secret("t")}, "url"),
        ({"url": "https://example.social:x", "token": Secret("t")}, "url"),
        ({"url": "https://example.social?x=1", "token": Secret("t")}, "url"),
        ({"url": "https://", "token": Secret("t")}, "url"),
        ({"url": 5, "token": Secret("t")}, "url"),
        ({"url": "https://example.social", "token": "s3same"}, "token"),
        ({"url": "https://example.social", "token": Secret("")}, "token"),
        ({"url": "https://example.social", "token": Secret("two words")}, "token"),
        ({"url": "https://example.social", "token": Secret("line\nbreak")}, "token"),
        ({"url": "https://a.b", "token": Secret("t"), "poll_seconds": 0}, "poll_seconds"),
        ({"url": "https://a.b", "token": Secret("t"), "poll_seconds": "often"}, "poll_seconds"),
        ({"url": "https://a.b", "token": Secret("t"), "public_visibility": "direct"}, "public"),
        ({"url": "https://a.b", "token": Secret("t"), "tokn": 1}, "tokn"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], where: str) -> None:
    """Without showing the token."""
    with pytest.raises(ValidationError) as caught:
        MastodonOptions().load(options)
    assert any(name.startswith(where) for name in caught.value.messages_dict)
    assert "s3same" not in str(caught.value)


def test_options_have_sensible_defaults() -> None:
    """Two lines connect an account."""
    given = {"url": "https://example.social/", "token": Secret("t")}
    assert {
        "url": "https://example.social",
        "token": Secret("t"),
        "poll_seconds": 15.0,
        "reread_minutes": 10.0,
        "public_visibility": "public",
    } == MastodonOptions().load(given)


def test_it_is_a_channel_with_its_abilities(town: Any) -> None:
    """The flow asks by `isinstance`; building it makes no call."""
    channel: Channel = town.channel
    for ability in (Reads, Rereads, FindsOwn, ShowsPosts, FetchesMedia, Examined):
        assert isinstance(channel, ability)
    assert (Mastodon.network, channel.account) == ("mastodon", "acme")
    assert town.faults_on.asked() == ()


# ------------------------------------------------------------------ limits


def test_the_limits_are_the_servers_own(town: Any) -> None:
    """Characters as Mastodon counts them."""
    limits = town.channel.limits()
    assert Length(500, Unit.GRAPHEMES, 23, short_mentions=True) == limits.length
    assert (limits.files, limits.file_bytes) == (4, 99 * 1024 * 1024)
    assert "image/png" in limits.file_types
    assert (limits.edits, limits.deletes) == (Told.POLLED, Told.POLLED)
    assert (limits.once, limits.once_for, limits.shows_own_notice) == (Once.SERVER_KEY, HOUR, False)


def test_an_older_server_is_asked_in_the_older_way(town: Any) -> None:
    """v2 came with 4.0."""
    town.faults_on.add("no_v2_instance", times=None)
    assert town.channel.limits().length.most == 500
    assert town.channel._instance().domain == "sandbox.example"


def test_limits_are_asked_for_once_an_hour(town: Any) -> None:
    """They hardly ever change, and every send needs them."""
    for _ in range(3):
        town.channel.limits()
    assert len(town.faults_on.asked(path="/api/v2/instance")) == 1
    town.later(minutes=61)
    town.channel.limits()
    assert len(town.faults_on.asked(path="/api/v2/instance")) == 2


def test_what_is_known_outlasts_a_server_that_is_away(town: Any) -> None:
    """Whoever only looks at a ticket is shown it, and does not wait for the server each time."""
    path = "/api/v2/instance"
    known = town.channel.limits()
    town.later(minutes=61)
    town.faults_on.add("500", path=path, times=None)
    for _ in range(3):
        assert known == town.channel.limits()
    assert len(town.faults_on.asked(path=path)) == 2
    town.later(minutes=6)
    assert known == town.channel.limits()
    assert len(town.faults_on.asked(path=path)) == 3


def test_a_dead_token_is_not_outlasted(town: Any) -> None:
    town.channel.limits()
    town.later(minutes=61)
    town.faults_on.add("401", path="/api/v2/instance")
    with pytest.raises(NeedsSignIn):
        town.channel.limits()


def test_without_the_server_there_are_no_limits(town: Any) -> None:
    """And nothing to be sent: later."""
    town.faults_on.add("500", path="/api/v2/instance")
    with pytest.raises(Again):
        town.channel.limits()
    assert town.channel.limits().length.most == 500


@pytest.mark.parametrize(
    ("data", "domain", "most", "files"),
    [
        (None, "", 500, 4),
        ({"configuration": []}, "", 500, 4),
        ({"configuration": {"statuses": {"max_characters": "many"}}}, "", 500, 4),
        ({"configuration": {"statuses": {"max_characters": -5}}}, "", 500, 4),
        ({"configuration": {"statuses": {"max_characters": True}}}, "", 500, 4),
        ({"uri": "https://pleroma.example/", "max_toot_chars": 5000}, "pleroma.example", 5000, 4),
        ({"uri": "acme.example"}, "acme.example", 500, 4),
        (
            {
                "domain": "acme.example",
                "configuration": {"statuses": {"max_characters": 9, "max_media_attachments": 6}},
            },
            "acme.example",
            9,
            6,
        ),
    ],
)
def test_what_a_server_does_not_tell_is_as_usual(
    data: Any, domain: str, most: int, files: int
) -> None:
    """https://docs.joinmastodon.org/entities/Instance/"""
    told = instance_of(Answer(200, data))
    assert (domain, most, files) == (told.domain, told.limits.length.most, told.limits.files)


# ------------------------------------------------------------------ the doctor


def test_a_healthy_account_has_no_problems(town: Any) -> None:
    """Every finding is fine, but for the clock, which the sandbox does not keep."""
    town.time = town.channel._calls.get("/api/v1/instance").at
    assert [
        one for one in town.channel.examine() if one.urgency is Urgency.PROBLEM or not one.says
    ] == []
    [account] = found(town, "credentials")
    assert "@bridge@sandbox.example" in account.says


@pytest.mark.parametrize(
    ("policy", "urgency"),
    [
        (Policy(), Urgency.PROBLEM),
        (FRESH, Urgency.PROBLEM),
        (Policy(for_private_mentions=Verdict.ACCEPT), Urgency.ADVICE),
    ],
)
def test_a_policy_that_keeps_messages_from_us_is_found(
    town: Any, policy: Policy, urgency: Urgency
) -> None:
    """A fresh account's own policy hides private messages of strangers."""
    town.town.set_policy("bridge", policy)
    results = found(town, "notification policy")
    assert urgency in [one.urgency for one in results]
    assert all("--fix" in one.do for one in results)


def test_the_policy_can_be_set_to_accept(town: Any) -> None:
    """And setting it again changes nothing."""
    town.town.set_policy("bridge", FRESH)
    assert "for_private_mentions" in town.channel.mend()
    assert urgencies(town, "notification policy") == [Urgency.OK]
    assert town.channel.mend() == ""
    assert len(town.faults_on.asked("PATCH", POLICY)) == 1


def test_setting_the_policy_needs_its_scope(town: Any) -> None:
    """write:notifications is not among the scopes that everything else needs."""
    town.town.set_policy("bridge", FRESH)
    town.token = town.town.token_for("bridge", "read", "write:statuses")
    with pytest.raises(NeedsSignIn):
        town.open(town.url).mend()


def test_a_server_without_a_policy_is_fine(town: Any) -> None:
    """Before 4.3, and elsewhere."""
    town.faults_on.add("policy_missing", times=None)
    assert urgencies(town, "notification policy") == [Urgency.OK]
    assert town.channel.mend() == ""


OF_WRITING = ("statuses", "media", "favourites", "blocks")


@pytest.mark.parametrize(
    ("granted", "urgency"),
    [
        (["read", "write"], Urgency.OK),
        (["read", "write:statuses", "write:media"], Urgency.ADVICE),
        (["read", *(f"write:{one}" for one in OF_WRITING)], Urgency.OK),
        (["read:accounts", "write"], Urgency.PROBLEM),
        ([], Urgency.PROBLEM),
        (None, Urgency.ADVICE),
    ],
)
def test_missing_scopes_are_found(town: Any, granted: Any, urgency: Urgency) -> None:
    """`read` covers `read:statuses`: https://docs.joinmastodon.org/api/oauth-scopes/"""

    def answers(path: str, data: Any) -> Any:
        return {"scopes": granted} if path == "/api/v1/apps/verify_credentials" else data

    town.answers = answers
    assert [urgency] == urgencies(town, "scopes")


def test_a_dead_token_is_a_problem_with_a_way_out(town: Any) -> None:
    """Each question fails by itself, and says what to do."""
    town.town.revoke(town.token)
    [credentials] = found(town, "credentials")
    assert (credentials.urgency, "regenerate" in credentials.do) == (Urgency.PROBLEM, True)
    assert urgencies(town, "mentions") == [Urgency.PROBLEM]


@pytest.mark.parametrize(
    ("seconds", "urgency"),
    [(0, Urgency.OK), (60, Urgency.ADVICE), (-600, Urgency.PROBLEM)],
)
def test_a_clock_that_is_wrong_is_found(town: Any, seconds: int, urgency: Urgency) -> None:
    """A lost answer is looked for by its time."""
    town.time = town.channel._calls.get("/api/v1/instance").at
    town.later(seconds=seconds)
    assert [urgency] == urgencies(town, "clock")


def test_a_server_that_is_not_there_makes_findings_not_errors(town: Any) -> None:
    """The doctor goes on to the next account."""
    channel = town.open("http://127.0.0.1:1")
    assert Urgency.PROBLEM in [one.urgency for one in channel.examine()]
    with pytest.raises(Unreachable):
        channel.read(START)


def test_an_address_without_encryption_is_advised_against(town: Any) -> None:
    """The token travels with every call."""
    address = town.open("http://nowhere.invalid").examine()[0]
    assert (address.about, address.urgency) == ("address", Urgency.ADVICE)
