"""A ticket as the sidebar shows it: its posts, its answers, its people. Read, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.channels.contract import Unit
from bridge.flow import moderating
from bridge.flow.bridge import Bridge
from bridge.flow.previewing import As, Plan, Window, Wish, plan, refusal, why_not, window
from bridge.flow.reached import reached
from bridge.ledger import Tx, acts, beside, deadlines, holds, intents, posts, replies
from bridge.ledger.acts import Asked
from bridge.ledger.conversations import Conversation
from bridge.ledger.posts import Known
from bridge.ledger.replies import Taken
from bridge.model import OURSELVES, Act, Media, Outcome, Reached, Visibility
from bridge.text import held, words

POSTS, REPLIES = 20, 10


@dataclass(frozen=True, slots=True)
class Where:
    id: int
    account: str
    network: str
    network_name: str


@dataclass(frozen=True, slots=True)
class Writer:
    name: str
    handle: str
    profile_url: str
    avatar_url: str
    followers: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a post shows."""

    url: str
    content_type: str
    description: str


@dataclass(frozen=True, slots=True)
class PostView:
    """`labels` and `unanswerable` are sentences."""

    id: str
    kind: str
    kind_name: str
    visibility: Visibility
    author: Writer
    text: str
    created_at: datetime
    edited: bool
    state: str
    permalink: str
    media: tuple[Shown, ...]
    labels: tuple[str, ...]
    unanswerable: str
    acts: tuple[Act, ...]
    by_us: bool


@dataclass(frozen=True, slots=True)
class ContactView:
    network: str
    network_name: str
    account: str
    handle: str
    posts: int
    last_at: datetime
    ticket: str


@dataclass(frozen=True, slots=True)
class WayView:
    """How an answer would go out. `why_not` is a sentence, "" if nothing is known against it;
    `most` is 0 where nothing would be sent."""

    visibility: Visibility
    because: str
    why_not: str
    most: int
    unit: str
    answers: str | None


@dataclass(frozen=True, slots=True)
class Ways:
    auto: WayView
    public: WayView
    private: WayView


@dataclass(frozen=True, slots=True)
class HoldView:
    says: tuple[str, ...]
    needs_second: bool


@dataclass(frozen=True, slots=True)
class ReplyView:
    id: str
    at: datetime
    author: str
    visibility: Visibility
    text: str
    outcome: str
    says: str
    permalink: str
    can_retry: bool
    hold: HoldView | None


@dataclass(frozen=True, slots=True)
class ActView:
    id: str
    act: Act
    act_name: str
    reason: str
    state: str
    says: str
    asked_by: str
    needs_second: bool


@dataclass(frozen=True, slots=True)
class TicketView:
    ticket: str
    conversation: Where
    reply_as_field: int | None
    reply_by: datetime | None
    posts: tuple[PostView, ...]
    contacts: tuple[ContactView, ...]
    ways: Ways
    window: Window
    replies: tuple[ReplyView, ...]
    acts: tuple[ActView, ...]


def view(bridge: Bridge, ticket_id: str, language: str) -> TicketView | None:
    """None for a ticket that is none of ours. Calls nobody but for a server's own limits."""
    plans = {choice: plan(bridge, ticket_id, Wish("…", choice, language)) for choice in As}
    auto = plans[As.AUTO]
    if auto is None:
        return None
    with bridge.ledger.reading() as tx:
        here = tuple(
            each
            for each in beside.on_ticket(tx, bridge.desk, ticket_id)
            if each.requester[0] != OURSELVES
        )
        deadline = deadlines.of(tx, auto.conversation.id)
        seen = _Seen(bridge, tx, language)
        undelivered = replies.last_undelivered(tx, auto.conversation.id, ticket_id)
        return TicketView(
            ticket=ticket_id,
            conversation=seen.where(auto.conversation),
            reply_as_field=dict(bridge.mapping.fields).get("reply_as"),
            reply_by=deadline.reply_by if deadline else None,
            posts=tuple(
                seen.post(each)
                for each in beside.newest_posts(tx, bridge.desk, ticket_id, here, POSTS)
            ),
            contacts=seen.contacts(ticket_id, here),
            ways=Ways(*(_way(plans[choice] or auto) for choice in As)),
            window=window(auto),
            replies=tuple(
                seen.reply(each, undelivered)
                for each in beside.newest_replies(tx, ticket_id, here, REPLIES)
            ),
            acts=tuple(seen.act(each) for each in acts.of_ticket(tx, bridge.desk, ticket_id)),
        )


def _way(made: Plan) -> WayView:
    answers, length = made.decision.answers, made.way.limits.length if made.way else None
    failure = refusal(made, made.draft) if made.draft else made.failure
    return WayView(
        visibility=made.decision.visibility,
        because=made.because,
        why_not=why_not(made, failure),
        most=length.most if length else 0,
        unit=length.unit if length else Unit.CHARACTERS,
        answers=f"p{answers.id}" if answers else None,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one agent sees, in one transaction."""

    bridge: Bridge
    tx: Tx
    language: str

    def network(self, account: str) -> str:
        known = self.bridge.mapping.accounts.get(account)
        return known.network if known else account

    def says(
        self, code: str, account: str, detail: str = "", so_much: Reached = Reached.NOTHING
    ) -> str:
        network, language = self.network(account), self.language
        return words.note(code, network=network, detail=detail, language=language, reached=so_much)

    def where(self, conversation: Conversation) -> Where:
        network = self.network(conversation.account)
        name = words.network_name(network)
        return Where(conversation.id, conversation.account, network, name)

    def contacts(self, ticket_id: str, here: tuple[Conversation, ...]) -> tuple[ContactView, ...]:
        return tuple(
            ContactView(
                network=each.network,
                network_name=words.network_name(each.network),
                account=each.account,
                handle=each.handle,
                posts=each.posts,
                last_at=each.last_at,
                ticket=each.ticket,
            )
            for each in beside.contacts(self.tx, ticket_id, here)
        )

    def post(self, known: Known) -> PostView:
        post = posts.newest_revision(self.tx, known.id)
        who, code = post.author, post.unanswerable
        cannot = self.says(f"unanswerable_{code}", known.account) if code else ""
        return PostView(
            id=f"p{known.id}",
            kind=post.kind,
            kind_name=self.says(f"kind_{post.kind}", known.account),
            visibility=known.visibility,
            author=Writer(who.name, who.handle, who.profile_url, who.avatar_url, who.followers),
            text="" if known.state == posts.GONE else post.text,
            created_at=post.created_at,
            edited=len(posts.revision_ids(self.tx, known.id)) > 1,
            state=known.state,
            permalink=post.permalink,
            media=() if known.state == posts.GONE else tuple(map(_shown, post.media)),
            labels=tuple(self.says(f"label_{label}", known.account) for label in post.labels),
            unanswerable=cannot,
            acts=moderating.possible(self.bridge, post, known),
            by_us=known.by_us,
        )

    def reply(self, reply: Taken, undelivered: Taken | None) -> ReplyView:
        assert reply.draft is not None
        account = reply.draft.account
        hold = holds.of_reply(self.tx, reply.id)
        is_open = hold is not None and hold.state == holds.OPEN
        return ReplyView(
            id=f"r{reply.id}",
            at=reply.written_at,
            author=reply.author_name,
            visibility=reply.draft.visibility,
            text=reply.draft.text,
            outcome=reply.outcome,
            says=self._became(reply, account),
            permalink=beside.permalink(self.tx, reply.id),
            can_retry=undelivered is not None and undelivered.id == reply.id,
            hold=HoldView(
                held.found_says(hold.found, network=self.network(account), language=self.language),
                hold.needs_second,
            )
            if hold is not None and is_open
            else None,
        )

    def _became(self, reply: Taken, account: str) -> str:
        if reply.outcome in ("", Outcome.DELIVERED):
            code = "beside_delivered" if reply.outcome else "beside_waits"
            return self.says(code, account)
        so_much = reached(self.tx, reply.id)
        if reply.outcome in (Outcome.HELD, Outcome.WITHDRAWN):
            return self.says(reply.outcome, account, so_much=so_much)
        last = intents.last_outcome(self.tx, reply.id)
        if last is None:
            return self.says(reply.outcome, account, so_much=so_much)
        return self.says(last.code or last.outcome, account, last.because, so_much)

    def act(self, asked: Asked) -> ActView:
        conversation_account = posts.one(self.tx, asked.post_id).account
        code, detail = "beside_act_waits", ""
        if asked.state == acts.DONE:
            code = f"act_done_{asked.act}"
        elif asked.state == acts.HELD:
            code, detail = "act_needs_second", asked.number
        elif asked.state == acts.UNKNOWN:
            code = "act_unknown"
        elif asked.state == acts.REFUSED:
            code, detail = asked.refusal
        return ActView(
            id=asked.number,
            act=asked.act,
            act_name=self.says(f"named_{asked.act}", conversation_account),
            reason=asked.reason,
            state=asked.state,
            says=self.says(code, conversation_account, detail),
            asked_by=asked.asked_by,
            needs_second=asked.needs_second,
        )


def _shown(media: Media) -> Shown:
    return Shown(media.url, media.content_type, media.description)
