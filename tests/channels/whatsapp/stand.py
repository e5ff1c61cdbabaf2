"""The WhatsApp stand: a business's number in the sandbox's town."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conformance import Written
from meta_stand import VERIFY, PageStand

from bridge.channels.whatsapp import WhatsApp
from bridge.model import Kind, Person, Reply
from bridge.sandbox.meta import create_app
from bridge.sandbox.meta.hooks import Item
from bridge.sandbox.meta.whatsapp import OBJECT
from bridge.sandbox.server import serve


class WhatsAppStand(PageStand):
    kind = WhatsApp
    public = False
    has_parents = False

    def __init__(self) -> None:
        super().__init__()
        self.number = self.town.whatsapp("Acme")
        self.number.template("come_back", "We have news for you. {{1}}")
        self.token = self.town.system_token()
        jane = self.town.change("jane", phone="16505551234", bsuid="")
        self.town.change("kim", phone="16505555678", bsuid="")
        self.customer = Person("whatsapp", jane.phone, f"+{jane.phone}", jane.name)
        self.stranger = "+16505555678"

    def open(self, **options: Any) -> Any:
        whose = {"phone_number_id": self.number.id, "waba_id": self.number.waba.id}
        return super().open(**{"page_id": None, **whose, **options})

    def connect(self, hook_url: str) -> None:
        self.url = hook_url
        self.channel = self.open()
        self.town.connect(self.number, f"{hook_url}/hooks/whatsapp/acme", VERIFY)

    def says(self, text: str, *, private: bool = False) -> str:
        self.later(seconds=10)
        return self.number.message("jane", text).id

    def says_rubbish(self) -> None:
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": self.number.id},
            "messages": [{"type": "text", "text": {"body": "no id"}}],
        }
        self.later(seconds=10)
        waba = self.number.waba.id
        self.town.tell(Item(OBJECT, waba, "messages", "changes", value, self.now()))

    def takes_down(self, post_id: str) -> None:
        self.number.revoke(post_id)

    def written(self) -> tuple[Written, ...]:
        return tuple(
            Written(
                id=one.id,
                text=one.text,
                readers=frozenset({self._handle(one.who)}),
                open=False,
            )
            for one in self.number.said()
        )

    def _handle(self, who: str) -> str:
        return f"+{self.town.find(who).phone}" if who else ""

    def reply(self, text: str, **how: Any) -> Reply:
        return self.answering(super().reply(text, **how), Kind.DM, self.customer)


@contextmanager
def open_stand() -> Iterator[WhatsAppStand]:
    stand = WhatsAppStand()
    with serve(create_app(stand.town)) as graph, serve(stand) as hook:
        stand.town.url = graph.url
        stand.connect(hook.url)
        yield stand
