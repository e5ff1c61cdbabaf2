"""What is found when an organisation is looked at."""

from __future__ import annotations

from bridge.connectors.salesforce.objects import THINGS
from bridge.connectors.salesforce.setup import Setup
from bridge.model import Finding, Urgency


def findings(setup: Setup, *, hard_delete: bool) -> tuple[Finding, ...]:
    """Raises where the sign-in does not work."""
    setup.ask_anything()
    found = [Finding("sign-in", Urgency.OK, "the app is signed in")]
    for thing in THINGS.values():
        lacks = setup.lacks(thing)
        if lacks:
            says = f"not there, or not visible: {', '.join(lacks)}"
            do = "run `bridge crm setup`, and assign the permission set Social_History to the user"
            found.append(Finding(thing.name, Urgency.PROBLEM, says, do))
        else:
            found.append(Finding(thing.name, Urgency.OK, "is there, with its fields"))
    if hard_delete:
        found.append(Finding("erasures", Urgency.OK, "go past the recycle bin"))
    else:
        found.append(
            Finding(
                "erasures",
                Urgency.ADVICE,
                "what is erased stays in the recycle bin for up to 15 days",
                "set hard_delete, and give the user 'Bulk API Hard Delete'",
            )
        )
    return tuple(found)
