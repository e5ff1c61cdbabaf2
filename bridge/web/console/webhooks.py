"""Webhooks: who is told of the customer history, and what became of what they were sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from bridge.crm.webhooks import keeping
from bridge.crm.webhooks.events import EVENTS
from bridge.crm.webhooks.keeping import Made
from bridge.errors import Misconfigured, Refused
from bridge.flow import lanes as names
from bridge.ledger import Tx, endpoints, lanes, sendings
from bridge.ledger.endpoints import Endpoint, Format, Stands, Wanted
from bridge.ledger.sendings import Became, Range
from bridge.web.console import numbers_in
from bridge.web.console.frame import Frame

A_PAGE = 50
MOST_HOURS = 30 * 24
TONES: dict[str, str] = {
    Stands.ON: "good",
    Stands.PAUSED: "plain",
    Stands.DISABLED: "bad",
    Became.WAITING: "warn",
    Became.DELIVERED: "good",
    Became.FAILED: "bad",
    Became.SUPERSEDED: "plain",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An endpoint as the pages show it. `held` is why nothing is sent just now, "" where it is."""

    endpoint: Endpoint
    counts: dict[str, int]
    behind: int
    held: str


def pages(frame: Frame) -> None:
    bridge = frame.bridge
    ledger = bridge.ledger

    def known(tx: Tx, number: int) -> Endpoint:
        found = endpoints.one(tx, numbers_in.row(number))
        if found is None:
            raise NotFound("There is no such endpoint, or no longer.")
        return found

    def with_secret(made: Made, title: str) -> Response:
        return frame.page("webhook_secret.html", title=title, made=made)

    @frame.get("/webhooks")
    def webhooks() -> Response:
        with ledger.reading() as tx:
            shown = [_shown(tx, each) for each in endpoints.everyone(tx)]
        return frame.page("webhooks.html", title="Webhooks", shown=shown, tones=TONES)

    def form(wrong: str = "", given: Any = None) -> Response:
        return frame.page(
            "webhook_new.html",
            title="Add an endpoint",
            has_key=bool(bridge.settings.secret_keys),
            events=EVENTS,
            wrong=wrong,
            given=given,
            status=422 if wrong else 200,
        )

    @frame.get("/webhooks/new")
    def webhook_new() -> Response:
        return form()

    @frame.post("/webhooks/new")
    def webhook_add() -> Response:
        given = request.form
        chosen = ("*",) if "all" in given else tuple(e for e in EVENTS if e in given.getlist("e"))
        shape = Format.CLOUDEVENTS if given.get("format") == "cloudevents" else Format.STANDARD
        wanted = Wanted(given.get("name", "").strip(), given.get("url", "").strip(), chosen, shape)
        try:
            made = keeping.add(
                bridge, wanted, frame.admin.name, from_start=given.get("from") == "start"
            )
        except (Refused, Misconfigured) as wrong:
            return form(wrong.because, given)
        return with_secret(made, f"{wanted.name} is added")

    @frame.get("/webhooks/<int:number>")
    def webhook(number: int) -> Response:
        state, before = numbers_in.words("state"), numbers_in.optional_row("before")
        with ledger.reading() as tx:
            shown = _shown(tx, known(tx, number))
            log = sendings.log(tx, number, A_PAGE + 1, state=state, before=before)
        further = None
        if len(log) > A_PAGE:
            more: dict[str, Any] = {"state": state} if state else {}
            here = log[A_PAGE - 1].id
            further = url_for("console.webhook", number=number, before=here, **more)
        return frame.page(
            "webhook.html",
            title=shown.endpoint.name,
            shown=shown,
            tones=TONES,
            log=log[:A_PAGE],
            state=state,
            states=[str(each) for each in Became],
            further=further,
            first=before is None,
        )

    @frame.post("/webhooks/<int:number>/pause")
    def webhook_pause(number: int) -> Response:
        because = " ".join(request.form.get("because", "").split())[:200]
        with ledger.writing() as tx:
            keeping.pause(
                bridge,
                tx,
                known(tx, number),
                frame.admin.name,
                because or "an admin paused it on the console",
            )
        frame.say("Nothing is sent to it. What changes meanwhile is not lost.", "note")
        return frame.to("webhook", number=number)

    @frame.post("/webhooks/<int:number>/resume")
    def webhook_resume(number: int) -> Response:
        with ledger.writing() as tx:
            whole = keeping.resume(bridge, tx, known(tx, number), frame.admin.name)
        if whole:
            frame.say("It goes on where it was left.")
        else:
            frame.say(
                "It goes on, but was away for so long that it misses deletions. To be whole, "
                "remove it and add it again from the start.",
                "bad",
            )
        return frame.to("webhook", number=number)

    @frame.post("/webhooks/<int:number>/test")
    def webhook_test(number: int) -> Response:
        with ledger.writing() as tx:
            keeping.test(tx, known(tx, number), frame.admin.name)
        frame.say("A test is on its way. Load this page again to see what became of it.")
        return frame.to("webhook", number=number)

    @frame.post("/webhooks/<int:number>/rotate")
    def webhook_rotate(number: int) -> Response:
        with ledger.reading() as tx:
            endpoint = known(tx, number)
        hours = request.form.get("hours", type=int)
        hours = 24 if hours is None else min(max(hours, 0), MOST_HOURS)
        try:
            made = keeping.rotate(bridge, endpoint, frame.admin.name, timedelta(hours=hours))
        except (Refused, Misconfigured) as wrong:
            frame.say(wrong.because, "bad")
            return frame.to("webhook", number=number)
        return with_secret(made, f"A new secret for {endpoint.name}")

    @frame.post("/webhooks/<int:number>/remove")
    def webhook_remove(number: int) -> Response:
        with ledger.writing() as tx:
            endpoint = known(tx, number)
            keeping.remove(bridge, tx, endpoint, frame.admin.name)
        frame.say(f"{endpoint.name} is removed, and its secret with it.")
        return frame.to("webhooks")

    @frame.post("/webhooks/<int:number>/replay")
    def webhook_replay(number: int) -> Response:
        with ledger.reading() as tx:
            endpoint = known(tx, number)
        wanted = _range()
        if wanted is None:
            frame.say("Say from where on: an instant, or the number of a change.", "bad")
            return frame.to("webhook", number=number)
        count = sum(keeping.replay(bridge, endpoint, wanted, frame.admin.name))
        frame.say(f"{count} changes are sent once more.", "good" if count else "note")
        return frame.to("webhook", number=number)


def _shown(tx: Tx, endpoint: Endpoint) -> Shown:
    lane = names.webhook(endpoint.id)
    held = lanes.failing(tx, lane)[1] if lanes.is_held(tx, lane) else ""
    counts = sendings.counts(tx, endpoint.id)
    return Shown(endpoint, counts, endpoints.behind(tx, endpoint), held)


def _range() -> Range | None:
    """What the form asks for; None where it does not say where to begin."""
    since, until = _instant("since"), _instant("until")
    first = request.form.get("first", type=int)
    last = request.form.get("last", type=int)
    for number in (first, last):
        if number is not None and not 0 < number <= numbers_in.LARGEST:
            return None
    return None if since is None and first is None else Range(since, until, first, last)


def _instant(name: str) -> datetime | None:
    """Of a field `datetime-local`, taken for UTC."""
    try:
        at = datetime.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None
    if not 1 < at.year < 9999:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
