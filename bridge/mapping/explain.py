"""Which rule takes a post, and why not the ones before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bridge.mapping.model import Considered, Route, Skip
from bridge.mapping.rules import Rule, ask
from bridge.model import Post

NO_RULE = "no rule takes it"
EVERYTHING = "the rule takes every post"


def consider(rule: Rule, post: Post, now: datetime) -> Considered:
    """One rule's answer: everything that fits where it took the post, else all that does not."""
    answers = ask(rule.when, post, now)
    against = [answer.says for answer in answers if not answer.fits]
    if against:
        return Considered(rule.name, took=False, because="; ".join(against))
    because = "; ".join(answer.says for answer in answers) or EVERYTHING
    return Considered(rule.name, took=True, because=because)


def explain(rules: Iterable[Rule], post: Post, now: datetime) -> tuple[Considered, ...]:
    """Every rule in order, up to and including the one that took the post."""
    considered: list[Considered] = []
    for rule in rules:
        considered.append(consider(rule, post, now))
        if considered[-1].took:
            break
    return tuple(considered)


def outcome(rules: Iterable[Rule], post: Post, now: datetime) -> Route | Skip:
    """What becomes of the post: the first rule that takes it decides."""
    for rule in rules:
        answer = consider(rule, post, now)
        if answer.took:
            # A skip carries the admins' own reason; a route is explained by what fitted.
            return (
                rule.then
                if isinstance(rule.then, Skip)
                else replace(rule.then, because=answer.because)
            )
    return Skip(rule="", because=NO_RULE)
