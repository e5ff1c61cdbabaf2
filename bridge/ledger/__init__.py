"""The memory that makes everything happen once, and the only SQL in the project.

`store` opens the database, `tables` names what is in it; every other module is a handful of
functions on one subject that take an open transaction.
"""

from bridge.ledger import (
    admin_tables,
    broadcast_tables,
    crm_tables,
    service_tables,
    storm_tables,
)
from bridge.ledger.store import Ledger, Tx

__all__ = [
    "Ledger",
    "Tx",
    "admin_tables",
    "broadcast_tables",
    "crm_tables",
    "service_tables",
    "storm_tables",
]
