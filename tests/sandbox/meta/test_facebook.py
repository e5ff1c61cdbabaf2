"""The stand-in's Facebook: what visitors write is told, what the Page answers is shown once."""

from __future__ import annotations

import pytest
from meta.meta_client import Client, Taker, Time

from bridge.sandbox.meta import Town
from bridge.sandbox.meta.page_wall import PRIVATE_NOTICE, Page

PNG = b"\x89PNG\r\n\x1a\n not really"


@pytest.fixture
def page(town: Town, taker: Taker, client: Client) -> Page:
    made = town.page("Acme")
    town.connect(made, taker.url)
    client.token = town.token_for(made)
    return made


def test_a_comment_is_told_and_answered(
    town: Town, page: Page, taker: Taker, client: Client
) -> None:
    asked = page.comment("jane", "Where is my order? äöå 👋")
    assert town.deliver() == 1
    (told,) = taker.items("changes")
    assert told["comment_id"] == asked.id
    assert told["message"] == "Where is my order? äöå 👋"
    assert told["parent_id"] == told["post_id"] == page.first.id
    assert told["from"] == {"id": page.id_of("jane"), "name": "Jane Doe"}

    made = client.post(f"{asked.id}/comments", {"message": "On its way."})
    town.deliver()
    own = taker.items("changes")[-1]
    assert (own["comment_id"], own["from"]["id"]) == (made["id"], page.id)
    assert own["parent_id"] == asked.id
    assert [one.text for one in page.said()] == ["On its way."]
    beneath = client.get(
        f"{asked.id}/comments", fields="id,message,from", order="reverse_chronological"
    )
    assert beneath["data"][0]["from"] == {"id": page.id, "name": "Acme"}


def test_a_visitor_post_is_answered_in_public_and_in_private(page: Page, client: Client) -> None:
    asked = page.post("jane", "Are you open today?")
    made = client.post(f"{asked.id}/comments", {"message": "Until six."})
    assert client.get(made["id"], fields="object,parent") == {
        "id": made["id"],
        "object": {"id": asked.id},
    }
    send = {"recipient": {"post_id": asked.id}, "message": {"text": "Until six."}}
    wrong = {"recipient": {"comment_id": asked.id}, "message": {"text": "Until six."}}
    assert client.refused("POST", f"{page.id}/messages", wrong) == (100, 33)
    client.post(f"{page.id}/messages", send)
    assert page.notice(asked.id) == PRIVATE_NOTICE


def test_a_comment_is_answered_privately_once(page: Page, client: Client, time: Time) -> None:
    asked = page.comment("jane", "Where is my order?")
    send = {"recipient": {"comment_id": asked.id}, "message": {"text": "Hello Jane"}}
    assert client.get(asked.id, fields="can_reply_privately")["can_reply_privately"] is True
    sent = client.post(f"{page.id}/messages", send)
    assert sent["recipient_id"] == page.inbox.id_of("jane") != page.id_of("jane")
    assert page.notice(asked.id) == PRIVATE_NOTICE
    assert client.get(asked.id, fields="can_reply_privately")["can_reply_privately"] is False
    assert client.refused("POST", f"{page.id}/messages", send) == (10900, None)
    assert len(page.inbox.said()) == 1
    # Until she answers there is no window.
    again = {"recipient": {"id": sent["recipient_id"]}, "message": {"text": "Still there?"}}
    assert client.refused("POST", f"{page.id}/messages", again) == (10, 2018278)
    page.inbox.message("jane", "Yes")
    client.post(f"{page.id}/messages", again)

    late = page.comment("jane", "And this one?")
    time.passes(days=7, seconds=1)
    send = {"recipient": {"comment_id": late.id}, "message": {"text": "Too late"}}
    assert client.refused("POST", f"{page.id}/messages", send) == (10903, None)


def test_pictures_go_with_a_comment(town: Town, page: Page, client: Client) -> None:
    asked = page.comment("jane", photos=[PNG])
    (shown,) = [client.get(asked.id, fields="message,attachment")["attachment"]]
    assert client.http.get(shown["media"]["image"]["src"], timeout=30).content == PNG
    kept = client.ask(
        "POST",
        f"{page.id}/photos",
        data={"published": "false"},
        files={"source": ("a.png", PNG, "image/png")},
    ).json()
    client.post(f"{asked.id}/comments", {"message": "this one?", "attachment_id": kept["id"]})
    assert page.said()[0].files == (kept["id"],)
    other = town.page("Other")
    strange = town.files.keep(other.id, PNG, "image/png")
    body = {"attachment_id": strange.id}
    assert client.refused("POST", f"{asked.id}/comments", body) == (100, None)


def test_who_wrote_may_be_missing(town: Town, page: Page, taker: Taker, client: Client) -> None:
    page.anonymous = True
    asked = page.comment("jane", "Who am I?")
    own = page.comment("", "You are somebody")
    town.deliver()
    stranger, known = taker.items("changes")
    assert "from" not in stranger
    assert known["from"]["id"] == page.id
    assert "from" not in client.get(asked.id, fields="from,message")
    assert client.get(own.id, fields="from")["from"]["id"] == page.id
    send = {"recipient": {"comment_id": asked.id}, "message": {"text": "Hello you"}}
    assert client.post(f"{page.id}/messages", send)["recipient_id"] == page.inbox.id_of("jane")


def test_what_is_gone_cannot_be_answered(page: Page, client: Client) -> None:
    asked = page.comment("jane", "Never mind")
    beneath = page.comment("kim", "Really?", parent=asked.id)
    page.remove(asked.id)
    for gone in (asked.id, beneath.id):
        assert client.refused("GET", gone) == (100, 33)
        assert client.refused("POST", f"{gone}/comments", {"message": "hello"}) == (100, 33)
    send = {"recipient": {"comment_id": asked.id}, "message": {"text": "hello"}}
    assert client.refused("POST", f"{page.id}/messages", send) == (100, 33)


def test_one_unknown_field_fails_the_whole_read(page: Page, client: Client) -> None:
    asked = page.comment("jane", "hello")
    assert client.refused("GET", asked.id, fields="id,colour") == (100, None)
    assert client.refused("GET", asked.id, fields="id,from{name") == (2500, None)
    answer = client.get(page.first.id, fields="message,comments.limit(1){id,from{name}}")
    assert answer["comments"]["data"][0]["id"] == asked.id


def test_comments_come_a_page_at_a_time(page: Page, client: Client) -> None:
    made = [page.comment("jane", str(number)).id for number in range(3)]
    first = client.get(f"{page.first.id}/comments", limit=2, order="reverse_chronological")
    assert [one["id"] for one in first["data"]] == [made[2], made[1]]
    assert "next" in first["paging"]
    after = first["paging"]["cursors"]["after"]
    last = client.get(
        f"{page.first.id}/comments", limit=2, order="reverse_chronological", after=after
    )
    assert [one["id"] for one in last["data"]] == [made[0]]
    assert "next" not in last["paging"]


def test_the_whole_page_is_read(page: Page, client: Client) -> None:
    asked = page.post("jane", "hello")
    beneath = page.comment("kim", "me too", on=asked.id)
    fields = "message,comments{message}"
    newest, first = client.get(f"{page.id}/feed", fields=fields)["data"]
    assert (newest["id"], first["id"]) == (asked.id, page.first.id)
    assert newest["comments"]["data"] == [{"message": "me too", "id": beneath.id}]


def test_ads_make_no_post_but_their_comments_are_told(town: Town, page: Page, taker: Taker) -> None:
    ad = page.says("Buy now", ad=True)
    page.comment("jane", "How much?", on=ad.id)
    town.deliver()
    (told,) = taker.items("changes")
    assert (told["post_id"], told["post"]["promotion_status"]) == (ad.id, "active")


def test_a_mention_is_read_where_it_was_written(
    town: Town, page: Page, taker: Taker, client: Client
) -> None:
    page.mention("jane", "Acme what is this?", comment=True)
    town.deliver()
    (told,) = taker.items("changes")
    assert "sender_id" not in told
    read = client.get(told["comment_id"], fields="from,message,permalink_url,parent")
    assert read["from"]["name"] == "Jane Doe"
    client.post(f"{told['comment_id']}/comments", {"message": "A lamp."})
    assert page.said()[0].parent_id == told["comment_id"]


def test_a_page_hides_edits_and_removes(
    town: Town, page: Page, taker: Taker, client: Client
) -> None:
    asked = page.comment("jane", "spam")
    made = client.post(f"{asked.id}/comments", {"message": "Helo"})
    client.post(made["id"], {"message": "Hello"})
    client.post(asked.id, {"is_hidden": True})
    assert client.ask("DELETE", made["id"]).json() == {"success": True}
    assert client.refused("POST", asked.id, {"message": "ours now"}) == (100, None)
    town.deliver()
    verbs = [one["verb"] for one in taker.items("changes")]
    assert verbs == ["add", "add", "edited", "hide", "remove"]
