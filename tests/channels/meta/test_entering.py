"""Our address is entered in the app where there is none, and nobody else's is touched."""

from __future__ import annotations

from typing import Any

import pytest
from meta_stand import VERIFY

from bridge.channels.contract import Rehearses
from bridge.errors import NotGenuine, PersonMustAct
from bridge.sandbox.meta.hooks import AppHook


def mine(page: Any) -> AppHook | None:
    found: AppHook | None = page.town.hooks.find(page.town.meta.id, "page")
    return found


def enter(page: Any, url: str, *fields: str, word: str = VERIFY) -> None:
    page.town.hooks.subscribe_app(AppHook(page.town.meta.id, "page", url, word, fields))


def test_where_there_is_none(page: Any) -> None:
    """Meta asks the address at once, and hears what it wants to hear."""
    page.town.hooks.unsubscribe_app(page.town.meta.id)
    assert page.channel.keep_hook() != ""
    assert f"{page.url}/hooks/facebook/acme" in page.channel.mend()
    assert page.channel.keep_hook() == ""
    assert page.channel.mend() == ""


def test_fields_are_added_and_none_is_taken_away(page: Any) -> None:
    """At the address that is there, for it is ours."""
    url = f"{page.url}/hooks/facebook/elsewhere"
    enter(page, url, "feed", "message_reads")
    assert page.channel.keep_hook() != ""
    page.channel.mend()
    assert page.channel.keep_hook() == ""
    hook = mine(page)
    assert hook is not None
    assert hook.callback_url == url
    assert "message_reads" in hook.fields


def test_somebody_elses_address_is_left_alone(page: Any) -> None:
    enter(page, "https://elsewhere.example/hooks/facebook/acme", "feed")
    before = mine(page)
    assert page.channel.mend() == ""
    assert mine(page) == before
    assert "which is not ours" in page.channel.keep_hook()


def test_a_handshake_that_fails_is_told(page: Any) -> None:
    page.town.hooks.unsubscribe_app(page.town.meta.id)
    page.url = "http://127.0.0.1:9"
    with pytest.raises(PersonMustAct):
        page.open().mend()
    assert mine(page) is None


def test_what_it_plays_is_taken_as_genuine(page: Any) -> None:
    """And nothing else is."""
    assert isinstance(page.channel, Rehearses)
    with pytest.raises(NotGenuine):
        page.channel.genuine(page.channel.signed(b"{}"), b"{ }")
    assert page.channel.genuine(page.channel.signed(b"{}"), b"{}")
    asked = page.channel.asks()
    assert page.channel.shake(asked).body == asked["hub.challenge"]
    assert asked != page.channel.asks()
