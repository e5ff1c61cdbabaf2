"""/health, /ready and /metrics: for the machines that watch over this one."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.flow.bridge import Bridge
from bridge.ledger import accounts, alarms, migrate
from bridge.ledger.accounts import Gap, Standing, State
from bridge.metrics import Metrics

AWAY = "does not answer"
DATABASE_TROUBLE = (DBAPIError, PoolTimeout, OSError)


def blueprint(bridge: Bridge, metrics: Metrics) -> Blueprint:
    watch = Blueprint("watch", __name__)

    @watch.get("/health")
    def health() -> Response:
        """This process and its database are alive. An account in trouble is told, and is no
        reason to start anything anew. Why it is in trouble is for `bridge status`."""
        try:
            standings = _standings(bridge)
        except DATABASE_TROUBLE:
            return _answer({"status": "down", "database": AWAY}, fine=False)
        connected = all(standing.state is State.CONNECTED for standing, _ in standings)
        return _answer(
            {
                "status": "ok" if connected else "attention",
                "database": "ok",
                "accounts": [_shown(standing, state) for standing, state in standings],
            },
            fine=True,
        )

    @watch.get("/ready")
    def ready() -> Response:
        """Work may be sent here."""
        try:
            current = migrate.is_current(bridge.ledger)
        except DATABASE_TROUBLE:
            return _answer({"ready": False, "database": AWAY}, fine=False)
        says = "current" if current else "of another release: run `bridge migrate`"
        mapping = f"{len(bridge.mapping.accounts)} accounts, {len(bridge.mapping.rules)} rules"
        about = {"ready": current, "database": "ok", "migrations": says, "mapping": mapping}
        return _answer(about, fine=current)

    @watch.get("/metrics")
    def page() -> Response:
        return Response(metrics.page(), content_type=metrics.content_type)

    return watch


def _standings(bridge: Bridge) -> list[tuple[Standing, str]]:
    with bridge.ledger.reading() as tx:
        found = [accounts.standing(tx, name) for name in (*bridge.channels, bridge.desk)]
        return [(standing, alarms.shown(tx, standing)) for standing in found]


def _shown(standing: Standing, state: str) -> dict[str, object]:
    return {
        "name": standing.name,
        "state": state,
        "since": standing.since.isoformat(),
        "read_at": standing.read_at.isoformat() if standing.read_at else None,
        "recovered": _recovered(standing.gap) if standing.gap else None,
    }


def _recovered(gap: Gap) -> dict[str, object]:
    """`until` is null while it is still being caught up with."""
    until = gap.until.isoformat() if gap.until else None
    return {"since": gap.since.isoformat(), "until": until, "items": gap.items}


def _answer(about: dict[str, object], *, fine: bool) -> Response:
    answer = jsonify(about)
    answer.status_code = 200 if fine else 503
    return answer
