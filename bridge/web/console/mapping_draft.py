"""What an admin is writing: taken from a form, checked, kept unless a secret stands in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256

from flask import request

from bridge.errors import BridgeError
from bridge.flow import publishing
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, mappings
from bridge.ledger.mappings import MappingDraft, Revision
from bridge.mapping import Files, Mapping, MappingError, Problem
from bridge.mapping.source import plain_ends
from bridge.mapping.unhidden import secrets_in


@dataclass(frozen=True, slots=True)
class Checked:
    """`mapping` is None where there are mistakes."""

    mapping: Mapping | None
    mistakes: tuple[Problem, ...]
    advice: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """A draft, or what one would begin from. `since` are revisions that were published after the
    one that it began from, the newest first."""

    files: Files
    base: int
    is_kept: bool
    live: Revision | None
    since: tuple[Revision, ...]

    @property
    def digest(self) -> str:
        """Another one for every state of the draft: what a form was shown beside."""
        return sha256(json.dumps([self.base, self.files]).encode()).hexdigest()


def writing(bridge: Bridge, admin: str) -> Writing:
    with bridge.ledger.reading() as tx:
        draft, live = mappings.draft(tx, admin), mappings.latest(tx)
        since = mappings.since(tx, draft.base) if draft else ()
    if draft is not None:
        return Writing(draft.files, draft.base, True, live, since)
    number = live.number if live else 0
    files = publishing.files_of(live) if live else bridge.mapping.files
    return Writing(files, number, False, live, ())


def from_form() -> Files:
    """The files of the form, in the order of their names. What no database takes is left out."""
    names, texts = request.form.getlist("name"), request.form.getlist("text")
    return tuple(
        sorted(
            (name.strip(), plain_ends(text).replace("\0", ""))
            for name, text in zip(names, texts, strict=False)
        )
    )


def checked(bridge: Bridge, files: Files) -> Checked:
    """Never raises for what the files hold, nor for secrets that cannot be looked at."""
    try:
        mapping = publishing.checked(bridge, files)
    except MappingError as wrong:
        return Checked(None, wrong.problems, ())
    except BridgeError as wrong:
        return Checked(None, (Problem("the mapping", 0, 0, wrong.because),), ())
    return Checked(mapping, (), mapping.advice)


def keep(tx: Tx, admin: str, files: Files, base: int) -> bool:
    """False, and nothing kept, while a secret stands in it."""
    if secrets_in(files):
        return False
    mappings.keep_draft(tx, admin, files, base)
    return True


def others(drafts: tuple[MappingDraft, ...], admin: str) -> tuple[MappingDraft, ...]:
    return tuple(each for each in drafts if each.admin != admin)
