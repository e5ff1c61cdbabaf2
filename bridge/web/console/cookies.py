"""The console's cookies. Where we are reached by https they carry the prefix that keeps other
hosts of the same domain from setting them.

https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
"""

from __future__ import annotations

import re
import secrets

from flask import Request, Response

from bridge.settings import Settings

SESSION = "bridge_console"
VISIT = "bridge_visit"
SAID = "bridge_said"
PROVIDER = "bridge_provider"


def new_token() -> str:
    """256 random bits, 43 signs."""
    return secrets.token_urlsafe(32)


def name_of(settings: Settings, name: str) -> str:
    return f"__Host-{name}" if is_https(settings) else name


def is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https:")


def token_in(settings: Settings, request: Request, name: str) -> str:
    """A token of ours as the browser brings it, "" for none or for something else."""
    found = request.cookies.get(name_of(settings, name), "")
    return found if re.fullmatch(r"[A-Za-z0-9_-]{43}", found) else ""


def give(settings: Settings, answer: Response, name: str, value: str) -> None:
    """Until the browser is closed. Lax: who comes back from the OpenID provider is recognised."""
    answer.set_cookie(
        name_of(settings, name),
        value,
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="Lax",
    )


def take(settings: Settings, answer: Response, name: str) -> None:
    answer.delete_cookie(
        name_of(settings, name),
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="Lax",
    )
