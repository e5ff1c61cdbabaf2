"""Who lives in the stand-in for X, whose keys an app holds, and how X says no.

- Errors: https://docs.x.com/x-api/fundamentals/response-codes-and-errors
- Tokens: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

PROBLEMS = "https://api.x.com/2/problems/"
BLANK = "about:blank"

SCOPES = (
    "tweet.read",
    "tweet.write",
    "users.read",
    "dm.read",
    "dm.write",
    "media.write",
    "tweet.moderate.write",
    "like.write",
    "offline.access",
)


class Refusal(Exception):
    """X says no. `more` goes into the problem as it is; `headers` go with the answer."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        title: str = "",
        kind: str = BLANK,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {detail}")
        self.status = status
        self.detail = detail
        self.title = title or TITLES.get(status, "Error")
        self.kind = kind
        self.more = more or {}

    def problem(self) -> dict[str, Any]:
        """The body of the answer, https://datatracker.ietf.org/doc/html/rfc7807."""
        return {
            **self.more,
            "title": self.title,
            "detail": self.detail,
            "type": self.kind,
            "status": self.status,
        }


TITLES = {
    400: "Invalid Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found Error",
    429: "Too Many Requests",
}


def invalid(message: str, parameters: dict[str, list[str]] | None = None) -> Refusal:
    """400: a parameter or a body that X does not take."""
    return Refusal(
        400,
        "One or more parameters to your request was invalid.",
        kind=PROBLEMS + "invalid-request",
        more={"errors": [{"parameters": parameters or {}, "message": message}]},
    )


@dataclass(frozen=True, slots=True)
class Person:
    """One account. `protected`: only followers see the posts. `receives_dms`: anybody may write.
    `chats`: their messages have moved to the encrypted XChat, which legacy readers do not see."""

    id: str
    username: str
    name: str
    created_at: datetime
    followers: int = 0
    language: str = "en"
    bio: str = ""
    location: str = ""
    website: str = ""
    protected: bool = False
    suspended: bool = False
    receives_dms: bool = True
    chats: bool = False


class Scheme(StrEnum):
    """How a call is signed in, in X's words."""

    APP = "OAuth 2.0 Application-Only"
    OAUTH1 = "OAuth 1.0a User Context"
    OAUTH2 = "OAuth 2.0 User Context"


@dataclass(frozen=True, slots=True)
class App:
    """The developer's app: what its console shows under "Keys and tokens". `owner` is the
    handle of the person it belongs to ("" is somebody who lives elsewhere)."""

    id: str = "29820954"
    consumer_key: str = "sandbox-consumer-key"
    consumer_secret: str = "sandbox-consumer-secret"  # noqa: S105 - a stand-in has no secrets
    bearer: str = "sandbox-app-bearer"
    client_id: str = "sandbox-client-id"
    client_secret: str = "sandbox-client-secret"  # noqa: S105
    owner: str = ""

    def owned_by(self, handle: str) -> App:
        return replace(self, owner=handle)


@dataclass(frozen=True, slots=True)
class Grant:
    """One token with which the app acts for a person. `secret` is for OAuth 1.0a, whose tokens
    do not end; `family` ties together all pairs that came of one authorisation."""

    token: str
    person_id: str
    scheme: Scheme
    scopes: tuple[str, ...] = SCOPES
    secret: str = ""
    family: str = ""
    ends_at: datetime | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token: good for one use."""

    token: str
    family: str
    ends_at: datetime
    used: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """What `POST /2/oauth2/token` gives."""

    access: str
    refresh: str
    scopes: tuple[str, ...]
    seconds: int
