"""Who is told of what: mentions, pages, the policy, conversations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.sandbox.mastodon import Policy, Town, Verdict

PATH = "/api/v1/notifications"


def _ids(found: Any) -> list[str]:
    return [one["id"] for one in found]


def test_a_mention_is_told(brand: Any, town: Town) -> None:
    """With who, what, and an id that has nothing to do with the post's."""
    said = town.post("ben@elsewhere.example", "@bridge@sandbox.example hello", language="en")
    [told] = brand.get(PATH)
    assert ("mention", said.id) == (told["type"], told["status"]["id"])
    assert told["account"]["acct"] == "ben@elsewhere.example"
    assert told["id"] != said.id
    assert "filtered" not in told
    assert told == brand.get(f"{PATH}/{told['id']}")


def test_only_the_name_counts(brand: Any, town: Town) -> None:
    """An answer that does not name us is not told, nor is our own word, nor another server's
    namesake."""
    ours = town.post("bridge", "hello @bridge")
    town.post("ada", "I see", in_reply_to=ours.id)
    town.post("ben@elsewhere.example", "@bridge hello")
    assert brand.get(PATH) == []


def test_an_edit_tells_nobody_twice(brand: Any, town: Town) -> None:
    """Only who is named for the first time is told."""
    said = town.post("ada", "@bridge helo")
    town.edit(said.id, "@bridge hello")
    silent = town.post("ada", "hello")
    town.edit(silent.id, "hello @bridge")
    assert [silent.id, said.id] == [one["status"]["id"] for one in brand.get(PATH)]


def test_types_are_chosen(brand: Any, town: Town) -> None:
    """`types[]` and `exclude_types[]` as Rails reads them, and from one account."""
    town.follow("ada", "bridge")
    town.favourite("dora", town.post("bridge", "hi").id)
    town.post("ada", "@bridge hi")
    kinds = [one["type"] for one in brand.get(PATH)]
    assert kinds == ["mention", "favourite", "follow"]
    only = brand.get(PATH, **{"types[]": ["mention", "follow"]})
    assert [one["type"] for one in only] == ["mention", "follow"]
    rest = brand.get(PATH, **{"exclude_types[]": "mention"})
    assert [one["type"] for one in rest] == ["favourite", "follow"]
    dora = brand.get(PATH, account_id=town.find("dora").id)
    assert [one["type"] for one in dora] == ["favourite"]


def test_pages_without_a_gap(brand: Any, town: Town) -> None:
    """`min_id` gives what is immediately newer, `since_id` the newest, `max_id` what is older;
    each page is newest first."""
    for number in range(6):
        town.post("ada", f"@bridge {number}")
    newest = _ids(brand.get(PATH))
    oldest = newest[-1]
    assert newest[3:5] == _ids(brand.get(PATH, min_id=oldest, limit=2))
    assert newest[0:2] == _ids(brand.get(PATH, since_id=oldest, limit=2))
    assert newest[3:5] == _ids(brand.get(PATH, max_id=newest[2], limit=2))
    assert _ids(brand.get(PATH, min_id=newest[0])) == []
    assert newest == _ids(brand.get(PATH, min_id="0"))


def test_the_link_header_leads_on(brand: Any, town: Town, url: str) -> None:
    """`next` goes back in time while pages are full, `prev` forward; what was asked is kept."""
    for number in range(3):
        town.post("ada", f"@bridge {number}")
    first = brand.call("GET", PATH, params={"types[]": "mention", "limit": "2"})
    newer, older = _ids(first.json())
    links = {name: link["url"] for name, link in first.links.items()}
    kept = f"{url}{PATH}?types%5B%5D=mention&limit=2"
    assert {"next": f"{kept}&max_id={older}", "prev": f"{kept}&min_id={newer}"} == links
    last = brand.call("GET", links["next"].removeprefix(url))
    assert len(last.json()) == 1
    assert list(last.links) == ["prev"]
    assert brand.call("GET", links["prev"].removeprefix(url)).links == {}


def test_forty_at_most_eighty(brand: Any, town: Town) -> None:
    """The page is 40 unless asked otherwise, and never more than 80."""
    for number in range(90):
        town.post("ada", f"@bridge {number}")
    assert (len(brand.get(PATH)), len(brand.get(PATH, limit="200"))) == (40, 80)


def test_a_fresh_account_filters_private_mentions(brand: Any, town: Town) -> None:
    """The trap: without `include_filtered` a stranger's direct message is not there at all."""
    said = town.post("ada", "@bridge secret", "direct")
    assert brand.get(PATH) == []
    [told] = brand.get(PATH, include_filtered="true")
    assert (said.id, "direct", True) == (
        told["status"]["id"],
        told["status"]["visibility"],
        told["filtered"],
    )
    policy = brand.get("/api/v2/notifications/policy")
    assert policy["for_private_mentions"] == "filter"
    assert policy["summary"] == {"pending_requests_count": 1, "pending_notifications_count": 1}


def test_dropped_is_never_told(brand: Any, town: Town) -> None:
    """`drop` leaves no notification, though the message can be read in the conversation."""
    town.set_policy("bridge", Policy(for_private_mentions=Verdict.DROP))
    said = town.post("ada", "@bridge secret", "direct")
    assert brand.get(PATH, include_filtered="true") == []
    [conversation] = brand.get("/api/v1/conversations")
    assert said.id == conversation["last_status"]["id"]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_the_policy_can_be_changed(brand: Any, town: Town, method: str) -> None:
    """What is not named stays; nonsense is refused and changes nothing."""
    path = "/api/v2/notifications/policy"
    wrong = brand.call(method, path, json={"for_private_mentions": "perhaps"})
    assert (422, Policy()) == (wrong.status_code, town.policy("bridge"))
    right = brand.call(method, path, data={"for_private_mentions": "accept"})
    assert (
        right.json()["for_private_mentions"],
        right.json()["for_limited_accounts"],
    ) == ("accept", "filter")
    town.post("ada", "@bridge secret", "direct")
    assert len(brand.get(PATH)) == 1


def test_an_answer_to_our_own_direct_message_comes_through(brand: Any, town: Town) -> None:
    """Whatever the policy says about strangers, and for whom we follow as well."""
    town.set_policy("bridge", Policy(for_private_mentions=Verdict.DROP))
    ours = brand.say("@ada may I help?", visibility="direct")
    town.post("ada", "@bridge yes", "direct", in_reply_to=ours["id"])
    town.follow("bridge", "dora")
    town.post("dora", "@bridge hello", "direct")
    assert [one["account"]["acct"] for one in brand.get(PATH)] == ["dora", "ada"]


def test_new_and_limited_accounts(brand: Any, town: Town, clock: Any) -> None:
    """New means less than thirty days; limited accounts are filtered from the start."""
    town.set_policy("bridge", Policy(for_new_accounts=Verdict.DROP))
    town.person("newt", joined=timedelta(days=29))
    town.person("old", joined=timedelta(days=31))
    town.person("loud", limited=True)
    for handle in ("newt", "old", "loud"):
        town.post(handle, "@bridge hi")
    told = brand.get(PATH, include_filtered="true")
    assert [(one["account"]["acct"], one.get("filtered")) for one in told] == [
        ("loud", True),
        ("old", None),
    ]


def test_conversations_are_kept_apart(brand: Any, town: Town) -> None:
    """One per thread and set of people, newest first, with the last word and who it is from."""
    first = town.post("ada", "@bridge one", "direct")
    town.post("dora", "@bridge two", "direct")
    last = town.post("bridge", "@ada three", "direct", in_reply_to=first.id)
    found = brand.get("/api/v1/conversations")
    assert [(["ada"], last.id, False), (["dora"], found[1]["last_status"]["id"], True)] == [
        ([who["acct"] for who in one["accounts"]], one["last_status"]["id"], one["unread"])
        for one in found
    ]
