"""Carrying an act out on the network, once, and telling the ticket what came of it.

Acts are safe to repeat, so one whose answer was lost is simply asked for again. Like a reply, an
act keeps its place in the lane while the network cannot be asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NoReturn

from bridge.channels.contract import Moderates
from bridge.errors import Again, Gone, NeedsSignIn, NobodyKnows, PersonMustAct, Refused
from bridge.flow import outcomes
from bridge.flow.bridge import Bridge
from bridge.flow.once import Body, Deed, do_once
from bridge.flow.standing import is_paused, stands
from bridge.ledger import Tx, acts, audit, conversations, intents, lanes, posts
from bridge.ledger.accounts import About, State
from bridge.ledger.acts import Asked
from bridge.ledger.conversations import Conversation
from bridge.ledger.intents import Intent
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Known
from bridge.ledger.steps import Step
from bridge.model import Act, Post, Receipt

DONE = {
    Act.LIKE: "act_done_like",
    Act.UNLIKE: "act_done_unlike",
    Act.HIDE: "act_done_hide",
    Act.UNHIDE: "act_done_unhide",
    Act.DELETE: "act_done_delete",
    Act.BLOCK: "act_done_block",
    Act.UNBLOCK: "act_done_unblock",
}
NOTICED = frozenset({"act_refused", "act_needs_permission", "act_gave_up", "act_unknown"})
"""What came later than the agent may have looked: the ticket is opened again."""


@dataclass(frozen=True, slots=True)
class Doing:
    """One act under way."""

    bridge: Bridge
    lease: Lease
    asked: Asked
    conversation: Conversation
    known: Known
    post: Post

    @property
    def key(self) -> str:
        return f"{self.conversation.external_id}:act:{self.asked.id}"


def carry_out(bridge: Bridge, lease: Lease, step: Step) -> None:
    """`<act>:<state in which it was queued>`: do it, or only say how it stands."""
    act_id, _, stage = step.about.partition(":")
    doing = _doing(bridge, lease, int(act_id))
    if stage == acts.HELD:
        asked = doing.asked
        tell(doing, "act_needs_second", f"p{asked.post_id}, #approve {asked.number}")
        return
    if doing.asked.state == acts.OPEN:
        _do(doing, step)
        doing = _doing(bridge, lease, int(act_id))
    tell_outcome(doing)


def tell_outcome(doing: Doing) -> None:
    """What became of it, in one note."""
    asked = doing.asked
    if asked.state == acts.DONE:
        who = ", ".join(filter(None, (f"p{asked.post_id}", asked.asked_by, asked.approved_by)))
        tell(doing, DONE[asked.act], who)
    elif asked.state == acts.UNKNOWN:
        tell(doing, "act_unknown", f"p{asked.post_id}, #{asked.act}")
    elif asked.state == acts.REFUSED:
        tell(doing, *asked.refusal)


def was_ours(bridge: Bridge, lease: Lease, known: Known) -> bool:
    """Whether a post is gone because we deleted it. Then the ticket has been told, or is now, where
    nobody knew whether the network had carried it out."""
    with bridge.ledger.reading() as tx:
        asked = acts.last_deletion(tx, known.id)
    if asked is None:
        return False
    if asked.state == acts.UNKNOWN:
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            acts.settle(tx, asked.id, acts.DONE)
    tell_outcome(_doing(bridge, lease, asked.id))
    return True


def tell(doing: Doing, code: str, detail: str) -> None:
    outcomes.tell(
        doing.bridge,
        doing.lease,
        doing.conversation,
        f"act:{doing.asked.id}:{code}",
        code,
        detail,
        failed=False,
        reopen=code in NOTICED,
        on=doing.known.account,
    )


def _doing(bridge: Bridge, lease: Lease, act_id: int) -> Doing:
    with bridge.ledger.reading() as tx:
        asked = acts.one(tx, act_id)
        conversation = conversations.one(tx, asked.conversation_id)
        known = posts.one(tx, asked.post_id)
        post = posts.newest_revision(tx, known.id)
    return Doing(bridge, lease, asked, conversation, known, post)


def _do(doing: Doing, step: Step) -> None:
    """Raises `Again` while it must wait; else the act is settled when this returns."""
    bridge, account = doing.bridge, doing.known.account
    if is_paused(bridge, account):
        _wait(doing, "act_paused", "the account is paused")
    try:
        do_once(bridge, doing.lease, _deed(doing))
    except NeedsSignIn as dead:
        if dead.code == "needs_permission":
            _settle(doing, acts.REFUSED, acts.why("act_needs_permission", dead.because))
            return  # for this alone: what the account may do otherwise goes on
        because = dead.because
        stands(bridge, doing.lease, account, State.NEEDS_SIGN_IN, because, about=About.SENDING)
        if _too_late(doing, step):
            _give_up(doing, because)
            return
        _wait(doing, "act_waits", because)
    except Gone:
        _settle(doing, acts.REFUSED, acts.why("act_gone", f"p{doing.known.id}"))
    except PersonMustAct as refusal:
        _settle(doing, acts.REFUSED, acts.why("act_refused", refusal.because))
    except NobodyKnows as lost:
        _settle(doing, acts.UNKNOWN, lost.because)
    except Again as later:
        if _too_late(doing, step):
            _give_up(doing, later.because)
            return
        if bridge.clock() - step.made_at > bridge.patience.speak_up:
            tell(doing, "act_waits", later.because)
        raise
    else:
        stands(bridge, doing.lease, account, State.CONNECTED, about=About.SENDING)


def _deed(doing: Doing) -> Deed:
    asked, channel = doing.asked, doing.bridge.channel(doing.known.account)
    if not isinstance(channel, Moderates):
        raise Refused(f"{channel.network} can only be answered")

    def act(intent: Intent) -> Receipt:
        try:
            with doing.bridge.ledger.reading() as tx:
                gone = posts.one(tx, asked.post_id).state == posts.GONE
            if gone:
                raise Gone("the post is no longer there")
            channel.do(asked.act, doing.post)
        except Gone:
            if asked.act is not Act.DELETE or not intent.in_doubt:
                raise  # else it was our own first try that deleted it
        return Receipt(intent.key)

    def then(tx: Tx, _intent: Intent, _receipt: Receipt) -> None:
        acts.settle(tx, asked.id, acts.DONE)
        audit.add(tx, f"#{asked.act} done", asked.reason, conversation_id=asked.conversation_id)
        if asked.act is Act.DELETE:
            posts.gone(tx, asked.post_id)

    return Deed(
        key=doing.key,
        kind="act",
        far_side=doing.known.account,
        conversation_id=asked.conversation_id,
        compose=lambda: Body(json.dumps({"act": asked.act, "post": doing.known.network_id})),
        act=act,
        look=None,
        then=then,
        safe=True,
        gives_up=True,
    )


def _wait(doing: Doing, code: str, because: str) -> NoReturn:
    tell(doing, code, because if code == "act_waits" else "")
    raise Again(because, doing.bridge.patience.sign_in.total_seconds())


def _too_late(doing: Doing, step: Step) -> bool:
    return doing.bridge.clock() - step.made_at > doing.bridge.patience.give_up


def _give_up(doing: Doing, because: str) -> None:
    """What is true of an act that is not tried any longer: one whose answer was lost may have been
    carried out."""
    with doing.bridge.ledger.reading() as tx:
        intent = intents.find(tx, doing.key)
    if intent is not None and intent.in_doubt:
        _settle(doing, acts.UNKNOWN, because)
    else:
        _settle(doing, acts.REFUSED, acts.why("act_gave_up", because))


def _settle(doing: Doing, state: str, because: str) -> None:
    with doing.bridge.ledger.writing() as tx:
        lanes.fence(tx, doing.lease)
        acts.settle(tx, doing.asked.id, state, because)
        audit.add(
            tx,
            f"#{doing.asked.act} {state}",
            because,
            conversation_id=doing.asked.conversation_id,
        )
