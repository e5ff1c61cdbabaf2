"""A set-up carried out: one thing after the other, each remembered before and after its call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from bridge.errors import Again, BridgeError, Misconfigured, NobodyKnows, PersonMustAct
from bridge.helpdesks.zendesk.faults import TokenRefused
from bridge.helpdesks.zendesk.names import Directory
from bridge.helpdesks.zendesk.setup import planning, sealing
from bridge.helpdesks.zendesk.setup.calls import Calls
from bridge.helpdesks.zendesk.setup.model import (
    Did,
    Kind,
    Memory,
    Plan,
    Remembered,
    Step,
    Verdict,
    Wanted,
    Wishes,
)
from bridge.settings import Secret

ENDS_IT = (Again, NobodyKnows, TokenRefused)
"""What would be the same with the next step."""

CHANGED_MEANWHILE = "this is no longer as the plan said: run it again"


class Setup:
    """Making a set-up makes no call. `plan` may be asked at any time; `apply` and `undo` do what
    the plan that a person saw says, and no more, one at a time everywhere. Both are safe to repeat
    after an end at any instant."""

    def __init__(self, calls: Calls, directory: Directory, wishes: Wishes, memory: Memory) -> None:
        self._calls = calls
        self._directory = directory
        self._wishes = wishes
        self._memory = memory
        self._wanted = {(one.kind, one.name): one for one in planning.all_wanted(wishes)}

    def plan(self) -> Plan:
        """What `apply` would do, and what only a person can do something about."""
        return planning.plan(self._calls, self._directory, self._wishes, self._memory)

    def undoing(self) -> Plan:
        """What `undo` would do."""
        return planning.undoing(self._calls, self._wishes, self._memory)

    def apply(self, shown: Plan) -> Iterator[Did]:
        """What became of each step, as soon as it is known. After something that would be the same
        with the next step (no connection, no sign-in) it ends there."""
        yield from self._carry_out(shown, self.plan, self._do)

    def undo(self, shown: Plan) -> Iterator[Did]:
        """As `apply`, for the plan of `undoing`."""
        yield from self._carry_out(shown, self.undoing, self._take_away)

    def app_secret(self) -> Secret:
        """The sidebar app's, to be shown to an admin; empty if there is none."""
        return self._wishes.app_secret or self._memory.sealed(sealing.VARIABLES[sealing.APP])

    def _carry_out(
        self, shown: Plan, look: Callable[[], Plan], act: Callable[[Step], None]
    ) -> Iterator[Did]:
        agreed = {(step.kind, step.name, step.verdict) for step in shown.to_do}
        with self._memory.alone():
            for step in look().to_do:
                if (step.kind, step.name, step.verdict) not in agreed:
                    yield Did(step, CHANGED_MEANWHILE)
                    continue
                try:
                    act(step)
                except ENDS_IT as stop:
                    yield Did(step, stop.because)
                    return
                except BridgeError as wrong:
                    yield Did(step, wrong.because)
                else:
                    yield Did(step)

    def _do(self, step: Step) -> None:
        if step.kind is Kind.SECRET:
            webhook = self._webhook_id() if step.name == sealing.WEBHOOK else ""
            sealing.keep(self._calls, self._memory, step.name, webhook)
        elif step.verdict is Verdict.MAKE:
            self._make(self._wanted[step.kind, step.name])
        elif step.verdict is Verdict.CHANGE:
            self._change(self._wanted[step.kind, step.name])
        else:
            self._take_note(step)

    def _make(self, wanted: Wanted) -> None:
        body = wanted.body(planning.ids_of(self._wishes, self._memory))
        promised = Remembered(wanted.kind, wanted.name, "", sent=body)
        self._memory.put(promised)
        try:
            found = self._calls.make(wanted.kind, body)
        except PersonMustAct:
            self._memory.forget(wanted.kind, wanted.name)  # a refusal proves that nothing is there
            raise
        self._memory.put(replace(promised, id=found.id, seen=found.seen))

    def _change(self, wanted: Wanted) -> None:
        known = planning.known_of(self._memory)[wanted.kind, wanted.name]
        body = wanted.body(planning.ids_of(self._wishes, self._memory))
        self._memory.put(replace(known, next=body))
        try:
            self._calls.change(wanted.kind, known.id, body)
        except PersonMustAct:
            self._memory.put(replace(known, next=""))
            raise
        found = self._calls.show(wanted.kind, known.id)
        self._memory.put(replace(known, sent=body, seen=found.seen, next=""))

    def _take_note(self, step: Step) -> None:
        """Of what is there: made by an earlier run, or before us."""
        found = self._calls.show(step.kind, step.remote_id)
        known = planning.known_of(self._memory).get((step.kind, step.name))
        adopted = step.verdict is Verdict.ADOPT
        sent = known.sent if known else ""
        self._memory.put(
            Remembered(step.kind, step.name, found.id, sent, found.seen, adopted=adopted)
        )

    def _take_away(self, step: Step) -> None:
        if step.kind is Kind.SECRET:
            sealing.drop(self._memory, step.name)
            return
        if step.verdict is Verdict.REMOVE and step.remote_id:
            self._calls.remove(step.kind, step.remote_id)
        self._memory.forget(step.kind, step.name)

    def _webhook_id(self) -> str:
        known = planning.known_of(self._memory).get((Kind.WEBHOOK, "events"))
        if known is None or not known.id:
            raise Misconfigured("there is no webhook to take it from")
        return known.id
