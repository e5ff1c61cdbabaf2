"""Signing in and out, and the link by which somebody becomes an admin."""

from __future__ import annotations

from datetime import datetime

import structlog
from flask import Response, g, redirect, request
from werkzeug.exceptions import Conflict, NotFound

from bridge.ledger import admins, attempts, deeds, invitations
from bridge.ledger.admins import Admin
from bridge.ledger.attempts import Limit
from bridge.ledger.invitations import Invitation
from bridge.web.console import cookies, passwords
from bridge.web.console.caller import address_of
from bridge.web.console.doorman import safe_next
from bridge.web.console.frame import Frame
from bridge.web.console.shown import span

log = structlog.get_logger()

FREE_BY_NAME, FREE_BY_ADDRESS, FREE_LINKS = 5, 20, 10
WRONG = "That name and password do not fit together."


def pages(frame: Frame) -> None:
    bridge = frame.bridge
    settings = bridge.settings

    def form(status: int = 200, says: str = "", name: str = "") -> Response:
        with bridge.ledger.reading() as tx:
            anyone = admins.anyone(tx)
        return frame.page(
            "sign_in.html",
            title="Sign in" if anyone else "Nobody can sign in yet",
            status=status,
            says=says,
            name=name,
            anyone=anyone,
            next=safe_next(request.values.get("next", "")),
            provider=settings.oidc.name,
        )

    @frame.get("/sign-in", public=True)
    def sign_in() -> Response:
        if g.admin is not None:
            return frame.to("overview")
        return form()

    @frame.post("/sign-in", public=True)
    def sign_in_now() -> Response:
        name = passwords.tidy_name(request.form.get("name", ""))
        limits = (
            attempts.limit("name", name, FREE_BY_NAME),
            attempts.limit("address", address_of(request, settings), FREE_BY_ADDRESS),
        )
        until = _counted(frame, limits)
        if until is not None:
            return _come_back(frame, form(429, _wait(frame, until), name), until)
        with bridge.ledger.reading() as tx:
            known = admins.named(tx, name)
        kept = known.password if known and known.ended_at is None else ""
        if not passwords.fits(kept, request.form.get("password", "")):
            with bridge.ledger.writing() as tx:
                # A name that is nobody's may be a password typed into the wrong field.
                deeds.add(tx, known.name if known else "", "sign-in failed", "password")
            return form(401, WRONG, name)
        assert known is not None
        with bridge.ledger.writing() as tx:
            attempts.succeeded(tx, limits[0])
            attempts.taken_back(tx, limits[1])
        return enter(frame, known, "password", safe_next(request.form.get("next", "")))

    @frame.post("/sign-out")
    def sign_out() -> Response:
        token = cookies.token_in(settings, request, cookies.SESSION)
        with bridge.ledger.writing() as tx:
            admins.sign_out(tx, admins.digest(token))
            frame.deed(tx, "signed out")
        answer = frame.to("sign_in")
        cookies.take(settings, answer, cookies.SESSION)
        return answer

    def welcome_form(token: str, found: Invitation, says: str = "", name: str = "") -> Response:
        return frame.page(
            "welcome.html",
            title="Choose a new password" if found.whom else "Become an admin",
            status=422 if says else 200,
            token=token,
            found=found,
            says=says,
            name=found.whom or name,
        )

    def invitation(token: str) -> Invitation | Response:
        with bridge.ledger.reading() as tx:
            found = invitations.find(tx, token)
        if found is not None:
            return found
        limit = attempts.limit("link", address_of(request, settings), FREE_LINKS)
        until = _counted(frame, (limit,))
        if until is not None:
            return _come_back(frame, form(429, _wait(frame, until)), until)
        raise NotFound(
            "This link was used already, or is older than an hour. "
            "Ask for a new one, or make one with: bridge console link"
        )

    @frame.get("/welcome/<token>", public=True)
    def welcome(token: str) -> Response:
        found = invitation(token)
        return welcome_form(token, found) if isinstance(found, Invitation) else found

    @frame.post("/welcome/<token>", public=True)
    def welcome_now(token: str) -> Response:
        found = invitation(token)
        if not isinstance(found, Invitation):
            return found
        name = found.whom or passwords.tidy_name(request.form.get("name", ""))
        password = request.form.get("password", "")
        says = passwords.why_no_name(name) or passwords.why_no_password(
            name, password, request.form.get("again", "")
        )
        if says:
            return welcome_form(token, found, says, name)
        sealed = passwords.seal(password)
        with bridge.ledger.writing() as tx:
            taken = admins.named(tx, name)
            if not found.whom and taken is not None:
                return welcome_form(token, found, "That name is taken. Choose another one.", name)
            if invitations.use(tx, token) is None:
                raise NotFound("This link has just been used.")
            if found.whom and not admins.set_password(tx, name, sealed):
                raise NotFound("This admin may no longer sign in.")
            admin = admins.named(tx, name) if found.whom else admins.add(tx, name, password=sealed)
            if admin is None:
                raise Conflict("Somebody else has just taken that name. Choose another one.")
            what = "password reset" if found.whom else "became an admin"
            deeds.add(tx, name, what, "link", f"made by {found.made_by}")
        return enter(frame, admin, "link", "/console/")


def enter(frame: Frame, admin: Admin, how: str, path: str) -> Response:
    """A new session, with a token that nobody had before; on to the page that was asked for."""
    token = cookies.new_token()
    settings = frame.bridge.settings
    before = cookies.token_in(settings, request, cookies.SESSION)
    with frame.bridge.ledger.writing() as tx:
        if before:
            admins.sign_out(tx, admins.digest(before))
        admins.sign_in(tx, admin.id, admins.digest(token))
        deeds.add(tx, admin.name, "signed in", how)
    log.info("an admin signed in", admin=admin.name, how=how)
    answer = redirect(path, 303)
    assert isinstance(answer, Response)
    cookies.give(settings, answer, cookies.SESSION, token)
    cookies.take(settings, answer, cookies.VISIT)
    return answer


def _counted(frame: Frame, limits: tuple[Limit, ...]) -> datetime | None:
    with frame.bridge.ledger.writing() as tx:
        return attempts.begin(tx, *limits)


def _wait(frame: Frame, until: datetime) -> str:
    left = span(until - frame.bridge.clock())
    return f"That was tried too often. Try again at {until:%H:%M:%S} UTC (in {left})."


def _come_back(frame: Frame, answer: Response, until: datetime) -> Response:
    seconds = (until - frame.bridge.clock()).total_seconds()
    answer.headers["Retry-After"] = str(max(1, round(seconds)))
    return answer
