"""How urgent tickets are, for those who ask again and again while an agent types."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

from bridge.errors import Gone
from bridge.flow.bridge import Bridge

GOOD_FOR = timedelta(seconds=30)
MOST = 1_000


def priority_of(bridge: Bridge, ticket_id: str) -> str:
    """As it stands now; "" for a ticket that is gone. Raises as reading a ticket does."""
    try:
        return bridge.helpdesk.state(ticket_id).priority
    except Gone:
        return ""


class Priorities:
    """One call of the helpdesk for each ticket in half a minute: its budget belongs to what
    customers and agents say. Threads share it."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._known: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._guard = Lock()

    def of(self, ticket_id: str) -> str:
        """At most half a minute old. Raises as reading a ticket does."""
        now = self._bridge.clock()
        with self._guard:
            found = self._known.get(ticket_id)
        if found is not None and now - found[1] < GOOD_FOR:
            return found[0]
        priority = priority_of(self._bridge, ticket_id)
        with self._guard:
            self._known[ticket_id] = priority, now
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return priority
