"""The plan of a set-up and of an undo: everything is read, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bridge.errors import BridgeError, Misconfigured
from bridge.helpdesks.zendesk.names import Directory
from bridge.helpdesks.zendesk.setup import (
    macros,
    mail,
    sealing,
    ticket_fields,
    user_fields,
    views,
    webhook,
)
from bridge.helpdesks.zendesk.setup.calls import Calls
from bridge.helpdesks.zendesk.setup.judging import judge, judge_removal
from bridge.helpdesks.zendesk.setup.model import (
    DOES_SOMETHING,
    Found,
    Ids,
    Kind,
    Memory,
    Plan,
    Remembered,
    Step,
    Verdict,
    Wanted,
    Wishes,
)
from bridge.model import Finding, Urgency

Known = dict[tuple[Kind, str], Remembered]
BACKWARDS = (
    Kind.MACRO,
    Kind.VIEW,
    Kind.SECRET,
    Kind.WEBHOOK,
    Kind.USER_FIELD,
    Kind.TICKET_FIELD,
)
"""What refers to others goes before them."""
NO_ADDRESS = (
    "BRIDGE_PUBLIC_URL is not set: answers are found through the export. For a webhook, set it to "
    "the https address under which Zendesk reaches the bridge, and run this again"
)


def all_wanted(wishes: Wishes) -> tuple[Wanted, ...]:
    """In the order in which they are made."""
    parts = (ticket_fields, user_fields, webhook, views, macros)
    return tuple(one for part in parts for one in part.wanted(wishes))


def plan(calls: Calls, directory: Directory, wishes: Wishes, memory: Memory) -> Plan:
    """Raises `NeedsSignIn` and the `Again` kinds only where nothing at all can be read."""
    known = known_of(memory)
    ids = ids_of(wishes, memory)
    wanted = all_wanted(wishes)
    steps: list[Step] = []
    for kind in Kind:
        if kind is Kind.SECRET:
            hook = next(step for step in steps if step.kind is Kind.WEBHOOK)
            steps.extend(sealing.steps(calls, wishes, memory, hook))
            continue
        steps.extend(_of_kind(calls, kind, wanted, known, wishes, ids))
    findings = (*_groups(directory, wishes), *mail.advice(calls), *_left_over(wanted, known))
    return Plan(tuple(steps), findings)


def undoing(calls: Calls, wishes: Wishes, memory: Memory) -> Plan:
    """Everything that is remembered, the last made first."""
    wanted = {(one.kind, one.name): one for one in all_wanted(wishes)}
    known = known_of(memory)
    steps: list[Step] = []
    for kind in BACKWARDS:
        rows = [row for row in known.values() if row.kind is kind]
        if not rows:
            continue
        if kind is Kind.SECRET:
            steps.extend(sealing.removal(row) for row in rows)
            continue
        try:
            there = calls.everything(kind)
        except BridgeError as error:
            steps.extend(
                Step(kind, row.name, row.name, Verdict.IN_THE_WAY, error.because, row.id)
                for row in rows
            )
            continue
        steps.extend(judge_removal(row, there, wanted.get((kind, row.name))) for row in rows)
    return Plan(tuple(steps))


def known_of(memory: Memory) -> Known:
    return {(thing.kind, thing.name): thing for thing in memory.everything()}


def ids_of(wishes: Wishes, memory: Memory) -> Ids:
    """Of the ticket fields: the mapping's own word goes first."""
    made = {
        thing.name: thing.id
        for thing in memory.everything()
        if thing.kind is Kind.TICKET_FIELD and thing.id
    }
    return tuple(sorted((made | dict(wishes.fields)).items()))


def _of_kind(
    calls: Calls,
    kind: Kind,
    wanted: tuple[Wanted, ...],
    known: Known,
    wishes: Wishes,
    ids: Ids,
) -> Iterator[Step]:
    mine = [one for one in wanted if one.kind is kind]
    if kind is Kind.WEBHOOK and not wishes.public_url:
        yield from (Step(kind, one.name, one.title, Verdict.LEAVE, NO_ADDRESS) for one in mine)
        return
    try:
        there = calls.everything(kind)
    except BridgeError as error:
        for one in mine:
            yield Step(kind, one.name, one.title, Verdict.IN_THE_WAY, error.because)
        return
    for one in mine:
        row = known.get((kind, one.name))
        if kind is Kind.TICKET_FIELD:
            named = dict(wishes.fields).get(one.name)
            if named and (row is None or row.id != named):
                yield _named_by_mapping(one, named, there)
                continue
        step = judge(one, there, row, ids)
        if kind is Kind.WEBHOOK:
            step = _unless_it_cannot_work(step, wishes)
        yield step


def _named_by_mapping(wanted: Wanted, named: str, there: tuple[Found, ...]) -> Step:
    if any(each.id == named for each in there):
        says = f"the mapping names ticket field {named}"
        return Step(wanted.kind, wanted.name, wanted.title, Verdict.KEEP, says, named)
    says = f"the mapping names ticket field {named}, which is not there: take it out of the mapping"
    return Step(wanted.kind, wanted.name, wanted.title, Verdict.IN_THE_WAY, says, named)


def _unless_it_cannot_work(step: Step, wishes: Wishes) -> Step:
    """A webhook whose events nobody could believe is worse than none: Zendesk stops calling."""
    why = ""
    if step.verdict is Verdict.MAKE and wishes.webhook_secret:
        why = (
            "ZENDESK_WEBHOOK_SECRET is set and would not fit a new webhook: take it out of the "
            "environment, or make the webhook by hand"
        )
    elif step.verdict in DOES_SOMETHING and not wishes.webhook_secret and not wishes.can_seal:
        why = sealing.NO_KEY
    return replace(step, verdict=Verdict.IN_THE_WAY, says=why) if why else step


def _groups(directory: Directory, wishes: Wishes) -> Iterator[Finding]:
    wrong = 0
    for rule, group in wishes.groups:
        try:
            directory.group(group)
        except Misconfigured as unknown:
            wrong += 1
            do = "make it in Zendesk, or change the rule"
            yield Finding(f"rule {rule!r}", Urgency.PROBLEM, unknown.because, do)
        except BridgeError as error:
            do = "see docs/zendesk.md"
            yield Finding("groups", Urgency.PROBLEM, error.because, do)
            return
    if wishes.groups and not wrong:
        yield Finding("groups", Urgency.OK, "Zendesk has every group that the mapping names")


def _left_over(wanted: tuple[Wanted, ...], known: Known) -> Iterator[Finding]:
    """What was made for something that is no more: a view of a network without an account."""
    names = {(one.kind, one.name) for one in wanted}
    for (kind, name), row in known.items():
        if kind is not Kind.SECRET and (kind, name) not in names:
            says = f"{kind.replace('_', ' ')} {row.id} ({name}) was made and is not needed any more"
            do = "remove it by hand, or leave it: --undo removes it with the rest"
            yield Finding("left over", Urgency.ADVICE, says, do)
