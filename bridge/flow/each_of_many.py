"""An answer to many as it is to each of them: its words, its account, its pace."""

from __future__ import annotations

from datetime import timedelta

from bridge.flow.bridge import Bridge
from bridge.ledger import posts
from bridge.ledger.broadcasts import Broadcast
from bridge.ledger.conversations import Conversation
from bridge.ledger.shapes import Draft
from bridge.mapping import Storm as Policy
from bridge.model import Person, Visibility

SHARE = 2 / 3
"""Of what the network lets an account write: the rest is left to its other answers, which would
wait for hours behind a "too many"."""


def policy(bridge: Bridge) -> Policy:
    """As the mapping has it, or as it is built in where it has none any more."""
    return bridge.mapping.storm or Policy()


def pace(bridge: Bridge, account: str) -> timedelta:
    """From one answer to the next on an account: the mapping's, or what uses no more than its share
    of what the network allows, where that is slower."""
    wanted = timedelta(seconds=policy(bridge).seconds_between)
    channel = bridge.channels.get(account)
    least = channel.limits().pace if channel else None
    return max(wanted, least / SHARE) if least else wanted


def takes(bridge: Bridge, account: str, count: int) -> timedelta:
    """About how long so many answers take on an account."""
    return pace(bridge, account) * count


def draft_to(bridge: Bridge, broadcast: Broadcast, post_id: int, to: Person | None = None) -> Draft:
    """The answer under one post; `to` somebody else only to look forward."""
    with bridge.ledger.reading() as tx:
        known = posts.one(tx, post_id)
        post = posts.newest_revision(tx, post_id)
    return Draft(
        account=known.account,
        visibility=Visibility.PUBLIC,
        text=broadcast.text,
        to=to or post.author,
        in_reply_to=post.id,
        thread_id=known.thread_id,
        language=post.language,
        attachments=(),
        answers=post.kind,
        answered_at=post.created_at,
    )


def as_on(conversation: Conversation, account: str) -> Conversation:
    """The incident as it is on one of its accounts: it has none of its own."""
    return Conversation(
        id=conversation.id,
        account=account,
        external_id=conversation.external_id,
        requester=conversation.requester,
        ticket_id=conversation.ticket_id,
        last_word_at=conversation.last_word_at,
    )
