"""Ended at any instant and run again: nothing is there twice, and an undo still finds all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from stage_of_setup import KEY, WISHES

from bridge.helpdesks.zendesk import Zendesk
from bridge.helpdesks.zendesk.setup import Plan, Setup, planning
from bridge.ledger import Ledger, migrate
from bridge.ledger.secrets import Safe
from bridge.sandbox.zendesk import Desk, open_zendesk, preset
from bridge.sandbox.zendesk.limits import Limits
from bridge.setting_up import LedgerMemory
from bridge.settings import Secret

FEW = ("reply_as", "bridge_handle", "events", "network_x", "private")
"""One thing of each kind: what holds for one holds for the next of its kind."""
ONE_EACH = (1, 1, 1, 1, 1)
WRITES = ("make", "change", "remove")
KEEPS = ("put", "forget", "seal", "unseal")


class Killed(BaseException):
    """As a signal ends a process: no handler of ours sees it."""


@dataclass
class Life:
    """Ends right after so many changes, here or at the helpdesk."""

    left: int

    def watch(self, thing: Any, names: tuple[str, ...]) -> None:
        for name in names:
            setattr(thing, name, self._ending(getattr(thing, name)))

    def _ending(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*args: Any, **more: Any) -> Any:
            came_to = act(*args, **more)
            self.left -= 1
            if not self.left:
                raise Killed
            return came_to

        return acted


@dataclass
class House:
    desk: Desk
    zendesk: Zendesk
    ledger: Ledger
    public_url: str = "https://bridge.example"

    def setup(self, life: Life | None = None) -> Setup:
        memory = LedgerMemory(self.ledger, self.zendesk.address, Safe((KEY,)))
        wishes = replace(WISHES, networks=("x",), public_url=self.public_url)
        setup = self.zendesk.setup(wishes, memory)
        if life:
            life.watch(memory, KEEPS)
            life.watch(setup._calls, WRITES)
        return setup

    def count(self) -> tuple[int, ...]:
        rules = self.desk.rules
        things = (self.desk.fields, rules.user_fields, self.desk.courier.all())
        return tuple(len(each) for each in (*things, rules.views, rules.macros))

    def persist(self, beats: tuple[int, ...], act: str, look: str) -> int:
        """Run it again and again, each time ended a little later; how often it took."""
        for run, beat in enumerate(cycle(beats), 1):
            assert run < 400, "no progress"
            setup = self.setup(Life(beat))
            plan: Plan = getattr(setup, look)()
            if not plan.to_do:
                return run
            try:
                did = list(getattr(setup, act)(plan))
            except Killed:
                continue
            assert [each.wrong for each in did if each.wrong] == []
        raise AssertionError


@pytest.fixture
def house(
    clock: Any, tmp_path: Path, new_desk: Callable[..., Zendesk], monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """Without the contract checker: what is sent is checked by the other tests."""
    everything = planning.all_wanted
    monkeypatch.setattr(
        planning,
        "all_wanted",
        lambda wishes: tuple(one for one in everything(wishes) if one.name in FEW),
    )
    unlimited = Limits(account=None, webhooks=None)  # the clock stands still
    desk = Desk(clock, pace=0.0, limits=unlimited)
    desk.fields.clear()
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}", clock)
    migrate.upgrade(ledger)
    with open_zendesk(desk) as running:
        zendesk = new_desk(running.url, oauth_token=Secret(preset.STATIC_TOKEN), fields=())
        yield House(desk, zendesk, ledger)
        desk.stop()
    ledger.close()


@pytest.mark.parametrize("beats", [(2, 3), (1, 2, 3)])
def test_nothing_is_doubled(house: House, beats: tuple[int, ...]) -> None:
    """Made, changed and removed, ended after every change that there is."""
    assert house.persist(beats, "apply", "plan") > 5
    assert house.count() == ONE_EACH
    known = house.setup().plan()
    assert not known.to_do
    assert not any("somebody changed" in step.says for step in known.steps)
    house.public_url = "https://new.example"
    house.persist(beats, "apply", "plan")
    assert house.count() == ONE_EACH
    (hook,) = house.desk.courier.all()
    assert hook.endpoint.startswith("https://new.example/")
    assert house.persist(beats, "undo", "undoing") > 4
    assert house.count() == (0, 0, 0, 0, 0)
    assert house.setup().undoing().steps == ()


def test_one_that_is_ended_for_good_can_be_undone(house: House) -> None:
    """Also what was made and never recorded."""
    setup = house.setup(Life(2))
    with pytest.raises(Killed):
        list(setup.apply(setup.plan()))
    assert house.count() == (1, 0, 0, 0, 0)
    undoing = house.setup()
    list(undoing.undo(undoing.undoing()))
    assert house.count() == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("fault", ["drop_after_write", "504_after_write"])
def test_an_answer_that_is_lost_doubles_nothing(house: House, fault: str) -> None:
    """It ends there; the next run finds what was made by its mark."""
    house.desk.faults.add(fault, method="POST", path="/api/v2/views")
    setup = house.setup()
    did = list(setup.apply(setup.plan()))
    assert "not known whether it was carried out" in did[-1].wrong
    assert did[-1].step.kind == "view"
    again = house.setup()
    plan = again.plan()
    assert "record" in {step.verdict for step in plan.to_do}
    list(again.apply(plan))
    assert house.count() == ONE_EACH
