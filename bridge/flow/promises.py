"""By when an answer is due: on the ticket's field, and a nudge before it passes.

Everything is counted anew from what the ledger knows, in the conversation's own lane, whenever
somebody writes, is answered, or a ticket is solved. Nothing is counted down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.channels.contract import Channel
from bridge.errors import BridgeError, Misconfigured, NeedsSignIn, PersonMustAct
from bridge.flow import ranking
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Pause, Rest
from bridge.flow.outcomes import trail
from bridge.flow.tickets import Saying, plain, say, set_fields
from bridge.ledger import Tx, conversations, deadlines, lanes, ratings, steps
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.deadlines import Because, Deadline, Unanswered
from bridge.ledger.lanes import Lease
from bridge.ledger.steps import Step
from bridge.mapping.openings import OpeningHours
from bridge.mapping.service import Service
from bridge.model import HOUR, MINUTE, Visibility
from bridge.text import moments, words

FIELD = "reply_by"
SOON = "bridge_reply_soon"
EVERY = MINUTE
"""How often the ledger is asked what is due: a nudge is so late at most."""

BEFORE_WINDOW = HOUR
"""How long before a network's window closes the ticket is reminded of it."""


@dataclass(frozen=True, slots=True)
class Due:
    """By when, what sets it, since when somebody waits, and when the ticket is reminded."""

    reply_by: datetime
    because: Because
    since: datetime
    nudge_at: datetime


@dataclass(frozen=True, slots=True)
class Showing:
    """What the ticket's field is to hold, for an update that is made anyway. `fields` is empty
    where there is no such field, or nothing was ever put in it."""

    conversation_id: int
    at: datetime | None
    fields: tuple[tuple[str, str], ...]
    is_news: bool

    def told(self, tx: Tx) -> None:
        """With the receipt of that update."""
        if self.fields:
            deadlines.shown(tx, self.conversation_id, self.at)


def all_due(
    service: Service,
    window: timedelta | None,
    waiting: tuple[Unanswered, ...],
) -> tuple[Due, ...]:
    """What is promised and what the network allows, the earlier one first: `window` is how long
    after the last private message the network takes a private answer. Empty where nobody waits, or
    nothing is promised."""
    if not waiting:
        return ()
    since, hours = waiting[0].at, service.hours
    found: list[Due] = []
    if service.targets is not None:
        ends = [_target_of(service, each) for each in waiting]
        known = [at for at in ends if at is not None]
        if known:
            by = min(known)
            found.append(_due(by, Because.TARGET, since, by - service.targets.nudge))
    private = [each.at for each in waiting if each.visibility is Visibility.PRIVATE]
    if window is not None and private:
        by = max(private) + window
        found.append(_due(by, Because.WINDOW, since, _while_open(hours, by, max(private))))
    return tuple(sorted(found, key=lambda each: each.reply_by))


def _due(by: datetime, because: Because, since: datetime, nudge_at: datetime) -> Due:
    """Longer notice than half of the time is none."""
    return Due(by, because, since, max(nudge_at, since + (by - since) / 2))


def _target_of(service: Service, post: Unanswered) -> datetime | None:
    target = service.targets.of(post.visibility) if service.targets else None
    if target is None:
        return None
    return service.hours.after(post.at, target) if service.hours else post.at + target


def _while_open(hours: OpeningHours | None, by: datetime, since: datetime) -> datetime:
    """An hour before; where nobody is there then, an hour before they leave."""
    at = by - BEFORE_WINDOW
    closed_since = hours.closed_since(at) if hours else None
    if closed_since is None or closed_since - BEFORE_WINDOW <= since:
        return at
    return closed_since - BEFORE_WINDOW


# ------------------------------------------------------------------ in the conversation's lane


@dataclass(frozen=True, slots=True)
class Seen:
    """Who waits in a conversation, and what is put down of it."""

    waiting: tuple[Unanswered, ...]
    standing: Deadline | None


def seen(tx: Tx, conversation: Conversation) -> Seen:
    return Seen(deadlines.unanswered(tx, conversation.id), deadlines.row(tx, conversation.id))


def recount(bridge: Bridge, lease: Lease, conversation: Conversation) -> Showing:
    """Put down by when an answer is due now."""
    with bridge.ledger.reading() as tx:
        now_is = seen(tx, conversation)
    return counted(bridge, lease, conversation, now_is)


def counted(bridge: Bridge, lease: Lease, conversation: Conversation, now_is: Seen) -> Showing:
    """The same from what was just seen in the conversation's lane; written only if it is news."""
    account, standing = conversation.account, now_is.standing
    found = _all_due(bridge, account, now_is)
    if not found:
        if standing is not None:
            with bridge.ledger.writing() as tx:
                lanes.fence(tx, lease)
                deadlines.answered(tx, conversation.id)
    else:
        coming = _to_remind_of(standing, found, bridge.clock())
        if _is_other(standing, found[0], coming):
            with bridge.ledger.writing() as tx:
                lanes.fence(tx, lease)
                deadlines.put(
                    tx,
                    conversation.id,
                    found[0].reply_by,
                    (coming or found[0]).because,
                    found[0].since,
                    coming.nudge_at if coming else None,
                )
    at = found[0].reply_by if found else None
    before = standing.shown if standing else None
    fields: tuple[tuple[str, str], ...] = ()
    if (at or before) and any(word == FIELD for word, _ in bridge.mapping.fields):
        fields = ((FIELD, shown_as(bridge, account, at)),)
    return Showing(conversation.id, at, fields, is_news=at != before)


def shown_as(bridge: Bridge, account: str, at: datetime | None) -> str:
    """As the ticket's field holds it: in the zone of the account's hours, else in UTC."""
    hours = bridge.mapping.service(account).hours
    return moments.field(at, hours.zone if hours else "UTC") if at else ""


def _all_due(bridge: Bridge, account: str, now_is: Seen) -> tuple[Due, ...]:
    channel = bridge.channels.get(account)
    service = bridge.mapping.service(account)
    return all_due(service, _window(channel, now_is.waiting), now_is.waiting)


def _to_remind_of(standing: Deadline | None, found: tuple[Due, ...], now: datetime) -> Due | None:
    """What the ticket is reminded of next. What is new may be as good as over; of what stands
    already whatever has come was reminded of, but for what is still put down."""
    if _is_new(standing, found[0]):
        return next((each for each in found if each.reply_by > now), None)
    ahead = (each for each in found if each.nudge_at > now or _is_put_down(standing, each))
    return next(ahead, None)


def _is_other(standing: Deadline | None, first: Due, coming: Due | None) -> bool:
    if standing is None or _is_new(standing, first):
        return True
    return standing.nudge_at is not None if coming is None else not _is_put_down(standing, coming)


def _is_new(standing: Deadline | None, first: Due) -> bool:
    if standing is None or standing.because is Because.ANSWERED:
        return True
    return standing.reply_by != first.reply_by


def _is_put_down(standing: Deadline | None, wanted: Due) -> bool:
    """Whether it is what the ticket is to be reminded of as it stands."""
    here = (standing.because, standing.nudge_at) if standing else None
    return here == (wanted.because, wanted.nudge_at)


def _window(channel: Channel | None, waiting: tuple[Unanswered, ...]) -> timedelta | None:
    """A server that cannot be asked for its limits holds no ticket up."""
    if channel is None or all(each.visibility is Visibility.PUBLIC for each in waiting):
        return None
    try:
        return channel.limits().of(Visibility.PRIVATE).reply_window
    except BridgeError:
        return None


def answered(tx: Tx, conversation: Conversation, about: str) -> None:
    """Somebody may not be waiting any more: counted again once what is under way is done."""
    if deadlines.row(tx, conversation.id) is not None:
        count_again(tx, conversation, about)


def count_again(tx: Tx, conversation: Conversation, about: str) -> None:
    """Who waits, and until when, has changed."""
    lane = lane_of(conversation.id)
    steps.add_unless_waiting(tx, lane, "reply_by", about, account=conversation.account)


def tell_reply_by(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Put the field right, where no other update has done it."""
    conversation = _conversation(bridge, lease)
    showing = recount(bridge, lease, conversation)
    if not showing.is_news or not showing.fields or not conversation.ticket_id:
        return
    try:
        set_fields(bridge, lease, conversation, f"reply_by:{step.about}", showing.fields)
    except (NeedsSignIn, Misconfigured):
        raise
    except PersonMustAct as refusal:
        trail(bridge, lease, conversation, "reply by not put right", refusal.because)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        showing.told(tx)


def nudge(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Remind the ticket, if somebody still waits and no answer is on its way."""
    conversation = _conversation(bridge, lease)
    with bridge.ledger.reading() as tx:
        now_is = seen(tx, conversation)
        is_under_way = deadlines.is_being_answered(tx, conversation.id)
    counted(bridge, lease, conversation, now_is)
    found = _all_due(bridge, conversation.account, now_is)
    reminded = next((each for each in found if about(each) == step.about), None)
    if reminded is None or is_under_way:
        return
    code = "nudge_window" if reminded.because is Because.WINDOW else "nudge_target"
    account = bridge.mapping.accounts.get(conversation.account)
    text = words.note(
        code,
        network=account.network if account else conversation.account,
        detail=shown_as(bridge, conversation.account, reminded.reply_by),
        language=bridge.mapping.agents_language,
    )
    saying = Saying(f"nudge:{step.about}", plain(text), public=False, tags=(SOON, f"bridge_{code}"))
    try:
        say(bridge, lease, conversation, saying)
    except (NeedsSignIn, Misconfigured):
        raise
    except PersonMustAct as refusal:
        trail(bridge, lease, conversation, f"could not note {code}", refusal.because)


def about(reminds: Due | Deadline) -> str:
    """What names a reminder, so that it is given once."""
    assert reminds.nudge_at is not None
    return f"{reminds.because}:{reminds.nudge_at.isoformat()}"


def _conversation(bridge: Bridge, lease: Lease) -> Conversation:
    with bridge.ledger.reading() as tx:
        return conversations.one(tx, int(lease.lane.partition(":")[2]))


# ------------------------------------------------------------------ the lane of all promises


def keep(bridge: Bridge, lease: Lease) -> Pause:
    """Queue what is due in the conversations' lanes, each in a transaction of its own: one lane
    is locked at a time."""
    now = bridge.clock()
    ranking.hasten(bridge, lease)
    with bridge.ledger.reading() as tx:
        nudges = deadlines.to_nudge(tx, now)
        questions = ratings.to_ask(tx)
    for deadline in nudges:
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            conversation = conversations.one(tx, deadline.conversation_id)
            _queue(tx, conversation, "nudge", about(deadline))
            deadlines.nudged(tx, deadline.conversation_id)
    for rating in questions:
        csat = bridge.mapping.service(rating.account).csat
        if csat is not None and rating.solved_at + csat.after > now:
            continue
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            conversation = conversations.one(tx, rating.conversation_id)
            _queue(tx, conversation, "csat", str(rating.id))
    return Rest(bridge.clock() + EVERY)


def _queue(tx: Tx, conversation: Conversation, kind: str, what: str) -> None:
    steps.add(tx, lane_of(conversation.id), kind, what, account=conversation.account)
