"""`bridge setup zendesk`: a plan, consent, a line for each thing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet
from plugins_zendesk import ZendeskSandbox

from bridge.ledger import Ledger
from bridge.opening import open_bridge
from bridge.sandbox.zendesk import Desk, preset
from bridge.settings import load

TICKET = ("setup", "zendesk")


@pytest.fixture
def desk(
    zendesk_sandbox: ZendeskSandbox, environ: dict[str, str], home: Any, store: Ledger
) -> Desk:
    """The stand-in as a new account is, reached by this installation."""
    zendesk_sandbox.desk.fields.clear()
    environ |= {
        "ZENDESK_URL": zendesk_sandbox.url,
        "ZENDESK_OAUTH_TOKEN": preset.STATIC_TOKEN,
        "BRIDGE_SECRET_KEY": Fernet.generate_key().decode(),
    }
    del environ["ZENDESK_WEBHOOK_SECRET"]
    mapping = home / "mapping.yaml"
    mapping.write_text(mapping.read_text("utf-8").replace("Billing", "Press"), "utf-8")
    return zendesk_sandbox.desk


def test_without_consent_nothing_is_changed(bridge: Any, desk: Desk) -> None:
    """Nobody is asked where nobody can answer; the plan is shown all the same."""
    said = bridge(*TICKET)
    assert said.exit_code == 1
    assert "Reply as" in said.output
    assert "nothing was changed: give --yes" in said.output
    assert bridge(*TICKET, "--dry-run").exit_code == 0
    assert (dict(desk.fields), desk.courier.all()) == ({}, ())


def test_it_is_made_ready_once(bridge: Any, desk: Desk, environ: dict[str, str]) -> None:
    """The app's secret is shown once and by its own option; the second run has nothing to do."""
    first = bridge(*TICKET, "--yes")
    assert first.exit_code == 0, first.output
    assert "make ticket field “Reply as”: done" in first.output
    (hook,) = desk.courier.all()
    assert hook.secret not in first.output
    shown = bridge(*TICKET, "--show-app-secret")
    secret = shown.stdout.splitlines()[1].strip()
    assert len(secret) > 40
    assert secret in first.output
    fields = dict(desk.fields)
    again = bridge(*TICKET, "--yes")
    assert (again.exit_code, "nothing to do" in again.output) == (0, True)
    assert secret not in again.output
    assert fields == desk.fields


def test_the_bridge_uses_what_was_made(bridge: Any, desk: Desk, environ: dict[str, str]) -> None:
    """Ids of fields behind the mapping's own, user fields, and the secrets behind the settings."""
    bridge(*TICKET, "--yes")
    opened = open_bridge(load(environ), environ)
    try:
        ids = {one.title: one.id for one in desk.fields.values()}
        fields = dict(opened.mapping.fields)
        assert fields["reply_as"] == ids["Reply as"]
        assert fields["network"] == ids["Social network"]
        assert len(fields) == 10
        zendesk = opened.settings.zendesk
        assert zendesk.webhook_secret.reveal() == desk.courier.all()[0].secret
        assert zendesk.app_secret
        said = bridge("doctor").output
        assert "an active webhook leads to https://bridge.example/helpdesk/zendesk/events" in said
        assert f"field {ids['Reply as']} is there" in said
    finally:
        opened.ledger.close()


def test_without_an_address_it_is_ready_too(
    bridge: Any, desk: Desk, environ: dict[str, str]
) -> None:
    """As the README says: no webhook is made, and nothing is wrong."""
    environ["BRIDGE_PUBLIC_URL"] = ""
    done = bridge(*TICKET, "--yes")
    assert done.exit_code == 0, done.output
    assert () == desk.courier.all()
    told = json.loads(bridge("doctor", "--json").stdout)
    (helpdesk,) = [part for part in told["examined"] if part["what"] == "helpdesk"]
    hook = {each["urgency"] for each in helpdesk["findings"] if "webhook" in each["about"]}
    assert {"advice"} == hook


def test_it_can_be_undone(bridge: Any, desk: Desk, store: Ledger) -> None:
    bridge(*TICKET, "--yes")
    only_shown = bridge(*TICKET, "--undo", "--dry-run")
    assert "what stands in it goes with it" in only_shown.output
    assert desk.fields
    undone = bridge(*TICKET, "--undo", "--yes")
    assert undone.exit_code == 0, undone.output
    assert not desk.fields
    assert not desk.rules.views
    assert desk.courier.all() == ()
    assert bridge(*TICKET, "--show-app-secret").exit_code == 2


def test_json_has_no_secret(bridge: Any, desk: Desk) -> None:
    plan = bridge(*TICKET, "--json", "--dry-run")
    told = json.loads(plan.stdout)
    assert {each["verdict"] for each in told["steps"]} == {"make"}
    assert told["to_do"] == len(told["steps"])
    done = bridge(*TICKET, "--json", "--yes")
    assert {each["became"] for each in json.loads(done.stdout)["steps"]} == {"done"}
    secret = bridge(*TICKET, "--show-app-secret").stdout.splitlines()[1].strip()
    assert secret not in done.output


def test_what_only_a_person_can_see_to(bridge: Any, desk: Desk, home: Any) -> None:
    """A group that the mapping names and Zendesk lacks, and triggers that write to customers."""
    mapping = home / "mapping.yaml"
    mapping.write_text(mapping.read_text("utf-8").replace("Press", "Pres"), "utf-8")
    said = bridge(*TICKET, "--dry-run")
    assert said.exit_code == 1
    assert "Zendesk has no group 'Pres': did you mean 'Press'?" in said.output
    assert "Notify requester and CCs of comment update" in said.output
    assert "contains none of the following, bridge" in said.output
    assert "Notify all agents" not in said.output


def test_a_sign_in_that_does_not_work(bridge: Any, desk: Desk) -> None:
    said = bridge(*TICKET, "--yes", ZENDESK_OAUTH_TOKEN="dead")
    assert said.exit_code == 1
    assert "ZENDESK_OAUTH_TOKEN" in said.output
    assert "Traceback" not in said.output


def test_settings_that_are_missing(bridge: Any, desk: Desk) -> None:
    said = bridge(*TICKET, ZENDESK_URL="")
    assert (said.exit_code, "ZENDESK_URL" in said.output) == (2, True)
