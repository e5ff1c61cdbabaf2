"""Who may read: a bearer token (https://www.rfc-editor.org/rfc/rfc6750), good for what is asked."""

from __future__ import annotations

from flask import Response, request

from bridge.flow.bridge import Bridge
from bridge.ledger import api_tokens
from bridge.ledger.api_tokens import ApiToken, Scope
from bridge.records import Resource
from bridge.web.answers import complaint
from bridge.web.api.pace import Pace

READS: dict[Resource, Scope] = {
    Resource.CUSTOMER: Scope.CUSTOMERS,
    Resource.IDENTITY: Scope.IDENTITIES,
    Resource.CONVERSATION: Scope.CONVERSATIONS,
    Resource.INTERACTION: Scope.INTERACTIONS,
    Resource.MERGE: Scope.MERGES,
}


class Refusal(Exception):
    """The answer to whoever asks for what they may not have, or asks for nonsense."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Door:
    """One for each app."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._pace = Pace(bridge.settings.api_per_minute, bridge.clock)

    def admit(self, *needed: Scope) -> ApiToken:
        """Whoever asks, if they have all of these. Raises `Refusal` with 401, 403 or 429.

        A token that came too often is refused without a look into the ledger; any other is looked
        up each time, so that one that was revoked is refused at once.
        """
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if not given or kind.lower() != "bearer":
            raise Refusal(_who("this address needs a token: Authorization: Bearer hb_…", ""))
        key = api_tokens.digest(given.strip())
        seconds = self._pace.wait(key)
        if seconds:
            answer = complaint(429, f"too many requests: come back in {seconds} s")
            answer.headers["Retry-After"] = str(seconds)
            raise Refusal(answer)
        token = self._known(key) if key else None
        if token is None:
            error = "this token is unknown here, revoked, or past its end"
            raise Refusal(_who(error, ', error="invalid_token"'))
        self._pace.count(key)
        missing = [scope for scope in needed if scope not in token.scopes]
        if missing:
            raise lacking(*missing)
        return token

    def _known(self, key: str) -> ApiToken | None:
        ledger = self._bridge.ledger
        with ledger.reading() as tx:
            token = api_tokens.find(tx, key)
        if token is None or not token.is_good(tx.now):
            return None
        if token.used_at is None or tx.now - token.used_at >= api_tokens.USED_EVERY:
            with ledger.writing() as tx:
                api_tokens.use(tx, token.id)
        return token


def lacking(*scopes: Scope) -> Refusal:
    """403, with what the token would have to be good for."""
    names = " ".join(scopes)
    answer = complaint(403, f"this token is not good for {names}")
    answer.headers["WWW-Authenticate"] = (
        f'Bearer realm="bridge", error="insufficient_scope", scope="{names}"'
    )
    return Refusal(answer)


def _who(error: str, more: str) -> Response:
    answer = complaint(401, error)
    answer.headers["WWW-Authenticate"] = f'Bearer realm="bridge"{more}'
    return answer
