"""Deliveries become posts in conversations: one source, one lane, in the order of arrival.

Nothing here calls anybody. A delivery is understood and everything that follows from it is
recorded in one transaction; what must be told to the helpdesk is queued in the conversation's lane.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DataError, OperationalError

from bridge.flow import merging, proving, ranking, reception, satisfaction, storming, unfolding
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Pause, Rest, Rested
from bridge.flow.threads import of_ours, place
from bridge.flow.tickets import look_at
from bridge.ledger import (
    Tx,
    audit,
    conversations,
    deliveries,
    erasures,
    intents,
    lanes,
    people,
    posts,
    replies,
    reports,
    steps,
    written,
)
from bridge.ledger.conversations import lane_of
from bridge.ledger.deliveries import Delivery
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Because
from bridge.ledger.store import is_deadlock
from bridge.mapping import Route, Skip
from bridge.model import (
    Arrival,
    Event,
    Ignored,
    Outcome,
    Post,
    Remark,
    Removal,
    Report,
    Unreadable,
    Visibility,
)

log = structlog.get_logger()

AT_A_TIME = 25
LONGEST = timedelta(milliseconds=10)
"""After this long what was taken in is committed: others want to write, too."""

UNSURE_FOR, LOOK_AGAIN = timedelta(minutes=2), timedelta(seconds=2)
"""How long a private message waits for what became of a private answer of ours that may be what
it answers, and how often it is looked for."""


class NotYet(Exception):
    """Where a message belongs is not known before what is under way is settled."""


UNKEEPABLE = (DataError, UnicodeError, OverflowError)
"""What databases and their drivers say to NUL characters, half surrogates, endless numbers. One
such item is set aside; it must not hold up all that come after it."""


@dataclass(frozen=True, slots=True)
class _Unpacked:
    delivery: Delivery
    events: tuple[Event, ...]


def from_network(bridge: Bridge, lease: Lease) -> Pause:
    """Sort an account's waiting deliveries."""
    with bridge.ledger.reading() as tx:
        here = _waiting(bridge, tx, lease)
    if not here:
        return Rest()
    together = AT_A_TIME
    while here:
        try:
            here = _take(bridge, lease, here, together)
        except NotYet:
            if together == 1:
                return Rest(bridge.clock() + LOOK_AGAIN)
            together = 1  # what came before it is taken in
        except UNKEEPABLE as odd:
            if together == 1:
                here = _leave(bridge, lease, here, f"the database cannot keep it: {odd}"[:300])
            together = 1
        except OperationalError as crossed:
            # Two accounts that heard the same people in another order; alone, nobody waits for two.
            if together == 1 or not is_deadlock(crossed):
                raise
            log.info("taken in one by one", because="another account hears the same people")
            together = 1
    return Rested()


def _take(
    bridge: Bridge, lease: Lease, here: tuple[_Unpacked, ...], together: int
) -> tuple[_Unpacked, ...]:
    """Take in up to so many in one transaction, for as long as `LONGEST`. What is next."""
    with bridge.ledger.writing() as tx:
        shown: list[Post] = []
        taken = 0
        now_here = here[:together]
        for each in now_here:
            with structlog.contextvars.bound_contextvars(delivery=each.delivery.id):
                # An instant of its own, and none that is still to come: who was heard first is
                # told first.
                now = tx.now - timedelta(microseconds=len(now_here) - 1 - taken)
                shown += _take_in(bridge, replace(tx, now=now), each.delivery, each.events)
            taken += 1
            if bridge.clock() - tx.now >= LONGEST:
                break
        for post in shown:
            proving.look(tx, post)
        return _next(bridge, tx, lease, here[taken:])


def _leave(
    bridge: Bridge, lease: Lease, here: tuple[_Unpacked, ...], because: str
) -> tuple[_Unpacked, ...]:
    """Put the first one aside. What is next."""
    with bridge.ledger.writing() as tx:
        _put_aside(tx, here[0].delivery, because)
        return _next(bridge, tx, lease, here[1:])


def _next(
    bridge: Bridge, tx: Tx, lease: Lease, left: tuple[_Unpacked, ...]
) -> tuple[_Unpacked, ...]:
    """What is left, or waits by now; with nothing of both, the lane is given back. The lane's row
    is locked here and not before, because whoever delivers something waits for it."""
    lanes.fence(tx, lease)
    here = left or _waiting(bridge, tx, lease)
    if not here:
        lanes.finish(tx, lease)
    return here


def _waiting(bridge: Bridge, tx: Tx, lease: Lease) -> tuple[_Unpacked, ...]:
    account = lease.lane.partition(":")[2]
    channel = bridge.channel(account)
    waiting = deliveries.next_waiting(tx, account, AT_A_TIME)
    return tuple(_Unpacked(each, channel.unpack(each.body)) for each in waiting)


def from_helpdesk(bridge: Bridge, lease: Lease) -> Pause:
    """Each ping names a ticket; the conversation's own lane will look at it. One about a status, or
    about what a customer said, needs no look."""
    while True:
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            waiting = deliveries.next_waiting(tx, bridge.desk, AT_A_TIME)
            for delivery in waiting:
                found = conversations.by_ticket(tx, bridge.desk, delivery.about)
                if found is None:
                    deliveries.settle(
                        tx, delivery.id, deliveries.IGNORED, "the ticket is not one of ours"
                    )
                    continue
                state = bridge.helpdesk.told(delivery.body)
                if state is not None:
                    satisfaction.stands(bridge, tx, state)
                    merging.stands(bridge, tx, state)
                elif not bridge.helpdesk.is_no_agents(delivery.body):
                    look_at(tx, conversations.one(tx, found), delivery.about)
                deliveries.settle(tx, delivery.id, deliveries.DONE)
        if not waiting:
            return Rest()


def _take_in(bridge: Bridge, tx: Tx, delivery: Delivery, events: tuple[Event, ...]) -> list[Post]:
    """What others wrote: for `proving.look`, which is last because it takes a lock."""
    standing = tuple(event for event in events if not _is_erased(tx, event))
    if events and not standing:
        deliveries.erase(tx, delivery.id)
        log.info("delivery erased", because="its author was erased")
        return []
    events = standing
    state, reasons = deliveries.DONE, []
    for event in events:
        if isinstance(event, Post):
            reasons.append(_post(bridge, tx, delivery, event))
        elif isinstance(event, Removal):
            reasons.append(_removal(bridge, tx, delivery, event))
        elif isinstance(event, Remark):
            reasons.append(_remark(bridge, tx, delivery, event))
        elif isinstance(event, Report):
            reasons.append(_report(tx, event))
        elif isinstance(event, Unreadable):
            state = deliveries.SET_ASIDE
            reasons.append(event.because)
        else:
            assert isinstance(event, Ignored)
            reasons.append(event.because)
            if len(events) == 1:
                state = deliveries.IGNORED
    because = "; ".join(reasons)
    if state == deliveries.SET_ASIDE:
        _put_aside(tx, delivery, because)
    else:
        deliveries.settle(tx, delivery.id, state, because)
        log.info("delivery settled", state=state, because=because)
    return [event for event in events if isinstance(event, Post) and not event.by_us]


def _is_erased(tx: Tx, event: Event) -> bool:
    """What was erased with its author does not come back, in no version and not as a removal."""
    if isinstance(event, Post):
        return erasures.is_buried(tx, event.account, event.id)
    if isinstance(event, Removal | Remark):
        return erasures.is_buried(tx, event.account, event.post_id)
    if isinstance(event, Report):
        return erasures.is_buried(tx, event.account, event.message_id)
    return False


def _put_aside(tx: Tx, delivery: Delivery, because: str) -> None:
    deliveries.settle(tx, delivery.id, deliveries.SET_ASIDE, because)
    audit.add(tx, "set aside", because, delivery_id=delivery.id)
    log.warning("delivery set aside", because=because)


def _post(bridge: Bridge, tx: Tx, delivery: Delivery, post: Post) -> str:
    known = posts.find(tx, post.account, post.id)
    if known is not None:
        return _again(bridge, tx, delivery, post, known)
    if written.is_known(tx, post.account, post.id):
        # The network's own word of when it was there, which no receipt has.
        reports.add(tx, Report(post.account, post.id, Arrival.SENT, post.created_at, post.mark))
        audit.add(tx, "echo", "a message of ours came back", delivery_id=delivery.id)
        return "a message of ours"
    return _first(bridge, tx, delivery, post)


def _first(bridge: Bridge, tx: Tx, delivery: Delivery, post: Post) -> str:
    if post.by_us:
        return _by_us(bridge, tx, delivery, post)
    rated = satisfaction.read(tx, post)
    if rated is not None and rated.alone:
        return _rating(bridge, tx, delivery, post, rated)
    policy = bridge.mapping.threads(post.account, post.kind)
    spot = place(tx, post, policy)
    found = spot.conversation
    if found is None and post.visibility is Visibility.PRIVATE and _may_answer_us(tx, post):
        raise NotYet
    decision = bridge.mapping.route(post, tx.now)
    if isinstance(decision, Skip) and not decision.rule and found is not None:
        # No rule speaks of it, but its conversation has a ticket: it belongs there.
        decision = Route("", f"it goes on in a conversation that has a ticket: {spot.because}")
    route = decision if isinstance(decision, Route) else None
    because = Because(decision.rule, decision.because, bridge.mapping.number, route)
    seen = storming.look(bridge, tx, post, spot.thread_id) if route and not found else None
    if seen is not None and seen.storm is not None:
        return storming.fold(bridge, tx, delivery, _in_thread(post, spot.thread_id), seen, because)
    person_id = people.remember(tx, post.author)
    conversation_id: int | None = None
    if route is not None:
        if found is None:
            post = storming.with_history(bridge, tx, post, spot.thread_id)
        conversation_id = (
            found.id
            if found
            else conversations.begin(tx, post.account, person_id, spot.key, post.created_at)
        )
    threaded = _in_thread(post, spot.thread_id)
    post_id = posts.store(
        tx, threaded, person_id=person_id, conversation_id=conversation_id, because=because
    )
    revision_id = posts.add_revision(tx, post_id, threaded, delivery.id)
    if seen is not None:
        storming.remember(tx, seen, post_id)
    if conversation_id is None:
        audit.add(tx, "skipped", decision.because, delivery_id=delivery.id)
        return f"skipped: {decision.because}"
    audit.add(
        tx,
        f"routed by {decision.rule or 'its conversation'}",
        f"{decision.because} (mapping revision {bridge.mapping.number})",
        conversation_id=conversation_id,
        delivery_id=delivery.id,
    )
    steps.add(
        tx,
        lane_of(conversation_id),
        "post",
        str(revision_id),
        account=post.account,
        rank=ranking.rank_of(bridge, tx, post, conversation_id),
        opens=found is None,
    )
    if found is not None:
        # After the lane, which whoever keeps a receipt has locked before it changes these.
        conversations.lead(tx, post.account, spot.key, conversation_id)
        conversations.heard(tx, conversation_id, post.created_at)
    if rated is not None:
        satisfaction.take(tx, rated, post_id)
    reception.expect(bridge, tx, post, conversation_id, post_id, delivery.via)
    return f"routed: {decision.because}"


def _rating(
    bridge: Bridge, tx: Tx, delivery: Delivery, post: Post, rated: satisfaction.Rated
) -> str:
    """Nothing but the number that we asked for: it is noted, and waits for no answer."""
    decided = f"it rates ticket {rated.rating.ticket_id}"
    because = Because("", decided, bridge.mapping.number)
    post_id = posts.store(
        tx,
        post,
        person_id=people.remember(tx, post.author),
        conversation_id=rated.rating.conversation_id,
        because=because,
    )
    posts.add_revision(tx, post_id, post, delivery.id)
    audit.add(
        tx,
        "rated",
        decided,
        conversation_id=rated.rating.conversation_id,
        delivery_id=delivery.id,
    )
    satisfaction.take(tx, rated, post_id)
    conversations.heard(tx, rated.rating.conversation_id, post.created_at)
    return decided


def _may_answer_us(tx: Tx, post: Post) -> bool:
    """Whether we are about to learn that we have just written privately to somebody: people answer
    sooner than a worker that died comes back, and their answer belongs to the same ticket."""
    under_way = steps.waiting_replies(tx, post.account)
    return intents.is_in_doubt(tx, post.account, under_way, since=tx.now - UNSURE_FOR)


def _again(bridge: Bridge, tx: Tx, delivery: Delivery, post: Post, known: posts.Known) -> str:
    """A post that the ledger knows: the same once more, or another version of it."""
    if known.state == posts.GONE:
        return "it has been removed from the network"
    before = posts.newest_revision(tx, known.id)
    revision_id = posts.add_revision(tx, known.id, _in_thread(post, known.thread_id), delivery.id)
    if revision_id is None:
        return "already here"
    if post.revision < before.revision:
        return "an older version of a post that has been edited since"
    if known.conversation_id is None or known.by_us:
        return f"a new version of a post that has no ticket: {known.because}"
    if before.text == post.text and before.media == post.media:
        return "edited, but it says the same"
    folded = unfolding.still(tx, known.id)
    if folded is not None:
        return unfolding.edited(bridge, tx, delivery, post, known, folded, revision_id)
    conversation_id = posts.one(tx, known.id).conversation_id  # it may have been taken out since
    assert conversation_id is not None
    audit.add(tx, "edited", conversation_id=conversation_id, delivery_id=delivery.id)
    steps.add(tx, lane_of(conversation_id), "edit", str(revision_id), account=post.account)
    conversations.heard(tx, conversation_id, tx.now)
    return "edited"


def _by_us(bridge: Bridge, tx: Tx, delivery: Delivery, post: Post) -> str:
    """The account's own post: perhaps the echo of a send still under way, else an answer given
    in the network's own app. The lane knows which, once what is under way is settled."""
    if post.mark:
        _report(tx, Report(post.account, post.id, Arrival.SENT, post.created_at, post.mark))
    conversation_id, thread_id = of_ours(tx, post)
    because = Because("", "the account's own post", bridge.mapping.number)
    person_id = people.remember(tx, post.author)
    threaded = _in_thread(post, thread_id)
    post_id = posts.store(
        tx, threaded, person_id=person_id, conversation_id=conversation_id, because=because
    )
    revision_id = posts.add_revision(tx, post_id, threaded, delivery.id)
    if conversation_id is None:
        return "the account's own post; its thread has no ticket"
    if storming.is_incident(bridge, tx, conversation_id):
        return "the account's own post below one that is folded"
    steps.add(tx, lane_of(conversation_id), "ours", str(revision_id), account=post.account)
    return "the account's own post in a conversation"


def _removal(bridge: Bridge, tx: Tx, delivery: Delivery, removal: Removal) -> str:
    known = posts.find(tx, removal.account, removal.post_id)
    if known is None:
        posts.store_removed(tx, removal)
        return "removed before it was heard of"
    if known.state == posts.GONE:
        return "already removed"
    folded = unfolding.still(tx, known.id)  # before its row is locked, as whoever takes it out
    posts.gone(tx, known.id)
    if known.conversation_id is None:
        return "removed; it had no ticket"
    if folded is not None:
        return unfolding.removed(bridge, tx, delivery, removal, known, folded)
    conversation_id = posts.one(tx, known.id).conversation_id  # it may have been taken out since
    assert conversation_id is not None
    unfolding.take_off(bridge, tx, known)
    audit.add(
        tx,
        "removed",
        removal.because,
        conversation_id=conversation_id,
        delivery_id=delivery.id,
    )
    steps.add(tx, lane_of(conversation_id), "removal", str(known.id), account=removal.account)
    return "removed"


def _remark(bridge: Bridge, tx: Tx, delivery: Delivery, remark: Remark) -> str:
    known = posts.find(tx, remark.account, remark.post_id)
    if known is None or known.conversation_id is None:
        return f"{remark.what}: a post that has no ticket"
    if storming.is_incident(bridge, tx, known.conversation_id):
        return f"{remark.what}: a post that is folded"
    lane = lane_of(known.conversation_id)
    _, what, at = (steps.newest(tx, lane, "remark", str(known.id)) or "::").split(":", 2)
    if what == remark.what or (at and remark.at < datetime.fromisoformat(at)):
        return f"{remark.what}: told before"
    audit.add(tx, str(remark.what), conversation_id=known.conversation_id, delivery_id=delivery.id)
    about = f"{known.id}:{remark.what}:{remark.at.isoformat()}"
    steps.add(tx, lane, "remark", about, account=remark.account)
    return str(remark.what)


def _report(tx: Tx, report: Report) -> str:
    """The network's later word on a message of ours. The lane is only troubled with it where it
    changes what is known: a failure, or a message that nobody could say anything of."""
    report_id = reports.add(tx, report)
    if report_id is None:
        return f"told before: {report.state}"
    intent = intents.find(tx, report.mark) if report.mark else None
    if intent is None:
        intent = intents.with_receipt(tx, report.account, report.message_id)
    if intent is None or intent.far_side != report.account:
        return f"{report.state}: a message that is not known as ours"
    reply = replies.one(tx, intent.reply_id) if intent.reply_id is not None else None
    lost = reply is not None and reply.outcome == Outcome.UNKNOWN
    if report.state is Arrival.FAILED or lost:
        lane = lane_of(intent.conversation_id)
        steps.add(tx, lane, "report", str(report_id), account=report.account)
    return f"{report.state}: a message of ours"


def _in_thread(post: Post, thread_id: str) -> Post:
    return post if post.thread_id == thread_id else replace(post, thread_id=thread_id)
