"""What networks tell later of messages of ours: that one exists, or that it did not arrive."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Row, select

from bridge.ledger.store import Tx
from bridge.ledger.tables import reports
from bridge.model import Arrival, Report


@dataclass(frozen=True, slots=True)
class Told:
    """A report as the ledger keeps it."""

    id: int
    account: str
    remote_id: str
    mark: str
    state: Arrival
    code: str
    because: str


def add(tx: Tx, report: Report) -> int | None:
    """Keep it. None if the same was told before."""
    report_id: int | None = tx.conn.execute(
        tx.insert(reports)
        .values(
            account=report.account,
            remote_id=report.message_id,
            mark=report.mark,
            state=report.state,
            code=report.code,
            because=report.because,
            at=report.at,
        )
        .on_conflict_do_nothing(index_elements=["account", "remote_id", "state"])
        .returning(reports.c.id)
    ).scalar_one_or_none()
    return report_id


def one(tx: Tx, report_id: int) -> Told:
    return _told(tx.conn.execute(select(reports).where(reports.c.id == report_id)).one())


def proof(tx: Tx, account: str, mark: str) -> str:
    """The network's id of the message that carried this mark, "" while nobody told of it. A
    message that failed was a message too: it must not be sent again by itself."""
    found: str | None = tx.conn.execute(
        select(reports.c.remote_id)
        .where(reports.c.account == account, reports.c.mark == mark, reports.c.mark != "")
        .order_by(reports.c.id)
        .limit(1)
    ).scalar_one_or_none()
    return found or ""


def failure(tx: Tx, account: str, remote_id: str) -> Told | None:
    """Why a message of ours did not arrive, None where nobody said so."""
    row = tx.conn.execute(
        select(reports).where(
            reports.c.account == account,
            reports.c.remote_id == remote_id,
            reports.c.state == Arrival.FAILED,
        )
    ).one_or_none()
    return _told(row) if row else None


def _told(row: Row[tuple[object, ...]]) -> Told:
    return Told(
        row.id,
        row.account,
        row.remote_id,
        row.mark,
        Arrival(row.state),
        row.code,
        row.because,
    )
