"""How an account stands with Instagram's own login, and how its sign-in is kept alive.

- https://developers.facebook.com/docs/instagram-platform/reference/me
- https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
- https://developers.facebook.com/docs/instagram-platform/webhooks

What the app is subscribed to, and which permissions were given, only the app's dashboard shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bridge.channels.meta import examine, subscriptions, tokens
from bridge.channels.meta.calls import Answer, Calls, part
from bridge.channels.meta.subscriptions import Subscription
from bridge.channels.meta.tokens import RENEW_AHEAD, SignIn
from bridge.errors import Again, PersonMustAct
from bridge.model import Finding, Urgency

_WHICH_ID = "Put that id into instagram_id: it is `user_id` of `GET /me?fields=user_id`, not `id`."


@dataclass(frozen=True, slots=True)
class OwnLogin:
    """One account. `url` is the API without a version, where tokens are renewed."""

    calls: Calls
    sign_in: SignIn
    wanted: Subscription
    instagram_id: str
    url: str

    def keep(self) -> str:
        """What is wrong, in one sentence, "" if nothing. The sign-in is renewed if that is due, and
        the account's own subscription put right. Raises as a read does."""
        wrong = self.wrong_id(self.me())
        not_renewed = self.renew()
        stopped = subscriptions.keep_account(self.calls, self.wanted)
        return wrong or not_renewed or stopped

    def me(self) -> Answer:
        """Who the token stands for."""
        return self.calls.read("/me", "user_id,username,name,id", "user_id,username")

    def wrong_id(self, me: Answer) -> str:
        """Webhooks name the account by `user_id`; another id here takes nothing of what they bring,
        in silence. `id` is the account as the app sees it."""
        told = me.text("user_id")
        if told in ("", self.instagram_id):
            return ""
        return f"instagram_id is {self.instagram_id}, but webhooks name this account {told}"

    def renew(self) -> str:
        """Why the sign-in, which ends soon, could not be renewed, "" if nothing is wrong. One that
        is not yet a day old is refused, and tried again."""
        at_root = replace(self.calls, url=self.url)
        try:
            self.sign_in.renew(lambda token: tokens.refreshed(at_root, token))
        except Again:
            return ""
        except PersonMustAct as refused:
            ends = self.sign_in.expires_at()
            if ends is None:
                return ""
            return f"the access token ends on {ends:%Y-%m-%d} and is not renewed: {refused.because}"
        return ""

    def findings(self) -> Iterator[Finding]:
        """Each question by itself: one that fails hides no other."""
        calls, wanted = self.calls, self.wanted
        now = calls.surroundings.clock()
        yield examine.address(calls, wanted.public_url)
        yield examine.answered("access token", self._token)
        yield examine.answered("account", self._account)
        yield examine.answered("clock", lambda: examine.clock(self.me(), now))
        yield Finding(
            "webhooks of the app",
            Urgency.ADVICE,
            "only the app's dashboard shows what it is subscribed to",
            f"It needs the callback URL, the verify token, and: {', '.join(wanted.fields)}.",
        )
        subscribed = examine.subscribed_account
        yield examine.answered("webhooks of the account", lambda: subscribed(calls, wanted))

    def _token(self) -> Finding:
        self.me()
        wrong, ends = self.renew(), self.sign_in.expires_at()
        if wrong:
            return Finding("access token", Urgency.PROBLEM, wrong, examine.SIGN_IN_AGAIN)
        if ends is None:
            says = "valid; until when is known once Instagram has renewed it"
            return Finding("access token", Urgency.OK, says)
        says = f"valid until {ends:%Y-%m-%d %H:%M} UTC, renewed {RENEW_AHEAD.days} days ahead"
        return Finding("access token", Urgency.OK, says)

    def _account(self) -> Finding:
        me = self.me()
        wrong = self.wrong_id(me)
        if wrong:
            return Finding("account", Urgency.PROBLEM, wrong, _WHICH_ID)
        who = f"{me.text('username') or 'without a name'} ({self.instagram_id})"
        return Finding("account", Urgency.OK, who)


def linked(calls: Calls, page_id: str, instagram_id: str) -> Finding:
    """With Facebook's login: whether the Page is linked to this very account.
    https://developers.facebook.com/docs/graph-api/reference/page/"""
    told = calls.get(f"/{part(page_id)}", (("fields", "instagram_business_account"),)).data
    account = told.get("instagram_business_account") if isinstance(told, dict) else None
    linked_to = Answer(account).text("id")
    if linked_to == instagram_id:
        return Finding("linked Page", Urgency.OK, f"the Page {page_id} is linked to the account")
    if not linked_to:
        says = f"the Page {page_id} is linked to no Instagram account"
        return Finding("linked Page", Urgency.PROBLEM, says, "Link them in the Page's settings.")
    says = f"instagram_id is {instagram_id}, but the Page {page_id} is linked to {linked_to}"
    return Finding("linked Page", Urgency.PROBLEM, says, "Put that id into instagram_id.")
