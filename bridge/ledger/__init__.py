"""The memory that makes everything happen once, and the only SQL in the project.

`store` opens the database, `tables` names what is in it; every other module is a handful of
functions on one subject that take an open transaction.
"""

from bridge.ledger.store import Ledger, Tx

__all__ = ["Ledger", "Tx"]
