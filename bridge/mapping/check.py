"""What no single value can tell: names that must exist, and rules that can never take a post.

The conditions on account, kind and visibility have few values, so every combination (a *cell*) is
tried: a rule is out of reach when for each of its cells an earlier rule asks nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from bridge.mapping.model import Account, Problem
from bridge.mapping.rules import Rule, When, plain_handle, same_language
from bridge.mapping.tree import Draft, Steps
from bridge.mapping.words import did_you_mean, either, shown, unknown
from bridge.model import Kind, Visibility

OURS = ("network", "account", "author", "permalink", "language", "reply_as", "delivery")
"""Ticket fields that the bridge fills by itself."""

_GAPS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A post as far as the conditions with few values see it."""

    account: str
    network: str
    kind: Kind
    visibility: Visibility


def names(draft: Draft, networks: tuple[str, ...]) -> None:
    """Every account, network and field that a rule names must be there."""
    accounts = _keys(draft.data.get("accounts"))
    at_helpdesk = draft.data.get("helpdesk")
    words = _keys(at_helpdesk.get("fields") if isinstance(at_helpdesk, dict) else None)
    listed = draft.data.get("rules")
    used: set[str] = set()
    for position, rule in enumerate(listed if isinstance(listed, list) else ()):
        steps: Steps = ("rules", position)
        for what, known in (("account", accounts), ("network", networks)):
            for place, name in _named(rule, (*steps, "when", what)):
                if name not in known:
                    draft.complain(place, f"{what}: {unknown(name, known, what=what)}")
        for word in _keys(_below(rule, ("route", "fields"))):
            used.add(word)
            place = (*steps, "route", "fields", word)
            if word in OURS:
                draft.complain(place, f'the bridge fills "{word}" by itself', at_key=True)
            elif word not in words:
                hint = did_you_mean(word, [known for known in words if known not in OURS])
                told = f'"{word}" has no id in helpdesk.fields' + (f": {hint}" if hint else "")
                draft.complain(place, told, at_key=True)
    for word in words:
        if word not in OURS and word not in used:
            hint = did_you_mean(word, OURS)
            place = ("helpdesk", "fields", word)
            draft.complain(place, f'nobody fills the field "{word}": {hint}', at_key=True)


def rule_names(draft: Draft) -> None:
    """Two rules of one name could not be told apart in a ticket's history."""
    listed = draft.data.get("rules")
    seen: dict[str, int] = {}
    for position, rule in enumerate(listed if isinstance(listed, list) else ()):
        name = _below(rule, ("name",))
        if not isinstance(name, str):
            continue
        first = seen.setdefault(name.strip().casefold(), position)
        if first != position:
            at = draft.spot(("rules", first, "name"))
            told = f'name: there is already a rule "{shown(name)}" at {at}'
            draft.complain(("rules", position, "name"), told)


def reach(draft: Draft, rules: tuple[Rule | None, ...], accounts: dict[str, str]) -> None:
    """Every rule must be able to take a post. `accounts` holds name and network."""
    every = cells(accounts)
    for position, rule in enumerate(rules):
        if rule is None:
            continue
        own = [cell for cell in every if covers(rule.when, cell)]
        if not own:
            if not set(rule.when.accounts) <= set(accounts):
                continue  # told already: there is no such account
            nowhere = not set(rule.when.networks) & set(accounts.values())
            if nowhere and not rule.when.accounts:
                continue  # advice, or told already: no account is on this network
            draft.complain(
                ("rules", position),
                f'the rule "{rule.name}" can never take a post: no account fits all it asks',
            )
            continue
        before = [earlier for earlier in rules[:position] if earlier is not None]
        takers = [_taker(before, rule.when, cell) for cell in own]
        found = list(dict.fromkeys(taker for taker in takers if taker is not None))
        if None not in takers:
            by = either(f'"{name}"' for name in found)
            told = f'the rule "{rule.name}" is never reached: {by} takes everything before it'
            draft.complain(("rules", position), told)


def advice(
    draft: Draft, rules: tuple[Rule, ...], accounts: dict[str, Account]
) -> Iterator[Problem]:
    """What is no mistake and worth a look: a post that no rule takes is lost without a sound."""
    networks = {account.network for account in accounts.values()}
    for position, rule in enumerate(rules):
        for name in sorted(set(rule.when.networks) - networks):
            place = ("rules", position, "when", "network")
            yield draft.spot(place).problem(f"no account is on {name}, so this fits no post")
    every = cells({name: account.network for name, account in accounts.items()})
    whole = [rule for rule in rules if not _asks_more(rule.when)]
    gaps = [cell for cell in every if not any(covers(rule.when, cell) for rule in whole)]
    if not gaps:
        return
    last = draft.spot(("rules", len(rules) - 1))
    if len(gaps) == len(every):
        which = "what the others leave"
    else:
        some = [f"a {gap.visibility} {gap.kind} on {gap.account}" for gap in gaps[:_GAPS_SHOWN]]
        which = f"every post: {either(some)}{' ...' if len(gaps) > _GAPS_SHOWN else ''} may be left"
    yield last.problem(
        f"no rule takes {which}; such posts make no ticket. "
        "End with a rule without `when`, even if it skips, to have said so"
    )


def cells(accounts: dict[str, str]) -> tuple[Cell, ...]:
    return tuple(
        Cell(name, network, kind, visibility)
        for (name, network), kind, visibility in product(accounts.items(), Kind, Visibility)
    )


def covers(when: When, cell: Cell) -> bool:
    return (
        cell.account in (when.accounts or (cell.account,))
        and cell.network in (when.networks or (cell.network,))
        and cell.kind in (when.kinds or (cell.kind,))
        and cell.visibility in (when.visibilities or (cell.visibility,))
    )


def _taker(before: list[Rule], when: When, cell: Cell) -> str | None:
    """The first earlier rule that surely takes what this one asks for in this cell."""
    for earlier in before:
        if covers(earlier.when, cell) and _no_stricter(earlier.when, when):
            return earlier.name
    return None


def _asks_more(when: When) -> bool:
    """Whether it asks for anything that a cell does not tell."""
    return not _no_stricter(when, When())


def _no_stricter(earlier: When, later: When) -> bool:
    """Whether, cells aside, everything that fits `later` surely fits `earlier`."""
    return (
        _within(later.words, earlier.words)
        and _within(_handles(later), _handles(earlier))
        and _languages(earlier, later)
        and (earlier.has_media is None or earlier.has_media == later.has_media)
        and (earlier.hours is None or earlier.hours == later.hours)
        and _followers(earlier, later)
    )


def _within(later: tuple[str, ...], earlier: tuple[str, ...]) -> bool:
    return not earlier or (bool(later) and set(later) <= set(earlier))


def _handles(when: When) -> tuple[str, ...]:
    return tuple(plain_handle(handle) for handle in when.authors)


def _languages(earlier: When, later: When) -> bool:
    if not earlier.languages:
        return True
    return bool(later.languages) and all(
        any(same_language(tag, wanted) for wanted in earlier.languages) for tag in later.languages
    )


def _followers(earlier: When, later: When) -> bool:
    if earlier.followers is None:
        return True
    if later.followers is None:
        return False
    least, most = earlier.followers.at_least, earlier.followers.at_most
    has_least, has_most = later.followers.at_least, later.followers.at_most
    return (least is None or (has_least is not None and has_least >= least)) and (
        most is None or (has_most is not None and has_most <= most)
    )


def _keys(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, dict) else ()


def _below(value: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def _named(rule: Any, steps: Steps) -> Iterator[tuple[Steps, str]]:
    """The names a condition holds, one or a list, with their places; odd ones are the schema's."""
    value = _below(rule, ("when", str(steps[-1])))
    if isinstance(value, str) and value.strip():
        yield steps, value.strip()
    for position, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, str) and item.strip():
            yield (*steps, position), item.strip()
