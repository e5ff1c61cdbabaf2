"""Numbered revisions of the mapping: every ticket's audit names the one that routed it.

The latest one is live. Each says where it came from: files at the start of a process, files that
somebody applied, or the console.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Row, delete, func, select, update

from bridge.errors import PersonMustAct
from bridge.ledger.admin_tables import mapping_drafts
from bridge.ledger.store import Tx
from bridge.ledger.tables import mapping_revisions
from bridge.mapping.model import Files

MOST = 2**31 - 1
"""The highest number that a revision can have: PostgreSQL cannot even look for a higher one."""


class Origin(StrEnum):
    """Where a revision came from."""

    FILES = "files"  # on disk when a process started
    APPLIED = "applied"  # files too, published by a command of `bridge mapping`
    CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Revision:
    """What was published. `files` is empty where an older release published it: that kept only
    the `text`, all files in one."""

    number: int
    digest: str
    text: str
    files: Files
    origin: Origin
    author: str
    comment: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class MappingDraft:
    """What an admin is writing, and the number of the revision that it began from."""

    admin: str
    files: Files
    base: int
    changed_at: datetime


class Overtaken(PersonMustAct):
    """Others have published since. `since` are their revisions, the newest first."""

    code = "overtaken"

    def __init__(self, base: int, since: tuple[Revision, ...]) -> None:
        told = ", ".join(f"{each.number} by {named(each)}" for each in since)
        super().__init__(f"this was written upon revision {base}, and since then came {told}")
        self.base = base
        self.since = since


def named(revision: Revision) -> str:
    """Who published it."""
    return revision.author or "the files, when a process started"


def publish(
    tx: Tx,
    digest: str,
    text: str,
    *,
    files: Files = (),
    origin: Origin = Origin.FILES,
    author: str = "",
    comment: str = "",
    base: int | None = None,
) -> int:
    """The number of this mapping: the latest one's if nothing changed, else the next.

    `base` is the revision that the publisher has seen; None overwrites whatever there is.
    Raises `Overtaken`.
    """
    before = latest(tx)
    if before is not None and before.digest == digest:
        if files and not before.files:
            _keep_files(tx, before.number, files)
        return before.number
    live = before.number if before else 0
    if base is not None and base != live:
        raise Overtaken(base, since(tx, base))
    added = tx.conn.execute(
        tx.insert(mapping_revisions)
        .values(
            number=live + 1,
            digest=digest,
            text=text,
            files=_packed(files),
            origin=origin,
            author=author,
            comment=comment,
            published_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["number"])
        .returning(mapping_revisions.c.number)
    ).scalar_one_or_none()
    if added is not None:
        return live + 1
    # Two processes starting at once publish the same file: the second takes the first one's word.
    return publish(
        tx, digest, text, files=files, origin=origin, author=author, comment=comment, base=base
    )


def latest_number(tx: Tx) -> int:
    """0 where nothing was ever published."""
    number: int | None = tx.conn.execute(select(func.max(mapping_revisions.c.number))).scalar_one()
    return number or 0


def latest(tx: Tx) -> Revision | None:
    """The live one."""
    row = tx.conn.execute(
        select(mapping_revisions).order_by(mapping_revisions.c.number.desc()).limit(1)
    ).one_or_none()
    return _revision(row) if row else None


def one(tx: Tx, number: int) -> Revision | None:
    if number > MOST:
        return None
    row = tx.conn.execute(
        select(mapping_revisions).where(mapping_revisions.c.number == number)
    ).one_or_none()
    return _revision(row) if row else None


def since(tx: Tx, number: int, most: int = 100) -> tuple[Revision, ...]:
    """Those after a number, the newest first."""
    rows = tx.conn.execute(
        select(mapping_revisions)
        .where(mapping_revisions.c.number > number)
        .order_by(mapping_revisions.c.number.desc())
        .limit(most)
    )
    return tuple(_revision(row) for row in rows)


def before(tx: Tx, number: int, most: int) -> tuple[Revision, ...]:
    """Those before a number, the newest first."""
    rows = tx.conn.execute(
        select(mapping_revisions)
        .where(mapping_revisions.c.number < number)
        .order_by(mapping_revisions.c.number.desc())
        .limit(most)
    )
    return tuple(_revision(row) for row in rows)


def has_digest(tx: Tx, digest: str) -> bool:
    """Whether this was ever published."""
    found = tx.conn.execute(
        select(mapping_revisions.c.number).where(mapping_revisions.c.digest == digest).limit(1)
    )
    return found.first() is not None


def is_managed(tx: Tx, after: int = 0) -> bool:
    """Whether anything after a number was published by a person, not by the start of a process."""
    found = tx.conn.execute(
        select(mapping_revisions.c.number)
        .where(mapping_revisions.c.number > after, mapping_revisions.c.origin != Origin.FILES)
        .limit(1)
    )
    return found.first() is not None


# ------------------------------------------------------------------ drafts


def draft(tx: Tx, admin: str) -> MappingDraft | None:
    row = tx.conn.execute(
        select(mapping_drafts).where(mapping_drafts.c.admin == admin)
    ).one_or_none()
    if row is None:
        return None
    return MappingDraft(row.admin, _unpacked(row.files), row.base, row.changed_at)


def drafts(tx: Tx) -> tuple[MappingDraft, ...]:
    """Everybody's, the newest first."""
    rows = tx.conn.execute(select(mapping_drafts).order_by(mapping_drafts.c.changed_at.desc()))
    return tuple(
        MappingDraft(row.admin, _unpacked(row.files), row.base, row.changed_at) for row in rows
    )


def keep_draft(tx: Tx, admin: str, files: Files, base: int) -> None:
    """One for each admin: an earlier one gives way."""
    held = {"files": _packed(files), "base": base, "changed_at": tx.now}
    tx.conn.execute(
        tx.insert(mapping_drafts)
        .values(admin=admin, **held)
        .on_conflict_do_update(index_elements=["admin"], set_=held)
    )


def drop_draft(tx: Tx, admin: str) -> None:
    tx.conn.execute(delete(mapping_drafts).where(mapping_drafts.c.admin == admin))


def _keep_files(tx: Tx, number: int, files: Files) -> None:
    tx.conn.execute(
        update(mapping_revisions)
        .where(mapping_revisions.c.number == number)
        .values(files=_packed(files))
    )


def _packed(files: Files) -> str:
    return json.dumps(files, ensure_ascii=False) if files else ""


def _unpacked(packed: str) -> Files:
    return tuple((str(name), str(text)) for name, text in json.loads(packed)) if packed else ()


def _revision(row: Row[tuple[object, ...]]) -> Revision:
    return Revision(
        number=row.number,
        digest=row.digest,
        text=row.text,
        files=_unpacked(row.files),
        origin=Origin(row.origin),
        author=row.author,
        comment=row.comment,
        published_at=row.published_at,
    )
