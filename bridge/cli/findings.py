"""What `doctor` and `connect` find, and how they show it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

import click

from bridge.connecting.findings import Examined
from bridge.connecting.findings import look as found
from bridge.model import Finding, Urgency

__all__ = ["Examined", "look", "say_what_takes_time", "show"]

_SIGNS = {Urgency.OK: "ok", Urgency.ADVICE: "advice", Urgency.PROBLEM: "PROBLEM"}


def show(examined: Examined) -> None:
    click.echo(click.style(examined.what, bold=True))
    for each in examined.findings:
        click.echo(f"  {_SIGNS[each.urgency]:7}  {each.about}: {each.says}")
        if each.do and each.urgency is not Urgency.OK:
            click.echo(f"  {'':7}  → {each.do}")


def look(what: str, ask: Callable[[], Iterable[Finding]]) -> Examined:
    """What a check finds; one that fails is a finding too."""
    say_what_takes_time(what)
    return found(what, ask)


def say_what_takes_time(what: str) -> None:
    """For a person who waits; the line gives way to the findings."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[Klooking at {what} …\r", err=True, nl=False)
