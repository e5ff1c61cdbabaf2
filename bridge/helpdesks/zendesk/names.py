"""Groups and forms by name, remembered for the life of the process, read again on a miss.

https://developer.zendesk.com/api-reference/ticketing/groups/groups/
https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_forms/
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from bridge.errors import Gone, Misconfigured, NeedsSignIn, Refused
from bridge.helpdesks.zendesk import answers
from bridge.helpdesks.zendesk.answers import Named
from bridge.helpdesks.zendesk.client import Lines, exhaust
from bridge.helpdesks.zendesk.compose import nearest


class Directory:
    """What the admins' names stand for."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._guard = threading.Lock()
        self._known: dict[str, tuple[Named, ...]] = {}

    def group(self, name: str) -> int:
        """The id of a group, by its name or its id. Raises `Misconfigured`."""
        return self._find("group", name, self.groups)

    def form(self, name: str) -> int:
        """The id of a ticket form, by its name or its id. Raises `Misconfigured`."""
        return self._find("form", name, self._forms)

    def groups(self) -> tuple[Named, ...]:
        pages = self._lines.ask(lambda zenpy: exhaust(zenpy.groups()), answers.groups)
        return tuple(group for page in pages for group in page)

    def _forms(self) -> tuple[Named, ...]:
        try:
            pages = self._lines.ask(lambda zenpy: exhaust(zenpy.ticket_forms()), answers.forms)
        except (NeedsSignIn, Gone, Refused) as error:
            raise Misconfigured(f"this Zendesk has no ticket forms: {error.because}") from error
        return tuple(form for page in pages for form in page)

    def _find(self, what: str, name: str, read: Callable[[], tuple[Named, ...]]) -> int:
        with self._guard:
            known = self._known.get(what, ())
            found = _matching(name, known)
            if not found:
                known = self._known[what] = read()
                found = _matching(name, known)
        if not found:
            hint = nearest(name, (entry.name for entry in known))
            raise Misconfigured(f"Zendesk has no {what} {name!r}: {hint}")
        if len(found) > 1:
            ids = ", ".join(entry.id for entry in found)
            raise Misconfigured(f"Zendesk has several {what}s {name!r} (ids {ids}): give the id")
        return int(found[0].id)


def _matching(name: str, known: tuple[Named, ...]) -> tuple[Named, ...]:
    """By exact name, else by id, else by name whatever its case."""
    folded = name.casefold()
    return (
        tuple(entry for entry in known if entry.name == name)
        or tuple(entry for entry in known if entry.id == name)
        or tuple(entry for entry in known if entry.name.casefold() == folded)
    )
