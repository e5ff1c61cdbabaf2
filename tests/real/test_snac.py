"""What is told from the server's own log."""

from __future__ import annotations

from .snac import lost

LOG = """\
18:45:27 enqueue_shared_input http://127.0.0.1:42723/mara/p/1.1/Create
18:45:27 enqueue_shared_input http://127.0.0.1:42723/mara/p/2.2/Create
18:45:27 output message: sent to inbox http://127.0.0.1:42723/shared-inbox (202 Accepted)
18:45:27 output message: sent to inbox http://127.0.0.1:42723/shared-inbox (202 Accepted)
18:45:30 queue ready for ~/queue/1795373127.618111.json
18:45:30 [brand] enqueue_input (from shared inbox) http://127.0.0.1:42723/mara/p/2.2/Create [2]
"""


def test_what_was_taken_in_and_given_to_nobody_was_lost() -> None:
    """Both were answered with 202; one of them is heard of no more."""
    assert {"http://127.0.0.1:42723/mara/p/1.1/Create"} == lost(LOG)
