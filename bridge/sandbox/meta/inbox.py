"""Private messages between an account and people: Messenger's and Instagram's, which share an API.

- Messenger: https://developers.facebook.com/docs/messenger-platform/webhooks
- Instagram: https://developers.facebook.com/docs/instagram-platform/webhooks/examples
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bridge.sandbox.meta import shapes_messaging as shapes
from bridge.sandbox.meta.files import STORY_LASTS
from bridge.sandbox.meta.ground import Ground
from bridge.sandbox.meta.hooks import Item
from bridge.sandbox.meta.people import META_INBOX
from bridge.sandbox.meta.posts import Attachment, Message
from bridge.sandbox.meta.refusals import unknown_object

FIELDS = {
    "messenger": {
        "message": "messages",
        "echo": "message_echoes",
        "edit": "message_edits",
        "delivery": "message_deliveries",
        "read": "message_reads",
        "reaction": "message_reactions",
        "postback": "messaging_postbacks",
    },
    "instagram": {
        "message": "messages",
        "echo": "messages",
        "edit": "message_edit",
        "read": "messaging_seen",
        "reaction": "message_reactions",
        "postback": "messaging_postbacks",
    },
}
"""By which field each kind of event is subscribed to."""


class Inbox:
    """The messages of one account. `network`: messenger or instagram.

    `echo_first` delivers the echo of a message before the call that sent it is answered;
    `echoes` False sends none; `echoes_metadata` False leaves out what came with the message.
    """

    def __init__(self, ground: Ground, account_id: str, network: str, also: str = "") -> None:
        self.ground = ground
        self.account_id = account_id
        self.network = network
        self.echo_first = False
        self.echoes = True
        self.echoes_metadata = True
        self._also = also
        self._blocked: set[str] = set()
        self._owners: dict[str, str] = {}
        self._conversations: dict[str, str] = {}

    # ---------------------------------------------------------------- what people do

    def message(
        self,
        who: str,
        text: str = "",
        *,
        photos: Sequence[bytes] = (),
        files: Sequence[tuple[str, str, bytes]] = (),
        attachments: Sequence[Attachment] = (),
        reply_to: str = "",
        ad: str = "",
    ) -> Message:
        """Somebody writes. `files` are (name, content type, content), `attachments` whatever else
        Meta knows: shares, reels, a fallback. `ad` is the id of the advertisement that they came
        by."""
        kept = [self._photo(one) for one in photos]
        kept += [self._file(*one) for one in files]
        made = self._new(who, text, attachments=(*kept, *attachments), reply_to=reply_to)
        return self._arrives(replace(made, ad=ad))

    def edit(self, mid: str, text: str) -> Message:
        before = self.one(mid)
        after = replace(before, text=text, edits=before.edits + 1)
        self.ground.put(after)
        self._tell("edit", shapes.edit(self.account_id, after, self._now()))
        return after

    def unsend(self, mid: str) -> Message:
        """Instagram tells the same id again with `is_deleted`; Messenger tells nobody."""
        gone = replace(self.one(mid), deleted=True, text="", attachments=())
        self.ground.put(gone)
        if self.network == "instagram":
            self._tell("message", shapes.deleted(self.account_id, gone, self._now()))
        return gone

    def unsaid(self, who: str, text: str) -> Message:
        """A message that nobody is told of; only its edit will be."""
        made = self._new(who, text)
        self.ground.put(made)
        return made

    def reads(self, who: str) -> None:
        """Somebody has seen all that the brand wrote."""
        seen = [one for one in self.with_person(who) if one.by_brand]
        for one in seen:
            self.ground.put(replace(one, read=True))
        if seen:
            told = shapes.read(self.account_id, seen[-1], self._now(), self.network)
            self._tell("read", told)

    def receives(self, mid: str) -> None:
        """A message of the brand arrives on somebody's device; only Messenger tells."""
        self._tell("delivery", shapes.delivery(self.account_id, self.one(mid), self._now()))

    def postback(self, who: str, title: str, payload: str) -> Message:
        """Somebody presses a button; it opens the window like a message."""
        made = self._new(who, title)
        self.ground.put(made)
        told = shapes.postback(self.account_id, made, payload)
        self._tell("postback", told, who=made.who)
        return made

    def react(
        self, who: str, mid: str, reaction: str = "love", emoji: str = "\u2764\ufe0f"
    ) -> None:
        told = shapes.reaction(self.account_id, self.id_of(who), mid, reaction, emoji, self._now())
        self._tell("reaction", told)

    def unsupported(self, who: str) -> Message:
        """Something the API has no words for."""
        made = self._new(who, "")
        self.ground.put(made)
        self._tell("message", shapes.unsupported(self.account_id, made), who=made.who)
        return made

    def story_reply(self, who: str, text: str, *, story: bytes) -> Message:
        """Somebody answers a story of the account; the link to it dies with the story."""
        kept = self.ground.files.keep(self.account_id, story, "image/jpeg", "story.jpg")
        made = self._new(who, text)
        self.ground.put(made)
        link = self.ground.files.link(kept, STORY_LASTS)
        number = self.ground.ids.next("story")
        told = shapes.story_reply(self.account_id, made, link, number)
        self._tell("message", told, who=made.who)
        return made

    def story_mention(self, who: str, *, story: bytes) -> Message:
        """Somebody names the account in a story of their own."""
        kept = self.ground.files.keep(self.account_id, story, "image/jpeg", "story.jpg")
        link = self.ground.files.link(kept, STORY_LASTS)
        named = Attachment("story_mention", {"url": link}, kept.id)
        return self._arrives(self._new(who, "", attachments=(named,)))

    def block(self, who: str) -> None:
        self._blocked.add(self.id_of(who))

    def unblock(self, who: str) -> None:
        self._blocked.discard(self.id_of(who))

    def blocked(self, scoped_id: str) -> bool:
        return scoped_id in self._blocked

    # ---------------------------------------------------------------- what the brand does

    def types(self, to: str, text: str, *, app_id: str = META_INBOX) -> Message:
        """Somebody at the brand writes by other means: in Meta's inbox, or through another app."""
        made = replace(self._new(to, text), by_brand=True, app_id=app_id)
        return self.sends(made)

    def sends(self, made: Message) -> Message:
        """A message of the brand leaves; its echo is told."""
        self.ground.put(made)
        if self.echoes:
            kept = made if self.echoes_metadata else replace(made, metadata="")
            self._tell("echo", shapes.echo(self.account_id, kept, self.network))
        return made

    def hands_over(self, who: str, app_id: str) -> None:
        """Another app owns the conversation from now on; "" gives it back."""
        self._owners[self.id_of(who)] = app_id

    def owner(self, scoped_id: str) -> str:
        return self._owners.get(scoped_id, "")

    # ---------------------------------------------------------------- looking

    def id_of(self, who: str) -> str:
        """The id that somebody has towards this account."""
        kind = "psid" if self.network == "messenger" else "igsid"
        return self.ground.scoped(who, self.account_id, kind)

    def one(self, mid: str) -> Message:
        """Raises `Refusal` 100/33 for one that never was."""
        found = self.ground.nodes.get(mid)
        if not isinstance(found, Message) or found.account_id != self.account_id:
            raise unknown_object("get", mid)
        return found

    def messages(self) -> tuple[Message, ...]:
        """All of them, oldest first."""
        with self.ground.lock:
            nodes = tuple(self.ground.nodes.values())
        return tuple(
            one for one in nodes if isinstance(one, Message) and one.account_id == self.account_id
        )

    def with_person(self, who: str) -> tuple[Message, ...]:
        return self.between(self.id_of(who))

    def between(self, scoped_id: str) -> tuple[Message, ...]:
        return tuple(one for one in self.messages() if one.who == scoped_id)

    def said(self) -> tuple[Message, ...]:
        """What the brand wrote, by whatever means."""
        return tuple(one for one in self.messages() if one.by_brand)

    def heard_at(self, scoped_id: str) -> datetime | None:
        """When somebody last wrote: from then the window counts."""
        heard = [one.at for one in self.between(scoped_id) if not one.by_brand]
        return max(heard, default=None)

    def conversation_id(self, scoped_id: str) -> str:
        with self.ground.lock:
            if scoped_id not in self._conversations:
                self._conversations[scoped_id] = self.ground.ids.conversation()
            return self._conversations[scoped_id]

    # ---------------------------------------------------------------- making

    def new_mid(self) -> str:
        ids = self.ground.ids
        return ids.mid() if self.network == "messenger" else ids.ig_mid()

    def _new(
        self, who: str, text: str, attachments: tuple[Attachment, ...] = (), reply_to: str = ""
    ) -> Message:
        return Message(
            id=self.new_mid(),
            account_id=self.account_id,
            who=self.id_of(who),
            by_brand=False,
            text=text,
            at=self.ground.clock(),
            attachments=attachments,
            reply_to=reply_to,
        )

    def _photo(self, content: bytes) -> Attachment:
        return self._file("photo.png", "image/png", content)

    def _file(self, name: str, content_type: str, content: bytes) -> Attachment:
        kept = self.ground.files.keep(self.account_id, content, content_type, name)
        return Attachment(kept.type, {"url": self.ground.files.link(kept)}, kept.id)

    def _arrives(self, made: Message) -> Message:
        self.ground.put(made)
        self._tell("message", shapes.message(self.account_id, made), who=made.who)
        return made

    def _tell(self, kind: str, payload: dict[str, Any], who: str = "") -> None:
        """What arrives in a conversation of another app is told as `standby`."""
        field, place = FIELDS[self.network][kind], "messaging"
        if who and self.owner(who):
            field = place = "standby"
        what = "page" if self.network == "messenger" else "instagram"
        self.ground.tell(
            Item(what, self.account_id, field, place, payload, self.ground.clock(), self._also)
        )

    def _now(self) -> datetime:
        return self.ground.clock()
