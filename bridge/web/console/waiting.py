"""What waits for a person: looked at, taken up again, or dismissed."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Response, request, url_for
from werkzeug.exceptions import Conflict, NotFound

from bridge.flow import queues
from bridge.ledger import asides, browsing, deliveries, replies, steps
from bridge.ledger.store import Tx
from bridge.model import Outcome
from bridge.web.console import numbers_in
from bridge.web.console.frame import Frame

A_PAGE = 50
LONGEST_SHOWN = 64 * 1024
"""Bytes of a body: it may be megabytes, and nobody reads those."""


def pages(frame: Frame) -> None:
    ledger = frame.bridge.ledger

    def who() -> str:
        return f"{frame.admin.name} asked for it in the console"

    def settle(change: Callable[[Tx], bool], what: str, about: str, says: str) -> Response:
        """Do it, put down who did, and say so."""
        try:
            with ledger.writing() as tx:
                if not change(tx):
                    raise NotFound("That does not wait any more: somebody was faster.")
                frame.deed(tx, what, about)
        except queues.UnderWay as busy:
            raise Conflict(f"{busy.because}. Look again in a moment.") from busy
        except queues.Changed as since:
            raise Conflict(f"{since.because}.") from since
        frame.say(says)
        return frame.to("waiting")

    @frame.get("/waiting")
    def waiting() -> Response:
        before = numbers_in.optional_row("before")
        with ledger.reading() as tx:
            parcels = asides.parcels(tx, A_PAGE + 1, before)
            counts = asides.counts(tx)
            stopped = steps.set_aside(tx, A_PAGE)
            undelivered = asides.stuck(tx, replies.UNDELIVERED, A_PAGE)
            held = asides.stuck(tx, (Outcome.HELD,), A_PAGE)
        further = None
        if len(parcels) > A_PAGE:
            further = url_for("console.waiting", before=parcels[A_PAGE - 1].id)
        return frame.page(
            "waiting.html",
            title="Waiting for a person",
            parcels=parcels[:A_PAGE],
            steps=[(each, asides.conversation_of(each.lane)) for each in stopped],
            undelivered=undelivered,
            held=held,
            counts=counts,
            further=further,
            most=A_PAGE,
        )

    # -------------------------------------------------------------- deliveries

    @frame.get("/deliveries/<int:number>")
    def delivery(number: int) -> Response:
        with ledger.reading() as tx:
            found = deliveries.one(tx, numbers_in.row(number))
            conversations = browsing.brought_by(tx, number)
        if found is None:
            raise NotFound("There is no such delivery.")
        body, cut, is_json = _readable(found.body)
        return frame.page(
            "delivery.html",
            title=f"Delivery {found.id}",
            found=found,
            body=body,
            cut=cut,
            is_json=is_json,
            size=len(found.body),
            conversations=conversations,
            is_waiting=found.state == deliveries.SET_ASIDE,
        )

    @frame.post("/deliveries/<int:number>/retry")
    def delivery_retry(number: int) -> Response:
        return settle(
            lambda tx: queues.take_up(tx, numbers_in.row(number), who()),
            "took a delivery up again",
            str(number),
            f"Delivery {number} is looked at once more.",
        )

    @frame.post("/deliveries/<int:number>/dismiss")
    def delivery_dismiss(number: int) -> Response:
        return settle(
            lambda tx: queues.dismiss(tx, numbers_in.row(number), who()),
            "dismissed a delivery",
            str(number),
            f"Delivery {number} is dismissed.",
        )

    # -------------------------------------------------------------- steps

    @frame.get("/waiting/steps/<int:number>")
    def stopped_step(number: int) -> Response:
        with ledger.reading() as tx:
            found = asides.step(tx, numbers_in.row(number))
        if found is None:
            raise NotFound("There is no such step.")
        return frame.page(
            "step.html",
            title=f"Step {found.id}",
            found=found,
            conversation=asides.conversation_of(found.lane),
            is_waiting=found.state == steps.SET_ASIDE,
        )

    @frame.post("/waiting/steps/<int:number>/retry")
    def step_retry(number: int) -> Response:
        return settle(
            lambda tx: queues.take_up_step(tx, numbers_in.row(number), who()),
            "took a step up again",
            str(number),
            f"Step {number} is done after all.",
        )

    @frame.post("/waiting/steps/<int:number>/dismiss")
    def step_dismiss(number: int) -> Response:
        return settle(
            lambda tx: queues.dismiss_step(tx, numbers_in.row(number), who()),
            "dismissed a step",
            str(number),
            f"Step {number} is dismissed.",
        )

    # -------------------------------------------------------------- replies

    @frame.post("/waiting/replies/<int:number>/retry")
    def reply_retry(number: int) -> Response:
        return settle(
            lambda tx: queues.retry(tx, numbers_in.row(number), who(), _seen()),
            "tried a reply again",
            f"r{number}",
            f"Reply r{number} is tried again.",
        )

    @frame.post("/waiting/replies/<int:number>/look")
    def reply_look(number: int) -> Response:
        return settle(
            lambda tx: queues.look_again(
                tx, numbers_in.row(number), who(), frame.admin.name, _seen()
            ),
            "looked at a held reply again",
            f"r{number}",
            f"The guard looks at reply r{number} again.",
        )

    @frame.post("/waiting/replies/<int:number>/dismiss")
    def reply_dismiss(number: int) -> Response:
        return settle(
            lambda tx: queues.withdraw(tx, numbers_in.row(number), who(), frame.admin.name),
            "withdrew a reply",
            f"r{number}",
            f"Reply r{number} is withdrawn; whether it may have arrived, its ticket says.",
        )


def _seen() -> queues.Seen:
    """What the page said of the reply, by its form."""
    attempt = request.form.get("attempt", default=0, type=int)
    return queues.Seen(request.form.get("outcome", ""), attempt)


def _readable(body: bytes) -> tuple[str, bool, bool]:
    """The body as text, whether it is cut, and whether it is JSON (then it is laid out)."""
    text = body.decode("utf-8", "replace")
    is_json = False
    try:
        if len(body) > LONGEST_SHOWN:
            raise ValueError  # laid out, a deep one may be a thousand times as long
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
        is_json = True
    except (ValueError, RecursionError):
        pass  # shown as it came
    text = text.encode("utf-8", "replace").decode()  # JSON may hold half surrogates
    return text[:LONGEST_SHOWN], len(text) > LONGEST_SHOWN, is_json
