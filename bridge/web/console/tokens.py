"""Tokens for the history API: made, shown once, and revoked."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import NotFound

from bridge.crm import tokens
from bridge.ledger import api_tokens
from bridge.ledger.api_tokens import Scope
from bridge.web.console.frame import Frame

SAYS: dict[Scope, str] = {
    Scope.CUSTOMERS: "Customers: who is one human being, and their name",
    Scope.IDENTITIES: "Identities: who they are on each network",
    Scope.CONVERSATIONS: "Conversations, and their tickets",
    Scope.INTERACTIONS: "Interactions: everything that was said, private messages included",
    Scope.MERGES: "Merges: by what two identities are known to be one customer",
    Scope.MERGE: "Changes the history: merges identities, and takes merges back",
}


def pages(frame: Frame) -> None:
    ledger = frame.bridge.ledger

    def listed(status: int = 200, field: str = "", says: str = "") -> Response:
        with ledger.reading() as tx:
            every = api_tokens.everything(tx)
        chosen = frozenset(request.form.getlist("scope"))
        return frame.page(
            "tokens.html",
            title="Tokens",
            status=status,
            every=every,
            scopes=SAYS,
            chosen=chosen if field else frozenset(Scope) - {Scope.MERGE},
            given=request.form if field else {},
            field=field,
            says=says,
        )

    @frame.get("/tokens")
    def tokens_() -> Response:
        return listed()

    @frame.post("/tokens")
    def make_token() -> Response:
        try:
            scopes = frozenset(Scope(each) for each in request.form.getlist("scope"))
        except ValueError:
            return listed(422, "scopes", "There is no such scope.")
        days = request.form.get("days", "").strip()
        if days and not (days.isascii() and days.isdecimal() and len(days) <= 9):
            return listed(422, "days", "A number of days, or nothing.")
        try:
            with ledger.writing() as tx:
                made = tokens.make(
                    tx,
                    name=request.form.get("name", ""),
                    scopes=scopes,
                    days=int(days) if days else None,
                    by=frame.admin.name,
                )
        except tokens.NoToken as wrong:
            return listed(422, wrong.field, f"{wrong.because[:1].upper()}{wrong.because[1:]}.")
        return frame.page("tokens_made.html", title="A new token", made=made)

    @frame.post("/tokens/<int:number>/revoke")
    def revoke_token(number: int) -> Response:
        with ledger.writing() as tx:
            token = tokens.revoke(tx, number, frame.admin.name)
        if token is None:
            raise NotFound("There is no such token, or it is revoked already.")
        frame.say(f"{token.name} is revoked: its next request is refused.")
        return frame.to("tokens_")
