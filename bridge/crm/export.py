"""Everything of one customer, for the customer: what is known, what was said, where it went.

It is read from the rows as they stand, like the feed, and in the feed's own shapes. Other people
are left out: what they said to others is not there, and where a text of this customer's, or one to
them, names somebody who writes in the same conversation, `OTHERS` stands instead. So it is with the
names of agents: who asks is told what was done, and not which employee did it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.crm import feed
from bridge.crm.feed import Asked
from bridge.ledger import Ledger, changes, customers, exporting, history
from bridge.ledger.exporting import Arrived, WentTo
from bridge.ledger.history import NoteText
from bridge.ledger.traces import whole_words
from bridge.records import (
    Change,
    ConversationRecord,
    IdentityRecord,
    InteractionRecord,
    MergeRecord,
    Resource,
    Type,
    Why,
)

OTHERS = "[somebody else]"
AGENT = "an agent"
_BY_AGENT = re.compile(r"^.+ wrote #", re.DOTALL)
"""Why an answer was sent again, withdrawn or made private: `bridge.flow.holding` and `retrying`."""
_NUMBER = re.compile(r"\bidentity_([1-9][0-9]{0,17})\b", re.ASCII)
_TOLD = (Type.REPLY, Type.NOTICE, Type.AUTOMATIC)

NOT_HERE = (
    "what other people said or were told, and their names",
    "the names of our agents, but where they signed what they wrote",
    "what agents wrote on tickets by themselves: ask for the tickets at the helpdesk",
    "pictures and files: they are named here by their links, and kept with the tickets",
    "backups, and log lines for as long as they are kept",
)


@dataclass(frozen=True, slots=True)
class Said:
    """An interaction, and every text that it has had where that is more than one, or where it is
    gone from the network and still kept here."""

    change: Change
    record: InteractionRecord
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """`changes` are the records of identities, merges and conversations, as the API has them."""

    at: datetime
    customer: str
    identities: tuple[Change, ...]
    merges: tuple[Change, ...]
    conversations: tuple[Change, ...]
    said: tuple[Said, ...]
    crms: tuple[WentTo, ...]
    webhooks: tuple[WentTo, ...]
    arrived: Arrived


def gather(ledger: Ledger, person_id: int, note_text: NoteText) -> Export:
    """All identities of the customer whose identity this is."""
    with ledger.reading() as tx:
        number = customers.customer_of(tx, person_id)
        ids = customers.members(tx, number) or (person_id,)
    everything = _all(ledger, ids, note_text)
    with ledger.reading() as tx:
        names = exporting.others_names(tx, ids, _numbered(everything))
        anywhere = names.pop(None, ())
        others = {
            f"conversation_{each}": whole_words((*anywhere, *some)) for each, some in names.items()
        }
        everywhere = whole_words(anywhere)
        anybody = whole_words((*anywhere, *(each for some in names.values() for each in some)))
        own = {(row.platform, row.platform_user_id) for row in _who(everything)}
        said = []
        for change in everything:
            record = change.record
            if isinstance(record, InteractionRecord) and _is_theirs(record, own):
                versions: tuple[str, ...] = ()
                kind, _, row = record.id.partition("_")
                if kind == "post" and (record.revisions > 1 or record.deleted):
                    versions = exporting.versions(tx, int(row))
                mask = others.get(record.conversation_id, everywhere)
                said.append(_masked(change, record, versions, mask))
        refs = [ref for each in everything if (ref := changes.ref_of(each.record.id))]
        return Export(
            at=tx.now,
            customer=f"customer_{number}",
            identities=_of(everything, IdentityRecord),
            merges=_merges(everything, ids, anybody),
            conversations=_of(everything, ConversationRecord),
            said=tuple(
                sorted(said, key=lambda each: (each.record.created_at or tx.now, each.record.id))
            ),
            crms=exporting.crms(tx, (each.record.id for each in everything)),
            webhooks=exporting.webhooks(tx, refs),
            arrived=exporting.arrived(tx, ids),
        )


def _all(ledger: Ledger, ids: tuple[int, ...], note_text: NoteText) -> list[Change]:
    found: list[Change] = []
    cursor = ""
    while True:
        asked = Asked(tuple(Resource), cursor=cursor, limit=feed.MOST, people=ids)
        page = feed.read(ledger, asked, note_text)
        # A record that changed meanwhile comes again: its latest is what counts.
        again = {change.record.id for change in page.changes}
        found = [change for change in found if change.record.id not in again]
        found += page.changes
        if not page.has_more:
            break
        cursor = page.next_cursor
    have = {change.record.id for change in found}
    with ledger.reading() as tx:
        refs = [ref for ref in exporting.untold(tx, ids) if ref.id not in have]
        return [*found, *history.changes(tx, refs, note_text)]


def _who(everything: list[Change]) -> list[IdentityRecord]:
    return [each.record for each in everything if isinstance(each.record, IdentityRecord)]


def _numbered(everything: list[Change]) -> frozenset[int]:
    """Identities that notes tell the number of: who was joined with whom."""
    notes = [
        each.record.text
        for each in everything
        if isinstance(each.record, InteractionRecord) and each.record.type == Type.NOTE
    ]
    return frozenset(int(found) for text in notes for found in _NUMBER.findall(text))


def _is_theirs(record: InteractionRecord, own: Collection[tuple[str, str]]) -> bool:
    """Not a copy of what is there already, and not what we told somebody else in a conversation
    that this customer began."""
    to = (record.platform, record.platform_user_id)
    told_another = record.type in _TOLD and record.platform_user_id and to not in own
    return record.deleted_reason != Why.DUPLICATE and not told_another


def _of(everything: list[Change], kind: type[object]) -> tuple[Change, ...]:
    found = [each for each in everything if isinstance(each.record, kind)]
    return tuple(sorted(found, key=lambda each: changes.ref_of(each.record.id) or ("", 0)))


def _merges(
    everything: list[Change], ids: tuple[int, ...], others: re.Pattern[str]
) -> tuple[Change, ...]:
    """Not those with somebody who is held to be another customer: they are nobody's business."""
    own = {f"identity_{each}" for each in ids}
    found = []
    for change in _of(everything, MergeRecord):
        record = change.record
        assert isinstance(record, MergeRecord)
        if {record.identity_id, record.other_identity_id} <= own:
            by = AGENT if record.proof == customers.Proof.AGENT else record.by
            undone_by = AGENT if record.undone_by else ""
            record = replace(
                record,
                by=by,
                undone_by=undone_by,
                evidence=others.sub(OTHERS, record.evidence),
                undone_because=others.sub(OTHERS, record.undone_because),
            )
            found.append(replace(change, record=record))
    return tuple(found)


def _masked(
    change: Change,
    record: InteractionRecord,
    versions: tuple[str, ...],
    others: re.Pattern[str],
) -> Said:
    if record.agent_id:
        record = replace(record, author=AGENT, agent_id="")
    because = _BY_AGENT.sub(f"{AGENT} wrote #", record.because)
    record = replace(
        record,
        text=others.sub(OTHERS, record.text),
        subject=others.sub(OTHERS, record.subject),
        because=others.sub(OTHERS, because),
    )
    versions = tuple(others.sub(OTHERS, each) for each in versions)
    return Said(replace(change, record=record), record, versions)
