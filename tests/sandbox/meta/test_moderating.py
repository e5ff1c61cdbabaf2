"""The stand-in for Meta hides, deletes, likes and blocks as the documentation says."""

from __future__ import annotations

import pytest
from meta.meta_client import Client, Taker, Time

from bridge.sandbox.meta import Town
from bridge.sandbox.meta.page_wall import Page
from bridge.sandbox.meta.places import Words, place


@pytest.fixture
def page(town: Town, taker: Taker, client: Client) -> Page:
    made = town.page("Acme")
    town.connect(made, taker.url)
    client.token = town.token_for(made)
    return made


def seen(town: Town, page: Page, who: str) -> str:
    return str(place(town, page).shown(who))


def test_a_hidden_comment_is_shown_to_its_author_alone(
    town: Town, page: Page, client: Client
) -> None:
    spam = page.comment("jane", "buy my pills")
    assert "buy my pills" in seen(town, page, "kim")
    client.post(spam.id, {"is_hidden": True})
    assert "buy my pills" not in seen(town, page, "kim")
    assert "buy my pills" in seen(town, page, "jane")
    client.post(spam.id, {"is_hidden": False})
    assert "buy my pills" in seen(town, page, "kim")


def test_a_like_is_told_once(town: Town, page: Page, taker: Taker, client: Client) -> None:
    asked = page.comment("jane", "thank you")
    town.deliver()
    for _ in range(2):
        assert client.post(f"{asked.id}/likes") == {"success": True}
    town.deliver()
    [told] = [one for one in taker.items("changes") if one["item"] == "reaction"]
    assert (told["from"]["id"], told["comment_id"]) == (page.id, asked.id)
    assert client.ask("DELETE", f"{asked.id}/likes").json() == {"success": True}
    assert page.liked == set()
    assert client.refused("POST", "1_2/likes", {}) == (100, 33)


def test_who_is_blocked_writes_nothing_more(
    town: Town, page: Page, taker: Taker, client: Client
) -> None:
    jane, psid = page.id_of("jane"), page.inbox.id_of("jane")
    assert client.post(f"{page.id}/blocked", {"user": [jane]}) == {jane: True}
    town.deliver()
    before = len(taker.bodies)
    place(town, page).write("jane", Words("let me in"))
    place(town, page).write("jane", Words("let me in", private=True))
    town.deliver()
    assert len(taker.bodies) == before
    assert client.ask("DELETE", f"{page.id}/blocked?psid={psid}").json() == {"success": True}
    place(town, page).write("jane", Words("thank you"))
    town.deliver()
    assert len(taker.bodies) == before + 1


@pytest.mark.parametrize("body", [{}, {"user": ["1"]}, {"psid": []}])
def test_nobody_in_particular_cannot_be_blocked(page: Page, client: Client, body: dict) -> None:
    assert client.refused("POST", f"{page.id}/blocked", body)[0] == 100


def test_conversations_are_moderated_by_the_linked_page(
    town: Town, page: Page, client: Client
) -> None:
    """Only with somebody with whom there is one."""
    account = town.instagram("acme", page=page)
    client.token = town.token_for(account)
    whom = {"user_ids": [{"id": account.inbox.id_of("jane")}]}
    path = f"{page.id}/moderate_conversations"
    assert client.refused("POST", path, {**whom, "actions": ["block_user"]})[0] == 100
    account.inbox.message("jane", "insults")
    assert client.post(path, {**whom, "actions": ["block_user"]}) == {"success": "true"}
    assert account.barred == {"jane"}
    both = {**whom, "actions": ["block_user", "unblock_user"]}
    assert client.refused("POST", path, both)[0] == 100
    assert client.post(path, {**whom, "actions": ["unblock_user"]}) == {"success": "true"}
    assert account.barred == set()


def test_numbers_are_blocked_within_a_day(town: Town, client: Client, time: Time) -> None:
    number = town.whatsapp("Acme")
    client.token = town.token_for(number)
    body = {"messaging_product": "whatsapp", "block_users": [{"user": "16505551234"}]}
    path = f"{number.id}/block_users"
    assert client.refused("POST", path, body) == (139100, None)
    number.message("jane", "insults")
    told = client.post(path, body)["block_users"]
    assert told == {"added_users": [{"input": "16505551234", "wa_id": "16505551234"}]}
    place(town, number).write("jane", Words("and more"))
    assert len(number.messages()) == 1
    time.passes(hours=25)
    assert client.refused("POST", path, body) == (139100, None)
    assert "removed_users" in client.ask("DELETE", path, json=body).json()["block_users"]
    assert client.refused("POST", path, {"block_users": []})[0] == 100
