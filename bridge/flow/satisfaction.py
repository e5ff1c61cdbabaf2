"""How satisfied was the customer: asked once for each solved ticket, privately; the answer stands
on the ticket and does not reopen it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bridge.errors import Misconfigured, NeedsSignIn, PersonMustAct
from bridge.flow import outcomes, promises
from bridge.flow.automatic import say_once
from bridge.flow.bridge import Bridge
from bridge.flow.reception import worded
from bridge.flow.tickets import Saying, plain, say
from bridge.helpdesks.contract import TicketState
from bridge.ledger import Tx, audit, conversations, lanes, posts, ratings, replies, states, steps
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Known
from bridge.ledger.ratings import Rating
from bridge.ledger.steps import Step
from bridge.model import OURSELVES, Post, Visibility
from bridge.text import words
from bridge.text.scores import BEST, Score, score

AWAITED = timedelta(days=7)
"""How long after the question the customer's next message may be the answer."""

CLOCKS = timedelta(seconds=30)
"""How far a network's clock may be behind ours. What was written before the question only arrived
after it, and answers something else."""


# ------------------------------------------------------------------ a ticket was solved


def stands(bridge: Bridge, tx: Tx, state: TicketState) -> None:
    """What the helpdesk says of a ticket, and what follows when it was solved, or is no more."""
    conversation_id = conversations.by_ticket(tx, bridge.desk, state.ticket_id)
    if conversation_id is None:
        return
    at = state.at or tx.now
    before = states.solved_at(tx, bridge.desk, state.ticket_id)
    states.stands(tx, bridge.desk, state.ticket_id, state.status, at)
    after = states.solved_at(tx, bridge.desk, state.ticket_id)
    if before == after:
        return
    conversation = conversations.one(tx, conversation_id)
    if conversation.requester[0] == OURSELVES:
        return
    count = promises.count_again if after is None else promises.answered
    count(tx, conversation, f"status:{state.ticket_id}")  # open again: whom it ended for may wait
    if before is not None:  # what was solved then is open, or was
        ratings.drop_unasked(tx, bridge.desk, state.ticket_id)
    if after is not None and bridge.mapping.service(conversation.account).csat is not None:
        ratings.expect(
            tx, bridge.desk, state.ticket_id, conversation.id, conversation.account, after
        )


# ------------------------------------------------------------------ asking


def ask(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Ask, where there is a private way and somebody has answered; else the trail says why not."""
    with bridge.ledger.reading() as tx:
        rating = ratings.one(tx, int(step.about))
        if rating is None:
            return
        conversation = conversations.one(tx, rating.conversation_id)
        answered = posts.last_private_of(tx, conversation.id)
        post = posts.newest_revision(tx, answered.id) if answered else None
        was_answered = replies.is_delivered(tx, conversation.id)
    because = _why_not(bridge, rating, conversation, answered, was_answered)
    csat = bridge.mapping.service(rating.account).csat
    text = worded(bridge, post, csat.ask) if csat and post else None
    if because or answered is None or text is None:
        _not_asked(bridge, lease, conversation, rating, because or "a placeholder has no value")
        return
    with bridge.ledger.writing() as tx:
        # Before it is said: people answer sooner than a worker that died comes back.
        lanes.fence(tx, lease)
        if not ratings.asked(tx, rating.id):
            return  # opened meanwhile, or solved again: its time begins anew
    about = f"csat:{bridge.desk}:{rating.ticket_id}"
    if say_once(bridge, lease, conversation, about=about, answered=answered, text=text) is None:
        _not_asked(bridge, lease, conversation, rating, "it could not be said")


def _why_not(
    bridge: Bridge,
    rating: Rating,
    conversation: Conversation,
    answered: Known | None,
    was_answered: bool,
) -> str:
    if bridge.mapping.service(rating.account).csat is None:
        return "the mapping no longer asks"
    if not was_answered:
        return "nobody has answered the customer"
    if answered is None:
        return "the customer has never written privately in it"
    if rating.asked_at is not None:
        return ""  # begun before, and perhaps said
    if conversation.ticket_id != rating.ticket_id:
        return f"it goes on in ticket {conversation.ticket_id}"
    state = bridge.helpdesk.state(rating.ticket_id)
    if state.merged_into:
        return f"it goes on in ticket {state.merged_into}"
    if state.status not in states.SOLVED or state.gone:
        return f"the ticket is {state.status} again"
    return ""


def _not_asked(
    bridge: Bridge, lease: Lease, conversation: Conversation, rating: Rating, because: str
) -> None:
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        ratings.not_asked(tx, rating.id)
        what = f"not asked about ticket {rating.ticket_id}"
        audit.add(tx, what, because, conversation_id=conversation.id)


# ------------------------------------------------------------------ the answer


@dataclass(frozen=True, slots=True)
class Rated:
    """A message that may answer a question of ours."""

    rating: Rating
    score: Score | None

    @property
    def alone(self) -> bool:
        return self.score is not None and self.score.alone


def read(tx: Tx, post: Post) -> Rated | None:
    """The question that a post may answer, None where none was put to its author."""
    if post.visibility is not Visibility.PRIVATE:
        return None
    who = post.author
    awaited = tuple(
        rating
        for rating in ratings.awaited(tx, post.account, who.network, who.id, tx.now - AWAITED)
        if rating.asked_at is not None and rating.asked_at <= post.created_at + CLOCKS
    )
    if not awaited:
        return None
    found = score(post.text)
    if found is not None and post.media:
        found = Score(found.number, alone=False)
    for older in awaited[1:]:
        ratings.answered(tx, older.id, None, None)
    return Rated(awaited[0], found)


def take(tx: Tx, rated: Rated, post_id: int) -> None:
    """Put down what the customer's next message says. `post_id` is that message."""
    rating, found = rated.rating, rated.score
    ratings.answered(
        tx, rating.id, found.number if found else None, post_id if rated.alone else None
    )
    if found is None:
        return
    lane = lane_of(rating.conversation_id)
    about = f"{rating.id}:{post_id if rated.alone else 0}"
    steps.add(tx, lane, "rating", about, account=rating.account)


def tell_rating(bridge: Bridge, lease: Lease, step: Step) -> None:
    """An internal note with the score; the ticket stays as it is."""
    rating_id, post_id = (int(part) for part in step.about.split(":"))
    with bridge.ledger.reading() as tx:
        rating = ratings.one(tx, rating_id)
        assert rating is not None
        conversation = conversations.one(tx, rating.conversation_id)
    account = bridge.mapping.accounts.get(rating.account)
    detail = f"{rating.score} / {BEST}"
    if conversation.ticket_id != rating.ticket_id:
        detail += f" (#{rating.ticket_id})"
    text = words.note(
        "rated",
        network=account.network if account else rating.account,
        detail=detail,
        language=bridge.mapping.agents_language,
    )
    saying = Saying(
        f"rating:{step.about}",
        plain(text),
        public=False,
        tags=("bridge_rated", f"bridge_csat_{rating.score}"),
    )

    def told(tx: Tx, comment_id: str, _covers: tuple[int, ...]) -> None:
        if post_id:
            posts.told(tx, post_id, comment_id)

    try:
        say(bridge, lease, conversation, saying, told)
    except (NeedsSignIn, Misconfigured):
        raise
    except PersonMustAct as refusal:
        outcomes.trail(bridge, lease, conversation, "rating not noted", refusal.because)
    csat = bridge.mapping.service(rating.account).csat
    if post_id and csat is not None and csat.thanks:
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            steps.add(tx, lease.lane, "thanks", step.about, account=rating.account)


def thank(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Once, for a message that was nothing but the score."""
    rating_id, post_id = (int(part) for part in step.about.split(":"))
    with bridge.ledger.reading() as tx:
        rating = ratings.one(tx, rating_id)
        assert rating is not None
        conversation = conversations.one(tx, rating.conversation_id)
        answered = posts.one(tx, post_id)
        post = posts.newest_revision(tx, post_id)
    csat = bridge.mapping.service(rating.account).csat
    text = worded(bridge, post, csat.thanks) if csat and csat.thanks else None
    if text is not None:
        about = f"csat thanks:{rating.id}"
        say_once(bridge, lease, conversation, about=about, answered=answered, text=text)
