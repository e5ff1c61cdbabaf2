"""What the stand-in tells has the keys of the documented samples, and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from contract import SPECS, spec_file
from meta.meta_client import Client, Taker

from bridge.sandbox.meta import Town
from bridge.sandbox.meta.instagram import Instagram
from bridge.sandbox.meta.page_wall import Page
from bridge.sandbox.meta.posts import Attachment
from bridge.sandbox.meta.whatsapp import Number

PNG = b"\x89PNG\r\n\x1a\n not really"
META = SPECS / "meta"


def shape(value: Any) -> Any:
    """Keys and kinds of values; lists by their first element."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def without(value: Any, *keys: str) -> Any:
    """The samples were taken at different times: some leave out what others show."""
    if isinstance(value, dict):
        return {key: without(one, *keys) for key, one in value.items() if key not in keys}
    return [without(one, *keys) for one in value] if isinstance(value, list) else value


def sample(name: str) -> Any:
    return json.loads(spec_file(META / "doc_samples" / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def page(town: Town, taker: Taker) -> Page:
    made = town.page("Acme")
    town.connect(made, taker.url)
    return made


@pytest.fixture
def instagram(town: Town, taker: Taker) -> Instagram:
    made = town.instagram("mybrand")
    town.connect(made, taker.url)
    return made


@pytest.fixture
def number(town: Town, taker: Taker) -> Number:
    made = town.whatsapp("Acme")
    town.connect(made, taker.url)
    return made


Story = Callable[[Any], Any]


def _edited(page: Page) -> None:
    page.edit(page.comment("jane", "Love this").id, "Love this!")


def _ad(account: Instagram) -> None:
    ad = account.publishes("Buy", kind="AD", original=account.first.id)
    account.comment("jane", "Really?", parent=account.comment("jane", "How much?", on=ad.id).id)


def _seen(account: Any) -> None:
    account.inbox.types("jane", "hello from the inbox")
    account.inbox.reads("jane")


FACEBOOK: dict[str, Story] = {
    "fb_feed_comment_add": lambda page: page.comment("jane", "Love this!"),
    "fb_feed_comment_reply_add": lambda page: page.comment(
        "jane", "Still", parent=page.comment("jane", "Waiting").id
    ),
    "fb_feed_comment_add_no_from": lambda page: page.comment("jane", "hello", anonymous=True),
    "fb_feed_comment_add_photo": lambda page: page.comment("jane", photos=[PNG]),
    "fb_feed_comment_add_own_page": lambda page: page.comment("", "Hi Jane"),
    "fb_feed_comment_edited": _edited,
    "fb_feed_comment_remove": lambda page: page.remove(page.comment("jane", "hello").id),
    "fb_feed_comment_hide": lambda page: page.hide(page.comment("jane", "hello").id),
    "fb_feed_visitor_post_status": lambda page: page.post("jane", "Is your shop open today?"),
    "fb_feed_visitor_post_photo": lambda page: page.post("jane", "Broken", photos=[PNG]),
    "fb_feed_post_edited": lambda page: page.edit(page.post("jane", "Open?").id, "Open now?"),
    "fb_feed_post_remove": lambda page: page.remove(page.post("jane", "Open?").id),
    "fb_feed_reaction_add": lambda page: page.react("jane", page.first.id),
    "fb_mention_post": lambda page: page.mention("jane", "shout-out to @Acme"),
    "fb_mention_comment_no_sender": lambda page: page.mention("jane", "@Acme?", comment=True),
    "messenger_text": lambda page: page.inbox.message("jane", "hello"),
    "messenger_attachment_image": lambda page: page.inbox.message("jane", photos=[PNG]),
    "messenger_attachment_reel": lambda page: page.inbox.message(
        "jane",
        attachments=[
            Attachment("ig_reel", {"url": "https://x.example", "title": "t", "reel_video_id": 1})
        ],
    ),
    "messenger_echo_other_app": lambda page: page.inbox.types("jane", "from the inbox"),
    "messenger_delivery": lambda page: page.inbox.receives(page.inbox.types("jane", "hello").id),
    "messenger_read": _seen,
    "messenger_postback": lambda page: page.inbox.postback("jane", "Get Started", "GET_STARTED"),
}

INSTAGRAM: dict[str, Story] = {
    "ig_comment_changes": lambda account: account.comment("jane", "Where is my order?"),
    "ig_comment_changes_reply_on_ad": _ad,
    "ig_comment_own": lambda account: account.comment("", "Hi Jane"),
    "ig_dm_text": lambda account: account.inbox.message("jane", "hi there"),
    "ig_dm_image": lambda account: account.inbox.message("jane", photos=[PNG]),
    "ig_dm_inline_reply": lambda account: account.inbox.message(
        "jane", "yes", reply_to=account.inbox.types("jane", "Is it?").id
    ),
    "ig_dm_deleted": lambda account: account.inbox.unsend(account.inbox.message("jane", "oops").id),
    "ig_dm_edit": lambda account: account.inbox.edit(
        account.inbox.message("jane", "hi").id, "hi there"
    ),
    "ig_dm_echo": lambda account: account.inbox.types("jane", "hello from the inbox"),
    "ig_dm_seen": _seen,
    "ig_dm_unsupported": lambda account: account.inbox.unsupported("jane"),
    "ig_dm_story_mention": lambda account: account.inbox.story_mention("jane", story=PNG),
    "ig_dm_story_reply": lambda account: account.inbox.story_reply("jane", "Love", story=PNG),
    "ig_dm_reaction": lambda account: account.inbox.react(
        "jane", account.inbox.types("jane", "hello").id
    ),
    "ig_dm_ig_post_share": lambda account: account.inbox.message(
        "jane",
        attachments=[
            Attachment(
                "ig_post", {"url": "https://x.example", "ig_post_media_id": "1", "title": "t"}
            )
        ],
    ),
}


def test_a_shape_that_differs_is_seen() -> None:
    assert shape({"a": [{"b": 1}]}) != shape({"a": [{"b": "1"}]})
    assert shape({"a": 1}) != shape({"a": 1, "b": 1})


@pytest.mark.parametrize("name", FACEBOOK)
def test_facebook(name: str, town: Town, page: Page, taker: Taker) -> None:
    FACEBOOK[name](page)
    town.deliver()
    # Only one sample shows the post beneath the comment, but every comment that is added has it.
    left_out = () if name == "fb_feed_comment_add" else ("post",)
    assert shape(without(taker.bodies[-1], *left_out)) == shape(sample(name))


@pytest.mark.parametrize("name", INSTAGRAM)
def test_instagram(name: str, town: Town, instagram: Instagram, taker: Taker) -> None:
    INSTAGRAM[name](instagram)
    town.deliver()
    assert shape(taker.bodies[-1]) == shape(sample(name))


def test_a_comment_in_the_flat_shape(town: Town, instagram: Instagram, taker: Taker) -> None:
    instagram.flat = True
    instagram.comment("jane", "Where is my order?")
    town.deliver()
    assert shape(taker.bodies[-1]) == shape(sample("ig_comment_flat_instagram_login"))


@pytest.mark.parametrize("name", ["ig_mention_comment", "ig_mention_media"])
def test_mentions_are_thin_with_the_login_by_facebook(
    name: str, town: Town, page: Page, taker: Taker
) -> None:
    account = town.instagram("mybrand", page=page)
    town.connect(account, taker.url)
    account.mention("jane", "@mybrand look", comment=name == "ig_mention_comment")
    town.deliver()
    assert shape(taker.bodies[-1]) == shape(sample(name))


def test_what_another_app_owns_is_standby(town: Town, page: Page, taker: Taker) -> None:
    page.inbox.hands_over("jane", "1")
    page.inbox.message("jane", "another app owns this thread")
    town.deliver()
    assert shape(taker.bodies[-1]) == shape(sample("messenger_standby"))


def test_our_own_echo(town: Town, page: Page, taker: Taker, client: Client) -> None:
    client.token = town.token_for(page)
    page.inbox.message("jane", "hello")
    send = {
        "recipient": {"id": page.inbox.id_of("jane")},
        "message": {"text": "hello from agent", "metadata": "hdp:out:01J8ZK0"},
    }
    client.post(f"{page.id}/messages", send)
    town.deliver()
    assert shape(taker.bodies[-1]) == shape(sample("messenger_echo_our_app"))


WHATSAPP: dict[str, Story] = {
    "Text_Message": lambda number: number.message("jane", "Does it come in another color?"),
    "Image_Message": lambda number: number.file("jane", PNG, "image/jpeg", caption="Taj Mahal"),
    "Location_Message": lambda number: number.location(
        "jane", 37.4, -122.1, address="101 Forest Ave", name="Philz", url="https://x.example"
    ),
    "Reaction_Message": lambda number: number.react("jane", "wamid.1"),
    "Button_Message": lambda number: number.button("jane", "Unsubscribe", reply_to="wamid.1"),
    "Interactive_Button_Reply_Message": lambda number: number.chooses(
        "jane", "Cancel", reply_to="wamid.1"
    ),
    "Interactive_List_Reply_Message": lambda number: number.chooses(
        "jane", "Express", reply_to="wamid.1", description="Next Day to 2 Days"
    ),
    "Unsupported_Message": lambda number: number.unsupported("jane"),
    "Text_Message_from_Click_to_WhatsApp_Ad": lambda number: number.message(
        "jane", "Can I get more info?", ad="120226305854810726"
    ),
    "Order_Message": lambda number: number.writes(
        "jane",
        "order",
        {
            "catalog_id": "1",
            "text": "",
            "product_items": [
                {"product_retailer_id": "a", "quantity": 2, "item_price": 30, "currency": "USD"}
            ],
        },
    ),
    "System_Message": lambda number: number.moves("jane", "12195555358"),
}


@pytest.mark.parametrize("name", WHATSAPP)
def test_whatsapp(name: str, town: Town, number: Number, taker: Taker) -> None:
    WHATSAPP[name](number)
    town.deliver()
    official = spec_file(META / "whatsapp_webhooks" / f"{name}.json").read_text("utf-8")
    assert shape(taker.bodies[-1]) == shape(json.loads(official))


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("message_status", "sent"),
        ("message_status", "with_tracker"),
        ("message_status", "failed"),
        ("deleted_message", "revoke"),
        ("edited_message", "image"),
        ("outgoing_message", "text"),
    ],
)
def test_whatsapp_of_somebody_with_a_user_name(
    file: str,
    name: str,
    town: Town,
    number: Number,
    taker: Taker,
    client: Client,
) -> None:
    client.token = town.token_for(number)
    town.change("kim", phone="972987654321")
    said = number.message("kim", "hello")
    number.statuses = ("sent",)
    if name == "revoke":
        number.revoke(said.id)
    elif name == "image":
        shown = number.file("kim", PNG, "image/jpeg", caption="Look", reply_to="M0")
        number.edit(shown.id, "Updated image caption")
    elif name == "text":
        number.types("kim", "Test message")
    else:
        if name == "failed":
            number.block("kim")
        send = {
            "messaging_product": "whatsapp",
            "to": "972987654321",
            "text": {"body": "hi"},
            **({"biz_opaque_callback_data": "k"} if name == "with_tracker" else {}),
        }
        client.post(f"{number.id}/messages", send)
    town.deliver()
    path = META / "pywa_updates" / f"{file}.json"
    recorded = json.loads(spec_file(path).read_text("utf-8"))[name]
    # Newer than the recordings: who has a user name shows it, and their id in every place.
    newer = ("username", "from_user_id", "recipient_user_id", "parent_user_id")
    newer = (*newer, "to_parent_user_id", "url")
    assert shape(without(taker.bodies[-1], *newer)) == shape(without(recorded, *newer))
