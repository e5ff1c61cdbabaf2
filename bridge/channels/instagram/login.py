"""What the two sign-ins differ in: permissions, what is subscribed to, by which id one sends.

- https://developers.facebook.com/docs/instagram-platform/overview
- https://developers.facebook.com/docs/instagram-platform/webhooks
- Sending: https://developers.facebook.com/docs/instagram-platform/private-replies
"""

from __future__ import annotations

from typing import Any

from bridge.channels.instagram.options import Login
from bridge.channels.meta.subscriptions import Subscription

SCOPES = {
    Login.INSTAGRAM: (
        "instagram_business_basic",
        "instagram_business_manage_comments",
        "instagram_business_manage_messages",
    ),
    Login.FACEBOOK: (
        "instagram_basic",
        "instagram_manage_comments",
        "instagram_manage_messages",
        "pages_manage_metadata",
        "pages_read_engagement",
    ),
}
READS_COMMENTS = ("instagram_basic", "instagram_manage_comments")
"""Those without which, with Facebook's login, a comment reads as one that is not there."""

_COMMON = ("comments", "messages", "message_edit", "messaging_postbacks", "standby")
FIELDS = {Login.INSTAGRAM: _COMMON, Login.FACEBOOK: (*_COMMON, "mentions")}
_OF_A_PAGE = ("feed",)


def subscription(options: dict[str, Any], public_url: str) -> Subscription:
    """An Instagram account has no choice of fields: it is told of all that the app wants. With
    Facebook's login it is the Page that must be subscribed, to any field that a Page has."""
    by_page = options["login"] is Login.FACEBOOK
    return Subscription(
        object="instagram",
        node=sender(options),
        app_id=options["app_id"],
        fields=FIELDS[options["login"]],
        public_url=public_url,
        chooses=False,
        account_fields=_OF_A_PAGE if by_page else None,
    )


def sender(options: dict[str, Any]) -> str:
    """The node that messages are sent from and read back by."""
    by_page = options["login"] is Login.FACEBOOK
    return str(options["page_id"] if by_page else options["instagram_id"])
