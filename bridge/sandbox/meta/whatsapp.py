"""A WhatsApp number of the brand: what people write to it, and what becomes of what it writes.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bridge.sandbox.meta import shapes_whatsapp as shapes
from bridge.sandbox.meta.files import File
from bridge.sandbox.meta.ground import Ground
from bridge.sandbox.meta.hooks import Item
from bridge.sandbox.meta.people import Person
from bridge.sandbox.meta.refusals import unknown_object

WINDOW = timedelta(hours=24)
OBJECT = "whatsapp_business_account"


@dataclass(frozen=True, slots=True)
class Template:
    """A message that may be sent when the window is closed; `variables`: how many it has."""

    id: str
    name: str
    language: str
    body: str
    category: str = "utility"

    @property
    def variables(self) -> int:
        return self.body.count("{{")


@dataclass(frozen=True, slots=True)
class WhatsApp:
    """One message. `who` is the customer's handle ("" where nobody has that number), `content`
    what stands under its type. `statuses` are those told so far."""

    id: str
    account_id: str
    who: str
    by_brand: bool
    type: str
    content: dict[str, Any] = field(hash=False)
    at: datetime
    context: str = ""
    callback_data: str = ""
    to: str = ""
    ad: str = ""
    statuses: tuple[str, ...] = ()
    edited: bool = False
    revoked: bool = False

    @property
    def text(self) -> str:
        """Its words: a text's body, a caption, or the template's with its variables filled in."""
        return str(self.content.get("body") or self.content.get("caption") or "")


@dataclass(frozen=True, slots=True)
class Waba:
    """The business account that a number belongs to."""

    id: str
    name: str
    number_id: str


class Number:
    """One phone number.

    `refuses_at_once` answers a closed window at once, and not by a failed status later;
    `statuses` are told of each message that arrives; `statuses_backwards` turns their order round.
    `pair_burst` messages to one person go at once, then one in `pair_every`; None for no limit.
    """

    def __init__(self, ground: Ground, name: str, display: str) -> None:
        self.ground = ground
        self.id = ground.ids.next("number")
        self.name = name
        self.display = display
        self.waba = Waba(ground.ids.next("waba"), name, self.id)
        self.refuses_at_once = False
        self.statuses: tuple[str, ...] = ("sent", "delivered")
        self.statuses_backwards = False
        self.pair_burst: int | None = 45
        self.pair_every = timedelta(seconds=6)
        self.templates: dict[tuple[str, str], Template] = {}
        self._blocked: set[str] = set()
        self.barred: set[str] = set()

    # ---------------------------------------------------------------- what people do

    def message(self, who: str, text: str, *, reply_to: str = "", ad: str = "") -> WhatsApp:
        """`ad`: the id of the advertisement that they came by."""
        return self.writes(who, "text", {"body": text}, reply_to=reply_to, ad=ad)

    def file(
        self,
        who: str,
        content: bytes,
        content_type: str,
        *,
        filename: str = "",
        caption: str = "",
        voice: bool = False,
        reply_to: str = "",
    ) -> WhatsApp:
        """A picture, film, sound, sticker (image/webp) or document. Each picture of an album
        comes as a message of its own."""
        kept = self.ground.files.keep(self.id, content, content_type, filename)
        kind = "document" if kept.type == "file" else kept.type
        kind = "sticker" if content_type == "image/webp" else kind
        described = shapes.media(kept, kind, caption, voice=voice)
        return self.writes(who, kind, described, reply_to=reply_to)

    def location(self, who: str, latitude: float, longitude: float, **more: str) -> WhatsApp:
        """`more`: name, address, url."""
        return self.writes(who, "location", {"latitude": latitude, "longitude": longitude, **more})

    def contact(self, who: str, name: str, phone: str) -> WhatsApp:
        return self.writes(who, "contacts", {"cards": [shapes.card(name, phone)]})

    def react(self, who: str, wamid: str, emoji: str = "👍") -> WhatsApp:
        return self.writes(who, "reaction", {"message_id": wamid, "emoji": emoji})

    def button(self, who: str, text: str, payload: str = "", *, reply_to: str) -> WhatsApp:
        """A quick reply of a template."""
        pressed = {"payload": payload or text, "text": text}
        return self.writes(who, "button", pressed, reply_to=reply_to)

    def chooses(self, who: str, title: str, *, reply_to: str, description: str = "") -> WhatsApp:
        """A button of an interactive message, or with a description a row of its list."""
        chosen = {"id": title.lower(), "title": title}
        kind = "list_reply" if description else "button_reply"
        row = {**chosen, "description": description} if description else chosen
        return self.writes(who, "interactive", {"type": kind, kind: row}, reply_to=reply_to)

    def unsupported(self, who: str) -> WhatsApp:
        return self.writes(who, "unsupported", {})

    def edit(self, wamid: str, text: str) -> WhatsApp:
        """Another event with an id of its own, which names the message it changes."""
        before = self.one(wamid)
        key = "body" if before.type == "text" else "caption"
        after = replace(before, content={**before.content, key: text}, edited=True)
        self.ground.put(after)
        told = shapes.edit(self._wamid(), after, self._person(after), self._now())
        self._tell({"messages": [told]}, self._person(after))
        return after

    def revoke(self, wamid: str) -> WhatsApp:
        gone = replace(self.one(wamid), revoked=True)
        self.ground.put(gone)
        told = shapes.revoke(self._wamid(), gone, self._person(gone), self._now())
        self._tell({"messages": [told]}, self._person(gone))
        return gone

    def moves(self, who: str, phone: str) -> None:
        """Somebody takes another number and WhatsApp says so."""
        before = self.ground.find(who)
        after = self.ground.change(who, phone=phone)
        told = shapes.changed_number(self._wamid(), before, after, self._now())
        self._tell({"messages": [told]}, None)

    def block(self, who: str) -> None:
        self._blocked.add(who)

    def unblock(self, who: str) -> None:
        self._blocked.discard(who)

    def reads(self, who: str) -> None:
        """Somebody has seen all that the brand wrote."""
        for one in self.said():
            if one.who == who and "delivered" in one.statuses and "read" not in one.statuses:
                self.status(one.id, "read")

    # ---------------------------------------------------------------- what the brand does

    def template(
        self, name: str, body: str, *, language: str = "en_US", category: str = "utility"
    ) -> Template:
        """A template that Meta has approved; variables in it are {{1}}, {{2}}."""
        made = Template(self.ground.ids.next("template"), name, language, body, category)
        self.templates[name, language] = made
        return made

    def types(self, to: str, text: str) -> WhatsApp:
        """Somebody at the brand writes in the Business app; another field tells of it."""
        made = replace(self._new(to, "text", {"body": text}), by_brand=True)
        self.ground.put(made)
        told = shapes.app_echo(made, self.ground.find(to), self.display)
        self._tell({"message_echoes": [told]}, self.ground.find(to), "smb_message_echoes")
        return made

    def sends(self, made: WhatsApp, fails: Mapping[str, Any] | None = None) -> WhatsApp:
        """A message of the brand leaves. `fails`: the error it fails with, later."""
        self.ground.put(made)
        if fails is not None:
            self.status(made.id, "failed", fails)
            return made
        told = tuple(reversed(self.statuses)) if self.statuses_backwards else self.statuses
        for one in told:
            self.status(made.id, one)
        return made

    def status(self, wamid: str, status: str, error: Mapping[str, Any] | None = None) -> None:
        """What became of a message: sent, delivered, read, failed (with an error)."""
        made = self.one(wamid)
        self.ground.put(replace(made, statuses=(*made.statuses, status)))
        person = self._person(made) if made.who else None
        told = shapes.status(made, person, status, self._now(), error)
        self._tell({"statuses": [told]}, person if person and person.bsuid else None)

    # ---------------------------------------------------------------- looking

    def one(self, wamid: str) -> WhatsApp:
        """Raises `Refusal` 100/33 for one that never was."""
        found = self.ground.nodes.get(wamid)
        if not isinstance(found, WhatsApp) or found.account_id != self.id:
            raise unknown_object("get", wamid)
        return found

    def messages(self) -> tuple[WhatsApp, ...]:
        """All of them, oldest first."""
        with self.ground.lock:
            nodes = tuple(self.ground.nodes.values())
        return tuple(
            one for one in nodes if isinstance(one, WhatsApp) and one.account_id == self.id
        )

    def said(self) -> tuple[WhatsApp, ...]:
        """What the brand wrote, oldest first."""
        return tuple(one for one in self.messages() if one.by_brand)

    def is_open(self, who: str) -> bool:
        """Whether somebody wrote within the last 24 hours."""
        heard = [one.at for one in self.messages() if one.who == who and not one.by_brand]
        return bool(heard) and self._now() - max(heard) <= WINDOW

    def reached(self, to: str) -> Person | None:
        """Whom a phone number or a business-scoped user id means."""
        digits = "".join(sign for sign in to if sign.isdigit())
        for person in self.ground.people():
            if (to and to == person.bsuid) or (digits and digits == person.phone):
                return person
        return None

    def blocks(self, who: str) -> bool:
        return who in self._blocked

    def too_fast(self, who: str) -> bool:
        """Whether the pair limit holds back the next message to somebody."""
        if self.pair_burst is None:
            return False
        since = self._now() - self.pair_every * self.pair_burst
        recent = [one for one in self.said() if one.who == who and one.at > since]
        return len(recent) >= self.pair_burst

    # ---------------------------------------------------------------- making

    def writes(
        self, who: str, kind: str, content: dict[str, Any], *, reply_to: str = "", ad: str = ""
    ) -> WhatsApp:
        """Any kind of message by somebody, its content as the documentation shows it."""
        made = replace(self._new(who, kind, content), context=reply_to, ad=ad)
        self.ground.put(made)
        person = self.ground.find(who)
        told = shapes.message(made, person, self.display)
        self._tell({"messages": [told]}, person)
        return made

    def new_id(self) -> str:
        return self._wamid()

    def _new(self, who: str, kind: str, content: dict[str, Any]) -> WhatsApp:
        return WhatsApp(
            id=self._wamid(),
            account_id=self.id,
            who=who,
            by_brand=False,
            type=kind,
            content=content,
            at=self._now(),
        )

    def _tell(self, what: dict[str, Any], person: Person | None, field: str = "messages") -> None:
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": self.display, "phone_number_id": self.id},
            **({"contacts": [shapes.profile(person)]} if person else {}),
            **what,
        }
        self.ground.tell(Item(OBJECT, self.waba.id, field, "changes", value, self._now()))

    def _person(self, made: WhatsApp) -> Person:
        return self.ground.find(made.who)

    def _wamid(self) -> str:
        return self.ground.ids.wamid(self.display)

    def _now(self) -> datetime:
        return self.ground.clock()


def keeps(number: Number, file: File | None) -> bool:
    """Whether a file was uploaded to this number."""
    return file is not None and file.owner == number.id
