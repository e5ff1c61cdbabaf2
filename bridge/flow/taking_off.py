"""Taking the words of a removed post off every place where the bridge wrote them.

They stand in the comment that told the post, in the notes that showed its versions before and after
an edit or told that it was hidden, in the subject of the ticket it opened, and under what others
answered below it. Everything here may be done again.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.errors import Closed, Gone
from bridge.flow.bridge import Bridge
from bridge.ledger import intents, people, posts
from bridge.ledger.conversations import Conversation
from bridge.ledger.posts import Known
from bridge.text import words
from bridge.text.comments import quoted


def take_off(bridge: Bridge, known: Known, conversation: Conversation) -> None:
    """Every version of a post, off the helpdesk. Raises `Gone` if its comment is not there."""
    with bridge.ledger.reading() as tx:
        versions = posts.texts(tx, known.id)
        # Not where the conversation goes on, but where the post stands.
        stands_on = intents.ticket_of(tx, bridge.desk, known.comment_id)
        edits = [
            place
            for revision_id in posts.revision_ids(tx, known.id)
            for place in intents.written_as(
                tx, bridge.desk, f"{conversation.external_id}:edit:{revision_id}@"
            )
        ]
        stem = f"{conversation.external_id}:remark:{known.id}:"
        remarks = intents.written_as(tx, bridge.desk, stem)
        below = [
            (intents.ticket_of(tx, bridge.desk, other.comment_id), other.comment_id)
            for other in posts.quoting(tx, known)
        ]
    ticket_id = stands_on or conversation.ticket_id
    for version in versions:
        bridge.helpdesk.redact(ticket_id, known.comment_id, version)
        for where, comment_id in edits:
            _redact_if_there(bridge, where, comment_id, version)
        for where, comment_id in (*remarks, *below):
            _redact_if_there(bridge, where, comment_id, quoted(version))
    _retitle(bridge, known, ticket_id)


def _redact_if_there(bridge: Bridge, ticket_id: str, comment_id: str, text: str) -> None:
    """A ticket that was deleted since holds nothing that could be read."""
    try:
        bridge.helpdesk.redact(ticket_id, comment_id, text)
    except Gone:
        return


def _retitle(bridge: Bridge, known: Known, ticket_id: str) -> None:
    """The subject begins with the words of the post that opened the ticket, after the name of
    whoever wrote it: as the post told it, or as it was asked for."""
    with bridge.ledger.reading() as tx:
        if not intents.opened_with(tx, bridge.desk, known.comment_id):
            return
        first = posts.first_revision(tx, known.id)
        asked_for = None if first.author.name else people.known(tx, first.author)
    language = bridge.mapping.agents_language
    for author in dict.fromkeys((first.author, asked_for or first.author)):
        was = words.subject(replace(first, author=author), language)
        silent = words.subject(replace(first, author=author, text="", subject=""), language)
        try:
            bridge.helpdesk.retitle(ticket_id, was, silent)
        except (Closed, Gone):
            return  # nothing on a closed ticket but its comments can be changed any more
