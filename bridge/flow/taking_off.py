"""Taking the words of a removed post off every place where the bridge wrote them.

They stand in the comment that told the post, in the notes that showed its versions before and after
an edit or told that it was hidden, in the subject of the ticket it opened, and under what others
answered below it. Where such a ticket was merged into another, the helpdesk quotes it there.
Everything here may be done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from bridge.errors import Closed, Gone
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, people, posts, steps, written
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.posts import Known
from bridge.text import words
from bridge.text.comments import quoted


def take_off(bridge: Bridge, known: Known, conversation: Conversation) -> None:
    """Every version of a post, off the helpdesk."""
    with bridge.ledger.reading() as tx:
        versions = posts.texts(tx, known.id)
        # Not where the conversation goes on, but where the post stands.
        stands_on = written.ticket_of(tx, bridge.desk, known.comment_id)
        ids = posts.revision_ids(tx, known.id)
        edits = [
            place
            for revision_id in ids
            for place in written.under(
                tx, bridge.desk, f"{conversation.external_id}:edit:{revision_id}@"
            )
        ]
        # Where it stood until other words of it opened a follow-up.
        by = steps.named(tx, lane_of(conversation.id), "post", tuple(map(str, ids)))
        before = written.covering(tx, bridge.desk, conversation.id, by)
        stem = f"{conversation.external_id}:remark:{known.id}:"
        remarks = written.under(tx, bridge.desk, stem)
        below = [
            (written.ticket_of(tx, bridge.desk, other.comment_id), other.comment_id)
            for other in posts.quoting(tx, known)
        ]
        opened = written.opened_with(tx, bridge.desk, known.comment_id)
        ticket_id = stands_on or conversation.ticket_id
        own = ((ticket_id, known.comment_id), *edits, *before)
        quotes = (*remarks, *below)
        subjects = tuple(_subjects(bridge, tx, known))
    shown = tuple(quoted(version) for version in versions)
    began = tuple(was[len(silent) :].removeprefix(": ") for was, silent in subjects)
    _redact(bridge, own, versions)
    _redact(bridge, quotes, shown)
    merges = merges_of(bridge, (*own, *quotes))
    _redact(bridge, merges, (*versions, *shown, *began))
    if opened:
        _retitle(bridge, ticket_id, subjects)


def merges_of(bridge: Bridge, places: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """(ticket, comment) of every merge of one of these tickets into another, and of that one into
    the next: each may quote what stood there, and the subject."""
    found: dict[tuple[str, str], None] = {}
    left = list(dict.fromkeys(ticket_id for ticket_id, _ in places))
    for ticket_id in left:
        into = bridge.helpdesk.state(ticket_id).merged_into if ticket_id else ""
        if not into:
            continue
        with suppress(Gone):  # a ticket that was deleted quotes nothing that could be read
            told = bridge.helpdesk.comments(into)
            found |= dict.fromkeys(
                (into, each.id) for each in told if ticket_id in each.merged_from
            )
        if into not in left:
            left.append(into)
    return tuple(found)


def in_turn(texts: Iterable[str]) -> Iterator[str]:
    """Their lines, in as many goes as it takes: first those that are no part of another one. What
    is a part of a longer one would be taken out of it, and the rest would not be found any more."""
    left = {line.strip() for text in texts for line in text.split("\n")} - {""}
    while left:
        whole = {line for line in left if not any(line in other for other in left - {line})}
        yield "\n".join(sorted(whole))
        left -= whole


def _redact(bridge: Bridge, places: Iterable[tuple[str, str]], texts: Iterable[str]) -> None:
    goes = tuple(in_turn(texts))
    for ticket_id, comment_id in places:
        for text in goes:
            _redact_if_there(bridge, ticket_id, comment_id, text)


def _redact_if_there(bridge: Bridge, ticket_id: str, comment_id: str, text: str) -> None:
    """A ticket that was deleted since holds nothing that could be read."""
    try:
        bridge.helpdesk.redact(ticket_id, comment_id, text)
    except Gone:
        return


def _subjects(bridge: Bridge, tx: Tx, known: Known) -> Iterator[tuple[str, str]]:
    """The subjects that the post may have given to the ticket it opened, each with what is left
    of it without the words. A subject begins with the words of the post, after the name of whoever
    wrote it: as the post told it, or as it was asked for."""
    versions = [posts.revision(tx, each)[1] for each in posts.revision_ids(tx, known.id)]
    first = versions[0].author
    asked_for = None if first.name else people.known(tx, first)
    language = bridge.mapping.agents_language
    authors = dict.fromkeys((first, asked_for or first))
    named = [replace(each, author=author) for each in versions for author in authors]
    for version in named:
        was = words.subject(version, language)
        yield was, words.subject(replace(version, text="", subject=""), language)


def _retitle(bridge: Bridge, ticket_id: str, subjects: tuple[tuple[str, str], ...]) -> None:
    for was, silent in subjects:
        try:
            bridge.helpdesk.retitle(ticket_id, was, silent)
        except (Closed, Gone):
            return  # nothing on a closed ticket but its comments can be changed any more
