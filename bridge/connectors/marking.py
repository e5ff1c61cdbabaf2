"""Before a row is asked for: that it may be there, where the CRM cannot be asked for it later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bridge.connectors.contract import Crm, Marks
from bridge.connectors.looking import Looking
from bridge.errors import Again, PersonMustAct
from bridge.ledger import Ledger, targets
from bridge.records import Change


@contextmanager
def marked(
    crm: Crm, name: str, ledger: Ledger, look: Looking, batch: Sequence[Change]
) -> Iterator[None]:
    """Around a call that writes. A mark stays when nobody knows what became of the call, also when
    the process is killed in it; after a refusal it is taken back."""
    if not isinstance(crm, Marks):
        yield
        return
    marks = {each.record.id: crm.mark(each, look) for each in batch}
    marks = {row: said for row, said in marks.items() if said}
    with ledger.writing() as tx:
        before = targets.known(tx, name, marks)
        for row, said in marks.items():
            targets.mark(tx, name, row, said)
    try:
        yield
    except (Again, PersonMustAct):
        with ledger.writing() as tx:
            for row in marks:
                known = before.get(row)
                targets.unmark(tx, name, row, known.remote_id if known else None)
        raise
