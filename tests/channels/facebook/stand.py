"""The Facebook stand: a Page with its Messenger in the sandbox's town."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conformance import Written
from meta_stand import PageStand

from bridge.channels.facebook import Facebook
from bridge.model import Kind, Person, Reply
from bridge.sandbox.meta import create_app
from bridge.sandbox.server import serve


class FacebookStand(PageStand):
    """What is public is a comment on the Page's first post. `private` are the messages' ids."""

    kind = Facebook

    def __init__(self) -> None:
        super().__init__()
        author = self.page.id_of("jane")
        self.customer = Person("facebook", author, author, "Jane Doe")
        self.stranger = self.page.id_of("kim")
        self.private: set[str] = set()

    def says(self, text: str, *, private: bool = False) -> str:
        self.later(seconds=10)
        if not private:
            return self.page.comment("jane", text).id
        made = self.page.inbox.message("jane", text).id
        self.private.add(made)
        return made

    def says_rubbish(self) -> None:
        self.rubbish("changes", {"item": "comment", "verb": "add", "message": "no id"})

    def takes_down(self, post_id: str) -> None:
        self.page.remove(post_id)

    def shown(self, *, private: bool) -> Person:
        """People have another id in Messenger, and no name there until it is asked for."""
        return Person("facebook", self.psid, self.psid, "") if private else self.customer

    def written(self) -> tuple[Written, ...]:
        public = (
            (one.at, Written(one.id, one.text, frozenset({self._answered(one.parent_id)}), True))
            for one in self.page.said()
        )
        found = sorted((*public, *self.messages(self.customer)), key=lambda one: one[0])
        return tuple(one for _, one in found)

    def _answered(self, post_id: str) -> str:
        return self.page.one(post_id).author

    def reply(self, text: str, *, to: str, **how: Any) -> Reply:
        plain = super().reply(text, to=to, **how)
        if to in self.private:
            return self.answering(plain, Kind.DM, self.shown(private=True))
        return self.answering(plain, Kind.COMMENT, self.customer)


@contextmanager
def open_stand() -> Iterator[FacebookStand]:
    stand = FacebookStand()
    with serve(create_app(stand.town)) as graph, serve(stand) as hook:
        stand.town.url = graph.url
        stand.connect(hook.url)
        yield stand
