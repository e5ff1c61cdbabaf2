"""The ticket tells the truth: what became of a reply, in plain words, with what to do next."""

from __future__ import annotations

from bridge.errors import Misconfigured, NeedsSignIn, PersonMustAct
from bridge.flow.bridge import Bridge
from bridge.flow.tickets import Saying, plain, say
from bridge.ledger import audit, conversations, intents, lanes, posts, replies
from bridge.ledger.conversations import Conversation
from bridge.ledger.lanes import Lease
from bridge.ledger.replies import Taken
from bridge.ledger.steps import Step
from bridge.model import Outcome, Reached
from bridge.text import words

FAILED = "bridge_delivery_failed"

CAME_TO_NOTHING = frozenset(
    (
        "only_in_notes",
        "answers_erased",
        "answers_merged",
        "nothing_to_retry",
        "retry_overtaken",
        "dropped",
        "dropped_unknown",
        "taken_back",
        "taken_back_unknown",
        "hold_none",
        "hold_needs_second",
        "hold_same_person",
        "many_none",
        "many_count",
        "many_same_person",
        "many_not_private",
        "many_no_files",
        "take_out_none",
        "take_out_gone",
        "take_out_not_now",
        "act_not_here",
        "act_nothing_to_approve",
        "act_same_person",
        "same_nobody",
        "same_several",
        "same_self",
    )
)
"""What an agent asked for, and was not done: whoever solved the ticket with it thinks it was."""

NOT_SENT_ANY_MORE = (Outcome.WITHDRAWN, "dropped", "taken_back")
"""By an agent's word, by an admin, or because it was taken back on the ticket."""


def record(
    bridge: Bridge, lease: Lease, reply: Taken, outcome: Outcome, code: str, because: str
) -> None:
    """Put down what became of a reply; the ticket is told after this, never before."""
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        replies.came_to(tx, reply.id, outcome)
        intents.note(tx, outcome, reply_id=reply.id, code=code, because=because)
        audit.add(tx, f"reply {outcome}", because, conversation_id=reply.conversation_id)


def tell(
    bridge: Bridge,
    lease: Lease,
    conversation: Conversation,
    key: str,
    code: str,
    detail: str,
    *,
    failed: bool,
    delivery: str = "",
    reopen: bool = False,
    text: str = "",
    on: str = "",
    so_much: Reached = Reached.NOTHING,
) -> None:
    """One internal note, `text` or the sentence of its code. `failed` tags the ticket and reopens
    it, so that somebody sees it; `reopen` does the latter alone. `on` is the account that it is
    about, where that is not the conversation's: an incident's is none of a network. `so_much`
    the customer may have of the reply that it is about."""
    name = on or conversation.account
    account = bridge.mapping.accounts.get(name)
    network = account.network if account else name
    language = bridge.mapping.agents_language
    code = that_helps(bridge, conversation, code)
    has_field = any(word == "delivery" for word, _ in bridge.mapping.fields)
    told = words.note(code, network=network, detail=detail, language=language, reached=so_much)
    saying = Saying(
        key=key,
        content=plain(text or told),
        public=False,
        reopen=failed or reopen,
        tags=(FAILED, f"bridge_{code}") if failed else (f"bridge_{code}",),
        fields=(("delivery", delivery),) if delivery and has_field else (),
    )
    try:
        say(bridge, lease, conversation, saying)
    except (NeedsSignIn, Misconfigured):
        raise  # what is wrong is not wrong with this ticket: it is told later
    except PersonMustAct as refusal:
        # There is no ticket left to tell, or it takes nothing: the trail still says it.
        trail(bridge, lease, conversation, f"could not note {code} on the ticket", refusal.because)


def that_helps(bridge: Bridge, conversation: Conversation, code: str) -> str:
    """Nobody is told to answer in public where nothing was said in public."""
    if code != "no_private_way":
        return code
    with bridge.ledger.reading() as tx:
        return code if posts.has_public(tx, conversation.id) else "no_way"


def tell_delivered(bridge: Bridge, lease: Lease, reply: Taken) -> None:
    """That it arrived after all: once for each attempt, whoever says it."""
    conversation = conversation_of(bridge, reply)
    key, code = f"reply:{reply.id}:{reply.attempt}:delivered", "delivered_after_retry"
    arrived = Outcome.DELIVERED
    tell(bridge, lease, conversation, key, code, "", failed=False, delivery=arrived)


def trail(
    bridge: Bridge, lease: Lease, conversation: Conversation, what: str, because: str
) -> None:
    """What no ticket is told is still put down."""
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        audit.add(tx, what, because, conversation_id=conversation.id)


def tell_later(bridge: Bridge, lease: Lease, step: Step) -> None:
    """A note that was queued by somebody who could not call: `<code>:<what it is about>`, and
    after another colon what there is to add."""
    code, _, about = step.about.partition(":")
    detail = about.partition(":")[2]
    delivery = Outcome.WITHDRAWN if code in NOT_SENT_ANY_MORE else ""
    with bridge.ledger.reading() as tx:
        conversation = conversations.one(tx, int(lease.lane.partition(":")[2]))
    key = f"note:{step.about}"
    reopen = code in CAME_TO_NOTHING
    tell(
        bridge,
        lease,
        conversation,
        key,
        code,
        detail,
        failed=False,
        delivery=delivery,
        reopen=reopen,
    )


def conversation_of(bridge: Bridge, reply: Taken) -> Conversation:
    with bridge.ledger.reading() as tx:
        return conversations.one(tx, reply.conversation_id)
