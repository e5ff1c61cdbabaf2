"""What the bridge says by itself, each thing once; nothing but the notice is ever public.

Every text that no agent wrote leaves through `unasked` here, which refuses a public one of any
other kind. What cannot be said is put down in the trail and not tried for ever: nobody waits for
it, and the ticket is not bothered with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bridge.errors import Again, BridgeError, NeedsSignIn, NobodyKnows, PersonMustAct, Refused
from bridge.flow.allowed import NotAllowed, check, way_of
from bridge.flow.bridge import Bridge
from bridge.flow.messages import as_reply, parts
from bridge.flow.once import Body, Deed, do_once
from bridge.flow.outcomes import trail
from bridge.flow.sending import SAFE, finder
from bridge.flow.standing import is_paused, stands
from bridge.ledger import Tx, audit, automatics, intents, lanes, posts
from bridge.ledger.accounts import About, State
from bridge.ledger.conversations import Conversation
from bridge.ledger.intents import Intent
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Known
from bridge.ledger.shapes import Draft, draft_to_json
from bridge.model import Post, Receipt, Visibility

NOTICE = "notice"
SAID = "automatic"


def unasked(
    bridge: Bridge,
    conversation: Conversation,
    kind: str,
    about: str,
    draft: Draft,
    then: Callable[[Tx, Intent, Receipt], None],
    ready: Callable[[], None] | None = None,
) -> Deed:
    """The one way out for a text of the bridge's own. `about` makes it one within the
    conversation. Raises `Refused` for one that would be public and is not the notice."""
    if draft.visibility is not Visibility.PRIVATE and kind != NOTICE:
        raise Refused("what the bridge says by itself is private, but for the notice")
    channel = bridge.channel(draft.account)
    return Deed(
        key=f"{conversation.external_id}:{kind}:{about}",
        kind=kind,
        far_side=draft.account,
        conversation_id=conversation.id,
        compose=lambda: Body(draft_to_json(replace(draft, automatic=True))),
        ready=ready,
        act=lambda intent: channel.send(as_reply(intent, ())),
        look=finder(bridge, channel),
        then=then,
        safe=channel.limits().once in SAFE,
        gives_up=True,
    )


def say_once(
    bridge: Bridge,
    lease: Lease,
    conversation: Conversation,
    *,
    about: str,
    answered: Known,
    text: str,
) -> Receipt | None:
    """Say something privately to the author of a private message, in answer to it, once for
    everything that `about` names (what, to whom, for which period), in whichever conversation.

    None where it was not said: it was said before, elsewhere; the account is paused; a limit
    that holds for replies too forbids it; the network refused it; or it could not be reached
    within `patience.speak_up`. The trail says which. Nobody who wrote in public is written to.
    Raises `Again` while it is still to be tried: the step stays at the head of its lane.
    """
    if answered.visibility is not Visibility.PRIVATE:
        trail(bridge, lease, conversation, "not said", f"{about}: it would answer a public post")
        return None
    if is_paused(bridge, conversation.account):
        trail(bridge, lease, conversation, "not said", f"{about}: the account is paused")
        return None
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        if not automatics.begin(tx, about, conversation.id):
            return None  # another conversation has it
        begun_at = automatics.begun_at(tx, about)
        post = posts.newest_revision(tx, answered.id)
    key = f"{conversation.external_id}:{SAID}:{about}"
    with bridge.ledger.reading() as tx:
        before = intents.find(tx, key)
    if before is not None and before.state == intents.REFUSED:
        return None  # once is once, also for a no
    late = bridge.clock() - begun_at > bridge.patience.speak_up
    if late and (before is None or before.receipt is None):
        trail(bridge, lease, conversation, "not said", f"{about}: it is too late for it")
        return None
    try:
        return do_once(bridge, lease, _deed(bridge, conversation, about, answered, post, text))
    except (Again, NeedsSignIn, PersonMustAct, NobodyKnows) as failure:
        if isinstance(failure, NeedsSignIn):
            stands(
                bridge,
                lease,
                conversation.account,
                State.NEEDS_SIGN_IN,
                failure.because,
                about=About.SENDING,
            )
        elif isinstance(failure, Again):
            raise  # too late, one of the next tries ends it
        _given_up(bridge, lease, conversation, key, about, failure)
        return None


def _deed(
    bridge: Bridge,
    conversation: Conversation,
    about: str,
    answered: Known,
    post: Post,
    text: str,
) -> Deed:
    plain = Draft(
        account=conversation.account,
        visibility=Visibility.PRIVATE,
        text=text,
        to=post.author,
        in_reply_to=post.id,
        thread_id=answered.thread_id,
        language=post.language,
        attachments=(),
        answers=post.kind,
        answered_at=post.created_at,
    )
    way, draft = way_of(bridge, conversation, plain, answered.id)

    def ready() -> None:
        # Here, so that a no is recorded with the intent and holds for good.
        check(way, draft)
        if len(parts(bridge, way.channel, way.limits, draft)) > 1:
            raise NotAllowed("too_long", "it does not fit one message")

    def then(tx: Tx, _intent: Intent, _receipt: Receipt) -> None:
        audit.add(tx, "said by itself, private", about, conversation_id=conversation.id)

    return unasked(bridge, conversation, SAID, about, draft, then, ready)


def _given_up(
    bridge: Bridge,
    lease: Lease,
    conversation: Conversation,
    key: str,
    about: str,
    failure: BridgeError,
) -> None:
    """It is too late for it, or it was refused: closed, so that nobody tries it again."""
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        intents.drop(tx, key)
        audit.add(tx, "not said", f"{about}: {failure.because}", conversation_id=conversation.id)
