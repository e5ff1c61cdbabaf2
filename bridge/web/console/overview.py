"""The start page: which accounts are in trouble, what waits, what happened last."""

from __future__ import annotations

from flask import Response

from bridge.ledger import accounts, alarms, asides, browsing, lanes
from bridge.ledger.accounts import State
from bridge.web.console.frame import Frame

LAST = 15
FIRST_ONES = 5


def pages(frame: Frame) -> None:
    bridge = frame.bridge

    @frame.get("/")
    def overview() -> Response:
        with bridge.ledger.reading() as tx:
            names = (*bridge.channels, bridge.desk)
            standings = [accounts.standing(tx, name) for name in names]
            shown = {each.name: alarms.shown(tx, each) for each in standings}
            counts = asides.counts(tx)
            parcels = asides.parcels(tx, FIRST_ONES)
            backlog = lanes.backlog(tx)
            last = browsing.last_events(tx, LAST)
        return frame.page(
            "overview.html",
            title="Overview",
            standings=standings,
            shown=shown,
            troubled=[each for each in standings if each.state is not State.CONNECTED],
            counts=counts,
            parcels=parcels,
            backlog=backlog,
            last=last,
        )
