"""Settings are checked as a whole, and documented as a whole."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.errors import Misconfigured
from bridge.model import utcnow
from bridge.settings import load

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"\b(?:BRIDGE|ZENDESK)_[A-Z_]+\b|\bPROMETHEUS_MULTIPROC_DIR\b")
ROWS = dict(
    re.findall(
        r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? *\|",
        (ROOT / "docs" / "settings.md").read_text("utf-8"),
        re.MULTILINE,
    )
)


def test_every_mistake_is_told_at_once_and_no_value():
    """A wrong key, a wrong number and a wrong address, by their names alone."""
    with pytest.raises(Misconfigured) as wrong:
        load({"BRIDGE_SECRET_KEY": "hunter2", "BRIDGE_WORKERS": "x", "ZENDESK_URL": "ftp://a"})
    for name in ("BRIDGE_SECRET_KEY", "BRIDGE_WORKERS", "ZENDESK_URL"):
        assert name in wrong.value.because
    assert "hunter2" not in wrong.value.because


def test_every_setting_that_the_code_reads_is_documented():
    """And nothing is documented that no code reads."""
    read = {
        name
        for file in (ROOT / "bridge").rglob("*.py")
        if "sandbox" not in file.parts
        for name in NAME.findall(file.read_text("utf-8"))
    }
    assert {*read, "PORT", "WEB_CONCURRENCY"} == set(ROWS)


def test_the_documented_defaults_are_the_defaults():
    """Setting each to what the documentation says changes nothing."""
    said = {name: default for name, default in ROWS.items() if default}
    assert load({}) == load(said)
    assert len(said) >= 8


@pytest.mark.parametrize("port", ["0", "99999", "x"])
def test_ports_that_are_none(port: str) -> None:
    """A port that does not exist is told at the start, not by the first call."""
    with pytest.raises(Misconfigured, match="ZENDESK_URL"):
        load({"ZENDESK_URL": f"https://acme.zendesk.com:{port}"})


OIDC = {
    "BRIDGE_OIDC_ISSUER": "https://login.example.org/",
    "BRIDGE_OIDC_CLIENT_ID": "bridge",
    "BRIDGE_OIDC_CLIENT_SECRET": "hunter2",
    "BRIDGE_OIDC_ALLOWED": "Ada@Example.org, @brand.example,",
}


def test_a_provider_is_set_whole():
    """Addresses in small letters; the secret is never shown."""
    oidc = load(OIDC).oidc
    assert ("https://login.example.org", "login.example.org") == (oidc.issuer, oidc.name)
    assert {"ada@example.org", "@brand.example"} == oidc.allowed
    assert "hunter2" not in repr(oidc)


@pytest.mark.parametrize(
    "wrong",
    [
        {"BRIDGE_OIDC_ALLOWED": ""},
        {"BRIDGE_OIDC_CLIENT_SECRET": ""},
        {"BRIDGE_OIDC_ISSUER": "http://login.example.org"},
        {"BRIDGE_OIDC_ALLOWED": "brand.example"},
        {"BRIDGE_OIDC_ALLOWED": "@"},
        {"BRIDGE_OIDC_ALLOWED": "ada@"},
        {"BRIDGE_OIDC_ALLOWED": "*@brand.example, a@b@c"},
        {"BRIDGE_PROXIES": "-1"},
    ],
)
def test_half_a_provider_or_an_open_door_is_refused(wrong):
    """Nobody is let in by a slip of the pen."""
    with pytest.raises(Misconfigured):
        load({**OIDC, **wrong})


def test_how_many_changes_of_tickets_an_account_takes() -> None:
    """What every plan takes, unless Zendesk has raised it; nothing below one can be meant."""
    assert 100 == load({}).zendesk.updates_per_minute
    raised = {"ZENDESK_UPDATES_PER_MINUTE": "300"}
    assert 300 == load(raised).zendesk.updates_per_minute
    with pytest.raises(Misconfigured, match="ZENDESK_UPDATES_PER_MINUTE must be a number from 1"):
        load({"ZENDESK_UPDATES_PER_MINUTE": "0"})


NUMBERS = sorted(
    name
    for name, default in ROWS.items()
    if default.isdecimal() and name.startswith(("BRIDGE", "ZENDESK"))
)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["1e300", "1e15", "1000000000000", "inf", "nan", "-1", "many"])
def test_a_number_that_cannot_be_meant_is_refused_with_what_can(name: str, value: str) -> None:
    """One that no calendar or computer holds would stop work for ever, long after the start."""
    default = ROWS[name]
    with pytest.raises(Misconfigured) as wrong:
        load({name: value})
    told = rf"settings: {name} must be a number from \d+ to \d+ \(left empty, it is {default}\)"
    assert re.fullmatch(told, wrong.value.because)


def test_the_greatest_numbers_can_be_reckoned_with() -> None:
    """A date so long ago is one, and a wait so long ends at one."""
    greatest = load(
        {
            "BRIDGE_RETAIN_DAYS": "36500",
            "BRIDGE_LEASE_SECONDS": "86400",
            "BRIDGE_RECONCILE_SECONDS": "86400",
        }
    )
    assert utcnow() - timedelta(days=greatest.retain_days) < utcnow()
    assert (86_400, 86_400) == (greatest.lease_seconds, greatest.reconcile_seconds)
