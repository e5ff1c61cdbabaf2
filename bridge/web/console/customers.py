"""Customers: who is one human being on which networks, by what proof, and how that is undone."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import NotFound

from bridge.crm.people import CannotMerge, undo
from bridge.ledger import audit, customers, knowing
from bridge.web.console import numbers_in
from bridge.web.console.conversations import ticket_url
from bridge.web.console.frame import Frame

MOST_FOUND = 50
LONGEST_REASON = 300
PROOFS = {
    "same_id": "the same id",
    "confirmed_link": "a checked link",
    "agent": "an agent's word",
    "crm": "a CRM's word",
}


def pages(frame: Frame) -> None:
    ledger = frame.bridge.ledger

    @frame.get("/customers")
    def known() -> Response:
        text = numbers_in.words("q")
        with ledger.reading() as tx:
            found = knowing.find(tx, text, MOST_FOUND + 1)
        return frame.page(
            "customers.html",
            title="Customers",
            found=found[:MOST_FOUND],
            text=text,
            more=len(found) > MOST_FOUND,
            most=MOST_FOUND,
        )

    @frame.get("/customers/<int:number>")
    def customer(number: int) -> Response:
        with ledger.reading() as tx:
            whole = knowing.whole(tx, numbers_in.row(number))
            home = customers.customer_of(tx, number)
            facts = knowing.facts_of(tx, whole.customer) if whole else {}
        if whole is None and home != number:
            return frame.to("customer", number=home)
        if whole is None:
            raise NotFound("There is no such customer. If there was one, it was erased.")
        return frame.page(
            "customer.html",
            title=f"Customer {number}",
            whole=whole,
            facts=facts,
            proofs=PROOFS,
            most=knowing.MOST,
            longest=LONGEST_REASON,
            ticket_url=lambda ticket_id: ticket_url(frame.bridge, ticket_id),
        )

    @frame.post("/customers/merges/<int:number>/undo")
    def undo_merge(number: int) -> Response:
        because = " ".join(request.form.get("because", "").split())[:LONGEST_REASON]
        home = request.form.get("customer", type=int) or 0
        if not because:
            frame.say("Nothing was undone: say why.", "bad")
            return frame.to("customer", number=numbers_in.row(home))
        try:
            with ledger.writing() as tx:
                undone = undo(tx, numbers_in.row(number), by=frame.admin.name, because=because)
                if undone:
                    frame.deed(tx, "undid a merge", f"merge_{number}")
                    audit.add(tx, f"merge_{number} undone by {frame.admin.name}", because)
        except CannotMerge as wrong:
            raise NotFound("There is no such merge. If there was one, it was erased.") from wrong
        frame.say(
            f"Merge {number} is undone." if undone else f"Merge {number} was undone before.",
            "good" if undone else "note",
        )
        return frame.to("customer", number=numbers_in.row(home))
