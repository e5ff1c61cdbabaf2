"""From files to a mapping, or to every mistake in them at once."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from hashlib import sha256
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError

from bridge.channels.contract import Channel
from bridge.mapping import check
from bridge.mapping.model import Account, ErasedAt, Files, MappingError, Problem
from bridge.mapping.options import flat, load_options
from bridge.mapping.policies import Choices, Policies, settle, speaks
from bridge.mapping.published import DEFAULT_LANGUAGE, Mapping
from bridge.mapping.rules import Rule
from bridge.mapping.schema import AccountSchema, RuleSchema, TopSchema, choices
from bridge.mapping.service import needs_hours
from bridge.mapping.shape import UnknownKey
from bridge.mapping.source import read, read_files
from bridge.mapping.tree import Draft, Steps
from bridge.mapping.values import account_name
from bridge.mapping.words import unknown


def load(
    path: str | Path, channels: Lookup[str, type[Channel]], environ: Lookup[str, str]
) -> Mapping:
    """Read a mapping file, or a folder of them.

    `channels` are the installed ones, by network; `environ` is where `env:NAME` leads.
    Raises `MappingError` with every mistake, each with its file, line and what to write instead.
    """
    return _whole(read(Path(path)), channels, environ)


def load_files(
    files: Files, channels: Lookup[str, type[Channel]], environ: Lookup[str, str]
) -> Mapping:
    """The same from files that are not on this disk; mistakes name a file as it is called here.

    Raises `MappingError`.
    """
    return _whole(read_files(files), channels, environ)


def digest_of(draft: Draft) -> str:
    """SHA-256 (hex) of what the files say."""
    return sha256(draft.text.encode()).hexdigest()


def _whole(
    draft: Draft, channels: Lookup[str, type[Channel]], environ: Lookup[str, str]
) -> Mapping:
    if draft.problems and not draft.data:
        raise MappingError(_in_order(draft.problems))
    # What a torn file held is not missing, only unread.
    top = _load(draft, TopSchema(partial=draft.torn), draft.data, ())
    overall = None if top is None else choices(top)
    raw_accounts = draft.data.get("accounts")
    loaded = [
        _account(draft, name, raw, overall, channels, environ)
        for name, raw in (raw_accounts.items() if isinstance(raw_accounts, dict) else ())
    ]
    accounts = {account.name: account for account, _ in filter(None, loaded)}
    reading = frozenset(name for name, channel in channels.items() if hasattr(channel, "read"))
    check.twins(draft, accounts.values(), reading)
    raw_rules = draft.data.get("rules")
    rules: tuple[Rule | None, ...] = tuple(
        _load(draft, RuleSchema(), raw, ("rules", position))
        for position, raw in enumerate(raw_rules if isinstance(raw_rules, list) else ())
    )
    check.rule_names(draft)
    if not draft.torn:
        check.names(draft, tuple(channels))
    if accounts and None not in loaded and not draft.torn:
        check.reach(draft, rules, {name: account.network for name, account in accounts.items()})
    if draft.problems or overall is None:
        raise MappingError(_in_order(draft.problems))
    good = tuple(rule for rule in rules if rule is not None)
    ids = top.get("helpdesk", {}).get("fields_", {})
    return Mapping(
        accounts=accounts,
        erased_at=top.get("erasure", {}).get("helpdesk", ErasedAt.REDACT),
        agents_language=top.get("helpdesk", {}).get("language", DEFAULT_LANGUAGE),
        fields=tuple((word, number) for word, number in ids.items() if number is not None),
        rules=good,
        text=draft.text,
        digest=digest_of(draft),
        files=draft.files,
        advice=_in_order(list(check.advice(draft, good, accounts))),
        ops=top.get("ops"),
        storm=top.get("storm"),
        policies={account.name: policies for account, policies in filter(None, loaded)},
        elsewhere=settle("", Choices(), overall),
    )


def _load(draft: Draft, schema: Schema, raw: Any, steps: Steps) -> Any:
    """What a schema makes of a value; None, and mistakes in the draft, where it cannot."""
    try:
        return schema.load(raw)
    except ValidationError as error:
        for way, message in flat(error.messages):
            at_key = isinstance(message, UnknownKey)
            named = [step for step in way if isinstance(step, str)]
            told = message if at_key or not named else f"{named[-1]}: {message}"
            draft.complain((*steps, *way), told, at_key=at_key)
        return None


def _account(
    draft: Draft,
    name: str,
    raw: Any,
    overall: Choices | None,
    channels: Lookup[str, type[Channel]],
    environ: Lookup[str, str],
) -> tuple[Account, Policies] | None:
    steps: Steps = ("accounts", name)
    before = len(draft.problems)
    try:
        account_name(name)
    except ValidationError as error:
        draft.complain(steps, f"{name}: {error.messages[0]}", at_key=True)
    loaded = _load(draft, AccountSchema(), raw, steps)
    # The options are looked at even where something else is wrong: all mistakes at once.
    network = raw.get("network") if isinstance(raw, dict) else None
    given = raw.get("options", {}) if isinstance(raw, dict) else None
    options: dict[str, Any] = {}
    if isinstance(network, str) and network.strip():
        network = network.strip()
        if network not in channels:
            told = f"network: {unknown(network, channels, what='network')}"
            draft.complain((*steps, "network"), told)
        elif isinstance(given, dict):
            schema = channels[network].Options()
            options = load_options(draft, (*steps, "options"), given, schema, environ)
    if loaded is None or overall is None:
        return None
    policies = settle(loaded["network"], choices(loaded), overall)
    language = loaded["language"]
    if policies.handover.notice and not speaks(policies.handover.wording, language):
        draft.complain(
            (*steps, "language"),
            f'the account speaks "{language}", and handover has no wording in it: '
            f"add handover.wording.{language}",
        )
    if without := needs_hours(policies.service):
        draft.complain(steps, without)
    if len(draft.problems) > before:
        return None
    return Account(name, loaded["network"], language, options), policies


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """In reading order, each once: an alias shows one mistake in several places."""
    return tuple(
        sorted(
            dict.fromkeys(problems),
            key=lambda problem: (problem.file, problem.line, problem.column),
        )
    )
