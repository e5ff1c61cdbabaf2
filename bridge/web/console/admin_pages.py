"""Who may come in: the admins, the links for new ones, and the own password."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import NotFound

from bridge.ledger import admins, attempts, invitations
from bridge.web.console import cookies, passwords
from bridge.web.console.frame import Frame
from bridge.web.console.sign_in import FREE_BY_NAME, enter


def pages(frame: Frame) -> None:
    bridge = frame.bridge
    settings = bridge.settings

    @frame.get("/admins")
    def admins_() -> Response:
        with bridge.ledger.reading() as tx:
            everyone, open_sessions = admins.everyone(tx), admins.sessions(tx)
        return frame.page(
            "admins.html",
            title="Admins",
            everyone=everyone,
            sessions=open_sessions,
            provider=settings.oidc.name,
            allowed=sorted(settings.oidc.allowed),
        )

    @frame.post("/admins/link")
    def make_link() -> Response:
        whom = passwords.tidy_name(request.form.get("whom", ""))
        token = cookies.new_token()
        with bridge.ledger.writing() as tx:
            known = admins.named(tx, whom) if whom else None
            if whom and (known is None or known.ended_at is not None):
                raise NotFound("There is no such admin, or no longer.")
            made = invitations.make(tx, token, made_by=frame.admin.name, whom=whom)
            frame.deed(tx, "made a link", whom)
        base = settings.public_url or request.host_url.rstrip("/")
        return frame.page(
            "link.html",
            title="A link for one person",
            link=f"{base}/console/welcome/{token}",
            made=made,
        )

    @frame.post("/admins/<name>/end")
    def end_admin(name: str) -> Response:
        if name == frame.admin.name:
            frame.say("Nobody ends themselves: ask another admin.", "bad")
            return frame.to("admins_")
        with bridge.ledger.writing() as tx:
            if not admins.end(tx, name):
                raise NotFound("There is no such admin, or no longer.")
            frame.deed(tx, "ended an admin", name)
        frame.say(f"{name} may no longer sign in, and is signed out everywhere.")
        return frame.to("admins_")

    @frame.post("/admins/<name>/restore")
    def restore_admin(name: str) -> Response:
        with bridge.ledger.writing() as tx:
            if not admins.restore(tx, name):
                raise NotFound("Nobody of that name was ended.")
            frame.deed(tx, "restored an admin", name)
        frame.say(f"{name} may sign in again.")
        return frame.to("admins_")

    @frame.get("/me")
    def me() -> Response:
        return frame.page("me.html", title=frame.admin.name, says="")

    @frame.post("/me/password")
    def change_password() -> Response:
        """Who has found an open console must not be able to keep it: the old one is asked for."""
        admin = frame.admin
        limit = attempts.limit("name", admin.name, FREE_BY_NAME)
        with bridge.ledger.writing() as tx:
            until = attempts.begin(tx, limit)
        if until is not None:
            says = f"That was tried too often. Try again at {until:%H:%M:%S} UTC."
            return frame.page("me.html", title=admin.name, says=says, status=429)
        password = request.form.get("password", "")
        if not passwords.fits(admin.password, request.form.get("old", "")):
            with bridge.ledger.writing() as tx:
                frame.deed(tx, "password not changed", detail="the old one did not fit")
            says = "That is not your password."
            return frame.page("me.html", title=admin.name, says=says, status=422)
        says = passwords.why_no_password(admin.name, password, request.form.get("again", ""))
        if says:
            return frame.page("me.html", title=admin.name, says=says, status=422)
        sealed = passwords.seal(password)
        with bridge.ledger.writing() as tx:
            attempts.succeeded(tx, limit)
            admins.set_password(tx, admin.name, sealed)
            frame.deed(tx, "password changed")
        frame.say("Your password is changed. Every other sign-in of yours has ended.")
        return enter(frame, admin, "new password", "/console/me")
