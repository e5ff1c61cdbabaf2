"""Keeping an account that was tried, in the live mapping: its secrets sealed, its block published
as a new revision. All or nothing; running processes take it up by themselves."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable
from typing import Any

from marshmallow import Schema

from bridge.channels import registry
from bridge.connecting.asked import Asked
from bridge.connecting.block import with_account
from bridge.connecting.options import questions, value_of
from bridge.connecting.saving import DEFAULT_LANGUAGE, Wanted, variable
from bridge.environment import PREFIX, environment
from bridge.errors import Misconfigured
from bridge.flow.bridge import Bridge
from bridge.flow.publishing import Published, live_files, put
from bridge.ledger import Tx
from bridge.ledger.mappings import Origin
from bridge.ledger.secrets import Safe
from bridge.mapping import Files, load_files
from bridge.mapping.source import read_files


def accounts_in(files: Files) -> tuple[str, ...]:
    """The names of the accounts there are."""
    accounts = read_files(files).data.get("accounts")
    return tuple(accounts) if isinstance(accounts, dict) else ()


def wanted(asked: Asked, schema: Schema, language: str) -> Wanted:
    """What is to be kept, every secret sealed under the name that it will have."""
    options: dict[str, object] = {}
    values: dict[str, str] = {}
    for question in questions(schema):
        option = question.name
        if option not in asked.answers:
            continue
        if question.secret:
            name = variable(asked.account, asked.network, option)
            options[option], values[name] = f"env:{name}", asked.answers[option]
        else:
            options[option] = value_of(schema, option, asked.answers[option])
    language = "" if language == DEFAULT_LANGUAGE else language
    return Wanted(asked.account, asked.network, language, options, values, tuple(values))


def keep(
    bridge: Bridge, new: Wanted, *, author: str, also: Callable[[Tx], None] = lambda tx: None
) -> Published:
    """`also` is done in the same transaction. Raises `MappingError`, `Misconfigured`, and
    `Overtaken` where somebody publishes at the same moment."""
    number, files = live_files(bridge)
    for name in new.values:
        _is_free(bridge, files, name)
    changed = with_account(files, new.account, new.network, new.language, new.options)
    known: Any = environment(bridge.environ, bridge.settings, bridge.ledger)
    mapping = load_files(changed, registry.installed(), ChainMap(new.values, known))
    if sorted(mapping.accounts) != sorted((*accounts_in(files), new.account)):
        raise Misconfigured("the account cannot be put into the mapping by itself: write it there")
    safe = Safe(bridge.settings.secret_keys)
    with bridge.ledger.writing() as tx:
        for name in new.sealed:
            safe.put(tx, PREFIX + name, new.values[name])
        also(tx)
        comment = f"connected {new.account} ({new.network})"
        return put(tx, mapping, author=author, comment=comment, base=number, origin=Origin.CONSOLE)


def _is_free(bridge: Bridge, files: Files, name: str) -> None:
    if bridge.environ.get(name):
        raise Misconfigured(
            f"the environment variable {name} is set, and goes before what is kept here: take it "
            "away, or choose another name for the account"
        )
    if any(f"env:{name}" in text for _, text in files):
        raise Misconfigured(f"the mapping refers to {name} already: choose another name")
