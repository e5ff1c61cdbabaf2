"""Every revision of the mapping: who published it, when and why; compared, and gone back to."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import NotFound

from bridge.flow import publishing
from bridge.flow.bridge import Bridge
from bridge.flow.foreseeing import Foreseen, foresee
from bridge.ledger import mappings
from bridge.ledger.mappings import Origin, Overtaken, Revision
from bridge.mapping.compare import compare
from bridge.web.console import mapping_draft
from bridge.web.console.frame import Frame

A_PAGE = 30


def pages(frame: Frame) -> None:
    bridge = frame.bridge

    @frame.get("/mapping/history")
    def mapping_history() -> Response:
        with bridge.ledger.reading() as tx:
            live = mappings.latest_number(tx)
            before = request.args.get("before", default=live + 1, type=int)
            found = mappings.before(tx, before, A_PAGE + 1)
        return frame.page(
            "mapping_history.html",
            title="History of the mapping",
            found=found[:A_PAGE],
            live=live,
            older=found[A_PAGE - 1].number if len(found) > A_PAGE else None,
            named=mappings.named,
        )

    @frame.get("/mapping/compare")
    def mapping_compare() -> Response:
        """Two revisions, whichever they are."""
        first = _one(bridge, request.args.get("from", default=0, type=int))
        second = _one(bridge, request.args.get("to", default=0, type=int))
        with bridge.ledger.reading() as tx:
            live = mappings.latest_number(tx)
        differences = compare(publishing.files_of(first), publishing.files_of(second))
        return frame.page(
            "mapping_compare.html",
            title=f"From revision {first.number} to {second.number}",
            first=first,
            second=second,
            live=live,
            differences=differences,
            named=mappings.named,
        )

    @frame.get("/mapping/revisions/<int:number>")
    def mapping_revision(number: int) -> Response:
        revision = _one(bridge, number)
        with bridge.ledger.reading() as tx:
            live = mappings.latest(tx)
            before = mappings.before(tx, number, 1)
        assert live is not None
        checked = mapping_draft.checked(bridge, publishing.files_of(revision))
        foreseen: Foreseen | None = None
        if checked.mapping is not None and number != live.number:
            here = mapping_draft.checked(bridge, publishing.files_of(live)).mapping
            foreseen = foresee(bridge.ledger, checked.mapping, here or bridge.mapping)
        return frame.page(
            "mapping_revision.html",
            title=f"Revision {number}",
            revision=revision,
            live=live,
            before=before[0] if before else None,
            files=publishing.files_of(revision),
            differences=compare(publishing.files_of(live), publishing.files_of(revision)),
            checked=checked,
            foreseen=foreseen,
            named=mappings.named,
        )

    @frame.post("/mapping/revisions/<int:number>/back")
    def mapping_back(number: int) -> Response:
        """What it said is published as a new revision."""
        revision = _one(bridge, number)
        checked = mapping_draft.checked(bridge, publishing.files_of(revision))
        if checked.mapping is None:
            frame.say(f"Revision {number} cannot be used any more: see its mistakes.", "bad")
            return frame.to("mapping_revision", number=number)
        why = request.form.get("comment", "").strip()[:300]
        comment = f"back to revision {number}" + (f": {why}" if why else "")
        try:
            with bridge.ledger.writing() as tx:
                done = publishing.put(
                    tx,
                    checked.mapping,
                    author=frame.admin.name,
                    comment=comment,
                    base=request.form.get("seen", default=0, type=int),
                    origin=Origin.CONSOLE,
                )
                frame.deed(tx, "rolled the mapping back", about=str(done.number), detail=comment)
        except Overtaken as since:
            frame.say(f"Nothing was changed: {since.because}. Look again.", "bad")
            return frame.to("mapping_revision", number=number)
        frame.say(f"Revision {done.number} is live: it says what {number} said.")
        return frame.to("mapping")


def _one(bridge: Bridge, number: int) -> Revision:
    with bridge.ledger.reading() as tx:
        found = mappings.one(tx, number)
    if found is None:
        raise NotFound(f"There is no revision {number} of the mapping.")
    return found
