"""Placeholders filled in with what is known of the customer, the agent and the account."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import replace
from datetime import datetime

from bridge.flow.allowed import NotAllowed
from bridge.flow.bridge import Bridge
from bridge.ledger import people
from bridge.ledger.shapes import Draft
from bridge.mapping.words import did_you_mean
from bridge.model import Person
from bridge.text import moments
from bridge.text.placeholders import EMPTY, PEOPLES, Unfilled, Word, fill, placeholders, values


def filled(bridge: Bridge, draft: Draft, *, agent: str, at: datetime) -> Draft:
    """The reply as it is sent. `at` is when it was asked to be sent, so that every try of it, and
    each of its parts, says the same.

    Raises `NotAllowed`: `placeholder_unknown`, `placeholder_empty`.
    """
    if not placeholders(draft.text):
        return draft
    try:
        text = fill(draft.text, known(bridge, draft.account, draft.to, draft.language, agent, at))
    except Unfilled as unfilled:
        whole = unfilled.found.whole
        if unfilled.why == EMPTY:
            raise NotAllowed("placeholder_empty", whole) from unfilled
        hint = did_you_mean(unfilled.found.word, Word)
        because = f"{whole}, {hint}" if hint else whole
        raise NotAllowed("placeholder_unknown", because) from unfilled
    return replace(draft, text=text)


def said(
    bridge: Bridge,
    account: str,
    text: str,
    to: Person,
    language: str,
    at: datetime,
    *,
    nameless: bool = False,
) -> str | None:
    """What the bridge says by itself, None where a placeholder has nothing to stand for.

    `nameless`: what stands for the customer's name is left as it is, for where nobody would look
    for their name when they are to be forgotten.
    """
    try:
        said_for = known(bridge, account, to, language, "", at)
        return fill(text, said_for, leave=PEOPLES if nameless else ())
    except Unfilled:
        return None


def known(
    bridge: Bridge, account: str, to: Person, language: str, agent: str, at: datetime
) -> Table[Word, str]:
    """What each word stands for. `language` is the customer's, a BCP 47 tag, "" where unknown."""
    if not to.name:
        with bridge.ledger.reading() as tx:
            to = people.known(tx, to) or to
    return values(
        name=to.name,
        handle=to.handle,
        agent=agent,
        account=account,
        opening=_opening(bridge, account, (language, to.language), at),
    )


def _opening(bridge: Bridge, account: str, languages: tuple[str, ...], at: datetime) -> str:
    hours = bridge.mapping.service(account).hours
    opens = hours.next_opening(at) if hours else None
    if hours is None or opens is None:
        return ""
    own = bridge.mapping.accounts.get(account)
    return moments.spoken(opens, hours.zone, (*languages, own.language if own else ""))
