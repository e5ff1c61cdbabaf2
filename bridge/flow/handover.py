"""The public notice after a private answer: once per public post, and only when it is true.

It goes out only after the direct message is confirmed (the step is queued with its receipt), in
the customer's language, never where the network shows one itself, never if the post is gone.
"""

from __future__ import annotations

from bridge.channels.contract import ShowsPosts
from bridge.errors import (
    Again,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    PersonMustAct,
    Refused,
)
from bridge.flow import outcomes
from bridge.flow.automatic import NOTICE, unasked
from bridge.flow.bridge import Bridge
from bridge.flow.once import Deed, do_once
from bridge.flow.promises import recount
from bridge.flow.standing import is_paused, stands
from bridge.flow.tickets import set_fields
from bridge.ledger import Tx, audit, conversations, lanes, posts, replies
from bridge.ledger.accounts import About, State
from bridge.ledger.conversations import Conversation
from bridge.ledger.intents import Intent
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Known
from bridge.ledger.shapes import Draft
from bridge.ledger.steps import Step
from bridge.model import Post, Receipt, Visibility
from bridge.text.links import links


def notice(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Tell the public thread that the answer was given privately, or record why not."""
    with bridge.ledger.reading() as tx:
        reply = replies.one(tx, int(step.about))
        assert reply is not None
        assert reply.answers is not None
        conversation = conversations.one(tx, reply.conversation_id)
        answered = posts.one(tx, reply.answers)
        post = posts.newest_revision(tx, answered.id)
    if is_paused(bridge, answered.account):
        raise Again("the account is paused", bridge.patience.sign_in.total_seconds())
    late = bridge.clock() - step.made_at > bridge.patience.give_up
    try:
        why_not = why_no_notice(bridge, answered, post) or _is_gone(bridge, answered)
        if why_not:
            outcomes.trail(bridge, lease, conversation, "no notice", why_not)
            return
        do_once(bridge, lease, _deed(bridge, conversation, answered, post))
    except (Again, NeedsSignIn, PersonMustAct, NobodyKnows) as failure:
        if isinstance(failure, NeedsSignIn):
            account, because = answered.account, failure.because
            stands(bridge, lease, account, State.NEEDS_SIGN_IN, because, about=About.SENDING)
            if not late:
                wait = bridge.patience.sign_in.total_seconds()
                raise Again(failure.because, wait) from failure
        if isinstance(failure, Again) and not late:
            raise
        code = "notice_unknown" if isinstance(failure, NobodyKnows) else "notice_refused"
        key = f"notice:{answered.id}:{code}"
        outcomes.tell(bridge, lease, conversation, key, code, failure.because, failed=True)
        outcomes.trail(bridge, lease, conversation, code, failure.because)


def reset_choice(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Put the ticket's "reply as" field back: a choice is for one reply."""
    with bridge.ledger.reading() as tx:
        reply = replies.one(tx, int(step.about))
        assert reply is not None
        conversation = conversations.one(tx, reply.conversation_id)
    if not conversation.ticket_id:
        return
    showing = recount(bridge, lease, conversation)
    fields = (("reply_as", "auto"), *showing.fields)
    try:
        set_fields(bridge, lease, conversation, f"reset:{reply.id}", fields)
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            showing.told(tx)
    except (NeedsSignIn, Misconfigured):
        raise
    except PersonMustAct as refusal:
        outcomes.trail(bridge, lease, conversation, "choice not put back", refusal.because)


def wording(bridge: Bridge, answered: Known, post: Post) -> str:
    """The notice in the customer's language."""
    return bridge.mapping.wording(answered.account, post.language or post.author.language)


def why_no_notice(bridge: Bridge, answered: Known, post: Post) -> str:
    """Why none comes, "" if one does, as far as it is known without asking the network."""
    channel = bridge.channel(answered.account)
    told = bridge.mapping.handover(answered.account)
    if channel.limits().shows_own_notice and not told.insists:
        return "the network shows its own"
    if not told.notice:
        return "the mapping says so"
    if answered.state == posts.GONE:
        return "the post is gone"
    if post.unanswerable:
        return post.unanswerable
    return ""


def _is_gone(bridge: Bridge, answered: Known) -> str:
    channel = bridge.channel(answered.account)
    if isinstance(channel, ShowsPosts) and not channel.is_there(answered.network_id):
        return "the post is no longer on the network"
    return ""


def _deed(bridge: Bridge, conversation: Conversation, answered: Known, post: Post) -> Deed:
    text = wording(bridge, answered, post)
    if bridge.channel(answered.account).limits().no_links_in_notices and links(text):
        raise Refused("the notice that the mapping words has a link, which is not posted there")
    draft = Draft(
        account=answered.account,
        visibility=Visibility.PUBLIC,
        text=text,
        to=post.author,
        in_reply_to=post.id,
        thread_id=answered.thread_id,
        language=post.language,
        attachments=(),
        answers=post.kind,
        answered_at=post.created_at,
    )

    def then(tx: Tx, _intent: Intent, _receipt: Receipt) -> None:
        audit.add(tx, "notice posted", conversation_id=conversation.id)

    # One per public post, whatever happens to the conversation it belongs to.
    return unasked(bridge, conversation, NOTICE, str(answered.id), draft, then)
