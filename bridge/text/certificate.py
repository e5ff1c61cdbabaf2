"""What is said when a person has been erased: on their tickets, and to whoever asked for it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

_NOTES = {
    "en": "This customer was erased at their request. What is written here reaches nobody any "
    "more. Please write no name into this ticket.",
    "de": "Diese Person wurde auf Wunsch gelöscht. Was hier geschrieben wird, erreicht niemanden "
    "mehr. Bitte keinen Namen in dieses Ticket schreiben.",
}

ALWAYS_LEFT = (
    "what the network itself keeps and shows: it must be removed there, by the person",
    "what agents saved outside the helpdesk, and what other programs copied from it",
    "backups of the database, and its server's own log, until they are overwritten",
    "the service's own log lines, for as long as they are kept",
)


def note(language: str) -> str:
    """What agents read on an erased person's ticket."""
    return _NOTES.get(language, _NOTES["en"])


@dataclass(frozen=True, slots=True)
class Certificate:
    """`person` is a hash of network and id: whoever knows the id can tell that it was theirs.
    `ledger` is table → rows deleted, emptied or changed. `policy` is what was done at the
    helpdesk. Instants are ISO 8601."""

    network: str
    person: str
    begun_at: str
    ended_at: str
    ledger: tuple[tuple[str, int], ...]
    policy: str
    helpdesk: tuple[str, ...]
    left: tuple[str, ...]


def as_json(certificate: Certificate) -> str:
    """With a SHA-256 digest of everything else in it, so that a changed copy shows."""
    told = {**asdict(certificate), "ledger": dict(certificate.ledger)}
    plain = json.dumps(told, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(plain.encode()).hexdigest()
    return json.dumps({**told, "sha256": digest}, indent=2)


def as_text(document: str) -> str:
    """A certificate's JSON in words."""
    told = json.loads(document)
    rows = ", ".join(f"{count} in {table}" for table, count in told["ledger"].items())
    lines = [
        "Certificate of erasure",
        "",
        f"person     {told['network']}, {told['person']} (SHA-256 of network and id)",
        f"begun      {told['begun_at']}",
        f"ended      {told['ended_at']}",
        f"ledger     rows removed, emptied or changed: {rows or 'none'}",
        f"helpdesk   policy {told['policy']}",
        *(f"           - {each}" for each in told["helpdesk"]),
        "not removed",
        *(f"           - {each}" for each in told["left"]),
        f"SHA-256    {told['sha256']}",
    ]
    return "\n".join(lines)
