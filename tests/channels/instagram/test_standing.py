"""Whether Instagram still calls us, how its sign-in is kept alive, and what an examination says."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from bridge.channels.contract import (
    Bundles,
    Examined,
    Expires,
    FetchesMedia,
    FindsOwn,
    Handshakes,
    KeepsHook,
    Mends,
    Names,
    Pushes,
    Rereads,
    ShowsPosts,
    Surroundings,
)
from bridge.channels.instagram import Instagram
from bridge.channels.instagram.options import Login
from bridge.channels.meta import subscriptions
from bridge.errors import Misconfigured, NeedsSignIn, NotGenuine
from bridge.model import DAY, Urgency
from bridge.sandbox.meta.courier import signature
from bridge.settings import Secret

ALL = (
    Pushes, Handshakes, Bundles, KeepsHook, Examined, Expires, Mends, FetchesMedia, FindsOwn,
    ShowsPosts, Rereads, Names,
)  # fmt: skip


def findings(channel: Any) -> dict[str, Any]:
    return {one.about: one for one in channel.examine()}


def problems(channel: Any) -> set[str]:
    """Without the clock: the stand's stands still, its server's does not."""
    return {
        about
        for about, one in findings(channel).items()
        if one.urgency is Urgency.PROBLEM and about != "clock"
    }


def test_an_account_can_do_what_meta_offers(insta: Any) -> None:
    for ability in ALL:
        assert isinstance(insta.channel, ability), ability
    assert insta.channel.hook == f"meta:{insta.app.id}"


def test_the_app_that_calls_signs(own: Any) -> None:
    """With Instagram's own login that is the Instagram app, with a secret of its own."""
    body = b'{"object":"instagram","entry":[]}'
    theirs = {"X-Hub-Signature-256": signature(own.town.meta.secret, body)}
    with pytest.raises(NotGenuine):
        own.channel.genuine(theirs, body)
    ours = {"X-Hub-Signature-256": signature(own.town.instagram_app.secret, body)}
    assert own.channel.genuine(ours, body)


# ------------------------------------------------------------------ being called


def test_all_is_well(insta: Any) -> None:
    assert insta.channel.keep_hook() == ""
    assert insta.channel.mend() == ""


def test_what_meta_has_ended_is_begun_again_and_said_once(insta: Any) -> None:
    """With Facebook's login it is the Page that is subscribed, to a field of its own."""
    node = insta.linked.id if insta.login is Login.FACEBOOK else insta.page.id
    insta.town.hooks.unsubscribe(node, insta.app.id)
    insta.says("Are you there?")
    assert insta.arrivals() == ()
    assert insta.channel.keep_hook() == subscriptions.AGAIN
    assert insta.channel.keep_hook() == ""
    insta.says("Are you there?")
    assert len(insta.arrivals()) == 1


def test_a_page_with_more_fields_keeps_them(linked: Any) -> None:
    """The Page may be connected as well, and wants more than we do."""
    everything = ("feed", "messages")
    linked.town.hooks.subscribe(linked.linked.id, linked.app.id, everything)
    assert linked.channel.keep_hook() == ""
    assert linked.town.hooks.subscribed(linked.linked.id) == {linked.app.id: everything}


def test_a_dead_token_is_noticed_while_nothing_is_sent(insta: Any) -> None:
    insta.town.revoke(insta.token)
    with pytest.raises(NeedsSignIn):
        insta.channel.keep_hook()


def test_an_app_that_lacks_a_field_is_said_where_it_can_be_asked(linked: Any) -> None:
    [hook] = linked.town.hooks.of_app(linked.app.id)
    linked.town.hooks.subscribe_app(replace(hook, fields=("comments",)))
    assert "mentions" in linked.channel.keep_hook()


def test_an_address_is_entered_where_the_app_can_be_asked(insta: Any) -> None:
    """With Instagram's own login only a person can, in the app's dashboard."""
    insta.town.hooks.unsubscribe_app(insta.app.id)
    changed = insta.channel.mend()
    entered = [hook.object for hook in insta.town.hooks.of_app(insta.app.id)]
    if insta.login is Login.INSTAGRAM:
        assert (changed, entered) == ("", [])
    else:
        assert ("/hooks/instagram/acme" in changed, entered) == (True, ["instagram"])


# ------------------------------------------------------------------ the sign-in


def test_instagrams_own_sign_in_is_renewed_before_it_ends(own: Any) -> None:
    """Once it is a day old; from then on it is known when it ends."""
    own.channel.keep_hook()
    assert own.channel.expires_at() is None
    own.later(days=2)
    assert own.channel.keep_hook() == ""
    ends = own.channel.expires_at()
    assert ends == own.now() + 60 * DAY
    own.town.revoke(own.token)  # it is no longer the one that is used
    own.later(days=40)
    assert own.channel.keep_hook() == ""
    assert own.channel.expires_at() == ends
    own.later(days=11)
    assert own.channel.keep_hook() == ""
    assert own.channel.expires_at() == own.now() + 60 * DAY


def test_tokens_are_renewed_at_an_address_without_a_version(own: Any) -> None:
    own.later(days=2)
    own.channel.keep_hook()
    [call] = own.town.faults.asked("GET", "*refresh_access_token")
    assert call.path == "/refresh_access_token"


def test_a_renewal_that_fails_is_said_when_the_end_is_near(own: Any) -> None:
    own.later(days=2)
    own.channel.keep_hook()
    own.later(days=51)
    for _ in range(3):
        own.town.faults.add("graph_error", body="permission", path="/refresh_access_token")
    assert "is not renewed" in own.channel.keep_hook()
    found = findings(own.channel)["access token"]
    assert (found.urgency, "is not renewed" in found.says) == (Urgency.PROBLEM, True)


def test_a_renewal_that_cannot_be_reached_is_tried_again(own: Any) -> None:
    own.later(days=2)
    own.town.faults.add("500", method="GET", path="/refresh_access_token")
    assert own.channel.keep_hook() == ""
    assert own.channel.expires_at() is None
    assert own.channel.keep_hook() == ""
    assert own.channel.expires_at() is not None


def test_a_renewed_token_that_cannot_be_kept_is_said(own: Any) -> None:
    """Nobody else will know it, and the mapping's runs out."""

    class Keyless:
        @contextmanager
        def only_one(self, name: str) -> Any:
            yield

        def get(self, name: str) -> None:
            return None

        def put(self, name: str, token: Any) -> None:
            raise Misconfigured("there is no key to keep it under")

    own.later(days=2)
    options = {
        "app_id": own.app.id,
        "app_secret": Secret(own.app.secret),
        "verify_token": Secret("x"),
        "access_token": Secret(own.token),
        "instagram_id": own.page.id,
        "url": own.town.url,
    }
    kept: Any = Keyless()
    surroundings = Surroundings(clock=own.now, tokens=kept)
    channel = Instagram("acme", Instagram.Options().load(options), surroundings)
    assert "no key" in channel.keep_hook()


# ------------------------------------------------------------------ how it stands


def test_nothing_is_wrong(insta: Any) -> None:
    assert problems(insta.channel) == set()
    assert "acme" in findings(insta.channel)["account"].says.lower()


def test_with_its_own_login_the_app_is_for_a_person_to_look_at(own: Any) -> None:
    found = findings(own.channel)["webhooks of the app"]
    assert (found.urgency, "message_edit" in found.do) == (Urgency.ADVICE, True)


def test_the_id_that_the_app_sees_is_not_the_one_that_webhooks_name(own: Any) -> None:
    """With it, nothing would ever arrive, and nobody would say a word."""
    wrong = own.open(instagram_id=own.page.scoped_id)
    found = findings(wrong)["account"]
    assert found.urgency is Urgency.PROBLEM
    assert own.page.id in found.says
    assert "user_id" in found.do
    assert own.page.id in wrong.keep_hook()


def test_a_page_that_is_linked_to_another_account_is_found(linked: Any) -> None:
    other = linked.town.instagram("other", page=linked.town.page("Other"))
    found = findings(linked.open(instagram_id=other.id))["linked Page"]
    assert (found.urgency, linked.page.id in found.says) == (Urgency.PROBLEM, True)
    alone = linked.town.page("Alone")
    token = Secret(linked.town.token_for(alone))
    found = findings(linked.open(page_id=alone.id, access_token=token))["linked Page"]
    assert (found.urgency, "no Instagram account" in found.says) == (Urgency.PROBLEM, True)


def test_each_thing_that_is_wrong_is_named(linked: Any) -> None:
    linked.town.lacks(linked.token, "instagram_manage_comments")
    linked.town.hooks.unsubscribe(linked.linked.id, linked.app.id)
    linked.town.hooks.unsubscribe_app(linked.app.id)
    assert problems(linked.channel) == {
        "permissions", "webhooks of the app", "webhooks of the account"
    }  # fmt: skip


def test_without_the_permission_no_comment_is_taken_for_gone(linked: Any) -> None:
    kept = linked.says("Where is it?")
    linked.town.faults.add("404", method="GET", path=f"/v25.0/{kept}")
    linked.town.lacks(linked.token, "instagram_manage_comments")
    with pytest.raises(NeedsSignIn) as lacking:
        linked.channel.reread((kept,))
    assert "instagram_manage_comments" in lacking.value.because


def test_a_dead_token_hides_nothing_else(insta: Any) -> None:
    insta.town.revoke(insta.token)
    assert {"access token", "account"} <= problems(insta.channel)
    assert "address" in findings(insta.channel)
