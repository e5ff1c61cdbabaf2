"""Taking the words of a removed post off every place where the bridge wrote them.

They stand in the comment that told the post, in the notes that showed its versions before and after
an edit or told that it was hidden, in the subject of the ticket it opened, and under what others
answered below it. Everything here may be done again.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.errors import Closed, Gone
from bridge.flow.bridge import Bridge
from bridge.ledger import people, posts, steps, written
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
    ticket_id = stands_on or conversation.ticket_id
    for version in versions:
        for where, comment_id in ((ticket_id, known.comment_id), *edits, *before):
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
        if not written.opened_with(tx, bridge.desk, known.comment_id):
            return
        versions = [posts.revision(tx, each)[1] for each in posts.revision_ids(tx, known.id)]
        first = versions[0].author
        asked_for = None if first.name else people.known(tx, first)
    language = bridge.mapping.agents_language
    authors = dict.fromkeys((first, asked_for or first))
    named = [replace(each, author=author) for each in versions for author in authors]
    for version in named:
        was = words.subject(version, language)
        silent = words.subject(replace(version, text="", subject=""), language)
        try:
            bridge.helpdesk.retitle(ticket_id, was, silent)
        except (Closed, Gone):
            return  # nothing on a closed ticket but its comments can be changed any more
