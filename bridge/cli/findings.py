"""What `doctor` and `connect` find, and how they show it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import click

from bridge.errors import BridgeError
from bridge.model import Finding, Urgency

_SIGNS = {Urgency.OK: "ok", Urgency.ADVICE: "advice", Urgency.PROBLEM: "PROBLEM"}


@dataclass(frozen=True, slots=True)
class Examined:
    """What was looked at, and what was found there."""

    what: str
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.urgency is Urgency.PROBLEM)


def show(examined: Examined) -> None:
    click.echo(click.style(examined.what, bold=True))
    for each in examined.findings:
        click.echo(f"  {_SIGNS[each.urgency]:7}  {each.about}: {each.says}")
        if each.do and each.urgency is not Urgency.OK:
            click.echo(f"  {'':7}  → {each.do}")


def look(what: str, ask: Callable[[], Iterable[Finding]]) -> Examined:
    """What a check finds; one that fails is a finding too."""
    import structlog
    from sqlalchemy.exc import DBAPIError

    log = structlog.get_logger()
    _say_what_takes_time(what)
    findings: list[Finding] = []
    try:
        findings.extend(ask())
    except BridgeError as wrong:
        findings.append(Finding(what, Urgency.PROBLEM, wrong.because, "mend it and look again"))
    except DBAPIError as trouble:
        says = f"the database does not answer: {trouble.orig}"
        findings.append(Finding(what, Urgency.PROBLEM, says, "see what stands at database"))
    except Exception as bug:
        log.exception("defect in a check", what=what)
        says = f"the check itself failed ({type(bug).__name__})"
        do = "tell us what stands above, without secrets"
        findings.append(Finding(what, Urgency.PROBLEM, says, do))
    return Examined(what, tuple(findings))


def _say_what_takes_time(what: str) -> None:
    """For a person who waits; the line gives way to the findings."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[Klooking at {what} …\r", err=True, nl=False)
