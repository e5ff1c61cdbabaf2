"""Who writes to the brand, which apps there are, and what a token is for.

A person has another id on every Page and Instagram account (page-scoped and Instagram-scoped ids):
https://developers.facebook.com/docs/messenger-platform/identity/ . On WhatsApp it is the phone
number, or since 2026 for those with a user name only a business-scoped user id:
https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONG_LIVED = timedelta(days=60)
META_INBOX = "263902037430900"
"""The app id in echoes of what people type in Meta's own inbox."""

PAGE_SCOPES = (
    "pages_show_list", "pages_manage_metadata", "pages_read_engagement",
    "pages_read_user_content", "pages_manage_engagement", "pages_manage_posts", "pages_messaging",
    "instagram_basic", "instagram_manage_comments", "instagram_manage_messages",
)  # fmt: skip
INSTAGRAM_SCOPES = (
    "instagram_business_basic",
    "instagram_business_manage_comments",
    "instagram_business_manage_messages",
)
WHATSAPP_SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer. `phone` is digits with the country code, "" for somebody whom WhatsApp shows by
    `bsuid` alone; `bsuid` "" for somebody without a user name."""

    handle: str
    name: str
    username: str
    phone: str = ""
    bsuid: str = ""
    followers: int = 0


@dataclass(frozen=True, slots=True)
class App:
    """`human_agent`: whether Meta granted the feature that opens seven days instead of one."""

    id: str
    secret: str
    name: str
    human_agent: bool = True


class Holder(StrEnum):
    """What a token stands for, as `debug_token` says it."""

    PAGE = "PAGE"
    USER = "USER"
    SYSTEM_USER = "SYSTEM_USER"
    INSTAGRAM = "INSTAGRAM"
    APP = "APP"


@dataclass(frozen=True, slots=True)
class Token:
    """`account_id` is the one account it is for, "" for all. `wrong` names the refusal of the
    catalogue that it meets from now on ("" while it is good)."""

    value: str
    holder: Holder
    account_id: str
    app_id: str
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    wrong: str = ""

    def over(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at
