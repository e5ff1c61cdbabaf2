"""What the Graph API says when it refuses, in its own words and numbers.

- The envelope: https://developers.facebook.com/docs/graph-api/guides/error-handling/
- Messenger's codes: https://developers.facebook.com/docs/messenger-platform/error-codes
- WhatsApp's: https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes

Meta documents codes and rarely the HTTP status: 400 stands where nothing else is known. For 190 it
was seen: https://github.com/snarfed/bridgy/issues/59
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bridge.sandbox.meta.ids import TRACE


@dataclass(frozen=True, slots=True)
class Wrong:
    """One refusal. `details` is WhatsApp's `error_data.details`; `headers` go with the answer."""

    code: int
    message: str
    subcode: int | None = None
    status: int = 400
    kind: str = "OAuthException"
    transient: bool = False
    details: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.transient:
            error["is_transient"] = True
        error["code"] = self.code
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": {**error, "fbtrace_id": TRACE}}


class Refusal(Exception):
    """The Graph API says no."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(f"{wrong.code}/{wrong.subcode} {wrong.message}")
        self.wrong = wrong


CATALOGUE: dict[str, Wrong] = {
    "token_expired": Wrong(190, "Error validating access token: Session has expired.", 463),
    "token_invalidated": Wrong(
        190,
        "Error validating access token: The session has been invalidated because the user changed "
        "their password or Facebook has changed the session for security reasons.",
        460,
    ),
    "app_removed": Wrong(
        190, "Error validating access token: The user has not authorized application.", 458
    ),
    "token_unreadable": Wrong(190, "Invalid OAuth access token - Cannot parse access token"),
    "token_missing": Wrong(104, "An access token is required to request this resource."),
    "window_closed_messenger": Wrong(
        10,
        "(#10) This message is sent outside of allowed window. Learn more about the new policy "
        "here: https://developers.facebook.com/docs/messenger-platform/policy-overview",
        2018278,
    ),
    "window_closed_instagram": Wrong(
        10, "(#10) This message is sent outside of allowed window.", 2534022
    ),
    "person_unavailable": Wrong(551, "(#551) This person isn't available right now.", 1545041),
    "no_such_person": Wrong(100, "(#100) No matching user found", 2018001),
    "fb_private_reply_already_sent": Wrong(10900, "(#10900) Activity already replied to"),
    "fb_private_reply_impossible": Wrong(10903, "(#10903) This user cant reply to this activity"),
    "ig_private_reply_invalid_comment": Wrong(
        100, "(#100) The comment is invalid for a private reply", 2534025
    ),
    "other_app_owns_thread": Wrong(
        10,
        "(#10) Message failed to send because another app is controlling this thread now.",
        2018300,
    ),
    "rate_limit": Wrong(613, "(#613) Calls to this api have exceeded the rate limit."),
    "app_rate_limit": Wrong(4, "(#4) Application request limit reached", status=403),
    "page_rate_limit": Wrong(
80001, "(#80001) There have been too many calls to this Page account."
),
    "transient_2": Wrong(
        2,
        "An unexpected error has occurred. Please retry your request later.",
        status=500,
        transient=True,
    ),
    "unknown_1": Wrong(1, "An unknown error occurred", status=500),
    "ig_comment_created_then_400": Wrong(
        20, "This API call does not support the requested response format", 1772107
    ),
    "deprecated_tag": Wrong(100, "(#100) Invalid tag"),
    "policy_block": Wrong(
        368,
        "The action attempted has been deemed abusive or is otherwise disallowed",
        status=403,
    ),
    "permission": Wrong(200, "(#200) Permissions error", status=403),
    "consent": Wrong(
        230, "(#230) User consent is required to access user profile", status=403
    ),
    "whatsapp_window_closed": Wrong(
        131047,
        "(#131047) Re-engagement message",
        details="Message failed to send because more than 24 hours have passed since the customer "
        "last replied to this number.",
    ),
    "whatsapp_undeliverable": Wrong(
        131026, "(#131026) Message undeliverable", details="Message Undeliverable."
    ),
    "whatsapp_rate_limit": Wrong(
        130429, "(#130429) Rate limit hit", details="Message failed to send because there were "
        "too many messages sent from this phone number in a short period of time",
    ),
    "whatsapp_pair_rate": Wrong(
        131056,
        "(#131056) (Business Account, Consumer Account) pair rate limit hit",
        details="Message failed to send because there were too many messages sent from this phone "
        "number to the same phone number in a short period of time.",
    ),
}  # fmt: skip


def refuse(name: str, **changes: Any) -> Refusal:
    """A refusal of the catalogue, some of it changed. Raises `KeyError` for a name it has not."""
    return Refusal(replace(CATALOGUE[name], **changes))


def parameter(message: str) -> Refusal:
    """100, for something in the request that is not as it should be."""
    return Refusal(Wrong(100, f"(#100) {message}"))


def whatsapp_parameter(details: str) -> Refusal:
    """100 as WhatsApp says it: what is wrong is in the details."""
    return Refusal(Wrong(100, "(#100) Invalid parameter", details=details))


def unknown_object(method: str, node_id: str) -> Refusal:
    """100/33: gone, never there, or not for this token; the answer is the same for all three."""
    return Refusal(
        Wrong(
            100,
            f"Unsupported {method.lower()} request. Object with ID '{node_id}' does not exist, "
            "cannot be loaded due to missing permissions, or does not support this operation. "
            "Please read the Graph API documentation at "
            "https://developers.facebook.com/docs/graph-api",
            33,
            kind="GraphMethodException",
        )
    )


def no_such_field(field: str, kind: str) -> Refusal:
    """One unknown field fails the whole read."""
    return parameter(f"Tried accessing nonexisting field ({field}) on node type ({kind})")


def needs(scope: str) -> Refusal:
    return refuse("permission", message=f"(#200) Requires {scope} permission to manage the object")


def expired(at: datetime, now: datetime) -> Refusal:
    """190/463, with both times as Meta writes them (it writes Pacific time; this writes UTC)."""
    return refuse(
        "token_expired",
        message=f"Error validating access token: Session has expired on {_spelt(at)}. "
        f"The current time is {_spelt(now)}.",
    )


def _spelt(at: datetime) -> str:
    return f"{at.astimezone(UTC):%A, %d-%b-%y %H:%M:%S} UTC"
