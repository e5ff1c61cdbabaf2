"""What admins did and tried: filtered, in pages, and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Response, request, url_for

from bridge.ledger import deeds
from bridge.ledger.deeds import Deed
from bridge.ledger.store import Tx
from bridge.web.console.frame import Frame

A_PAGE = 50
MOST_ROWS = 100_000
A_PIECE = 1_000


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; `until` is the day after the last one that is meant."""

    admin: str
    what: str
    since: datetime | None
    until: datetime | None

    def found(self, tx: Tx, most: int, before: int | None) -> tuple[Deed, ...]:
        return deeds.latest(
            tx,
            most,
            before=before,
            admin=self.admin,
            what=self.what,
            since=self.since,
            until=self.until,
        )


def pages(frame: Frame) -> None:
    ledger = frame.bridge.ledger

    @frame.get("/audit")
    def audit() -> Response:
        wanted = _wanted()
        before = request.args.get("before", type=int)
        with ledger.reading() as tx:
            found = wanted.found(tx, A_PAGE + 1, before)
            kinds, doers = deeds.kinds(tx), deeds.doers(tx)
        names = ("admin", "what", "since", "until")
        asked: dict[str, Any] = {name: request.args[name] for name in names if name in request.args}
        further = None
        if len(found) > A_PAGE:
            further = url_for("console.audit", **{**asked, "before": found[A_PAGE - 1].id})
        return frame.page(
            "audit.html",
            title="Audit",
            found=found[:A_PAGE],
            kinds=kinds,
            doers=doers,
            wanted=wanted,
            asked=asked,
            further=further,
            first=before is None,
        )

    @frame.get("/audit.csv")
    def audit_file() -> Response:
        wanted = _wanted()
        with ledger.writing() as tx:
            frame.deed(tx, "took the audit as a file")
        return Response(
            _rows(frame, wanted),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
        )


def _rows(frame: Frame, wanted: Filter) -> Iterator[str]:
    """A piece at a time, each in a transaction of its own."""
    yield csv_line(("number", "at", "admin", "what", "about", "detail"))
    before: int | None = None
    for _ in range(MOST_ROWS // A_PIECE):
        with frame.bridge.ledger.reading() as tx:
            found = wanted.found(tx, A_PIECE, before)
        for each in found:
            yield csv_line(
                (str(each.id), each.at.isoformat(), each.admin, each.what, each.about, each.detail)
            )
        if len(found) < A_PIECE:
            return
        before = found[-1].id


def csv_line(cells: tuple[str, ...]) -> str:
    """A cell that a spreadsheet would take for a formula is made plain text
    (https://owasp.org/www-community/attacks/CSV_Injection)."""
    line = io.StringIO()
    plain = [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells]
    csv.writer(line).writerow(plain)
    return line.getvalue()


def _wanted() -> Filter:
    since, until = _day("since"), _day("until")
    return Filter(
        admin=request.args.get("admin", ""),
        what=request.args.get("what", ""),
        since=since,
        until=until + timedelta(days=1) if until else None,
    )


def _day(name: str) -> datetime | None:
    """A day of the form, from midnight in UTC; what is no day filters nothing."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return datetime.combine(day, time(), UTC) if day.year > 1 and day.year < 9999 else None
