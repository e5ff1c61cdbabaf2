"""The page on which a person is the customer."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.sandbox.mastodon import Town, village
from bridge.sandbox.mastodon.words import length

SCRIPT = "<script>alert('x')</script>"


def test_it_says_what_it_is(stranger: Any) -> None:
    """A stand-in, on every page, also where nothing is found."""
    for path in ("/", "/@ada/12", "/?edit=12"):
        assert "a stand-in, not a real network" in stranger.call("GET", path).text


def test_a_customer_writes_and_the_brand_is_told(stranger: Any, brand: Any, town: Town) -> None:
    """In public and directly; the direct one names the brand even when the customer forgot."""
    public = {"me": "ada", "text": "@bridge one", "visibility": "public"}
    stranger.call("POST", "/page/post", data=public)
    direct = {"me": "ben@elsewhere.example", "text": "two", "visibility": "direct"}
    stranger.call("POST", "/page/post", data=direct)
    told = brand.get("/api/v1/notifications", include_filtered="true")
    assert [(one["account"]["acct"], one["status"]["visibility"]) for one in told] == [
        ("ben@elsewhere.example", "direct"),
        ("ada", "public"),
    ]
    assert [one.text for one in town.direct_between("ben@elsewhere.example", "bridge")] == [
        "@bridge@sandbox.example two"
    ]


def test_direct_messages_are_shown_to_those_they_concern(stranger: Any, town: Town) -> None:
    """Marked, and to nobody else: neither on the page nor at the address of the post."""
    root = town.post("ada", "@bridge help")
    direct = town.post("bridge", "@ada your code is 4711", "direct", in_reply_to=root.id)
    assert "4711" in stranger.call("GET", "/page/feed?me=ada").text
    assert "padlock" in stranger.call("GET", "/page/feed?me=ada").text
    assert "4711" not in stranger.call("GET", "/?me=dora").text
    path = f"/@bridge/{direct.id}"
    assert stranger.call("GET", path).status_code == 404
    assert stranger.call("GET", path + "?me=dora").status_code == 404
    assert "4711" in stranger.call("GET", path + "?me=ada").text
    thread = stranger.call("GET", f"/@ada/{root.id}")
    assert ("help" in thread.text, "4711" in thread.text) == (True, False)


def test_nobody_can_be_the_brand(stranger: Any, town: Town) -> None:
    """The agent answers in the helpdesk; the page is for customers."""
    stranger.call("POST", "/page/post", data={"me": "bridge", "text": "hello"})
    assert [one.acct for one in town.people() if one.id == town.statuses()[0].author] == ["ada"]


def test_everything_is_escaped(stranger: Any, town: Town) -> None:
    """Words, names and descriptions of pictures, on all pages."""
    town.person("eve", f'Eve"{SCRIPT}')
    picture = town.upload("eve", b"x", "image/png", SCRIPT, f'"{SCRIPT}')
    said = town.post("eve", f"@bridge {SCRIPT} https://a.example/{SCRIPT}", media=[picture.id])
    town.post("bridge", f"@eve {SCRIPT}", "direct", in_reply_to=said.id)
    for path in (
        "/?me=eve",
        f"/?me=eve&reply={said.id}",
        f"/?me=eve&edit={said.id}",
        f"/@eve/{said.id}?me=eve",
        "/page/feed?me=eve",
        f"/?me={SCRIPT}&reply={SCRIPT}",
        f"/avatars/{town.find('eve').id}.svg",
    ):
        answer = stranger.call("GET", path)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_editing_and_deleting_ones_own(stranger: Any, town: Town) -> None:
    """And nobody else's."""
    said = town.post("ada", "@bridge helo")
    for who, status, text in (("dora", 404, "@bridge helo"), ("ada", 200, "@bridge hello")):
        body = {"me": who, "edit": said.id, "text": "@bridge hello"}
        assert status == stranger.call("POST", "/page/post", data=body).status_code
        assert text == town.thread(said.id)[0].text
    for who, left in (("dora", 1), ("ada", 0)):
        stranger.call("POST", "/page/delete", data={"me": who, "id": said.id})
        assert left == len(town.statuses())


def test_a_reply_names_who_it_answers(stranger: Any, town: Town) -> None:
    """The form starts with the right names, a direct message stays direct, and the answer hangs
    in the thread."""
    direct = town.post("bridge", "@ada hi", "direct")
    form = stranger.call("GET", f"/?me=ada&reply={direct.id}").text
    assert '">@bridge </textarea>' in form
    assert 'value="direct" checked' in form
    body = {"me": "ada", "text": "@bridge yes", "visibility": "direct", "reply": direct.id}
    stranger.call("POST", "/page/post", data=body)
    assert [direct.id] == [one.in_reply_to for one in town.thread(direct.id)[1:]]


def test_a_picture_is_attached(stranger: Any, town: Town) -> None:
    """With its description; something else is refused, the words are kept, and nothing is said."""
    body = {"me": "ada", "text": "@bridge look", "visibility": "public", "description": "a bill"}
    wrong = stranger.call(
        "POST", "/page/post", data=body, files={"picture": ("a.html", b"<b>", "text/html")}
    )
    assert (
        wrong.status_code,
        "@bridge look</textarea>" in wrong.text,
        town.statuses(),
    ) == (422, True, ())
    stranger.call("POST", "/page/post", data=body, files={"picture": ("a.png", b"x", "image/png")})
    [said] = town.statuses()
    upload = town.media(said.now.media[0])
    assert upload is not None
    assert (upload.content, upload.description) == (b"x", "a bill")
    assert 'alt="a bill"' in stranger.call("GET", "/").text


def test_too_long_is_explained(stranger: Any) -> None:
    """In the network's own words, with what was written still in the form."""
    answer = stranger.call("POST", "/page/post", data={"me": "ada", "text": "a" * 501})
    assert (
        answer.status_code,
        "Text character limit of 500 exceeded" in answer.text,
        "a" * 501 in answer.text,
    ) == (422, True, True)


def test_blocking_and_making_up(stranger: Any, town: Town) -> None:
    """One button, both ways."""
    ada, bridge = town.find("ada").id, town.find("bridge").id
    for expected in (True, False):
        stranger.call("POST", "/page/block", data={"me": "ada"})
        assert expected == town.blocks(ada, bridge)


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_other_websites_cannot_post(stranger: Any, town: Town, origin: str) -> None:
    """A page open in the same browser has no business here."""
    body = {"me": "ada", "text": "@bridge hi"}
    answer = stranger.call("POST", "/page/post", data=body, headers={"Origin": origin})
    assert (answer.status_code, town.statuses()) == (403, ())
    same = stranger.call("POST", "/page/post", data=body, headers={"Origin": stranger.url})
    assert (same.status_code, len(town.statuses())) == (200, 1)


def test_the_looks_are_served(stranger: Any) -> None:
    """Style, script and padlock come from here."""
    for name in ("page.css", "page.js", "lock.svg"):
        assert stranger.call("GET", f"/static/{name}").status_code == 200


def test_the_village_is_ready_for_a_story(clock: Any) -> None:
    """A brand, several customers, one of them with replies switched off."""
    town = village(clock, brand="acme")
    people = town.people()
    assert (people[0].acct, len(people) - 1) == ("acme", 5)
    assert [one.acct for one in people if one.refuses_replies] == ["dora"]
    assert length("@acme") < town.limits.characters
