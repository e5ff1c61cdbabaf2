"""Signing in at an OpenID provider, where one is set."""

from __future__ import annotations

import hmac

import structlog
from flask import Response, redirect, request
from werkzeug.exceptions import NotFound, TooManyRequests, Unauthorized

from bridge.errors import BridgeError
from bridge.ledger import Tx, admins, attempts, deeds
from bridge.ledger.admins import Admin
from bridge.ledger.attempts import Limit
from bridge.web.console import cookies
from bridge.web.console.caller import address_of
from bridge.web.console.frame import Frame
from bridge.web.console.provider import Identity, NotLetIn, Provider, is_allowed
from bridge.web.console.sign_in import enter

log = structlog.get_logger()

FREE_STARTS = FREE_ANSWERS = 20


def pages(frame: Frame) -> None:
    bridge = frame.bridge
    settings = bridge.settings

    def provider(cookie: str) -> Provider:
        if not settings.oidc.issuer:
            raise NotFound
        base = settings.public_url or request.host_url.rstrip("/")
        return Provider(settings.oidc, f"{base}/console/provider/back", cookie)

    def failed(code: str) -> None:
        with bridge.ledger.writing() as tx:
            deeds.add(tx, "", "sign-in failed", settings.oidc.name, code)

    def starts() -> Limit:
        return attempts.limit("provider", address_of(request, settings), FREE_STARTS)

    def answers() -> Limit:
        return attempts.limit("answer", address_of(request, settings), FREE_ANSWERS)

    def count(limit: Limit) -> None:
        with bridge.ledger.writing() as tx:
            until = attempts.begin(tx, limit)
        if until is not None:
            says = f"That was tried too often. Try again at {until:%H:%M:%S} UTC."
            wait = (until - bridge.clock()).total_seconds()
            raise TooManyRequests(says, retry_after=max(1, round(wait)))

    @frame.get("/provider", public=True)
    def provider_start() -> Response:
        """A link, no form: forms may lead nowhere but here (`form-action`)."""
        cookie = cookies.new_token()
        asked = provider(cookie)
        count(starts())
        answer = redirect(asked.way(), 303)
        assert isinstance(answer, Response)
        cookies.give(settings, answer, cookies.PROVIDER, cookie)
        return answer

    @frame.get("/provider/back", public=True)
    def provider_back() -> Response:
        cookie = cookies.token_in(settings, request, cookies.PROVIDER)
        asked = provider(cookie)
        count(answers())  # each may cost calls of the provider, and a line in the audit
        try:
            if not cookie or not _same(request.args.get("state", ""), asked.state):
                raise NotLetIn("wrong state", "This sign-in was not begun here. Begin it again.")
            if "error" in request.args:
                raise NotLetIn("the provider refused", "The provider did not sign you in.")
            known = asked.identity(request.args.get("code", ""), bridge.clock())
            with bridge.ledger.writing() as tx:
                attempts.succeeded(tx, starts(), answers())
                admin = _admin(frame, tx, known)
        except NotLetIn as doubt:
            log.warning("nobody was signed in", provider=settings.oidc.name, because=doubt.code)
            failed(doubt.code)
            raise Unauthorized(doubt.says) from doubt
        except BridgeError as trouble:
            failed(type(trouble).__name__)
            raise
        answer = enter(frame, admin, settings.oidc.name, "/console/")
        cookies.take(settings, answer, cookies.PROVIDER)
        return answer


def _same(brought: str, ours: str) -> bool:
    return hmac.compare_digest(brought.encode("utf-8", "replace"), ours.encode())


def _admin(frame: Frame, tx: Tx, known: Identity) -> Admin:
    """Whoever signed in as this subject before, or somebody new. Being allowed is asked for each
    time: whoever leaves the list is out at their next sign-in."""
    if not is_allowed(frame.bridge.settings.oidc, known.email):
        raise NotLetIn(
            "not allowed", "Your address is not among those that may sign in here. Ask an admin."
        )
    admin = admins.at_provider(tx, known.issuer, known.subject)
    if admin is None:
        # A name that is taken is never joined: somebody else may have chosen it.
        name = known.email[:200]
        admin = admins.add(tx, name, issuer=known.issuer, subject=known.subject)
        if admin is None:
            raise NotLetIn(
                "name taken", f"There is an admin called {name} already, who signs in otherwise."
            )
        deeds.add(tx, name, "became an admin", frame.bridge.settings.oidc.name)
    if admin.ended_at is not None:
        raise NotLetIn("ended", "You may no longer sign in here.")
    return admin
