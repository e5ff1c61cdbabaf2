"""Events of the stand-in for X have the keys of the official samples, and no others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from plugins_x import XSandbox
from x_listener import Listener

PROFILES = (
    "affiliation.url",
    "affiliation.user_id",
    "entities",
    "location",
    "pinned_tweet_id",
    "profile_geo_enrichment",
)
"""What not every person has, in the samples either."""


def paths(shown: Any, place: str = "") -> Iterator[str]:
    """Every place in a payload; list items are one place, and so are things under an id."""
    if isinstance(shown, list):
        for one in shown:
            yield from paths(one, f"{place}[]")
    elif isinstance(shown, dict):
        for name, value in shown.items():
            here = f"{place}.{'<id>' if name.isdigit() else name}"
            yield here
            yield from paths(value, here)


def is_profile(path: str) -> bool:
    about = path.partition("users")[2]
    return any(f".{one}" in about for one in PROFILES)


def happen(sandbox: XSandbox, kind: str) -> None:
    town = sandbox.town
    town.change(
        "acme", website="https://acme.example", bio="We help. Ask @ada.", location="Kingston"
    )
    ours = town.post("acme", "Hello from the stand-in") if kind != "post.create" else None
    if kind == "post.create":
        town.post("acme", "Hello from the stand-in")
    elif kind == "post.mention.create":
        town.post("ada", "hey @acme")
    elif kind == "post.reply.create" and ours:
        town.post("ada", "Great post — thanks for sharing!", in_reply_to=ours.id)
    elif kind == "post.quote.create" and ours:
        town.post("ada", "Adding some context to this.", quotes=ours.id)
    elif kind == "post.repost.create" and ours:
        town.repost("ada", ours.id)
    elif kind == "post.delete" and ours:
        town.delete(ours.id)
    elif kind == "dm.received":
        town.dm("ada", "hello!")
    elif kind == "dm.sent":
        town.dm("acme", "Thanks for the update!", to="ada")
    elif kind == "chat.received":
        town.dm("emil", "a secret")
    elif kind == "chat.sent":
        town.change("acme", chats=True)
        town.dm("acme", "a secret", to="emil")
    else:
        town.withdraw("acme")


@pytest.mark.parametrize(
    "kind",
    [
        "post.create",
        "post.delete",
        "post.mention.create",
        "post.reply.create",
        "post.quote.create",
        "post.repost.create",
        "dm.received",
        "dm.sent",
        "chat.received",
        "chat.sent",
        "oauth.revoke",
    ],
)
def test_the_keys_are_those_of_the_samples(
    x_sandbox: XSandbox,
    listener: Listener,
    subscribe: Callable[..., None],
    specs: Path,
    kind: str,
) -> None:
    sample = json.loads((specs / "x" / "activity_payloads" / f"{kind}.json").read_text("utf-8"))
    subscribe(kind)
    happen(x_sandbox, kind)
    x_sandbox.town.deliver()
    [event] = listener.events()
    if kind == "oauth.revoke":  # the sample's subscription had no tag
        del event["data"]["tag"]
    official, ours = set(paths(sample)), set(paths(event))
    assert not {one for one in ours - official if not is_profile(one)}
    assert not {one for one in official - ours if not is_profile(one)}
    assert event["data"]["event_type"] == kind


def test_a_sealed_message_is_not_readable(
    x_sandbox: XSandbox, listener: Listener, subscribe: Callable[..., None]
) -> None:
    subscribe("chat.received", "dm.received")
    x_sandbox.town.dm("emil", "a secret")
    x_sandbox.town.deliver()
    assert listener.kinds() == ["chat.received"]
    assert b"a secret" not in listener.bodies[0]


def test_the_other_names(
    x_sandbox: XSandbox, listener: Listener, subscribe: Callable[..., None]
) -> None:
    """`Rules.names` turns events into the words of the OpenAPI description."""
    x_sandbox.town.use(names="post")
    subscribe("post.mention.create")
    x_sandbox.town.post("ada", "hey @acme")
    x_sandbox.town.deliver()
    payload = listener.events()[0]["data"]["payload"]
    assert payload["edit_history_post_ids"] == [payload["id"]]
    assert b"tweet" not in listener.bodies[0]
