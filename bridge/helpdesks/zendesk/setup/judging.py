"""What is to become of one thing: what is wanted, what is there, what is remembered, compared."""

from __future__ import annotations

from bridge.errors import Misconfigured
from bridge.helpdesks.zendesk.setup.model import (
    Found,
    Ids,
    Kind,
    Remembered,
    Step,
    Verdict,
    Wanted,
)
from bridge.helpdesks.zendesk.setup.shelves import SHELVES


def judge(wanted: Wanted, there: tuple[Found, ...], known: Remembered | None, ids: Ids) -> Step:
    """What a set-up would do about it. `known` None: no run has had to do with it."""
    if known and known.id:
        found = next((each for each in there if each.id == known.id), None)
        if found:
            return _still_there(wanted, found, known, ids)
        if known.adopted:
            known = None
    found = ours(wanted, there)
    if known and found and found.mark == wanted.mark:
        return _step(wanted, Verdict.RECORD, "made by a run that was cut short", found)
    if known and not found:
        says = "is gone from Zendesk" if known.id else "an earlier run did not come to make it"
        return _step(wanted, Verdict.MAKE, says)
    if found and found.wrong:
        return _step(wanted, Verdict.IN_THE_WAY, f"{_named(wanted, found)}: {found.wrong}", found)
    if found:
        says = f"{_named(wanted, found)} is there already; it is used, and stays at an undo"
        return _step(wanted, Verdict.ADOPT, says, found)
    return _new(wanted, there)


def ours(wanted: Wanted, there: tuple[Found, ...]) -> Found | None:
    """By our mark in its description, else by what Zendesk tells it apart by."""
    for each in there:
        if each.mark == wanted.mark:
            return each
    fitting = [each for each in there if wanted.key and each.key == wanted.key]
    return next((each for each in fitting if not each.wrong), fitting[0] if fitting else None)


def judge_removal(known: Remembered, there: tuple[Found, ...], wanted: Wanted | None) -> Step:
    """What an undo would do about it."""
    title = wanted.title if wanted else known.name

    def step(verdict: Verdict, says: str, remote_id: str = "") -> Step:
        return Step(known.kind, known.name, title, verdict, says, remote_id)

    if known.adopted:
        return step(Verdict.LET_GO, "was there before; it stays, and is used no longer")
    if not known.id:
        found = ours(wanted, there) if wanted else None
        if wanted is None or found is None or found.mark != wanted.mark:
            return step(Verdict.REMOVE, "was never made")
        return step(Verdict.REMOVE, "made by a run that was cut short", found.id)
    found = next((each for each in there if each.id == known.id), None)
    if found is None:
        return step(Verdict.REMOVE, "is gone from Zendesk already")
    if found.seen != known.seen:
        says = "somebody changed it since it was made; remove it by hand if nobody needs it"
        if known.next:
            says = (
                "it was changed since it was made, by a run that was cut short or by somebody: "
                "set up once more, then undo, or remove it by hand"
            )
        return step(Verdict.LEAVE, says, found.id)
    says = "made here, and unchanged"
    if known.kind is Kind.TICKET_FIELD:
        says += "; what stands in it goes with it, on every ticket"
    if known.kind is Kind.USER_FIELD:
        says += "; what stands in it goes with it, on every user"
    return step(Verdict.REMOVE, says, found.id)


def _still_there(wanted: Wanted, found: Found, known: Remembered, ids: Ids) -> Step:
    if known.adopted:
        return _step(wanted, Verdict.KEEP, "was there before us", found)
    if found.seen != known.seen:
        if known.next:
            return _step(wanted, Verdict.CHANGE, "an earlier change was cut short", found)
        return _step(wanted, Verdict.KEEP, "somebody changed it since; it stays so", found)
    try:
        sent = wanted.body(ids)
    except Misconfigured as missing:
        return _step(wanted, Verdict.KEEP, missing.because, found)
    if sent != known.sent:
        return _step(wanted, Verdict.CHANGE, "is to be otherwise by now", found)
    return _step(wanted, Verdict.KEEP, "is as it was made", found)


def _new(wanted: Wanted, there: tuple[Found, ...]) -> Step:
    shelf = SHELVES[wanted.kind]
    same = next((each for each in there if each.title.strip() == wanted.title), None)
    if shelf.by_title and same:
        do = "rename it"
        if wanted.kind is Kind.TICKET_FIELD:
            do += f", or write {wanted.name}: {same.id} under helpdesk: fields: in the mapping"
        says = f"{_named(wanted, same)} has this title and is not ours: {do}"
        return _step(wanted, Verdict.IN_THE_WAY, says, same)
    return _step(wanted, Verdict.MAKE, "is not there yet")


def _named(wanted: Wanted, found: Found) -> str:
    return f"{SHELVES[wanted.kind].called} {found.id}"


def _step(wanted: Wanted, verdict: Verdict, says: str, found: Found | None = None) -> Step:
    remote_id = found.id if found else ""
    return Step(wanted.kind, wanted.name, wanted.title, verdict, says, remote_id)
