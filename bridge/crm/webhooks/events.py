"""What an endpoint can be told of. Each type follows from the record as it stands.

There is no "created": what was made and changed before it was sent is told once, as it is, and
whoever keeps records by their id needs no other word for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.ledger import Tx, history
from bridge.ledger.changes import Ref
from bridge.ledger.history import NoteText
from bridge.records import Change, MergeRecord, Resource

EVENTS = {
    "customer.changed": "A customer is new, or another name or other identities belong to them",
    "customer.deleted": "A customer was erased",
    "customer.merged": "Two identities are one customer's: the record of the proof",
    "customer.unmerged": "A merge was undone",
    "identity.changed": "Somebody on a network is new, or their profile or customer is another",
    "identity.deleted": "Somebody on a network was erased",
    "conversation.changed": "A conversation is new, or its ticket changed",
    "conversation.deleted": "A conversation was erased",
    "interaction.changed": "Something was said, edited, sent, refused or rated",
    "interaction.deleted": "It was deleted on the network, erased, or is a duplicate",
    "merge.deleted": "The record of a merge was erased",
}
"""Type → when it is sent."""

EVERYTHING = "*"
TESTED = "webhook.test"


def event_of(change: Change) -> str:
    record = change.record
    if record.deleted:
        return f"{change.resource}.deleted"
    if isinstance(record, MergeRecord):
        return "customer.unmerged" if record.undone_at else "customer.merged"
    return f"{change.resource}.changed"


def of_refs(tx: Tx, refs: Sequence[Ref], note_text: NoteText) -> list[tuple[Ref, str]]:
    """Each with its event. Only merges must be read for that."""
    merges = [ref for ref in refs if ref.resource is Resource.MERGE and ref.gone_at is None]
    read = {each.record.id: event_of(each) for each in history.changes(tx, merges, note_text)}
    return [(ref, read.get(ref.id) or _plain(ref)) for ref in refs]


def _plain(ref: Ref) -> str:
    return f"{ref.resource}.{'deleted' if ref.gone_at else 'changed'}"
