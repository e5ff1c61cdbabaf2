"""The stand-in's Instagram, with its own login and with Facebook's."""

from __future__ import annotations

from typing import Any

import pytest
from meta.meta_client import Client, Taker, Time

from bridge.sandbox.meta import Town
from bridge.sandbox.meta.instagram import Instagram

PNG = b"\x89PNG\r\n\x1a\n not really"


@pytest.fixture
def account(town: Town, taker: Taker, client: Client) -> Instagram:
    made = town.instagram("mybrand", "My Brand")
    town.connect(made, taker.url)
    client.token = town.token_for(made)
    return made


def dm(account: Instagram, text: str, **more: Any) -> dict[str, Any]:
    to = {"id": account.inbox.id_of("jane")}
    return {"recipient": to, "message": {"text": text}, **more}


def test_a_reply_lands_beneath_the_top_level_comment(
    town: Town, account: Instagram, taker: Taker, client: Client
) -> None:
    top = account.comment("jane", "Where is my order?")
    beneath = account.comment("kim", "Mine as well", parent=top.id)
    made = client.post(f"{beneath.id}/replies", {"message": "On its way."})
    town.deliver()
    own = taker.items("changes")[-1]
    assert (own["id"], own["parent_id"]) == (made["id"], top.id)
    assert own["from"]["self_ig_scoped_id"] == account.scoped_id
    replies = client.get(f"{top.id}/replies", fields="id,text,username,timestamp")["data"]
    assert [one["username"] for one in replies] == ["kim.lee", "mybrand"]


def test_with_fields_a_reply_is_made_and_refused(account: Instagram, client: Client) -> None:
    top = account.comment("jane", "Where is my order?")
    body = {"message": "On its way."}
    answer = client.refused("POST", f"{top.id}/replies", body, fields="id")
    assert answer == (20, 1772107)
    assert [one.text for one in account.said()] == ["On its way."]


def test_what_cannot_be_answered(account: Instagram, client: Client) -> None:
    hidden = account.comment("jane", "spam")
    account.hide(hidden.id)
    live = account.comment("jane", "wow", live=True)
    gone = account.comment("jane", "never mind")
    account.remove(gone.id)
    for one, why in ((hidden, (100, None)), (live, (100, None)), (gone, (100, 33))):
        assert client.refused("POST", f"{one.id}/replies", {"message": "hi"}) == why
    assert account.said() == ()


def test_a_private_answer_once_within_a_week(
    account: Instagram, client: Client, time: Time
) -> None:
    asked = account.comment("jane", "Where is my order?")
    late = account.comment("jane", "And this one?")
    send = {"recipient": {"comment_id": asked.id}, "message": {"text": "Hello Jane"}}
    sent = client.post(f"{account.id}/messages", send)
    assert sent["recipient_id"] == account.id_of("jane")
    assert client.refused("POST", f"{account.id}/messages", send) == (100, 2534025)
    assert client.refused("POST", f"{account.id}/messages", dm(account, "more")) == (10, 2534022)
    time.passes(days=7, seconds=1)
    send = {"recipient": {"comment_id": late.id}, "message": {"text": "Too late"}}
    assert client.refused("POST", f"{account.id}/messages", send) == (100, 2534025)


def test_messages_are_measured_in_bytes(account: Instagram, client: Client) -> None:
    account.inbox.message("jane", "hello")
    client.post(f"{account.id}/messages", dm(account, "ä" * 500))
    path = f"{account.id}/messages"
    assert client.refused("POST", path, dm(account, "ä" * 500 + "a")) == (100, None)


def test_unsent_stories_and_lookups(
    town: Town, account: Instagram, taker: Taker, client: Client, time: Time
) -> None:
    mid = account.inbox.message("jane", "oops").id
    account.inbox.unsend(mid)
    account.inbox.story_mention("jane", story=PNG)
    town.deliver()
    _, unsent, story = taker.items("messaging")
    assert unsent["message"] == {"mid": mid, "is_deleted": True}
    url = story["message"]["attachments"][0]["payload"]["url"]
    assert client.http.get(url, timeout=30).content == PNG
    time.passes(hours=24)
    assert client.http.get(url, timeout=30).status_code == 403
    who = client.get(account.id_of("jane"), fields="name,username,profile_pic,follower_count")
    assert (who["username"], who["follower_count"]) == ("jane.doe", 12)


def test_the_id_that_is_not_the_one_of_webhooks(account: Instagram, client: Client) -> None:
    me = client.get("me", fields="id,user_id,username")
    assert me == {"id": account.scoped_id, "user_id": account.id, "username": "mybrand"}
    assert client.get(account.scoped_id, fields="user_id")["user_id"] == account.id


def test_with_the_login_by_facebook(town: Town, taker: Taker, client: Client) -> None:
    page = town.page("Acme")
    account = town.instagram("mybrand", page=page)
    town.connect(account, taker.url)
    client.token = town.token_for(page)
    assert client.get(page.id, fields="instagram_business_account") == {
        "id": page.id,
        "instagram_business_account": {"id": account.id},
    }
    account.inbox.message("jane", "hello")
    client.post(f"{page.id}/messages", dm(account, "hi"))
    assert account.inbox.said()[0].text == "hi"
    who = account.inbox.id_of("jane")
    found = client.get(
        f"{page.id}/conversations", platform="instagram", user_id=who, fields="messages{message}"
    )
    assert found["data"][0]["messages"]["data"][0]["message"] == "hi"

    asked = account.mention("jane", "@mybrand look")
    town.deliver()
    told = taker.items("changes")[-1]
    assert set(told) == {"comment_id", "media_id"}
    read = client.get(
        account.id,
        fields=f"mentioned_comment.comment_id({told['comment_id']}){{text,username,timestamp}}",
    )
    assert read["mentioned_comment"]["username"] == "jane.doe"
    body = {"comment_id": asked.id, "media_id": told["media_id"], "message": "Nice"}
    client.post(f"{account.id}/mentions", body)
    assert [one.text for one in account.said()] == ["Nice"]


def test_what_was_published_is_read(account: Instagram, client: Client) -> None:
    asked = account.comment("jane", "hello")
    account.publishes("Buy", kind="AD", original=account.first.id)
    account.mention("jane", "@mybrand", comment=False)
    (only,) = client.get(f"{account.id}/media", fields="caption,comments{text}")["data"]
    assert only["comments"]["data"] == [{"text": "hello", "id": asked.id}]


def test_a_private_account_tells_nobody(town: Town, account: Instagram, taker: Taker) -> None:
    account.private = True
    account.comment("jane", "hello?")
    assert town.deliver() == 0
