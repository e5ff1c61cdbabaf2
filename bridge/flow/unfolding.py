"""What happens to a post after it was folded: edited, removed, or taken out by somebody.

Whatever changes who is folded locks the lane of the incident first, as every step in it does:
the incident's lane, then the row of the post, then the lane that the post goes to, then the
conversation there. In one order nobody waits for somebody who waits for them.
"""

from __future__ import annotations

from bridge.flow import ranking
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import ERASING
from bridge.flow.storming import queue, read, says_more
from bridge.flow.threads import place
from bridge.ledger import (
    Tx,
    acts,
    audit,
    broadcast_sending,
    conversations,
    lanes,
    posts,
    steps,
    storms,
)
from bridge.ledger.broadcast_sending import Went
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.deliveries import Delivery
from bridge.ledger.posts import Known
from bridge.ledger.storms import Member, Storm
from bridge.mapping import Storm as StormPolicy
from bridge.model import AgentComment, Post, Removal
from bridge.text.commands import Order, posts_named

OUT = "out"
NONE, IS_GONE, NOT_NOW = "take_out_none", "take_out_gone", "take_out_not_now"
"""Why a post is not taken out: it is not folded (or not any more), or gone from its network, or
somebody is being erased from the incident: a ticket that the erasure does not know would have its
words after it."""


def still(tx: Tx, post_id: int) -> Member | None:
    """How a post stands to the storm that it is folded into, and so it stays until the
    transaction ends. None for one that is in none, or has a ticket of its own."""
    seen = storms.member(tx, post_id)
    if seen is None or seen.state != storms.FOLDED:
        return None
    stand_still(tx, storms.one(tx, seen.storm_id))
    found = storms.member_still(tx, post_id)
    return found if found is not None and found.state == storms.FOLDED else None


def stand_still(tx: Tx, storm: Storm) -> str:
    """Nobody joins or leaves the incident's ticket meanwhile, but for posts that are new. Who has
    its lane in hand, "" for nobody."""
    return lanes.stand_still(tx, lane_of(storm.conversation_id))


def edited(
    bridge: Bridge,
    tx: Tx,
    delivery: Delivery,
    post: Post,
    known: Known,
    here: Member,
    revision_id: int,
) -> str:
    """Who changed their words to another need has a ticket of their own from then on."""
    storm = storms.one(tx, here.storm_id)
    said = read(bridge, post)
    least = (bridge.mapping.storm or StormPolicy()).alike
    is_alike = bool(said.keys) and said.likeness(storm.sketch) >= least
    if is_alike and said.named <= storm.named and not says_more(tx, said, storm.post_id):
        audit.add(
            tx,
            "edited",
            f"still alike to storm {storm.name}",
            conversation_id=known.conversation_id,
            delivery_id=delivery.id,
        )
        return f"edited; still alike to storm {storm.name}"
    why = known.route.because if known.route else known.because
    reason = f"{why}; it was folded into storm {storm.name} until it was edited"
    conversation_id = _own_ticket(bridge, tx, post, known, here, revision_id, reason)
    audit.add(
        tx,
        f"left storm {storm.name}",
        "it was edited and says something else",
        conversation_id=conversation_id,
        delivery_id=delivery.id,
    )
    return f"edited, and no longer alike to storm {storm.name}: a ticket of its own"


def removed(
    bridge: Bridge, tx: Tx, delivery: Delivery, removal: Removal, known: Known, here: Member
) -> str:
    """The next count tells it. Its words are taken off the ticket, where they stand on it."""
    storm = storms.one(tx, here.storm_id)
    audit.add(
        tx,
        "removed",
        removal.because,
        conversation_id=storm.conversation_id,
        delivery_id=delivery.id,
    )
    if here.shown:
        queue(bridge, tx, storm, f"off:{known.id}")
    return f"removed; it was folded into storm {storm.name}"


def take_off(bridge: Bridge, tx: Tx, known: Known) -> None:
    """The words of a removed post that were shown before it had a ticket of its own."""
    here = storms.member(tx, known.id)
    if here is not None and here.state == storms.LEFT and here.shown:
        queue(bridge, tx, storms.one(tx, here.storm_id), f"off:{known.id}")


# ------------------------------------------------------------------ taken out by somebody


def take_out(bridge: Bridge, tx: Tx, post_id: int, who: str) -> str:
    """A post that was folded wrongly gets a ticket of its own: "", or why not. Asked for once
    more, nothing more happens."""
    here = still(tx, post_id)
    if here is None:
        return NONE
    known = posts.one(tx, post_id)
    if known.state == posts.GONE:
        return IS_GONE
    storm = storms.one(tx, here.storm_id)
    if stand_still(tx, storm) == ERASING:
        return NOT_NOW
    post = posts.newest_revision(tx, post_id)
    why = known.route.because if known.route else known.because
    reason = f"{why}; it was folded into storm {storm.name} until it was taken out"
    revision_id = _revision_of(tx, post_id, post)
    conversation_id = _own_ticket(bridge, tx, post, known, here, revision_id, reason)
    audit.add(tx, f"taken out of storm {storm.name}", who, conversation_id=conversation_id)
    queue(bridge, tx, storm, f"{OUT}:{post_id}")
    return ""


def asked(
    bridge: Bridge, tx: Tx, conversation: Conversation, said: AgentComment, order: Order
) -> None:
    """`#take-out p34` in a note on the incident's ticket, or `#take-out p34 p35`."""
    for number in posts_named(order):
        why_not = NONE
        known = posts.if_there(tx, int(number[1:])) if number.startswith("p") else None
        if known is not None and _is_on(bridge, tx, known, said.ticket_id):
            who = f"{said.author_name} wrote #take-out {number}"
            why_not = take_out(bridge, tx, known.id, who)
        if why_not:
            about = f"{why_not}:{said.id}:{number}"
            steps.add(tx, lane_of(conversation.id), "note", about, account=conversation.account)


def _is_on(bridge: Bridge, tx: Tx, known: Known, ticket_id: str) -> bool:
    inside = known.conversation_id
    return inside is not None and acts.is_on_ticket(tx, bridge.desk, ticket_id, inside)


def tell_went(tx: Tx, conversation_id: int, account: str, went: Went) -> None:
    """The ticket that a post got of its own is told of an answer to many that went out under it.
    Once for each answer."""
    code = "many_went_out" if went.is_delivered else "many_may_be_out"
    detail = " ".join(filter(None, (went.number, went.link)))
    about = f"{code}:{went.number}:{detail}"
    steps.add(tx, lane_of(conversation_id), "note", about, account=account)


def _revision_of(tx: Tx, post_id: int, post: Post) -> int:
    """The ledger's id of a version."""
    ids = reversed(posts.revision_ids(tx, post_id))
    return next(each for each in ids if posts.revision(tx, each)[1].revision == post.revision)


def _own_ticket(
    bridge: Bridge,
    tx: Tx,
    post: Post,
    known: Known,
    here: Member,
    revision_id: int,
    reason: str,
) -> int:
    """The conversation that it belongs to from now on, by the way that every post takes. What has
    gone out to it as an answer to many is told there."""
    spot = place(tx, post, bridge.mapping.threads(post.account, post.kind))
    conversation_id = (
        spot.conversation.id
        if spot.conversation
        else conversations.begin(tx, post.account, here.person_id, spot.key, post.created_at)
    )
    steps.add(
        tx,
        lane_of(conversation_id),
        "post",
        str(revision_id),
        account=post.account,
        rank=ranking.rank_of(bridge, tx, post, conversation_id),
        opens=spot.conversation is None,
    )
    # After the lane, which whoever keeps a receipt has locked before it changes these.
    conversations.lead(tx, post.account, spot.key, conversation_id)
    conversations.heard(tx, conversation_id, tx.now)
    posts.move(tx, known.id, conversation_id, reason)
    storms.leave(tx, known.id)
    for each in broadcast_sending.went_under(tx, known.id):
        tell_went(tx, conversation_id, known.account, each)
    return conversation_id
