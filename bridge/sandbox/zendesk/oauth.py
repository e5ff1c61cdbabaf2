"""`POST /oauth/tokens`: client credentials, and refresh tokens that rotate.

https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
A refresh kills the old access token and the old refresh token at once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.model import Clock
from bridge.sandbox.zendesk.records import Refusal

SHORTEST, LONGEST, USUAL = 300, 172_800, 1800
REFRESH_FOR = timedelta(days=30)
DEAD = "The access token provided is expired, revoked, malformed or invalid for other reasons."


@dataclass(frozen=True, slots=True)
class Grant:
    """A pair of tokens; `refresh` is "" where none was given."""

    access: str
    refresh: str
    scope: str
    expires_at: datetime
    refresh_expires_at: datetime
    expires_in: int


class Tokens:
    """Who may sign in. `static` never expires, until it is revoked."""

    def __init__(self, clock: Clock, *, client_id: str, client_secret: str, static: str) -> None:
        self._clock = clock
        self.client_id = client_id
        self.client_secret = client_secret
        self._static = {static} if static else set()
        self._grants: dict[str, Grant] = {}

    def is_good(self, token: str) -> bool:
        if token in self._static:
            return True
        grant = self._grants.get(token)
        return grant is not None and grant.expires_at > self._clock()

    def grant(self, scope: str, expires_in: int | None, *, refreshable: bool) -> Grant:
        """A new pair. Raises `Refusal` (400) for a lifetime that the helpdesk does not give."""
        seconds = USUAL if expires_in is None else expires_in
        if not SHORTEST < seconds < LONGEST:
            raise Refusal(400, "invalid_request", "expires_in must be >300 and <172800 seconds")
        now = self._clock()
        made = Grant(
            access=secrets.token_hex(24),
            refresh=secrets.token_hex(24) if refreshable else "",
            scope=scope,
            expires_at=now + timedelta(seconds=seconds),
            refresh_expires_at=now + REFRESH_FOR,
            expires_in=seconds,
        )
        self._grants[made.access] = made
        return made

    def by_secret(self, client_id: str, client_secret: str) -> None:
        """Raises `Refusal` (401) unless this is the client."""
        good = (client_id, client_secret) == (self.client_id, self.client_secret)
        if not good:
            raise Refusal(401, "invalid_client", "Client authentication failed")

    def refresh(self, refresh_token: str, expires_in: int | None) -> Grant:
        """Rotate both tokens. Raises `Refusal` (400) for one that was used or has expired."""
        old = next(
            (one for one in self._grants.values() if one.refresh and one.refresh == refresh_token),
            None,
        )
        if old is None or old.refresh_expires_at <= self._clock():
            raise Refusal(400, "invalid_grant", "The provided authorization grant is invalid")
        made = self.grant(old.scope, expires_in, refreshable=True)
        del self._grants[old.access]
        return made

    def revoke_all(self) -> None:
        """Every token is dead, the static one as well; a refresh token still works."""
        self._static.clear()
        now = self._clock()
        self._grants = {
            access: Grant(
                grant.access,
                grant.refresh,
                grant.scope,
                now,
                grant.refresh_expires_at,
                grant.expires_in,
            )
            for access, grant in self._grants.items()
        }
