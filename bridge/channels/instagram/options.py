"""What a mapping says about an Instagram account.

https://developers.facebook.com/docs/instagram-platform/overview
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from bridge.channels.meta.options import GRAPH, MetaOptions, ServerUrl, Token
from bridge.channels.meta.payload import OpaqueId


class Login(StrEnum):
    """Whose sign-in the token stems from."""

    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"


HOSTS = {Login.INSTAGRAM: "https://graph.instagram.com", Login.FACEBOOK: GRAPH}


class InstagramOptions(MetaOptions):
    """`app_id` and `app_secret` are those of the app that calls us: with Instagram's own login the
    *Instagram* app's, with Facebook's the Meta app's. `instagram_id` is the id that webhooks name
    in `entry.id` (`user_id`); `page_id` the Facebook Page that the account is linked to, needed
    with Facebook's login, by which messages go.
    """

    app_id = OpaqueId(
        required=True,
        metadata={"help": "API setup with Instagram login: the Instagram app's id, not Meta's"},
    )
    app_secret = Token(required=True, metadata={"help": "The secret of that very app"})
    access_token = Token(
        required=True, metadata={"help": "API setup with Instagram login: Generate access tokens"}
    )
    login = fields.Enum(
        Login,
        by_value=True,
        load_default=Login.INSTAGRAM,
        metadata={"help": "Whose sign-in the access token stems from: instagram or facebook"},
    )
    instagram_id = OpaqueId(
        required=True, metadata={"help": "user_id of GET /me?fields=user_id, a long number"}
    )
    page_id = OpaqueId(
        load_default="", metadata={"help": "With login facebook: the linked Page's own id"}
    )
    url = ServerUrl(load_default="")

    @validates_schema
    def _has_a_page(self, data: dict[str, Any], **_: Any) -> None:
        if data["login"] is Login.FACEBOOK and not data["page_id"]:
            raise ValidationError("is needed with login: facebook", "page_id")

    @post_load
    def _at_its_host(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "url": data["url"] or HOSTS[data["login"]]}
