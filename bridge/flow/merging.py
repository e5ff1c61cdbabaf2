"""Tickets that agents merge: what came along is answered where it now stands, and the
conversations of the ticket that was closed go on in the other one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bridge.errors import Again
from bridge.flow.bridge import Bridge
from bridge.flow.tickets import FOLLOW, look_at, point
from bridge.flow.visibility import decide
from bridge.helpdesks.contract import TicketState
from bridge.ledger import Tx, beside, conversations, lanes, posts, replies, steps
from bridge.ledger.beside import MERGED, Brought
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Known
from bridge.ledger.steps import Step
from bridge.model import OURSELVES, AgentComment, Visibility
from bridge.text.commands import FOR_NOTES, Command, take_command

NOT_UNASKED = "answers_merged"
UNSAID = "a ticket was merged in above it, and nobody said who is to read it"
"""Why an answer was not sent; its author was told."""
SOON = 2.0
"""Seconds: another lane has to read one ticket."""
TRIES = 10
"""After these nobody is waited for: of tickets that were merged in a row, two lanes may each wait
for the other."""


def looked_at(
    bridge: Bridge,
    lease: Lease,
    conversation: Conversation,
    comments: tuple[AgentComment, ...],
    tries: int,
) -> tuple[str, ...]:
    """Put down which tickets were merged into this one. Raises `Again` until what agents had
    written there is taken up: what was answered there would be answered by what is for others.
    Those that are to be read in this very lane are for the caller to read, first."""
    merges = [(comment, source) for comment in comments for source in comment.merged_from]
    if not merges:
        return ()
    unread: list[str] = []
    own: list[str] = []
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        for comment, source in merges:
            known = conversations.by_ticket(tx, bridge.desk, source)
            is_new = _put_down(bridge, tx, conversation, comment, source)
            if known is None:
                continue
            lane = lane_of(known)
            if is_new:
                look_at(tx, conversations.one(tx, known), source)
            if steps.is_waiting(tx, lane, "look", source):
                (own if lane == lease.lane else unread).append(source)
    if unread and tries < TRIES:
        raise Again(f"ticket {unread[0]}, which was merged into this one, is read first", SOON)
    return tuple(own)


def _put_down(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, source: str
) -> bool:
    """True the first time."""
    here = conversations.by_ticket(tx, bridge.desk, comment.ticket_id) or conversation.id
    about = f"{comment.ticket_id}:{comment.id}:{source}"
    if steps.asked_at(tx, lane_of(here), MERGED, about) is not None:
        return False
    steps.add(tx, lane_of(here), MERGED, about, account=conversation.account)
    return True


def taken_in(bridge: Bridge, tx: Tx, comment: AgentComment) -> Brought:
    """What the tickets brought of whose merge a comment tells."""
    came = [
        beside.brought(tx, bridge.desk, comment.ticket_id, source, int(comment.id))
        for source in comment.merged_from
    ]
    return Brought(
        tuple(post for each in came for post in each.pending),
        any(each.hides for each in came),
        tuple(post for each in came for post in each.last),
    )


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above an answer, as `decide` is told. `merged`: another ticket was merged in
    above it, which `hides` what may be private. `carried`: what the agents' last answer answered
    came along with that, so it was another ticket's. `mailed`: below it somebody wrote of whom the
    bridge knows nothing. `told`: since all that, its author was told who would read it."""

    pending: tuple[Known, ...]
    earlier: tuple[Known, ...]
    last: tuple[Known, ...]
    merged: bool = False
    hides: bool = False
    carried: bool = False
    mailed: bool = False
    told: bool = False


def must_be_asked(tx: Tx, comment: AgentComment, above: Above) -> bool:
    """Whether an answer would go out in public below what may be private, or privately to somebody
    else than who spoke last, though the agent has not said so."""
    command, _ = take_command(comment.text)
    if not above.merged or command in FOR_NOTES:
        return False
    decision = decide(command, comment, above.pending, above.earlier, above.last)
    is_said = command is not Command.NONE or comment.chosen_here
    if decision.visibility is Visibility.PUBLIC:
        return (above.hides or above.mailed) and not is_said
    if decision.answers is None or (is_said and above.told):
        return False
    if not above.pending:
        return (above.carried or above.mailed) and not is_said
    is_anothers = _author(tx, decision.answers) != _author(tx, above.pending[-1])
    return is_anothers or (above.mailed and not is_said)


def whom(comment: AgentComment, above: Above) -> str:
    """The number of the post that #dm would answer, "" for none. No name: notes are kept."""
    answers = decide(Command.DM, comment, above.pending, above.earlier, above.last).answers
    return f"p{answers.id}" if answers is not None else ""


def told_since(tx: Tx, helpdesk: str, ticket_id: str, place: int) -> bool:
    """Whether an agent was told on a ticket whom an answer reaches, below the comment that stands
    at `place`."""
    told = replies.not_sent(tx, helpdesk, ticket_id, UNSAID)
    return any(each.isdecimal() and int(each) > place for each in told)


def _author(tx: Tx, post: Known) -> tuple[str, str]:
    author = posts.newest_revision(tx, post.id).author
    return author.network, author.id


def since_ours(
    bridge: Bridge, tx: Tx, comments: tuple[AgentComment, ...], standing: Collection[str]
) -> tuple[AgentComment, ...]:
    """Without what was said on a ticket that was none of ours before one of ours was merged into
    it: that was for others."""
    for number, comment in enumerate(comments):
        if comment.id in standing or comment.mark:
            break
        sources = (conversations.by_ticket(tx, bridge.desk, each) for each in comment.merged_from)
        if any(each is not None for each in sources):
            return comments[number:]
    return comments


def stands(bridge: Bridge, tx: Tx, state: TicketState) -> None:
    """What the helpdesk says of a ticket, and what follows where it was merged."""
    if state.is_merged:
        went(bridge, tx, state.ticket_id)


def went(bridge: Bridge, tx: Tx, source: str) -> None:
    """A ticket was merged into another: the customers' conversations on it follow."""
    here = beside.on_ticket(tx, bridge.desk, source) if source else ()
    for each in sorted(here, key=lambda each: each.id):
        if each.ticket_id == source and each.requester[0] != OURSELVES:
            steps.add_unless_waiting(tx, lane_of(each.id), FOLLOW, source, account=each.account)


def follow_all(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Another ticket was merged into one of this lane."""
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        went(bridge, tx, step.about.rpartition(":")[2])


def follow(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Go on where the ticket of the conversation was merged into, as the helpdesk says."""
    with bridge.ledger.reading() as tx:
        conversation = conversations.one(tx, int(lease.lane.partition(":")[2]))
    source = step.about.partition(":")[0]
    if conversation.ticket_id != source:
        return  # it has gone on already
    into = bridge.helpdesk.state(source).merged_into
    if into:
        point(bridge, lease, conversation, into)
