"""CRMs that are kept up: how far each is, and which rows it did not take."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from bridge.ledger import Tx, targets
from bridge.ledger.targets import Counts, Standing, State, Target
from bridge.web.console import numbers_in
from bridge.web.console.frame import Frame

A_PAGE = 50
FAILED = targets.FAILED
TONES: dict[str, str] = {
    Standing.NEW: "plain",
    Standing.LOADING: "warn",
    Standing.FOLLOWING: "good",
    Standing.HELD: "bad",
}


@dataclass(frozen=True, slots=True)
class Shown:
    target: Target
    counts: Counts

    @property
    def written(self) -> int:
        return self.counts[State.WRITTEN] + self.counts[State.UNSEEN]

    @property
    def again(self) -> int:
        return self.counts[State.AGAIN]

    @property
    def person(self) -> int:
        return self.counts[State.PERSON]


def pages(frame: Frame) -> None:
    ledger = frame.bridge.ledger

    @frame.get("/crm")
    def crms() -> Response:
        with ledger.reading() as tx:
            shown = [_shown(tx, each) for each in targets.every(tx)]
            _, told = targets.progress(tx)
        return frame.page("crms.html", title="CRM", shown=shown, told=told, tones=TONES)

    @frame.get("/crm/<name>")
    def crm(name: str) -> Response:
        after = numbers_in.words("after")
        with ledger.reading() as tx:
            shown = _shown(tx, _known(tx, name))
            rows = targets.rows(tx, name, FAILED, most=A_PAGE + 1, after=after)
            _, told = targets.progress(tx)
        further = None
        if len(rows) > A_PAGE:
            further = url_for("console.crm", name=name, after=rows[A_PAGE - 1].object_id)
        return frame.page(
            "crm.html",
            title=name,
            shown=shown,
            told=told,
            rows=rows[:A_PAGE],
            tones=TONES,
            further=further,
            first=not after,
        )

    @frame.post("/crm/<name>/retry")
    def crm_retry(name: str) -> Response:
        """Of one row, where the form names it; else of all that failed."""
        row = request.form.get("row", "")
        with ledger.writing() as tx:
            _known(tx, name)
            failed = row in targets.known(tx, name, [row]) if row else True
            many = targets.try_again(tx, name, row or None) if failed else 0
            frame.deed(tx, "crm retry", name, row)
        if many:
            frame.say(f"{many} row{'' if many == 1 else 's'} will be tried again in a moment.")
        else:
            frame.say("There is nothing to try again.", "note")
        return frame.to("crm", name=name)


def _known(tx: Tx, name: str) -> Target:
    found = targets.one(tx, name)
    if found is None:
        raise NotFound("There is no such target, or no longer.")
    return found


def _shown(tx: Tx, target: Target) -> Shown:
    return Shown(target, targets.counts(tx, target.name))
