"""The Instagram stand: an account in the sandbox's town, with either of the two sign-ins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conformance import Written
from meta_stand import PageStand

from bridge.channels.instagram import Instagram
from bridge.channels.instagram.options import Login
from bridge.model import Kind, Person, Reply
from bridge.sandbox.meta import create_app
from bridge.sandbox.meta.hooks import Item
from bridge.sandbox.server import serve
from bridge.settings import Secret


class InstagramStand(PageStand):
    """What is public is a comment on the account's first picture. `page` is the account, `linked`
    the Facebook Page that belongs to it with Facebook's login. `private` are messages' ids."""

    kind = Instagram

    def __init__(self, login: Login) -> None:
        super().__init__()
        self.login = login
        self.linked = self.page
        by_page = login is Login.FACEBOOK
        self.page = self.town.instagram("acme", "Acme", page=self.linked if by_page else None)
        self.app = self.town.app_of(self.page)
        self.token = self.town.token_for(self.page)
        self.psid = self.page.inbox.id_of("jane")
        self.customer = Person("instagram", self.psid, "jane", "")
        self.stranger = "kim"
        self.private: set[str] = set()

    def open(self, **options: Any) -> Any:
        given = {
            "app_id": self.app.id,
            "app_secret": Secret(self.app.secret),
            "login": str(self.login),
            "instagram_id": self.page.id,
            "page_id": self.linked.id,
            **options,
        }
        return super().open(**given)

    def connect(self, hook_url: str) -> None:
        super().connect(hook_url)
        if self.login is Login.FACEBOOK:
            self.town.hooks.unsubscribe(self.page.id, self.app.id)
            self.town.hooks.subscribe(self.linked.id, self.app.id, ("feed",))

    # -------------------------------------------------------------- as the suite wants it

    def says(self, text: str, *, private: bool = False) -> str:
        self.later(seconds=10)
        if not private:
            return str(self.page.comment("jane", text).id)
        made = str(self.page.inbox.message("jane", text).id)
        self.private.add(made)
        return made

    def rubbish(self, place: str, payload: dict[str, Any]) -> None:
        self.later(seconds=10)
        also = self.page.page_id
        self.town.tell(
            Item("instagram", self.page.id, "comments", place, payload, self.now(), also)
        )

    def says_rubbish(self) -> None:
        self.rubbish("changes", {"text": "no id"})

    def takes_down(self, post_id: str) -> None:
        self.page.remove(post_id)

    def shown(self, *, private: bool) -> Person:
        """Messages come without a name until it is asked for."""
        return Person("instagram", self.psid, self.psid, "") if private else self.customer

    def written(self) -> tuple[Written, ...]:
        public = (
            (one.at, Written(one.id, one.text, frozenset({self._answered(one.parent_id)}), True))
            for one in self.page.said()
        )
        found = sorted((*public, *self.messages(self.customer)), key=lambda one: one[0])
        return tuple(one for _, one in found)

    def _answered(self, post_id: str) -> str:
        return str(self.page.one(post_id).username)

    def reply(self, text: str, *, to: str, **how: Any) -> Reply:
        plain = super().reply(text, to=to, **how)
        if to in self.private:
            return self.answering(plain, Kind.DM, self.shown(private=True))
        return self.answering(plain, Kind.COMMENT, self.customer)


@contextmanager
def open_with(login: Login) -> Iterator[InstagramStand]:
    stand = InstagramStand(login)
    with serve(create_app(stand.town)) as graph, serve(stand) as hook:
        stand.town.url = graph.url
        stand.connect(hook.url)
        yield stand


@contextmanager
def open_stand() -> Iterator[InstagramStand]:
    with open_with(Login.INSTAGRAM) as stand:
        yield stand


__all__ = ["InstagramStand", "open_stand", "open_with"]
