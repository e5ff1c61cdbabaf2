"""Liking and blocking at the stand-in network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bridge.sandbox.mastodon import Town


def test_a_like_is_shown_and_told_once(brand: Any, town: Town) -> None:
    post = town.post("ada", "hello")
    for _ in range(2):
        liked = brand.call("POST", f"/api/v1/statuses/{post.id}/favourite").json()
        assert (liked["favourited"], liked["favourites_count"]) == (True, 1)
    assert [one.kind for one in town.notifications("ada")] == ["favourite"]
    taken_back = brand.call("POST", f"/api/v1/statuses/{post.id}/unfavourite").json()
    assert (taken_back["favourited"], taken_back["favourites_count"]) == (False, 0)


def test_a_block_is_shown_as_a_relationship(brand: Any, town: Town) -> None:
    ada = town.find("ada")
    for _ in range(2):
        assert brand.call("POST", f"/api/v1/accounts/{ada.id}/block").json()["blocking"] is True
    assert town.blocks(town.find("bridge").id, ada.id)
    assert brand.call("POST", f"/api/v1/accounts/{ada.id}/unblock").json()["blocking"] is False


def test_what_is_not_there_is_neither_liked_nor_blocked(brand: Any, town: Town) -> None:
    private = town.post("ada", "@ben@elsewhere.example psst", "direct")
    for path in (f"statuses/{private.id}/favourite", "statuses/1/favourite", "accounts/1/block"):
        assert brand.call("POST", f"/api/v1/{path}").status_code == 404


@pytest.mark.parametrize(
    ("scope", "status"), [("write:favourites", 200), ("write", 200), ("write:statuses", 403)]
)
def test_each_needs_its_scope(
    sign_in: Callable[..., Any], town: Town, scope: str, status: int
) -> None:
    post = town.post("ada", "hello")
    told = sign_in("bridge", scope).call("POST", f"/api/v1/statuses/{post.id}/favourite")
    assert told.status_code == status
