"""What is found when something is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bridge.errors import BridgeError
from bridge.model import Finding, Urgency


@dataclass(frozen=True, slots=True)
class Examined:
    """What was looked at, and what was found there."""

    what: str
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.urgency is Urgency.PROBLEM)


def look(what: str, ask: Callable[[], Iterable[Finding]]) -> Examined:
    """What a check finds; one that fails is a finding too."""
    # Here, because `bridge --help` must not wait for them.
    import structlog
    from sqlalchemy.exc import DBAPIError

    log = structlog.get_logger()
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
