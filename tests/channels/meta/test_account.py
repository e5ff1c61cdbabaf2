"""Whether Meta still calls us, how long a sign-in lasts, and what an examination says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import requests

from bridge.channels.contract import (
    Bundles,
    Examined,
    Expires,
    FetchesMedia,
    FindsOwn,
    Handshakes,
    KeepsHook,
    Mends,
    Pushes,
    ShowsPosts,
    Surroundings,
)
from bridge.channels.messenger import Messenger
from bridge.channels.meta import subscriptions, tokens
from bridge.channels.meta.calls import Answer, Calls
from bridge.channels.meta.subscriptions import Subscription
from bridge.channels.meta.tokens import SignIn
from bridge.errors import Gone, Misconfigured, NeedsSignIn, NotGenuine, Refused
from bridge.model import DAY, Media, Urgency
from bridge.sandbox.meta.courier import signature
from bridge.sandbox.meta.hooks import AppHook
from bridge.sandbox.meta.people import Holder
from bridge.settings import Secret
from bridge.tokens import StoredToken

ALL = (
    Pushes, Handshakes, Bundles, KeepsHook, Examined, Expires, Mends, FetchesMedia, FindsOwn,
    ShowsPosts,
)  # fmt: skip


def test_a_page_can_do_what_meta_offers(page: Any) -> None:
    for ability in ALL:
        assert isinstance(page.channel, ability), ability
    assert page.channel.hook == f"meta:{page.town.meta.id}"


# ------------------------------------------------------------------ being called


def test_a_delivery_is_genuine_by_its_bytes(page: Any) -> None:
    body = b'{"object":"page","entry":[]}'
    with pytest.raises(NotGenuine):
        page.channel.genuine({}, body)
    headers = {"X-Hub-Signature-256": signature(page.town.meta.secret, body)}
    assert page.channel.genuine(headers, body) == page.channel.genuine(headers, body)
    assert page.channel.complaint(b"nonsense") == ""


def test_the_handshake_succeeds(page: Any) -> None:
    """Meta asks before it takes an address."""
    query = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "wrong"}
    with pytest.raises(NotGenuine):
        page.channel.shake(query)
    app = f"{page.town.meta.id}|{page.town.meta.secret}"
    form = {
        "object": "page",
        "callback_url": f"{page.url}/hooks/facebook/acme",
        "verify_token": "open-sesame",
        "fields": "feed,mention",
        "access_token": app,
    }
    url = f"{page.town.url}/v25.0/{page.town.meta.id}/subscriptions"
    with requests.post(url, data=form, timeout=30) as answer:
        assert answer.json() == {"success": True}


def test_all_is_well(page: Any) -> None:
    assert page.channel.keep_hook() == ""
    assert page.channel.mend() == ""


def test_a_missing_address_is_said(page: Any) -> None:
    page.town.hooks.unsubscribe_app(page.town.meta.id)
    assert "no callback URL" in page.channel.keep_hook()


@pytest.mark.parametrize(
    ("url", "fields", "word"),
    [
        ("https://elsewhere.example/hooks/facebook/acme", None, "not ours"),
        (None, ("feed", "messages"), "mention"),
    ],
)
def test_an_address_that_is_not_ours_or_lacks_fields_is_said(
    page: Any, url: str | None, fields: tuple[str, ...] | None, word: str
) -> None:
    app_id = page.town.meta.id
    [hook] = page.town.hooks.of_app(app_id)
    changed = AppHook(app_id, "page", url or hook.callback_url, "x", fields or hook.fields)
    page.town.hooks.subscribe_app(changed)
    assert word in page.channel.keep_hook()


@pytest.mark.parametrize("fields", [None, ("feed",)])
def test_what_meta_has_ended_is_begun_again_and_said_once(
    page: Any, fields: tuple[str, ...] | None
) -> None:
    """After an hour of failures the Page is unsubscribed."""
    app_id = page.town.meta.id
    page.town.hooks.unsubscribe(page.page.id, app_id)
    if fields:
        page.town.hooks.subscribe(page.page.id, app_id, fields)
    assert subscriptions.AGAIN == page.channel.keep_hook()
    assert page.channel.keep_hook() == ""
    page.says("Are you there?")
    assert len(page.arrivals()) == 1


def test_two_accounts_of_one_page_leave_each_other_their_fields(page: Any) -> None:
    """Meta sets the fields anew with every subscription of the same app."""
    public = page.open(messenger=False)
    page.kind = Messenger
    private = page.open()
    page.town.hooks.unsubscribe(page.page.id, page.town.meta.id)
    assert (public.keep_hook(), private.keep_hook()) == (subscriptions.AGAIN,) * 2
    assert (public.keep_hook(), private.keep_hook()) == ("", "")
    page.town.hooks.subscribe(page.page.id, page.town.meta.id, ("messages",))
    assert public.mend() != ""
    assert "messages" in page.town.hooks.subscribed(page.page.id)[page.town.meta.id]


def test_an_admin_may_mend_it(page: Any) -> None:
    page.town.hooks.unsubscribe(page.page.id, page.town.meta.id)
    assert page.channel.mend() != ""
    assert page.channel.keep_hook() == ""


def test_a_dead_token_is_noticed_while_nothing_is_sent(page: Any) -> None:
    page.town.revoke(page.token)
    with pytest.raises(NeedsSignIn):
        page.channel.keep_hook()


def test_whatsapp_names_the_app_one_step_deeper() -> None:
    class Says:
        def get(self, path: str) -> Any:
            inner = {"whatsapp_business_api_data": {"id": "7", "name": "Bridge"}}
            return type("Answer", (), {"rows": lambda _: (inner,)})()

    wanted = Subscription("whatsapp_business_account", "1", "7", ("messages",), chooses=False)
    calls: Any = Says()
    assert subscriptions.missing_in_account(calls, wanted) == ""
    other = Subscription("whatsapp_business_account", "1", "8", ("messages",), chooses=False)
    assert subscriptions.missing_in_account(calls, other) != ""


# ------------------------------------------------------------------ how long a sign-in lasts


class Kept:
    """A store of tokens in memory, which knows who holds what."""

    def __init__(self) -> None:
        self.rows: dict[str, StoredToken] = {}
        self.held = threading.Lock()

    @contextmanager
    def only_one(self, name: str) -> Iterator[None]:
        with self.held:
            yield

    def get(self, name: str) -> StoredToken | None:
        return self.rows.get(name)

    def put(self, name: str, token: StoredToken) -> None:
        self.rows[name] = token


def test_a_token_without_an_end_ends_with_the_access_to_data(page: Any) -> None:
    """https://developers.facebook.com/docs/facebook-login/auth-vs-data"""
    assert page.channel.expires_at() is None
    page.channel.keep_hook()
    assert page.channel.expires_at() == page.now() + 90 * DAY


def test_the_end_of_a_token_is_known_from_then_on(page: Any) -> None:
    page.token = page.town.token_for(page.page, expires_in=timedelta(days=20))
    channel = page.open()
    channel.examine()
    assert channel.expires_at() == page.now() + 20 * DAY


def sign_in(page: Any, kept: Kept | None, given: str = "IGAA-one") -> SignIn:
    return SignIn("acme", Secret(given), Surroundings(clock=page.now, tokens=kept))


@pytest.mark.parametrize("store", [True, False])
def test_a_token_is_renewed_ahead_of_its_end_and_only_then(page: Any, store: bool) -> None:
    asked: list[str] = []

    def renew(token: Secret) -> StoredToken:
        asked.append(token.reveal())
        return StoredToken(Secret(f"{token.reveal()}+"), Secret(""), page.now() + 60 * DAY)

    one = sign_in(page, Kept() if store else None)
    assert one.renew(renew) is True  # nobody knows when it ends
    assert one.token().reveal() == "IGAA-one+"
    page.later(days=49)
    assert one.renew(renew) is False
    page.later(days=2)
    assert one.renew(renew) is True
    assert asked == ["IGAA-one", "IGAA-one+"]


def test_what_one_process_renewed_the_other_uses(page: Any) -> None:
    kept = Kept()
    one, other = sign_in(page, kept), sign_in(page, kept)
    one.renew(lambda _: StoredToken(Secret("younger"), Secret(""), page.now() + 60 * DAY))
    assert other.token().reveal() == "younger"
    assert other.renew(lambda _: pytest.fail("renewed twice")) is False


def test_a_new_token_in_the_mapping_counts_at_once(page: Any) -> None:
    kept = Kept()
    sign_in(page, kept).renew(
        lambda _: StoredToken(Secret("younger"), Secret(""), page.now() + 60 * DAY)
    )
    assert sign_in(page, kept, "IGAA-two").token().reveal() == "IGAA-two"
    assert "IGAA" not in str(kept.rows)


def test_without_a_key_only_the_renewal_fails(page: Any) -> None:
    """Where nothing can be kept, what the network says of the token is still known here."""

    class Keyless(Kept):
        def put(self, name: str, token: StoredToken) -> None:
            raise Misconfigured("BRIDGE_SECRET_KEY is not set")

    one = sign_in(page, Keyless())
    one.learn(page.now() + DAY)
    assert one.expires_at() == page.now() + DAY
    with pytest.raises(Misconfigured):
        one.renew(lambda _: StoredToken(Secret("younger"), Secret(""), page.now() + 60 * DAY))


def test_a_renewal_that_fails_leaves_the_token_as_it_is(page: Any) -> None:
    one = sign_in(page, Kept())

    def fails(_: Secret) -> StoredToken:
        raise Refused("not yet a day old")

    with pytest.raises(Refused):
        one.renew(fails)
    assert one.token().reveal() == "IGAA-one"


def test_instagrams_own_sign_in_is_renewed_for_sixty_days(page: Any) -> None:
    """Once it is a day old, and as long as it has not ended."""
    issued = page.town.issue(
        Holder.INSTAGRAM, page.page.id, page.town.instagram_app.id, ("x",), 60 * DAY
    )
    calls, token = page.channel._calls, Secret(issued.value)
    with pytest.raises(NeedsSignIn):
        tokens.refreshed(calls, Secret("nobody issued this"))
    with pytest.raises(NeedsSignIn):
        tokens.refreshed(calls, token)
    page.later(days=2)
    renewed = tokens.refreshed(calls, token)
    assert renewed.expires_at == page.now() + 60 * DAY
    assert renewed.access.reveal() != token.reveal()


# ------------------------------------------------------------------ how it stands


def problems(channel: Any) -> dict[str, str]:
    """Without the clock: the stand's stands still, its server's does not."""
    return {
        one.about: one.says
        for one in channel.examine()
        if one.urgency is Urgency.PROBLEM and one.about != "clock"
    }


def test_a_clock_that_is_wrong_is_found(page: Any) -> None:
    """A lost answer is looked for by the time it was sent."""
    [clock] = [one for one in page.channel.examine() if one.about == "clock"]
    assert clock.urgency is Urgency.PROBLEM
    assert clock.do != ""


def test_nothing_is_wrong(page: Any) -> None:
    assert problems(page.channel) == {}
    assert any("Acme" in one.says for one in page.channel.examine())


def test_each_thing_that_is_wrong_is_named(page: Any) -> None:
    page.town.lacks(page.token, "pages_manage_engagement")
    page.town.hooks.unsubscribe(page.page.id, page.town.meta.id)
    page.town.hooks.unsubscribe_app(page.town.meta.id)
    found = problems(page.channel)
    assert set(found) == {"permissions", "webhooks of the app", "webhooks of the account"}
    assert "pages_manage_engagement" in found["permissions"]
    assert all(one.do for one in page.channel.examine() if one.urgency is Urgency.PROBLEM)


def test_a_dead_token_hides_nothing_else(page: Any) -> None:
    page.town.revoke(page.token)
    assert {"access token", "account"} <= set(problems(page.channel))


def test_a_token_that_ends_soon_is_a_problem(page: Any) -> None:
    page.token = page.town.token_for(page.page, expires_in=timedelta(days=3))
    assert "access token" in problems(page.open())


def test_a_wrong_app_secret_is_found(page: Any) -> None:
    assert problems(page.open(app_secret=Secret("another"))) != {}


# ------------------------------------------------------------------ pictures


def test_a_picture_is_fetched_while_its_link_lasts(page: Any) -> None:
    page.page.comment("jane", "broken", photos=(b"\x89PNG",))
    [post] = [one for raw in page.arrivals() for one in page.channel.unpack(raw.body)]
    assert page.channel.fetch(post.media[0], 1000).content == b"\x89PNG"
    with pytest.raises(Refused):
        page.channel.fetch(post.media[0], 2)
    page.later(days=2)
    with pytest.raises(Gone) as gone:
        page.channel.fetch(post.media[0], 1000)
    assert "run out" in gone.value.because


def test_what_may_not_be_kept_is_not_fetched(page: Any) -> None:
    with pytest.raises(Refused):
        page.channel.fetch(Media(f"{page.town.url}/cdn/1", keep=False), 1000)


def test_a_delivery_of_two_pages_is_shared_out(page: Any) -> None:
    """Both are called at one address."""
    other = page.town.page("Other")
    page.town.connect(other, f"{page.url}/hooks/facebook/acme")
    page.says("to Acme")
    other.comment("jane", "to the other")
    page.town.deliver(bundle=True)
    [body] = page.bodies
    assert len(json.loads(body)["entry"]) == 2
    ours, theirs = page.channel, page.open(page_id=other.id)
    assert (len(ours.apart(body)), len(theirs.apart(body))) == (1, 1)
    assert ours.apart(body)[0].key != theirs.apart(body)[0].key


def test_a_renewal_without_an_end_is_refused_and_no_crash(page: Any, monkeypatch: Any) -> None:
    """A number that no calendar holds."""
    told = Answer({"access_token": "new", "expires_in": 10**30})
    monkeypatch.setattr(Calls, "get", lambda *_: told)
    calls = Calls(page.town.url, lambda: Secret("old"), Surroundings(clock=page.now))
    with pytest.raises(Refused):
        tokens.refreshed(calls, Secret("old"))
