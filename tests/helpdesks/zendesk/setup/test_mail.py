"""Triggers that would write e-mail to customers are named; those that cannot are not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stage_of_setup import Stage

from bridge.model import Urgency
from bridge.sandbox.zendesk.rules import Thing

ALWAYS = ("update_type", "is", "Create")


def said(stage: Stage, *conditions: tuple[str, str, Any], **other: Any) -> list[str]:
    """What is said of one trigger that writes to requesters, under these conditions."""
    rules = stage.sandbox.desk.rules
    rules.triggers.clear()
    rules.automations.clear()
    every = [{"field": f, "operator": o, "value": v} for f, o, v in conditions]
    action = other.get("action", ("notification_user", ["requester_id", "Hello", "…"]))
    body = {
        "conditions": {"all": every, "any": []},
        "actions": [{"field": action[0], "value": action[1]}],
    }
    active = other.get("active", True)
    rules.triggers[7] = Thing(7, "Say hello", body_json=json.dumps(body), active=active)
    findings = [each for each in stage.setup.plan().findings if each.about == "e-mail"]
    return [f"{each.says} / {each.do}" for each in findings if each.urgency is not Urgency.OK]


@pytest.mark.parametrize(
    "conditions",
    [
        (ALWAYS,),
        (ALWAYS, ("current_tags", "not_includes", "bridge_public vip")),
        (ALWAYS, ("current_tags", "includes", "bridge")),
        (ALWAYS, ("via_id", "is", "5")),
        (ALWAYS, ("role", "is", "agent")),
    ],
)
def test_one_that_writes_is_named(stage: Stage, conditions: Any) -> None:
    """With the condition to add."""
    (told,) = said(stage, *conditions)
    assert 'the trigger "Say hello" writes to requesters' in told
    assert "contains none of the following, bridge" in told


@pytest.mark.parametrize(
    "conditions",
    [
        (ALWAYS, ("current_tags", "not_includes", "vip bridge")),
        (ALWAYS, ("current_tags", "not_includes", ["bridge"])),
        (ALWAYS, ("via_id", "is", "4")),
        (ALWAYS, ("via_id", "is_not", "5")),
        (ALWAYS, ("role", "is", "end_user")),
    ],
)
def test_one_that_cannot_fire_is_not(stage: Stage, conditions: Any) -> None:
    assert said(stage, *conditions) == []


def test_one_that_writes_to_nobody_outside_is_not(stage: Stage) -> None:
    assert said(stage, ALWAYS, action=("notification_user", ["all_agents", "x", "y"])) == []
    assert said(stage, ALWAYS, action=("notification_group", ["1", "x", "y"])) == []
    assert said(stage, ALWAYS, active=False) == []


def test_what_may_not_be_read_is_said(stage: Stage) -> None:
    """And nothing is claimed of it."""
    stage.sandbox.faults.add("403", method="GET", path="/api/v2/triggers")
    findings = [each for each in stage.setup.plan().findings if each.about == "e-mail"]
    assert ["triggers could not be read" in each.says for each in findings] == [True]
