"""What a connector is: limits as data, rows in, a result for each row out.

A connector is bound to one target (a CRM's organisation) and keeps nothing between calls. It never
retries and never sleeps, it only asks `Around.budget` before each call (`bridge.connectors.calls`
does). Every write must be safe to repeat, because a page of the feed whose end was not put down is
written again: rows are found by our own ids. It sorts what the CRM answers into

- a result for each row, where the CRM speaks of rows;
- `bridge.errors.Refused` or `TooLong` for a whole call that it does not take: the core then asks
  with halves, down to the one row that is to blame;
- `NeedsSignIn`, `Misconfigured` and any other `PersonMustAct`: the target stands still until a
  person has mended that;
- `Again` and its kin, and `NobodyKnows` (sent, unanswered): the same rows again later.

The core sees to the rest: what a row refers to is written before it (`refers_to`), batches are
within `Limits`, all rows of a batch are of one resource, each row is in a batch only once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from marshmallow import Schema

from bridge.connectors.budget import Budget
from bridge.model import Clock, Finding
from bridge.records import Change, Record, Resource
from bridge.tokens import TokenStore


@dataclass(frozen=True, slots=True)
class Limits:
    """`rows` are the most of one `write`; `calls` may be made within any `window` seconds (0: no
    number is known). `longest_text` in characters, for the text of an interaction, None for none.
    `sources` say where these numbers are from."""

    rows: int
    calls: int = 0
    window: float = 60.0
    longest_text: int | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """What a connector is given besides its own options.

    `record_url` is how a record of ours is opened by a person or a program: `{id}` stands for its
    id. `budget` is asked before each call. `wait` waits some seconds (a bulk job is polled); tests
    give one that moves their clock. `tokens` keeps sign-ins, None where they are kept for as long
    as the process lives.
    """

    clock: Clock
    wait: Callable[[float], None]
    budget: Budget
    record_url: str = ""
    tokens: TokenStore | None = None
    timeout: tuple[float, float] = (5.0, 60.0)


class Lookup(Protocol):
    """What the rows of a batch refer to."""

    def record(self, record_id: str) -> Record | None:
        """As our API tells it now; None where there is none. One that is gone is told as such
        (`deleted`). Raises `Again`, `PersonMustAct`."""
        ...

    def remote_id(self, record_id: str) -> str:
        """The CRM's id of it, as `Written` told; "" where it is not there (not written yet, left
        out, removed): then a row does without the link. Of a record that is to be removed once
        more, what its removal told."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """It is there (or, after `remove`, it is not). `remote_id` is the CRM's own id of it; after
    `remove`, that by which it still lies in a recycle bin, "" for nowhere."""

    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class NotWritten:
    """The CRM did not take this row. `code` is the CRM's word for why, `because` a sentence with
    its words, without what customers wrote. `again`: by itself later; else it waits for a person
    (`bridge crm retry`) or for a newer change. `remote_id`: what is there of it in spite of that,
    "" for what was known before."""

    code: str
    because: str
    again: bool = False
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """This CRM has no place for such a row, and why."""

    because: str


RowResult = Written | NotWritten | LeftOut


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that must exist in the CRM. `there`: it does. `person`: what a person must do,
    because no API of the CRM can ("" where `make` does it)."""

    kind: str
    name: str
    says: str
    there: bool
    person: str = ""


class Crm(Protocol):
    """Constructed as `Kind(target, options, around)`; `options` were loaded by `Options`."""

    Options: ClassVar[type[Schema]]
    limits: ClassVar[Limits]
    takes: ClassVar[frozenset[Resource]]
    """What it has a place for; nothing else is given to it."""

    def __init__(self, target: str, options: dict[str, Any], around: Around) -> None: ...

    def plan(self) -> tuple[Step, ...]:
        """What must exist there, in the order in which it is made. Changes nothing."""
        ...

    def make(self, step: Step) -> None:
        """Make what is not there and no person's to make; "exists already" is success."""
        ...

    def examine(self) -> tuple[Finding, ...]:
        """The sign-in, its rights, and what `plan` misses."""
        ...

    def write(self, batch: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        """One result for each row, in order. None of the rows is deleted."""
        ...

    def remove(self, gone: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        """Rows that are gone here (`deleted_reason` says why), one result for each. After an
        erasure (`gdpr_erasure`) no word of them may be left in the CRM: what its API cannot delete
        is `NotWritten` with what a person must do. "Not there" is success."""
        ...


@runtime_checkable
class Loads(Protocol):
    """Has a way of its own for many rows at once, used by `bridge crm backfill`."""

    load_rows: ClassVar[int]
    """The most rows of one `load`."""

    def load(self, batch: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        """As `write`, for more rows; may take minutes."""
        ...


@runtime_checkable
class Marks(Protocol):
    """Cannot be asked by our ids what it has. That a row may be there is put down before it is
    asked for, so that it is not forgotten when the answer, or whoever asked, was lost."""

    def mark(self, change: Change, look: Lookup) -> str:
        """The remote id that says "perhaps there", "" where nothing new would be made."""
        ...


@runtime_checkable
class Packs(Protocol):
    """What `make` would make can also be handed to an admin of the CRM, as one file."""

    def package(self) -> bytes: ...


ORDER = (
    Resource.CUSTOMER,
    Resource.IDENTITY,
    Resource.CONVERSATION,
    Resource.INTERACTION,
    Resource.MERGE,
)
"""What rows refer to is written before them; they are removed the other way round."""

PARENTS: dict[Resource, tuple[str, ...]] = {
    Resource.CUSTOMER: ("merged_into",),
    Resource.IDENTITY: ("customer_id",),
    Resource.CONVERSATION: ("identity_id",),
    Resource.INTERACTION: ("identity_id", "conversation_id"),
    Resource.MERGE: ("identity_id", "other_identity_id", "customer_id"),
}


def refers_to(change: Change) -> tuple[str, ...]:
    """The ids of the records that must be in the CRM before this one is."""
    if change.record.deleted:
        return ()
    named = (getattr(change.record, field) for field in PARENTS[change.resource])
    return tuple(dict.fromkeys(each for each in named if each))
