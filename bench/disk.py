"""How much of the disk messages take: the ledger, and the logs beside it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from bridge.ledger import Ledger

MIB = 2**20
ENOUGH_FREE = 2 * 1024 * MIB
"""With less than this on the disk a long run ends before everybody else on it has none."""
WEIGHED = {
    "postgresql": "SELECT pg_database_size(current_database())",
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """MiB."""

    ledger: float
    logs: float


def weight(ledger: Ledger) -> int:
    """Bytes of a ledger, indexes included."""
    with ledger.reading() as tx:
        kind = "sqlite" if ledger.is_sqlite else "postgresql"
        return int(tx.conn.execute(text(WEIGHED[kind])).scalar_one())


def taken(url: str, folder: Path) -> Taken:
    ledger = Ledger(url)
    try:
        logs = sum(log.stat().st_size for log in folder.glob("*.log"))
        return Taken(weight(ledger) / MIB, logs / MIB)
    finally:
        ledger.close()


def is_short(folder: Path) -> bool:
    return shutil.disk_usage(folder).free < ENOUGH_FREE
