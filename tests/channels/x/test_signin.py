"""Signing in: keys that do not end, and tokens of which each may be used once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from bridge.errors import Misconfigured, NeedsSignIn, Unreachable
from bridge.settings import Secret
from bridge.tokens import StoredToken

Opener = Callable[..., AbstractContextManager[Any]]
OF_OAUTH1 = ("consumer_key", "access_token", "access_token_secret")


class Drawer:
    """Keeps tokens as the ledger does: one renews at a time."""

    def __init__(self) -> None:
        self.kept: dict[str, StoredToken] = {}
        self._turn = threading.Lock()

    @contextmanager
    def only_one(self, name: str) -> Iterator[None]:
        with self._turn:
            yield

    def get(self, name: str) -> StoredToken | None:
        return self.kept.get(name)

    def put(self, name: str, token: StoredToken) -> None:
        self.kept[name] = token


def renewing(town: Any, drawer: Drawer | None, refresh: str = "", **more: Any) -> Any:
    """A channel that signs in by OAuth 2.0."""
    app = town.town.app
    return town.open(
        tokens=drawer,
        client_id=app.client_id,
        client_secret=Secret(app.client_secret),
        refresh_token=Secret(refresh or town.town.sign_in("acme").refresh),
        **dict.fromkeys(OF_OAUTH1),
        **more,
    )


def renewals(town: Any) -> int:
    return len(town.faults_on.asked("POST", "/2/oauth2/token"))


def test_everything_works_with_tokens_as_well(town: Any) -> None:
    """Reading, answering both ways, and being called."""
    channel = renewing(town, Drawer())
    cursor = channel.read("").cursor
    post, message = town.says("hello"), town.says("hello", private=True)
    assert len(channel.read(cursor).items) == 2
    assert channel.send(town.reply("hi", to=post)).id
    assert channel.send(town.reply("hi", to=message, key="2", visibility="private")).id
    assert channel.keep_hook() == ""
    assert renewals(town) == 1


def test_a_token_is_renewed_before_it_ends(town: Any) -> None:
    """X's live two hours; the last ten minutes are not used."""
    channel = renewing(town, Drawer())
    channel.read("")
    town.later(minutes=109)
    channel.read("")
    assert renewals(town) == 1
    town.later(minutes=2)
    channel.read("")
    assert renewals(town) == 2


def test_a_refused_token_is_renewed_once(town: Any) -> None:
    """401 says that nothing was carried out, so it may be asked again; not for ever."""
    channel, post = renewing(town, Drawer()), town.says("hello")
    channel.read("")
    town.faults_on.add("401", method="POST", path="/2/tweets")
    assert channel.send(town.reply("hi", to=post)).id
    assert renewals(town) == 2
    town.faults_on.add("401", method="POST", path="/2/tweets", times=2)
    with pytest.raises(NeedsSignIn):
        channel.send(town.reply("again", to=post, key="2"))
    assert len(town.written()) == 1


def test_two_who_renew_at_once_renew_once(town: Any) -> None:
    """A refresh token used twice would end the whole family of tokens."""
    drawer, refresh = Drawer(), town.town.sign_in("acme").refresh
    channels = [renewing(town, drawer, refresh) for _ in range(4)]
    cursors: list[str] = []
    threads = [
        threading.Thread(target=lambda one=one: cursors.append(one.read("").cursor))  # type: ignore[misc]
        for one in channels
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=30)
    assert len(cursors) == 4
    assert renewals(town) == 1


def test_a_new_consent_follows_a_dead_one(town: Any) -> None:
    """An admin signed the account in again and put the new refresh token into the settings."""
    drawer = Drawer()
    renewing(town, drawer).read("")
    town.town.withdraw("acme")
    town.later(hours=3)
    with pytest.raises(NeedsSignIn):
        renewing(town, drawer, "an-old-refresh-token").read("")
    assert renewing(town, drawer).read("").cursor


def test_a_dead_refresh_token_needs_a_person(town: Any) -> None:
    """And is told without the token."""
    channel = renewing(town, Drawer(), "never-heard-of")
    with pytest.raises(NeedsSignIn) as caught:
        channel.read("")
    assert "never-heard-of" not in str(caught.value)


def test_a_token_address_in_trouble_is_asked_again_later(town: Any) -> None:
    channel = renewing(town, Drawer())
    town.faults_on.add("503", path="/2/oauth2/token")
    with pytest.raises(Unreachable):
        channel.read("")
    town.faults_on.add("drop_before_write", path="/2/oauth2/token")
    with pytest.raises(Unreachable) as caught:
        channel.read("")
    assert caught.value.__context__ is None  # the request, with the tokens in it, hung there
    assert channel.read("").cursor


def test_with_nowhere_to_keep_tokens_it_is_misconfigured(town: Any) -> None:
    """Losing one locks everybody out, so it is not even begun."""
    with pytest.raises(Misconfigured):
        renewing(town, None).read("")
    assert renewals(town) == 0


def test_keys_are_refused_once(town: Any) -> None:
    """There is nothing else to try with."""
    post = town.says("hello")
    town.faults_on.add("401", method="POST", path="/2/tweets")
    with pytest.raises(NeedsSignIn):
        town.channel.send(town.reply("hi", to=post))
    assert len(town.faults_on.asked("POST", "/2/tweets")) == 1


def test_no_secret_is_in_what_a_failure_says(open_town: Opener) -> None:
    """Also not in what it stems from, where logs would find it."""
    with open_town() as town:
        channel = town.open(url="http://127.0.0.1:9")
        with pytest.raises(Unreachable) as caught:
            channel.read("")
        told = f"{caught.value} {caught.value.__cause__} {vars(channel._calls.sign_in)}"
        for secret in (town.keys.token, town.keys.secret, town.town.app.consumer_secret):
            assert secret not in told
