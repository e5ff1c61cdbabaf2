"""Being told at once that a message has arrived, or that nobody is there: privately, and once."""

from __future__ import annotations

from datetime import timedelta

from bridge.errors import Again
from bridge.flow import filling, outcomes
from bridge.flow.automatic import say_once
from bridge.flow.bridge import Bridge
from bridge.flow.telling import CROWDED
from bridge.flow.tickets import room
from bridge.ledger import Tx, conversations, deadlines, people, posts, replies, steps
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Known
from bridge.ledger.steps import Step
from bridge.mapping.policies import pick
from bridge.mapping.service import Words
from bridge.model import Kind, Label, Post, Visibility

READ_BACK = "read back"
"""How a delivery of what was said before the account was connected arrives."""

FRESH = timedelta(hours=12)
"""What is older when its turn comes was not written a moment ago."""


def expect(
    bridge: Bridge, tx: Tx, post: Post, conversation_id: int, post_id: int, via: str
) -> None:
    """Queue a greeting behind the post itself, where the account has one to give."""
    service = bridge.mapping.service(post.account)
    if not service.away and not service.acknowledge:
        return
    if post.visibility is not Visibility.PRIVATE or post.kind is Kind.REPOST:
        return
    if via == READ_BACK or Label.STANDBY in post.labels:
        return
    steps.add(tx, lane_of(conversation_id), "greet", str(post_id), account=post.account)


def greet(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Say that we are closed, or that the message has arrived, unless somebody has answered."""
    now = bridge.clock()
    with bridge.ledger.reading() as tx:
        known = posts.one(tx, int(step.about))
        assert known.conversation_id is not None
        conversation = conversations.one(tx, known.conversation_id)
        post = posts.newest_revision(tx, known.id)
        waits = bool(deadlines.unanswered(tx, conversation.id))
        answered = replies.is_answered_since(tx, conversation.id, post.created_at)
        person = people.who_wrote(tx, known.id)
        is_first = posts.is_first_private(tx, conversation.id, known.id)
    if known.state == posts.GONE or not waits or answered or now - post.created_at > FRESH:
        return
    service = bridge.mapping.service(known.account)
    closed_since = service.hours.closed_since(now) if service.hours else None
    if closed_since is not None:
        if service.away:
            about = f"away:{known.account}:{person}:{closed_since.isoformat()}"
            _say(bridge, lease, conversation, known, post, "said_away", about, service.away)
    elif service.acknowledge and is_first:
        about = f"acknowledge:{conversation.id}"
        code = "said_acknowledge"
        _say(bridge, lease, conversation, known, post, code, about, service.acknowledge)


def _say(
    bridge: Bridge,
    lease: Lease,
    conversation: Conversation,
    known: Known,
    post: Post,
    code: str,
    about: str,
    wording: Words,
) -> None:
    text = worded(bridge, post, wording)
    if text is None:
        outcomes.trail(
            bridge, lease, conversation, "not said", f"{about}: a placeholder has no value"
        )
        return
    if say_once(bridge, lease, conversation, about=about, answered=known, text=text) is None:
        return
    try:
        crowded = room(bridge, conversation.ticket_id) <= CROWDED
    except Again:
        crowded = True
    if not crowded:  # the trail has it in any case
        shown = worded(bridge, post, wording, nameless=True) or ""
        outcomes.tell(bridge, lease, conversation, f"said:{about}", code, shown, failed=False)


def worded(bridge: Bridge, post: Post, wording: Words, *, nameless: bool = False) -> str | None:
    """A text of the mapping's in the customer's language, else in the account's, filled in (but
    for their name, `nameless`). None where a placeholder has nothing to stand for."""
    own = bridge.mapping.accounts.get(post.account)
    language = post.language or post.author.language
    text = pick(wording, language, own.language if own else "")
    at, to = bridge.clock(), post.author
    return filling.said(bridge, post.account, text, to, language, at, nameless=nameless)
