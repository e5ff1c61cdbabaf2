"""/health, /ready and /metrics: for the machines that watch over this one."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.flow.bridge import Bridge
from bridge.ledger import accounts, migrate
from bridge.ledger.accounts import Standing, State
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
        connected = all(standing.state is State.CONNECTED for standing in standings)
        return _answer(
            {
                "status": "ok" if connected else "attention",
                "database": "ok",
                "accounts": [_shown(standing) for standing in standings],
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


def _standings(bridge: Bridge) -> tuple[Standing, ...]:
    with bridge.ledger.reading() as tx:
        return tuple(accounts.standing(tx, name) for name in (*bridge.channels, bridge.desk))


def _shown(standing: Standing) -> dict[str, str | None]:
    return {
        "name": standing.name,
        "state": standing.state,
        "since": standing.since.isoformat(),
        "read_at": standing.read_at.isoformat() if standing.read_at else None,
    }


def _answer(about: dict[str, object], *, fine: bool) -> Response:
    answer = jsonify(about)
    answer.status_code = 200 if fine else 503
    return answer
