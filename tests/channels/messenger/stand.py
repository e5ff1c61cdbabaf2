"""The Messenger stand: a Page's private messages in the sandbox's town."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conformance import Written
from meta_stand import PageStand

from bridge.channels.messenger import Messenger
from bridge.model import Kind, Person, Reply
from bridge.sandbox.meta import create_app
from bridge.sandbox.server import serve


class MessengerStand(PageStand):
    kind = Messenger
    public = False
    has_parents = False

    def __init__(self) -> None:
        super().__init__()
        self.customer = Person("messenger", self.psid, self.psid, "")
        self.stranger = self.page.inbox.id_of("kim")

    def says(self, text: str, *, private: bool = False) -> str:
        self.later(seconds=10)
        return self.page.inbox.message("jane", text).id

    def says_rubbish(self) -> None:
        self.rubbish("messaging", {"sender": {"id": self.psid}, "message": {"text": "no id"}})

    def takes_down(self, post_id: str) -> None:
        self.page.inbox.unsend(post_id)

    def written(self) -> tuple[Written, ...]:
        return tuple(one for _, one in self.messages(self.customer))

    def reply(self, text: str, **how: Any) -> Reply:
        return self.answering(super().reply(text, **how), Kind.DM, self.customer)


@contextmanager
def open_stand() -> Iterator[MessengerStand]:
    stand = MessengerStand()
    with serve(create_app(stand.town)) as graph, serve(stand) as hook:
        stand.town.url = graph.url
        stand.connect(hook.url)
        yield stand
