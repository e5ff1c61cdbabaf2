"""One customer across networks: identities are merged on proof, and every merge can be undone.

What is written here is a change of the feed by itself: `bridge.ledger.touching`.
"""

from __future__ import annotations

from bridge.ledger import Tx, customers
from bridge.ledger.customers import CannotMerge as CannotMerge
from bridge.ledger.customers import Proof as Proof


def merge(tx: Tx, person_id: int, other_id: int, *, proof: Proof, evidence: str, by: str) -> int:
    """Two identities are one customer's; the number of the merge. Where these two are merged
    already, it is the number of that merge, whatever its proof, and nothing is changed.

    `evidence` and `by` are read by people: a link, a ticket; a name. Raises `CannotMerge`. Holds a
    lock until the transaction ends: call it last.
    """
    return customers.merge(tx, person_id, other_id, proof=proof, evidence=evidence, by=by)


def undo(tx: Tx, merge_id: int, *, by: str, because: str) -> bool:
    """Take a merge back; False where it was taken back before. The identities stay one customer's
    if other merges join them. Raises `CannotMerge` with the code `unknown`. Locks as `merge`."""
    return customers.undo(tx, merge_id, by=by, because=because)
