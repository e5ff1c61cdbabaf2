"""What a mapping may say about a website."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from marshmallow import ValidationError

from bridge.channels.site import SiteOptions
from bridge.settings import Secret


def key(letter: str = "a") -> str:
    return "whsec_" + base64.b64encode(letter.encode() * 32).decode()


def options(**more: Any) -> dict[str, Any]:
    return {
        "secret": Secret(key()),
        "reply_url": "https://shop.example/replies",
        "reply_secret": Secret(key("b")),
        **more,
    }


@pytest.mark.parametrize(
    ("more", "about"),
    [
        ({"secret": key()}, "must be a secret from the environment"),
        ({"secret": Secret("")}, "is empty"),
        ({"secret": [Secret("")]}, "is empty"),
        ({"secret": []}, "is empty"),
        ({"secret": None}, "null"),
        ({"secret": Secret("hunter2hunter2")}, "whsec_ and base64 of 24 to 64 bytes"),
        ({"secret": Secret(f"{key()} hunter2")}, "secret 2 of 2"),
        ({"reply_url": "shop.example"}, "must be an address"),
        ({"reply_url": "ftp://shop.example"}, "must be an address"),
        ({"reply_url": "https://"}, "must be an address"),
        ({"reply_url": "https://shop.example:0"}, "must be an address"),
        ({"reply_url": "https://shop.example:x"}, "must be an address"),
        ({"reply_url": "https://[::1"}, "must be an address"),
        ({"reply_url": "https://shop.example/a b"}, "must be an address"),
        ({"reply_url": 5}, "must be an address"),
        ({"reply_url": "https://u:p@shop.example/"}, "must not carry"),
        ({"private": "perhaps"}, "boolean"),
        ({"max_characters": 0}, "must be 1 to 50000"),
        ({"colour": "red"}, "Unknown"),
    ],
)
def test_mistakes_are_told_without_showing_secrets(more: dict[str, Any], about: str) -> None:
    """Each names what is wrong; no part of a secret is in it."""
    with pytest.raises(ValidationError) as caught:
        SiteOptions().load(options(**more))
    assert about in str(caught.value.messages)
    assert "hunter2" not in str(caught.value.messages)


def test_everything_needed_is_asked_for() -> None:
    """Both secrets and the address."""
    with pytest.raises(ValidationError) as caught:
        SiteOptions().load({})
    assert set(caught.value.messages) == {"secret", "reply_url", "reply_secret"}


def test_secrets_may_be_several() -> None:
    """A list, or several in one value, in the order given."""
    a, b, c = key("a"), key("b"), key("c")
    loaded = SiteOptions().load(options(secret=[Secret(f" {a}, {b}\n"), Secret(c)]))
    assert [each.reveal() for each in loaded["secret"]] == [a, b, c]
    assert (loaded["private"], loaded["max_characters"]) == (False, 10_000)
