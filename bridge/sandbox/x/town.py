"""The stand-in for X itself: what is on the wall, direct messages, and the app that is told.

town = village(utcnow)
with serve(create_app(town, new_faults())) as running:
    town.address = running.url
"""

from __future__ import annotations

from dataclasses import replace

from bridge.model import Clock
from bridge.sandbox.x import checks, envelopes, words
from bridge.sandbox.x.costs import Costs
from bridge.sandbox.x.courier import Courier
from bridge.sandbox.x.hooks import Delivery, Happening, Hooks
from bridge.sandbox.x.people import App, Person, Refusal
from bridge.sandbox.x.posts import Message, Rules
from bridge.sandbox.x.wall import Wall


class Town(Wall):
    """`brand` is the handle that customers on the sandbox's own page write to; `address` is where
    pictures are found, once it is known. `credit` is paid in advance, in millionths of a dollar.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        brand: str = "acme",
        app: App | None = None,
        rules: Rules | None = None,
        credit: int | None = None,
    ) -> None:
        super().__init__(clock, app, rules)
        self.brand = brand
        self.address = "http://x.invalid"
        self.costs = Costs(clock, credit)
        self.hooks = Hooks(clock, self.rules)
        self.courier = Courier(self.hooks, clock, self.costs, self.app.consumer_secret)
        self._messages: dict[str, Message] = {}

    def deliver(self) -> tuple[Delivery, ...]:
        """Bring the app everything that waits for it; what was sent, with each answer's status."""
        return self.courier.deliver()

    # ---------------------------------------------------------------- in people's own apps

    def dm(self, handle: str, text: str, to: str = "", media: str = "") -> Message:
        """Somebody writes to somebody privately, to the brand unless `to` names another. Those who
        have moved to XChat write what X itself cannot read."""
        sender, recipient = self.find(handle), self.find(to or self.brand)
        return self.write(sender, recipient, text, media, sealed=sender.chats)

    def withdraw(self, handle: str) -> Person:
        with self.lock:
            person = super().withdraw(handle)
            self._tell(Happening("oauth.revoke", person.id))
            self.hooks.drop(person.id)
            return person

    # ---------------------------------------------------------------- through the API as well

    def write(
        self, sender: Person, recipient: Person, text: str, media: str = "", *, sealed: bool = False
    ) -> Message:
        """Raises `Refusal`."""
        with self.lock:
            if not self.can_write(sender, recipient):
                raise Refusal(403, checks.NO_MESSAGES)
            wanted = (media,) if media else ()
            checks.check_media(wanted, self._mine(sender), self.rules, self.clock(), private=True)
            short, links = words.shorten(text)
            message = Message(
                self._ids.next(), sender.id, recipient.id, short, self.clock(), links, media, sealed
            )
            if media:
                link = words.short_link(f"https://twitter.com/messages/media/{message.id}", media)
                shown = f"{short} {link.short}".strip()
                message = replace(message, text=shown, links=(*links, link))
            self._messages[message.id] = message
            kinds = ("chat.sent", "chat.received") if sealed else ("dm.sent", "dm.received")
            for kind, told in zip(kinds, (sender.id, recipient.id), strict=True):
                self._tell(Happening(kind, told, message=message))
            return message

    # ---------------------------------------------------------------- looking

    def messages(self) -> tuple[Message, ...]:
        with self.lock:
            return tuple(self._messages.values())

    def between(self, one: str, other: str) -> tuple[Message, ...]:
        """What two handles wrote to each other, oldest first."""
        first, second = self.find(one).id, self.find(other).id
        return tuple(each for each in self.messages() if each.between(first, second))

    def can_write(self, sender: Person, recipient: Person) -> bool:
        """Who keeps messages for friends still hears from those they wrote to first."""
        if recipient.suspended or self.blocks(recipient.id, sender.id):
            return False
        if self.bars(recipient.id, sender.id):
            return False
        began = any(
            one.sender == recipient.id and one.recipient == sender.id for one in self.messages()
        )
        return recipient.receives_dms or began

    # ---------------------------------------------------------------- inside the lock

    def _tell(self, happening: Happening) -> None:
        self.hooks.tell(
            happening,
            lambda subscription, uuid: envelopes.envelope(self, happening, subscription, uuid),
        )
