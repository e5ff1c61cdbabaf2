"""Accounts that are being connected: sealed, and over after an hour.

The running web service reads them, so that it answers for an account that no mapping has yet.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from bridge.ledger.secrets import Safe
from bridge.ledger.store import Tx
from bridge.model import HOUR

LASTS = HOUR
_PREFIX = "draft:"


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """`answers` are the account's options as they were given, secrets among them, as pairs.
    `good`: it was tried, and may be kept."""

    account: str
    network: str
    answers: tuple[tuple[str, str], ...]
    ends_at: datetime
    language: str = ""
    good: bool = False


def begin(
    tx: Tx,
    safe: Safe,
    account: str,
    network: str,
    answers: dict[str, str],
    *,
    language: str = "",
    good: bool = False,
) -> None:
    """One per account: an earlier one gives way, as do all that are over. Raises `Misconfigured`
    without a key."""
    for name in safe.names(tx, _PREFIX):
        if _is_over(safe, tx, name):
            safe.drop(tx, name)
    ends_at = tx.now + LASTS
    draft = AccountDraft(account, network, tuple(answers.items()), ends_at, language, good)
    said = asdict(draft) | {"ends_at": draft.ends_at.isoformat()}
    safe.put(tx, _PREFIX + account, json.dumps(said))


def find(tx: Tx, safe: Safe, account: str) -> AccountDraft | None:
    """One that is not over. Raises `Misconfigured` when no key opens it."""
    draft = _read(safe, tx, _PREFIX + account)
    return draft if draft and tx.now < draft.ends_at else None


def end(tx: Tx, safe: Safe, account: str) -> None:
    safe.drop(tx, _PREFIX + account)


def _is_over(safe: Safe, tx: Tx, name: str) -> bool:
    draft = _read(safe, tx, name)
    return draft is not None and draft.ends_at <= tx.now


def _read(safe: Safe, tx: Tx, name: str) -> AccountDraft | None:
    kept = safe.get(tx, name)
    if kept is None:
        return None
    said = json.loads(kept)
    answers = tuple((str(option), str(value)) for option, value in said["answers"])
    ends_at = datetime.fromisoformat(said["ends_at"])
    language, good = str(said.get("language", "")), said.get("good") is True
    return AccountDraft(said["account"], said["network"], answers, ends_at, language, good)
