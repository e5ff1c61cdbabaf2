"""What stands beside a ticket: its posts and answers in their order there, and its people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Column, ColumnElement, and_, func, literal_column, or_, select

from bridge.ledger import conversations as conversation_rows
from bridge.ledger import posts as post_rows
from bridge.ledger import replies as reply_rows
from bridge.ledger import steps as step_rows
from bridge.ledger import written
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.crm_tables import customer_links
from bridge.ledger.posts import Known
from bridge.ledger.replies import Taken
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, intents, people, posts, receipts, replies, tickets
from bridge.model import Visibility

MERGED = "merged"
"""The kind of step that says by which comment another ticket was merged into one:
`<ticket>:<comment>:<the other>`, in the lane of the first. It stays when it is done."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The posts on a ticket since the agents' last answer there, those before it, and those of them
    that the agents' last answer to any answered; all oldest first. `merged`: another ticket was
    merged into it. `hides`: since the last of all that has brought what may be private, and is
    none of them. `carried`: `last` came along with it. `arrived` is the place of the newest."""

    pending: tuple[Known, ...] = ()
    earlier: tuple[Known, ...] = ()
    last: tuple[Known, ...] = ()
    merged: bool = False
    hides: bool = False
    carried: bool = False
    arrived: int = 0


@dataclass(frozen=True, slots=True)
class Brought:
    """What a merge brings to a ticket: the posts that nobody had answered. `hides`: what is private
    came along, or may have, and is none of them. `last` are those that the agents' last answer
    there answered, where the ticket that it came to was none of ours: whoever goes on there can
    mean nothing else of ours."""

    pending: tuple[Known, ...]
    hides: bool
    last: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """Another conversation of the same person: how much was said and when, but no word of it."""

    account: str
    network: str
    handle: str
    posts: int
    last_at: datetime
    ticket: str


def on_ticket(tx: Tx, helpdesk: str, ticket_id: str) -> tuple[Conversation, ...]:
    """The conversations that are, or were, on a ticket; the one last spoken in comes first."""
    was_here = select(tickets.c.conversation_id).where(
        tickets.c.helpdesk == helpdesk, tickets.c.ticket_id == ticket_id
    )
    is_here = select(conversations.c.id).where(conversations.c.ticket_id == ticket_id)
    both = was_here.union(is_here).subquery()
    ids = tx.conn.execute(
        select(conversations.c.id)
        .join(both, both.c[0] == conversations.c.id)
        .order_by(conversations.c.last_word_at.desc(), conversations.c.id.desc())
    ).scalars()
    return tuple(conversation_rows.one(tx, each) for each in ids.all())


def standing(tx: Tx, helpdesk: str, ticket_id: str, before: int | None = None) -> Standing:
    """In the order of the comments, whose ids the helpdesk counts up. With `before` no merge counts
    that is not older than that comment."""
    said = tx.conn.execute(
        select(posts.c.id, posts.c.comment_id)
        .join(receipts, receipts.c.remote_id == posts.c.comment_id)
        .join(intents, intents.c.id == receipts.c.intent_id)
        .where(
            receipts.c.far_side == helpdesk,
            intents.c.ticket_id == ticket_id,
            post_rows.HAS_COMMENT,
        )
    ).all()
    answers = reply_rows.for_somebody(tx, helpdesk, ticket_id)
    openly = reply_rows.public_on(tx, helpdesk, ticket_id)
    line: list[tuple[int, Known | Brought | None]] = [
        (int(row.comment_id), post_rows.one(tx, row.id))
        for row in said
        if row.comment_id.isdecimal()
    ]
    line += [(int(each), None) for each in answers if each.isdecimal()]
    line += [
        (place, brought(tx, helpdesk, ticket_id, source, place))
        for place, source in _merges(tx, helpdesk, ticket_id)
        if before is None or place < before
    ]
    found = Standing()
    for place, each in sorted(line, key=lambda one: one[0]):
        found = _with(found, place, each, openly=str(place) in openly)
    return found


def _with(above: Standing, place: int, comes: Known | Brought | None, *, openly: bool) -> Standing:
    """What stands there after a post, a merge, or (None) an answer, which went out `openly`."""
    if comes is None:
        return replace(
            above,
            pending=(),
            earlier=(*above.earlier, *above.pending),
            last=above.pending or above.last,
            hides=above.hides and not openly,
            carried=False,
        )
    if isinstance(comes, Known):
        return replace(above, pending=(*above.pending, comes), hides=False, arrived=place)
    return Standing(
        pending=(*above.pending, *comes.pending),
        earlier=(*above.earlier, *comes.last),
        last=comes.last or above.last,
        merged=True,
        hides=above.hides or comes.hides,
        carried=above.carried or bool(comes.last),
        arrived=place,
    )


def brought(tx: Tx, helpdesk: str, ticket_id: str, source: str, place: int) -> Brought:
    """What the merge of another ticket into one brings, in the comment that stands at `place`. Of
    what did not come through us nobody knows how private it is."""
    if conversation_rows.by_ticket(tx, helpdesk, source) is None:
        return Brought((), True)
    there = standing(tx, helpdesk, source, place)
    hides = there.hides or any(each.visibility is Visibility.PRIVATE for each in there.earlier)
    is_foreign = not written.has_opened(tx, helpdesk, ticket_id)
    return Brought(there.pending, hides or is_foreign, there.last if is_foreign else ())


def _merges(tx: Tx, helpdesk: str, ticket_id: str) -> tuple[tuple[int, str], ...]:
    """The place of each merge into a ticket, and the other ticket."""
    conversation_id = conversation_rows.by_ticket(tx, helpdesk, ticket_id)
    if conversation_id is None:
        return ()
    told = step_rows.abouts(tx, lane_of(conversation_id), MERGED, ticket_id)
    found = (about.split(":", 2)[1:] for about in told)
    return tuple((int(place), source) for place, source in found)


def newest_posts(
    tx: Tx, helpdesk: str, ticket_id: str, here: tuple[Conversation, ...], most: int
) -> tuple[Known, ...]:
    """Oldest first. Of a conversation that has gone on to another ticket, what was told on this
    one: a follow-up may be for other eyes."""
    told = (
        select(receipts.c.remote_id)
        .join(intents, intents.c.id == receipts.c.intent_id)
        .where(receipts.c.far_side == helpdesk, intents.c.ticket_id == ticket_id)
    )
    ids = tx.conn.execute(
        select(posts.c.id)
        .where(
            posts.c.kind != "",
            _shown(posts.c.conversation_id, here, ticket_id, posts.c.comment_id.in_(told)),
        )
        .order_by(posts.c.created_at.desc(), posts.c.id.desc())
        .limit(most)
    ).scalars()
    return tuple(post_rows.one(tx, each) for each in reversed(ids.all()))


def newest_replies(
    tx: Tx, ticket_id: str, here: tuple[Conversation, ...], most: int
) -> tuple[Taken, ...]:
    """Newest first; of a conversation that has gone on to another ticket, those written on this."""
    ids = tx.conn.execute(
        select(replies.c.id)
        .where(
            replies.c.visibility != "",
            _shown(replies.c.conversation_id, here, ticket_id, replies.c.ticket_id == ticket_id),
        )
        .order_by(replies.c.id.desc())
        .limit(most)
    ).scalars()
    found = (reply_rows.one(tx, each) for each in ids.all())
    return tuple(each for each in found if each is not None)


def _shown(
    conversation: Column[int],
    here: tuple[Conversation, ...],
    ticket_id: str,
    on_it: ColumnElement[bool],
) -> ColumnElement[bool]:
    """Everything of what stands on the ticket now; of what stood on it, what was `on_it`."""
    was_here = conversation.in_([each.id for each in here])
    return or_(conversation.in_(_standing_here(here, ticket_id)), and_(was_here, on_it))


def _standing_here(here: tuple[Conversation, ...], ticket_id: str) -> list[int]:
    return [each.id for each in here if each.ticket_id == ticket_id]


def permalink(tx: Tx, reply_id: int) -> str:
    """Where the last message of a reply can be seen, "" if nowhere."""
    found: str | None = tx.conn.execute(
        select(receipts.c.permalink)
        .join(intents, intents.c.id == receipts.c.intent_id)
        .where(intents.c.reply_id == reply_id)
        .order_by(intents.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found or ""


def agents_name(tx: Tx, author_id: str) -> str:
    """What an agent was called when they last wrote, "" for one who never did."""
    found: str | None = tx.conn.execute(
        select(replies.c.author_name)
        .where(replies.c.author_id == author_id)
        .order_by(replies.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found or ""


def contacts(
    tx: Tx, ticket_id: str, here: tuple[Conversation, ...], most: int = 20
) -> tuple[Contact, ...]:
    """The conversations elsewhere of the customers whose ticket this is, or was, and of those whom
    the helpdesk has as the same user. Newest first."""
    ids = tuple(each.id for each in here)
    own = select(conversations.c.person_id).where(conversations.c.id.in_(ids))
    users = select(people.c.helpdesk_id).where(people.c.id.in_(own), people.c.helpdesk_id != "")
    whose = select(customer_links.c.customer_id).where(customer_links.c.person_id.in_(own))
    joined = select(customer_links.c.person_id).where(customer_links.c.customer_id.in_(whose))
    # Three questions with an index each: an OR of them reads everybody.
    known = select(people.c.id).where(
        people.c.helpdesk_id.in_(users), people.c.helpdesk_id != literal_column("''")
    )
    same = tuple(tx.conn.execute(own.union(joined, known)).scalars())
    said = (
        select(func.count())
        .select_from(posts)
        .where(posts.c.conversation_id == conversations.c.id, posts.c.by_us.is_(False))
        .scalar_subquery()
    )
    rows = tx.conn.execute(
        select(
            conversations.c.account,
            conversations.c.ticket_id,
            conversations.c.last_word_at,
            people.c.network,
            people.c.handle,
            said.label("said"),
        )
        .join(people, people.c.id == conversations.c.person_id)
        .where(
            conversations.c.person_id.in_(same),
            conversations.c.id.not_in(_standing_here(here, ticket_id)),
        )
        .order_by(conversations.c.last_word_at.desc())
        .limit(most)
    )
    return tuple(
        Contact(row.account, row.network, row.handle, row.said, row.last_word_at, row.ticket_id)
        for row in rows
    )
