"""What no single value can tell: names that must exist, and rules that can never take a post.

The conditions on account, kind and visibility have few values, so every combination (a *cell*) is
tried: a rule is out of reach when for each of its cells an earlier rule asks nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from bridge.mapping.model import Account, Problem
from bridge.mapping.rules import Rule, When, plain_handle, same_language
from bridge.mapping.tree import Draft, Steps
from bridge.mapping.words import did_you_mean, either, shown, unknown
from bridge.model import Kind, Visibility
from bridge.text.phrases import comparable

OURS = (
    "network",
    "account",
    "author",
    "followers",
    "profile",
    "permalink",
    "language",
    "reply_as",
    "reply_by",
    "delivery",
)
"""Ticket fields that the bridge fills by itself."""

_GAPS_SHOWN = 3


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


def twins(draft: Draft, accounts: Iterable[Account], reading: frozenset[str]) -> None:
    """No two accounts may be one identity: on a network that is read, both would take up every
    post. `reading` are those networks."""
    known: list[Account] = []
    for account in accounts:
        if account.network not in reading:
            continue
        same = (each.name for each in known if _signs_in_as(each, account))
        if twin := next(same, ""):
            told = (
                f'{account.name}: "{twin}" signs in with the same options, so every post would '
                "make two tickets: take one of the two out"
            )
            draft.complain(("accounts", account.name), told, at_key=True)
        known.append(account)


def _signs_in_as(one: Account, other: Account) -> bool:
    return (one.network, one.options) == (other.network, other.options)


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
    cells = Cells(accounts)
    earlier: list[tuple[Rule, int]] = []
    for position, rule in enumerate(rules):
        if rule is None:
            continue
        own = cells.of(rule.when)
        if not own:
            if _is_told_elsewhere(rule.when, accounts):
                continue
            told = f'the rule "{rule.name}" can never take a post: no account fits all it asks'
            draft.complain(("rules", position), told)
            continue
        left, takers = own, []
        for before, taken in earlier:
            if left & taken and _no_stricter(before.when, rule.when):
                left &= ~taken
                takers.append(f'"{before.name}"')
        if not left:
            takes = "takes" if len(takers) == 1 else "together take"
            listed = either(takers) if len(takers) == 1 else " and ".join(takers)
            told = f'the rule "{rule.name}" is never reached: {listed} {takes} everything before it'
            draft.complain(("rules", position), told)
        earlier.append((rule, own))


def advice(
    draft: Draft, rules: tuple[Rule, ...], accounts: dict[str, Account]
) -> Iterator[Problem]:
    """What is no mistake and worth a look: a post that no rule takes is lost without a sound."""
    networks = {account.network for account in accounts.values()}
    for position, rule in enumerate(rules):
        for name in sorted(set(rule.when.networks) - networks):
            place = ("rules", position, "when", "network")
            yield draft.spot(place).problem(f"no account is on {name}, so this fits no post")
    cells = Cells({name: account.network for name, account in accounts.items()})
    left = cells.of(When())
    for rule in rules:
        if not _asks_more(rule.when):
            left &= ~cells.of(rule.when)
    if not left:
        return
    which = "what the others leave"
    if left != cells.of(When()):
        gaps = cells.shown(left)
        more = " ..." if len(gaps) > _GAPS_SHOWN else ""
        which = f"every post: {either(gaps[:_GAPS_SHOWN])}{more} may be left"
    yield draft.spot(("rules", len(rules) - 1)).problem(
        f"no rule takes {which}; such posts make no ticket. "
        "End with a rule without `when`, even if it skips, to have said so"
    )


class Cells:
    """Every combination of account, kind and visibility, as one bit each."""

    def __init__(self, accounts: dict[str, str]) -> None:
        self._all = tuple(product(accounts, Kind, Visibility))
        self._bits: dict[tuple[str, str], int] = {}
        for place, (account, kind, visibility) in enumerate(self._all):
            for word in (
                ("account", account),
                ("network", accounts[account]),
                ("kind", kind.value),
                ("visibility", visibility.value),
            ):
                self._bits[word] = self._bits.get(word, 0) | 1 << place

    def of(self, when: When) -> int:
        """The cells whose posts the rule may take."""
        found = (1 << len(self._all)) - 1
        for what, wanted in (
            ("account", when.accounts),
            ("network", when.networks),
            ("kind", when.kinds),
            ("visibility", when.visibilities),
        ):
            if wanted:
                any_of = 0
                for word in wanted:
                    any_of |= self._bits.get((what, str(word)), 0)
                found &= any_of
        return found

    def shown(self, cells: int) -> list[str]:
        return [
            f"a {visibility} {kind} on {account}"
            for place, (account, kind, visibility) in enumerate(self._all)
            if cells >> place & 1
        ]


def _is_told_elsewhere(when: When, accounts: dict[str, str]) -> bool:
    """Whether a rule fits nothing for a reason of its own: a name that is unknown (a mistake), or
    a network on which there is no account (advice)."""
    if not set(when.accounts) <= set(accounts):
        return True
    return not when.accounts and not set(when.networks) & set(accounts.values())


def _asks_more(when: When) -> bool:
    """Whether it asks for anything that a cell does not tell."""
    return not _no_stricter(when, When())


def _no_stricter(earlier: When, later: When) -> bool:
    """Whether, cells aside, everything that fits `later` surely fits `earlier`."""
    return (
        _within(_words(later), _words(earlier))
        and _within(_handles(later), _handles(earlier))
        and _languages(earlier, later)
        and (earlier.has_media is None or earlier.has_media == later.has_media)
        and (earlier.hours is None or earlier.hours == later.hours)
        and _followers(earlier, later)
    )


def _within(later: tuple[str, ...], earlier: tuple[str, ...]) -> bool:
    return not earlier or (bool(later) and set(later) <= set(earlier))


def _words(when: When) -> tuple[str, ...]:
    """As they are looked for: case, apostrophes and gaps do not count."""
    return tuple(" ".join(comparable(word).split()) for word in when.words)


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
