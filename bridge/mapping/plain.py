"""Rules in words: what one asks of a post, and what becomes of the posts it takes."""

from __future__ import annotations

from bridge.mapping.hours import Hours
from bridge.mapping.model import Route, Skip
from bridge.mapping.rules import Followers, When
from bridge.mapping.words import either

EVERY_POST = "every post that no rule above has taken"
AS_THE_HELPDESK_DECIDES = "a ticket, where the helpdesk itself decides"


def asks(when: When) -> tuple[str, ...]:
    """All of these must be so."""
    said = [
        when.networks and f"comes over {either(when.networks)}",
        when.accounts and f"is for the account {either(when.accounts)}",
        when.kinds and f"is a {either(map(str, when.kinds))}",
        when.visibilities and f"is {either(map(str, when.visibilities))}",
        when.languages and f"is written in {either(when.languages)}",
        when.words and "says " + either(f"“{word}”" for word in when.words),
        when.authors and "is by " + either(f"@{handle}" for handle in when.authors),
        when.followers and f"has an author with {_followers(when.followers)} followers",
        when.has_media is not None and f"shows {'some' if when.has_media else 'no'} media",
        when.hours and f"comes {_hours(when.hours)}",
    ]
    return tuple(part for part in said if isinstance(part, str)) or (EVERY_POST,)


def does(then: Route | Skip) -> str:
    """Where it goes, or why nowhere."""
    if isinstance(then, Skip):
        return f"no ticket: {then.because}"
    return where(then) or AS_THE_HELPDESK_DECIDES


def where(route: Route) -> str:
    """Group first; "" where the rule leaves all to the helpdesk."""
    named = {
        "": route.group,
        "priority": route.priority,
        "assignee": route.assignee,
        "form": route.form,
        "tags": ", ".join(route.tags),
        **dict(route.fields),
    }
    return "; ".join(f"{name} {value}".strip() for name, value in named.items() if value)


def _followers(asked: Followers) -> str:
    if asked.at_most is None:
        return f"at least {asked.at_least}"
    if asked.at_least is None:
        return f"at most {asked.at_most}"
    return f"{asked.at_least} to {asked.at_most}"


def _hours(hours: Hours) -> str:
    return f"{'within' if hours.within else 'outside'} the hours ({hours.zone})"
