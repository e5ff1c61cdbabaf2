"""Keeping a connected account: its secrets sealed, its block in the mapping. All or nothing."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections import ChainMap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.channels import registry
from bridge.connecting import block
from bridge.connecting.block import Changed
from bridge.environment import PREFIX, environment
from bridge.errors import Misconfigured
from bridge.ledger import Ledger
from bridge.ledger.secrets import Safe
from bridge.mapping import Mapping, MappingError, Problem, load
from bridge.mapping.source import mapping_files, read
from bridge.settings import Settings

DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True)
class Wanted:
    """The account as the mapping will have it. `options` are plain values and references,
    `values` what the references of secrets lead to, by the variable's name; `sealed` are the
    names that the ledger keeps."""

    account: str
    network: str
    language: str
    options: dict[str, Any]
    values: dict[str, str]
    sealed: tuple[str, ...]


def taken(path: Path) -> tuple[str, ...]:
    """The names of the accounts there are."""
    accounts = read(path).data.get("accounts")
    return tuple(accounts) if isinstance(accounts, dict) else ()


def variable(account: str, network: str, option: str) -> str:
    """`ACME_FACEBOOK_ACCESS_TOKEN`."""
    return re.sub(r"[^A-Z0-9]", "_", f"{account}_{network}_{option}".upper())


def is_referred_to(path: Path, name: str) -> bool:
    return bool(re.search(rf"env:{name}(?![A-Za-z0-9_])", read(path).text))


def checked(wanted: Wanted, settings: Settings, ledger: Ledger) -> Changed:
    """The mapping file as it would be, after the whole of it was loaded.

    Raises `MappingError`, `Misconfigured`.
    """
    path = Path(settings.mappings)
    changed = block.added(path, wanted.account, wanted.network, _language(wanted), wanted.options)
    known = ChainMap(wanted.values, _plain(settings, ledger))
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / path.name
        _copy(path, tried, changed)
        try:
            mapping = load(tried, registry.installed(), known)
        except MappingError as wrong:
            raise _elsewhere(wrong, tried, path) from None
    _is_whole(mapping, path, wanted)
    return changed


def save(wanted: Wanted, settings: Settings, ledger: Ledger) -> Path:
    """Which file was written. Raises as `checked` does."""
    changed = checked(wanted, settings, ledger)
    safe = Safe(settings.secret_keys)
    with ledger.writing() as tx:
        for name in wanted.sealed:
            safe.put(tx, PREFIX + name, wanted.values[name])
    try:
        _replace(changed)
    except OSError as trouble:
        with ledger.writing() as tx:
            for name in wanted.sealed:
                safe.drop(tx, PREFIX + name)
        raise Misconfigured(f"{changed.file} cannot be written: {trouble.strerror}") from trouble
    return changed.file


def _language(wanted: Wanted) -> str:
    return "" if wanted.language == DEFAULT_LANGUAGE else wanted.language


def _plain(settings: Settings, ledger: Ledger) -> Any:
    return environment(os.environ, settings, ledger)


def _copy(path: Path, to: Path, changed: Changed) -> None:
    if path.is_dir():
        to.mkdir()
        for file in mapping_files(path):
            shutil.copyfile(file, to / file.name)
    into = to / changed.file.name if path.is_dir() else to
    into.write_bytes(changed.text.encode("utf-8"))


def _elsewhere(wrong: MappingError, tried: Path, path: Path) -> MappingError:
    """The mistakes with the names of the true files."""
    return MappingError(
        tuple(
            Problem(
                each.file.replace(str(tried), str(path)),
                each.line,
                each.column,
                each.message.replace(str(tried), str(path)),
            )
            for each in wrong.problems
        )
    )


def _is_whole(mapping: Mapping, path: Path, wanted: Wanted) -> None:
    """Text was put in: what was there is still there, and what came is what was meant."""
    if tuple(sorted(mapping.accounts)) != tuple(sorted((*taken(path), wanted.account))):
        raise Misconfigured(f"the account cannot be put into {path} by itself: write it by hand")


def _replace(changed: Changed) -> None:
    """At once, with the file's own rights; through a link, the file that it leads to."""
    file = changed.file.resolve()
    handle, made = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(changed.text.encode("utf-8"))
            opened.flush()
            os.fsync(opened.fileno())
        shutil.copymode(file, made)
        os.replace(made, file)
    except OSError:
        Path(made).unlink(missing_ok=True)
        raise
