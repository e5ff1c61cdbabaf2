"""One account on each network that pushes bundles, made without a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qsl

from bridge.channels.contract import Bundles, Channel, Handshakes, Pushes, Surroundings
from bridge.channels.facebook import Facebook, FacebookOptions
from bridge.channels.instagram import Instagram, InstagramOptions
from bridge.channels.whatsapp import WhatsApp, WhatsAppOptions
from bridge.channels.x import X, XOptions
from bridge.errors import NotGenuine
from bridge.settings import Secret
from fuzz import seeds_meta, seeds_x


class Pushing(Channel, Pushes, Bundles, Protocol):
    """A network that pushes bundles."""


def _of_meta(secret: Secret) -> dict[str, Any]:
    return {"app_id": "42", **dict.fromkeys(("app_secret", "verify_token", "access_token"), secret)}


def facebook(secret: Secret, around: Surroundings) -> Facebook:
    options = FacebookOptions().load({**_of_meta(secret), "page_id": seeds_meta.PAGE})
    return Facebook("page", options, around)


def instagram(secret: Secret, around: Surroundings) -> Instagram:
    options = InstagramOptions().load({**_of_meta(secret), "instagram_id": seeds_meta.PAGE})
    return Instagram("insta", options, around)


def whatsapp(secret: Secret, around: Surroundings) -> WhatsApp:
    ids = {"waba_id": seeds_meta.PAGE, "phone_number_id": seeds_meta.NUMBER}
    return WhatsApp("number", WhatsAppOptions().load({**_of_meta(secret), **ids}), around)


def x(secret: Secret, around: Surroundings) -> X:
    keys = ("consumer_secret", "access_token", "access_token_secret")
    options = XOptions().load(
        {
            **dict.fromkeys(keys, secret),
            "user_id": seeds_x.ME,
            "handle": "Acme",
            "consumer_key": "key",
        }
    )
    return X("x", options, around)


def handshakes(secret: Secret, *channels: Handshakes) -> Callable[[bytes], None]:
    """What is answered is no page, and nothing that could be sent back as a delivery."""

    def check(data: bytes) -> None:
        query = dict(parse_qsl(data.decode("latin-1")))
        for channel in channels:
            try:
                shaken = channel.shake(query)
            except NotGenuine:
                continue
            assert shaken.content_type.partition(";")[0] in ("text/plain", "application/json")
            assert secret.reveal() not in shaken.body
            assert not set(query.get("crc_token", "")) & set('{}[]"')

    return check
