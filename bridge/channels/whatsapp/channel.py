"""WhatsApp: what people write to a business's number, and its answers within their day.

Everything is private. A message of ours that nobody confirmed cannot be asked for; WhatsApp itself
tells what becomes of each, with the mark that it was sent with.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError

from bridge.addresses import door_of
from bridge.channels.contract import Length, Limits, Once, Raw, Surroundings, Told, Unit
from bridge.channels.meta import envelope, send_api
from bridge.channels.meta.account import MetaAccount
from bridge.channels.meta.calls import Answer, part
from bridge.channels.meta.envelope import Item
from bridge.channels.meta.media import EXPIRED
from bridge.channels.meta.subscriptions import Subscription
from bridge.channels.whatsapp import bundles, moderating, sending, translate
from bridge.channels.whatsapp.errors import WHATSAPP
from bridge.channels.whatsapp.options import WhatsAppOptions
from bridge.channels.whatsapp.sending import Number
from bridge.channels.whatsapp.translate import Here
from bridge.errors import Expired, Gone, Refused
from bridge.model import Act, Event, File, Media, Post, Receipt, Reply, Visibility
from bridge.outside import Withheld, download

LONGEST = 4_096


class WhatsApp(MetaAccount):
    """One number of a WhatsApp business account."""

    network: ClassVar[str] = translate.NETWORK
    Options: ClassVar[type[Schema]] = WhatsAppOptions
    scopes = ("whatsapp_business_messaging", "whatsapp_business_management")

    def __init__(self, account: str, options: dict[str, Any], surroundings: Surroundings) -> None:
        waba_id: str = options["waba_id"]
        super().__init__(
            account,
            options,
            surroundings,
            node=options["phone_number_id"],
            owners=frozenset({waba_id}),
            wanted=Subscription(
                "whatsapp_business_account",
                waba_id,
                options["app_id"],
                translate.FIELDS[:1],
                surroundings.public_url,
                chooses=False,
            ),
        )
        self._calls = replace(self._calls, meanings=WHATSAPP)
        self._here = Here(account, options["phone_number_id"], self._calls.url)
        self._number = Number(
            self._calls,
            options["phone_number_id"],
            options["template"],
            options["template_language"],
        )

    # -------------------------------------------------------------- in

    def apart(self, body: bytes) -> tuple[Raw, ...]:
        return bundles.apart(super().apart(body))

    def unpack(self, body: bytes) -> tuple[Event, ...]:
        return envelope.unpack(body, self._owners, lambda item: translate.events(item, self._here))

    def _takes(self, item: Item) -> bool:
        """A business account may have several numbers; what is for none goes to the first."""
        try:
            return translate.number_of(item) in ("", self._here.phone_number_id)
        except ValidationError:
            return True

    def fetch(self, media: Media, most: int) -> File:
        """A file is asked for by its id, and lies behind a link that works for minutes and takes
        our token. After seven days it is gone.

        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
        """
        if not media.url.startswith(f"{self._here.graph}/"):
            raise Refused("it is not a file of WhatsApp's")
        path = media.url.removeprefix(self._here.graph)
        link = self._calls.get(path, (("phone_number_id", self._number.id),)).text("url")
        if not link:
            raise Gone("WhatsApp does not say where the file is")
        token = {"Authorization": f"Bearer {self._sign_in.token().reveal()}"}
        try:
            file = download(
                link,
                most=most,
                timeout=self._surroundings.timeout,
                trusted_hosts=self._surroundings.trusted_hosts | {door_of(self._url)},
                credentials={urlsplit(link).netloc: token},
                clock=self._surroundings.clock,
            )
        except Withheld as withheld:
            raise Gone(EXPIRED) from withheld
        return replace(file, filename=media.filename or file.filename)

    # -------------------------------------------------------------- out

    def limits(self) -> Limits:
        """https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages"""
        return Limits(
            length=Length(LONGEST, Unit.CHARACTERS),
            files=1,
            file_bytes=sending.MOST_BYTES,
            reply_window=send_api.WINDOW,
            replies_publicly=False,
            edits=Told.PUSHED,
            deletes=Told.PUSHED,
            once=Once.MARK_IN_ECHO,
            text_or_file=True,
            one_private_thread=True,
        )

    def template_name(self, language: str) -> str:
        return self._number.template

    def shape(self, reply: Reply) -> str:
        return reply.text

    def send(self, reply: Reply) -> Receipt:
        """Raises the kinds of `bridge.errors`; `NobodyKnows` where it may have been sent."""
        if reply.visibility is not Visibility.PRIVATE:
            raise Refused("nothing on WhatsApp is public")
        if reply.template:
            if not self._number.template:
                raise Refused("no template is set up")
        else:
            send_api.check(reply, self.limits())
            self._check_window(reply)
        return sending.send(self._number, reply, self.shape(reply))

    def acts(self, post: Post) -> frozenset[Act]:
        return moderating.acts(post)

    def do(self, act: Act, post: Post) -> None:
        """Raises as `send` does."""
        moderating.do(self._calls, self._number.id, act, post)

    def _check_window(self, reply: Reply) -> None:
        heard, now = reply.heard_at, self._surroundings.clock()
        if heard is not None and now - heard > send_api.WINDOW:
            raise Expired("1 day after the customer's last message")

    def _about_itself(self) -> Answer:
        fields = ("id,verified_name,display_phone_number,quality_rating", "id")
        return self._calls.read(f"/{part(self._node)}", *fields)
