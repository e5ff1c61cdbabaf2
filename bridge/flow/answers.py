"""Finding what agents wrote on a ticket, and taking each comment up once.

A ping only says that something changed. The comments are read again, and what is already known,
carries our mark, is an end user's, or is an internal note is left alone. So is what was answered to
somebody who was erased: it would go to whoever stands above it now. A note whose first word is
#retry asks for the last undelivered reply once more.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.errors import Again, Gone
from bridge.flow import answering_many, merging, taking_back
from bridge.flow.bridge import Bridge
from bridge.flow.merging import Above
from bridge.flow.orders import ORDERS, TO_MANY
from bridge.flow.visibility import Decision, decide
from bridge.ledger import (
    Tx,
    audit,
    conversations,
    erasures,
    intents,
    lanes,
    posts,
    replies,
    steps,
    written,
)
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Known
from bridge.ledger.shapes import Draft
from bridge.ledger.steps import Step
from bridge.model import OURSELVES, AgentComment
from bridge.text.commands import ACTS, FOR_NOTES, Command, is_number, take_command, take_order

SOON = 2.0
"""Seconds: another lane has to write one receipt."""


def look(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Read a ticket of the conversation and queue every answer that is new.

    After a merge several conversations stand on one ticket: what an agent answers is the last
    post above it, whoever wrote that and in whichever conversation. The merge itself brings the
    posts that nobody had answered, but not to an incident: there it is a customer's words since the
    last comment; where there are none, it would go to many.
    """
    conversation_id = int(lease.lane.partition(":")[2])
    ticket_id = step.about.partition(":")[0]
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        steps.begin(tx, step.id)
        conversation = conversations.one(tx, conversation_id)
        taken = replies.taken_ids(tx, bridge.desk, ticket_id)
        incident = answering_many.is_incident(tx, conversation)
        to_many = incident and answering_many.is_of_many(bridge, tx, ticket_id)
    if conversation.requester[0] == OURSELVES and not incident:
        return  # there is no customer on it
    try:
        taking_back.look_again(bridge, lease, ticket_id)
        comments = bridge.helpdesk.comments(ticket_id, taken)
    except Gone:
        return
    if not incident:
        for source in merging.looked_at(bridge, lease, conversation, comments, step.tries):
            look(bridge, lease, replace(step, about=source))
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        taken = replies.taken_ids(tx, bridge.desk, ticket_id)
        silent = replies.for_nobody(tx, bridge.desk, ticket_id)
        standing = posts.by_comments(tx, tuple(comment.id for comment in comments))
        ours = written.known_ids(tx, bridge.desk, conversation_id)
        comments = merging.since_ours(bridge, tx, comments, standing)
        pending: tuple[Known, ...] = ()
        earlier: tuple[Known, ...] = ()
        last: tuple[Known, ...] = ()
        erased_above = merged = hides = carried = mailed = False
        arrived = 0
        for comment in comments:
            if comment.id in standing:
                pending, erased_above = (*pending, *standing[comment.id]), False
                hides, mailed, arrived = False, False, int(comment.id)
                continue
            if comment.merged_from and not incident:
                came = merging.taken_in(bridge, tx, comment)
                pending, hides = (*pending, *came.pending), hides or came.hides
                earlier, last = (*earlier, *came.last), came.last or last
                erased_above = erased_above and not came.pending
                merged, carried, arrived = True, carried or bool(came.last), int(comment.id)
                continue
            if comment.id not in ours and _says_what_nobody_knows(tx, comment):
                erased_above = True
                continue
            if comment.id in ours or comment.mark:
                continue
            if not comment.by_agent:
                mailed = mailed or (merged and comment.public)
                continue
            is_new = not (comment.id in taken or erasures.is_buried(tx, bridge.desk, comment.id))
            if comment.public:
                above = Above(pending, earlier, last, merged, hides, carried, mailed)
                if is_new and merged:
                    told = merging.told_since(tx, bridge.desk, ticket_id, arrived)
                    above = replace(above, told=told)
                if is_new and merging.must_be_asked(tx, comment, above):
                    code, whom = merging.NOT_UNASKED, merging.whom(comment, above)
                    _to_nobody(bridge, tx, conversation, comment, code, merging.UNSAID, whom)
                elif is_new and incident and (to_many or not pending):
                    answering_many.comment(bridge, tx, conversation, comment)
                elif is_new and erased_above:
                    because = "it answers somebody who was erased"
                    _to_nobody(bridge, tx, conversation, comment, "answers_erased", because)
                elif is_new:
                    _reply(bridge, tx, conversation, comment, pending, earlier, last)
                erased_above = False
                if is_new:
                    silent = replies.for_nobody(tx, bridge.desk, ticket_id)
                if incident or comment.id not in silent:
                    earlier, last = (*earlier, *pending), pending or last
                    pending, carried, mailed = (), False, False
                    if hides:
                        hides = comment.id not in replies.public_on(tx, bridge.desk, ticket_id)
            elif is_new:
                seen = (*earlier, *pending)
                _note(bridge, tx, conversation, comment, seen, to_many=to_many)


def _says_what_nobody_knows(tx: Tx, comment: AgentComment) -> bool:
    """Whether a customer's words stand there that the ledger does not have: theirs who was erased.
    What is answered to them must not go to whoever stands above.

    Raises `Again` where they are only not put down yet, in another conversation's lane."""
    if not comment.mark or not comment.public:
        return False
    intent = intents.find(tx, comment.mark)
    if intent is not None and intent.state in (intents.OPEN, intents.UNSENT):
        raise Again("what a customer said on this ticket is being put down at this moment", SOON)
    return intent is None


def _reply(
    bridge: Bridge,
    tx: Tx,
    conversation: Conversation,
    comment: AgentComment,
    pending: tuple[Known, ...],
    earlier: tuple[Known, ...],
    last: tuple[Known, ...],
) -> None:
    command, text = take_command(comment.text)
    if command in FOR_NOTES or (command is Command.DM and is_number(text)):
        _misplaced(bridge, tx, conversation, comment, text)
        return
    decision = decide(command, comment, pending, earlier, last)
    if decision.answers is not None and decision.answers.conversation_id is not None:
        conversation = conversations.one(tx, decision.answers.conversation_id)
    draft = draft_for(tx, conversation, comment, command, text, decision)
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


def draft_for(
    tx: Tx,
    conversation: Conversation,
    comment: AgentComment,
    command: Command,
    text: str,
    decision: Decision,
) -> Draft | None:
    """What would be sent, None where there is nothing that it answers."""
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


def _misplaced(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, rest: str
) -> None:
    """A word for notes at the head of an answer: nobody is sent "#retry", or "#hide spam"."""
    command, _ = take_command(comment.text)
    if command == Command.RETRY and not rest.strip():
        _note(bridge, tx, conversation, comment)  # it can mean only one thing
        return
    because = f"#{command} belongs in an internal note"
    _to_nobody(bridge, tx, conversation, comment, "only_in_notes", because)


def _note(
    bridge: Bridge,
    tx: Tx,
    conversation: Conversation,
    comment: AgentComment,
    above: tuple[Known, ...] = (),
    *,
    to_many: bool = False,
) -> None:
    """`above` is what the agent could see: an act without a number is about the last of it, not
    about what the customer has said since."""
    order = take_order(comment.text)
    if order is None:
        return
    orders = TO_MANY if to_many or answering_many.is_meant(tx, conversation, order) else ORDERS
    if order.command in ACTS and not order.number and above:
        order = replace(order, number=f"p{above[-1].id}")
    because = f"the agent wrote #{order.command} in a note"
    if _taken_up(bridge, tx, conversation, comment, because) and order.command in orders:
        orders[order.command](bridge, tx, conversation, comment, order)


def _to_nobody(
    bridge: Bridge,
    tx: Tx,
    conversation: Conversation,
    comment: AgentComment,
    code: str,
    because: str,
    detail: str = "",
) -> None:
    """It is taken up and not sent; the ticket is told why, in the words of `code`."""
    if _taken_up(bridge, tx, conversation, comment, because):
        about = f"{code}:{comment.id}:{detail}" if detail else f"{code}:{comment.id}"
        steps.add(tx, lane_of(conversation.id), "note", about, account=conversation.account)


def _taken_up(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, because: str
) -> bool:
    """Once; nothing of it is sent to anybody."""
    new = replies.take(
        tx, bridge.desk, comment, conversation.id, draft=None, because=because, answers=None
    )
    return new is not None
