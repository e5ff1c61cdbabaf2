"""What the stories on Meta's products share: the town, its customers, and the webhook."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bridge.model import utcnow
from bridge.outside import new_session
from bridge.sandbox.meta import Town, create_app, village
from bridge.sandbox.meta.hooks import FIELDS
from bridge.sandbox.meta.instagram import Instagram
from bridge.sandbox.meta.page_wall import Page
from bridge.sandbox.meta.posts import Comment, Message, Post
from bridge.sandbox.meta.town import Account
from bridge.sandbox.scenery.scene import Scenery, hook
from bridge.sandbox.server import serve
from bridge.sandbox.stage import Customers, Expected, Seen

VERSION = "v25.0"
TIMEOUT = (5.0, 20.0)


@contextmanager
def opened_town() -> Iterator[Town]:
    """The village, answering; it calls whoever is subscribed from a thread of its own."""
    town = village(utcnow)
    with serve(create_app(town)) as running:
        town.url = running.url
        town.courier.start()
        try:
            yield town
        finally:
            town.courier.stop()


class CommentCustomers:
    """Those of a Page or an Instagram account, who comment and write privately. `link` leads to a
    comment, as the network tells it."""

    def __init__(
        self, town: Town, account: Page | Instagram, link: Callable[[Post | Comment], str]
    ) -> None:
        self._town = town
        self._account = account
        self._link = link

    def says(
        self, who: str, text: str, *, private: bool = False, answering: Seen | None = None
    ) -> Seen:
        """Private messages with somebody are one thread: they name nothing that they answer."""
        if private:
            return self._letter(self._account.inbox.message(who, text))
        return self._comment(self._account.comment(who, text))

    def thread(self, post: Seen) -> tuple[Seen, ...]:
        beneath = [] if post.private else self._beneath(post)
        letters = self._account.inbox.with_person(post.author)
        since = self._at(post)
        private = [(one.at, self._letter(one)) for one in letters if one.at >= since]
        found = sorted([*beneath, *private], key=lambda pair: pair[0])
        return tuple(seen for _, seen in found)

    def public(self) -> tuple[Seen, ...]:
        return tuple(self._comment(one) for one in self._account.said())

    def own_notice(self, post: Seen) -> str:
        return self._account.notice(post.id) if isinstance(self._account, Page) else ""

    def unanswerable(self, text: str) -> Seen:
        return self.says("chloe", text)

    def refuse(self, post: Seen) -> None:
        """What is private is blocked, what is public is taken back."""
        if post.private:
            self._account.inbox.block(post.author)
        else:
            self._account.remove(post.id)

    def _beneath(self, post: Seen) -> list[tuple[datetime, Seen]]:
        account = self._account
        everything = account.everything() if isinstance(account, Page) else account.comments()
        mine = (one for one in everything if post.id in (one.id, one.parent_id))
        return [(one.at, self._comment(one)) for one in mine if not one.removed]

    def _at(self, post: Seen) -> datetime:
        at: datetime = self._town.nodes[post.id].at
        return at

    def _comment(self, one: Post | Comment) -> Seen:
        person = self._town.whose(one.author)
        author = person.handle if person else "brand"
        return Seen(one.id, author, False, one.text, self._link(one))

    def _letter(self, one: Message) -> Seen:
        person = self._town.whose(one.who)
        assert person is not None
        return Seen(one.id, "brand" if one.by_brand else person.handle, True, one.text)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The app's dashboard, where an admin enters the webhook's address and subscribes an account.

    https://developers.facebook.com/docs/graph-api/webhooks/getting-started
    """

    town: Town
    account: Account
    verify_token: str
    token: str

    def connect(self, callback_url: str) -> None:
        """The stand-in proves the address by its handshake first. Raises `HTTPError`."""
        town, app = self.town, self.town.app_of(self.account)
        kind = town.object_of(self.account)
        fields = ",".join(sorted(FIELDS[kind]))
        address = {
            "access_token": f"{app.id}|{app.secret}",
            "object": kind,
            "callback_url": callback_url,
            "verify_token": self.verify_token,
            "fields": fields,
        }
        chosen = {"access_token": self.token, "subscribed_fields": fields}
        node = town.hooked_id(self.account)
        with new_session() as session:
            for path, told in (
                (f"{app.id}/subscriptions", address),
                (f"{node}/subscribed_apps", chosen),
            ):
                answer = session.post(f"{town.url}/{VERSION}/{path}", data=told, timeout=TIMEOUT)
                answer.raise_for_status()


def scenery(
    town: Town,
    account: Account,
    customers: Customers,
    expected: Expected,
    page: str,
    ids: dict[str, object],
) -> Scenery:
    """An account on one of Meta's products. `ids` are the options that only this product has,
    `page` is which of the customers' pages is its."""
    app, token = town.app_of(account), town.token_for(account)
    verify_token = secrets.token_hex(16)
    dashboard = Dashboard(town, account, verify_token, token)
    return Scenery(
        expected,
        customers,
        f"{town.url}/{page}/{account.id}",
        {
            "url": town.url,
            "app_id": app.id,
            "app_secret": "env:META_APP_SECRET",
            "verify_token": "env:META_VERIFY_TOKEN",
            "access_token": "env:META_TOKEN",
            **ids,
        },
        {
            "META_APP_SECRET": app.secret,
            "META_VERIFY_TOKEN": verify_token,
            "META_TOKEN": token,
        },
        pushed=True,
        connect=lambda bridge_url: dashboard.connect(hook(bridge_url, expected.network)),
    )
