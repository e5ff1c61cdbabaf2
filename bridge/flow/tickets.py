"""Writing on tickets: opening, adding, noting; following a conversation when its ticket closes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from bridge.errors import Again, Closed, Gone, Misconfigured
from bridge.flow import lanes as names
from bridge.flow.authors import do_for, person_at_helpdesk
from bridge.flow.bridge import Bridge
from bridge.flow.once import Body, Deed, do_once
from bridge.ledger import Tx, conversations, intents, lanes, steps, written
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.intents import Intent
from bridge.ledger.lanes import Lease
from bridge.mapping import AfterClosing, Route
from bridge.model import Comment, Kind, Person, Receipt, Ticket, Written

WINDOW = timedelta(minutes=10)
KEPT_FOR_NOTES = 3
FOLLOW = "follow"
"""The kind of step that asks where a merged ticket goes on."""

Then = Callable[[Tx, str, tuple[int, ...]], None]
"""What to record with a write: called with the comment's id, and the steps whose words are in it,
in the transaction of its receipt."""


@dataclass(frozen=True, slots=True)
class Content:
    """Words, the tokens of files uploaded for them, and the steps they are the words of."""

    text: str
    uploads: tuple[str, ...] = ()
    covers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Saying:
    """Something to be written on a conversation's ticket.

    `key` names it within the conversation. `content` is asked for once, when the body is frozen.
    `author` None is the bridge itself. `opens` says how a ticket is to be opened if there is none
    (or no longer one that takes comments).
    """

    key: str
    content: Callable[[], Content]
    public: bool
    author: Person | None = None
    reopen: bool = False
    solve: bool = False
    tags: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    opens: Opening | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """How a ticket of this conversation is opened."""

    subject: str
    kind: Kind
    route: Route


def only_said(_tx: Tx, _comment_id: str, _covers: tuple[int, ...]) -> None:
    """Nothing more is recorded with it."""


def say(
    bridge: Bridge,
    lease: Lease,
    conversation: Conversation,
    saying: Saying,
    then: Then = only_said,
) -> str:
    """Write it, once, on the ticket where the conversation now goes on. The comment's id.

    A conversation without a ticket gets one if `saying.opens`; else `Gone` is raised.
    """
    here = conversation
    for _ in range(5):
        if not here.ticket_id:
            return _open(bridge, lease, here, saying, then, follow_up_of="")
        try:
            return _append(bridge, lease, here, saying, then)
        except (Closed, Gone) as stop:
            state = bridge.helpdesk.state(here.ticket_id)
            if state.merged_into and state.merged_into != here.ticket_id:
                here = point(bridge, lease, here, state.merged_into)
                continue
            if saying.opens is None:
                raise
            goes_on = bridge.mapping.threads(here.account, saying.opens.kind).after_closing
            closed = isinstance(stop, Closed) and not state.gone
            follow = here.ticket_id if closed and goes_on is AfterClosing.FOLLOW_UP else ""
            return _open(bridge, lease, here, saying, then, follow_up_of=follow)
    raise Again("the ticket has been merged again and again")


def was_said(bridge: Bridge, conversation: Conversation, key: str) -> bool:
    """Whether a step that died at its end has written this already. What opened a ticket stands
    under another mark than what would be added to it now."""
    with bridge.ledger.reading() as tx:
        return bool(written.under(tx, bridge.desk, _mark(conversation, key, "")))


def set_fields(
    bridge: Bridge,
    lease: Lease,
    conversation: Conversation,
    key: str,
    fields: tuple[tuple[str, str], ...],
) -> None:
    """Change ticket fields and say nothing."""
    mark = _mark(conversation, key, conversation.ticket_id)
    deed = Deed(
        key=mark,
        kind="fields",
        far_side=bridge.desk,
        conversation_id=conversation.id,
        ticket_id=conversation.ticket_id,
        compose=lambda: Body(bridge.helpdesk.compose_fields(mark, fields)),
        act=lambda intent: _updated(bridge, intent),
        look=lambda intent: _found(
            bridge.helpdesk.find_written(intent.ticket_id, intent.key), intent.key
        ),
        then=_nothing_more,
    )
    do_once(bridge, lease, deed)


def room(bridge: Bridge, ticket_id: str) -> int:
    """How many more updates the ticket takes in this window, some kept back for notes.

    Raises `Again` with the wait when there is none.
    """
    with bridge.ledger.reading() as tx:
        used, oldest = intents.updates_since(tx, ticket_id, WINDOW)
    left = bridge.helpdesk.updates_per_window - KEPT_FOR_NOTES - used
    if left > 0 or oldest is None:
        return left
    wait = (oldest + WINDOW - bridge.clock()).total_seconds()
    raise Again("the ticket has had all the updates it takes in ten minutes", max(wait, 1.0))


def _open(
    bridge: Bridge,
    lease: Lease,
    conversation: Conversation,
    saying: Saying,
    then: Then,
    *,
    follow_up_of: str,
) -> str:
    if saying.opens is None:
        raise Gone("the conversation has no ticket")
    assert saying.author is not None, "a ticket is opened by what a customer said"
    opening, author = saying.opens, saying.author
    mark = _mark(conversation, saying.key, f"after-{conversation.ticket_id or 'none'}")

    def compose() -> Body:
        ticket = Ticket(
            subject=opening.subject,
            external_id=conversation.external_id,
            group=opening.route.group,
            priority=opening.route.priority,
            assignee=opening.route.assignee,
            form=opening.route.form,
            tags=(*opening.route.tags, *saying.tags),
            fields=(*saying.fields, *opening.route.fields),
            follow_up_of=follow_up_of,
        )
        author_id = person_at_helpdesk(bridge, author)
        content = saying.content()
        comment = _comment(mark, saying, content)
        try:
            return Body(bridge.helpdesk.compose_open(ticket, comment, author_id), content.covers)
        except Misconfigured as wrong:
            # A group that was renamed must not keep a customer waiting: the ticket is opened
            # where the helpdesk puts tickets by default, and says why.
            bare = replace(
                ticket,
                group="",
                assignee="",
                form="",
                fields=saying.fields,
                tags=(*ticket.tags, "bridge_misrouted"),
            )
            explained = replace(comment, text=f"{comment.text}\n\n[{wrong.because}]")
            return Body(bridge.helpdesk.compose_open(bare, explained, author_id), content.covers)

    def opened(tx: Tx, intent: Intent, receipt: Receipt) -> None:
        ticket_id, _, comment_id = receipt.permalink.partition("#")
        conversations.point(tx, conversation.id, bridge.desk, ticket_id)
        then(tx, comment_id, intent.covers)
        if intent.tries:
            # An agent may have answered before we knew the ticket as ours: that ping is gone.
            look_at(tx, conversation, ticket_id)

    deed = Deed(
        key=mark,
        kind="open",
        far_side=bridge.desk,
        conversation_id=conversation.id,
        compose=compose,
        act=lambda intent: _opened(bridge.helpdesk.open(intent.body, _key(intent))),
        look=lambda intent: _opened_found(
            bridge.helpdesk.find_opened(conversation.external_id, intent.key)
        ),
        then=opened,
        opened=lambda receipt: receipt.permalink.partition("#")[0],
    )
    return do_for(bridge, lease, author, deed).permalink.partition("#")[2]


def _append(
    bridge: Bridge, lease: Lease, conversation: Conversation, saying: Saying, then: Then
) -> str:
    mark = _mark(conversation, saying.key, conversation.ticket_id)

    def compose() -> Body:
        author_id = person_at_helpdesk(bridge, saying.author) if saying.author else ""
        content = saying.content()
        body = bridge.helpdesk.compose_append(
            _comment(mark, saying, content),
            author_id,
            reopen=saying.reopen,
            solve=saying.solve,
            tags=saying.tags,
            fields=saying.fields,
        )
        return Body(body, content.covers)

    deed = Deed(
        key=mark,
        kind="append" if saying.public else "note",
        far_side=bridge.desk,
        conversation_id=conversation.id,
        ticket_id=conversation.ticket_id,
        compose=compose,
        act=lambda intent: _updated(bridge, intent),
        look=lambda intent: _found(
            bridge.helpdesk.find_written(intent.ticket_id, intent.key), intent.key
        ),
        then=lambda tx, intent, receipt: then(tx, receipt.id, intent.covers),
    )
    return do_for(bridge, lease, saying.author, deed).id


def plain(text: str) -> Callable[[], Content]:
    """Words that are known already."""
    return lambda: Content(text)


def look_at(tx: Tx, conversation: Conversation, ticket_id: str) -> None:
    """Queue a look at what agents wrote on a ticket, unless one is already waiting."""
    lane = lane_of(conversation.id)
    steps.add_unless_waiting(tx, lane, "look", ticket_id, account=conversation.account)
    if lanes.is_held(tx, lane):
        lanes.wake(tx, names.glance(lane), account=conversation.account)


def _comment(mark: str, saying: Saying, content: Content) -> Comment:
    return Comment(mark, content.text, saying.public, saying.author, content.uploads)


def _mark(conversation: Conversation, key: str, where: str) -> str:
    """Unique among all installations that ever wrote to this helpdesk."""
    return f"{conversation.external_id}:{key}@{where}"


def point(bridge: Bridge, lease: Lease, conversation: Conversation, ticket_id: str) -> Conversation:
    """The ticket of the conversation was merged into this one: from now on it goes on there. As
    long as it was none of ours, nobody looked at what agents wrote; it may have been merged, too.
    """
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        is_new = conversations.by_ticket(tx, bridge.desk, ticket_id) is None
        conversations.point(tx, conversation.id, bridge.desk, ticket_id)
        if is_new:
            look_at(tx, conversation, ticket_id)
            steps.add_unless_waiting(
                tx, lease.lane, FOLLOW, ticket_id, account=conversation.account
            )
    return replace(conversation, ticket_id=ticket_id)


def _key(intent: Intent) -> str:
    """Another one for a body that was frozen anew: the helpdesk may remember the refused one's."""
    return f"{intent.key}:{sha256(intent.body.encode()).hexdigest()[:16]}"


def _updated(bridge: Bridge, intent: Intent) -> Receipt:
    unless = intent.key if intent.in_doubt else ""
    bridge.pace.updated()
    return _receipt(bridge.helpdesk.update(intent.ticket_id, intent.body, unless), intent.key)


def _receipt(written: Written, key: str) -> Receipt:
    return Receipt(written.comment_id or key)


def _found(written: Written | None, key: str) -> Receipt | None:
    return _receipt(written, key) if written else None


def _opened(written: Written) -> Receipt:
    """A ticket's receipt names the comment; the ticket stands beside it."""
    return Receipt(
        written.comment_id or f"ticket-{written.ticket_id}",
        f"{written.ticket_id}#{written.comment_id}",
    )


def _opened_found(written: Written | None) -> Receipt | None:
    return _opened(written) if written else None


def _nothing_more(_tx: Tx, _intent: Intent, _receipt: Receipt) -> None:
    return None
