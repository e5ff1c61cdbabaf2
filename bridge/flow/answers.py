"""Finding what agents wrote on a ticket, and taking each comment up once.

A ping only says that something changed. The comments are read again, and what is already known,
carries our mark, is an end user's, or is an internal note is left alone. A note whose first word
is #retry asks for the last undelivered reply once more.
"""

from __future__ import annotations

from bridge.errors import Gone
from bridge.flow import retrying
from bridge.flow.bridge import Bridge
from bridge.flow.visibility import Decision, decide
from bridge.ledger import Tx, audit, conversations, intents, lanes, posts, replies, steps
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Known
from bridge.ledger.shapes import Draft
from bridge.ledger.steps import Step
from bridge.model import AgentComment
from bridge.text.commands import Command, take_command

OURSELVES = "bridge"
"""The network of the bridge itself, as the requester of a ticket for an ops group."""


def look(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Read a ticket of the conversation and queue every answer that is new.

    After a merge several conversations stand on one ticket: what an agent answers is the last
    post above it, whoever wrote that and in whichever conversation.
    """
    conversation_id = int(lease.lane.partition(":")[2])
    ticket_id = step.about.partition(":")[0]
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        steps.begin(tx, step.id)
        conversation = conversations.one(tx, conversation_id)
    if conversation.requester[0] == OURSELVES:
        return  # there is no customer on it
    try:
        comments = bridge.helpdesk.comments(ticket_id)
    except Gone:
        return
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        taken = replies.taken_ids(tx, bridge.desk, ticket_id)
        standing = posts.by_comments(tx, tuple(comment.id for comment in comments))
        ours = intents.known_ids(tx, bridge.desk, conversation_id)
        pending: tuple[Known, ...] = ()
        earlier: tuple[Known, ...] = ()
        for comment in comments:
            if comment.id in standing:
                pending = (*pending, *standing[comment.id])
                continue
            if comment.id in ours or comment.mark or not comment.by_agent:
                continue
            if comment.public:
                if comment.id not in taken:
                    _reply(bridge, tx, conversation, comment, pending, earlier)
                earlier, pending = (*earlier, *pending), ()
            elif comment.id not in taken:
                _note(bridge, tx, conversation, comment)


def _reply(
    bridge: Bridge,
    tx: Tx,
    conversation: Conversation,
    comment: AgentComment,
    pending: tuple[Known, ...],
    earlier: tuple[Known, ...],
) -> None:
    command, text = take_command(comment.text)
    if command == "retry" and not text.strip():
        _note(bridge, tx, conversation, comment)  # meant as a note; nobody is sent "#retry"
        return
    decision = decide(command, comment, pending, earlier)
    if decision.answers is not None and decision.answers.conversation_id is not None:
        conversation = conversations.one(tx, decision.answers.conversation_id)
    draft = _draft(tx, conversation, comment, command, text, decision)
    reply_id = replies.take(
        tx,
        bridge.desk,
        comment,
        conversation.id,
        draft=draft,
        because=decision.because,
        answers=decision.answers.id if decision.answers else None,
        overruled=decision.overruled,
    )
    if reply_id is None:
        return
    audit.add(
        tx,
        f"{comment.author_name} answered, {decision.visibility}",
        decision.because,
        conversation_id=conversation.id,
    )
    lane = lane_of(conversation.id)
    steps.add(tx, lane, "reply", f"{reply_id}:1", account=conversation.account)
    if comment.reply_as in ("private", "public"):
        # A choice is for one reply: put back, so that it cannot decide about the next one.
        steps.add(tx, lane, "reset", str(reply_id), account=conversation.account)


def _draft(
    tx: Tx,
    conversation: Conversation,
    comment: AgentComment,
    command: Command,
    text: str,
    decision: Decision,
) -> Draft | None:
    if decision.answers is None:
        return None
    post = posts.newest_revision(tx, decision.answers.id)
    return Draft(
        account=conversation.account,
        visibility=decision.visibility,
        text=text,
        to=post.author,
        in_reply_to=post.id,
        thread_id=decision.answers.thread_id,
        language=post.language,
        attachments=comment.attachments,
        answers=post.kind,
        answered_at=post.created_at,
        template=command == "template",
    )


def _note(bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment) -> None:
    command, _ = take_command(comment.text)
    if command != "retry":
        return
    new = replies.take(
        tx,
        bridge.desk,
        comment,
        conversation.id,
        draft=None,
        because="the agent asked for another try",
        answers=None,
    )
    if new is not None:
        retrying.asked(tx, conversation, comment)
