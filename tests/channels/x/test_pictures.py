"""Fetching what a post shows: open to all, or to the two who write to each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from x.test_signin import Drawer, renewing

from bridge.errors import Gone, Refused
from bridge.model import Media

PNG = b"\x89PNG\r\n\x1a\nnothing"


def shown(town: Any, key: str) -> Media:
    [raw] = [raw for raw in town.arrivals() if raw.key == key]
    [post] = town.channel.unpack(raw.body)
    [media] = post.media
    return media  # type: ignore[no-any-return]


@pytest.fixture
def private(town: Any) -> Media:
    upload = town.town.upload("ada", PNG, "image/png", "dm_image")
    return shown(town, f"message:{town.town.dm('ada', 'look', media=upload.id).id}")


def test_a_picture_of_a_message_is_fetched_with_our_signature(town: Any, private: Media) -> None:
    assert town.channel.fetch(private, 1_000).content == PNG


def test_nobody_else_gets_it(town: Any, private: Media) -> None:
    keys = town.town.keys_for("ben")
    secret = type(town.options()["access_token"])
    other = town.open(access_token=secret(keys.token), access_token_secret=secret(keys.secret))
    with pytest.raises(Gone):
        other.fetch(private, 1_000)


def test_with_tokens_it_has_another_address(town: Any, private: Media) -> None:
    """https://docs.x.com/x-api/direct-messages/download-dm-media is for OAuth 2.0."""
    assert renewing(town, Drawer()).fetch(private, 1_000).content == PNG
    [asked] = town.faults_on.asked("GET", "/2/dm_conversations/media/*")
    assert asked.status == 200


def test_too_large_is_too_large(town: Any, private: Media) -> None:
    with pytest.raises(Refused):
        town.channel.fetch(private, 5)


def test_a_picture_of_a_post_is_fetched_without_a_signature(town: Any) -> None:
    """Strangers may name any address in a post: our keys go to none of them."""
    upload = town.town.upload("ada", PNG, "image/png", "tweet_image")
    post = town.town.post("ada", "look", mention="acme", media=(upload.id,))
    found = town.channel.read(town.channel.read("").cursor.replace(post.id, "0"))
    [event] = [event for raw in found.items for event in town.channel.unpack(raw.body)]
    assert town.channel.fetch(event.media[0], 1_000).content == PNG
    odd = replace(event.media[0], url=f"{town.url}/media/{upload.id}?x=/dm/1/2/a.png")
    assert town.channel.fetch(odd, 1_000).content == PNG
    for asked in town.faults_on.asked("GET", "/media/*"):
        assert not any(name.lower() == "authorization" for name, _ in asked.headers)
