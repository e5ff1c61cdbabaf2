"""What would become of an answer if it were sent now. It asks no network and changes nothing.

Every rule here is the one by which replies really go out; nothing is decided a second time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bridge.errors import PersonMustAct, TooLong
from bridge.flow import merging, outcomes
from bridge.flow.allowed import NotAllowed, Way, check_unasked, closes_at, way_of
from bridge.flow.answers import draft_for
from bridge.flow.bridge import Bridge
from bridge.flow.filling import filled
from bridge.flow.guarding import Author, Held, why_held
from bridge.flow.handover import why_no_notice, wording
from bridge.flow.messages import parts, weight_of
from bridge.flow.priorities import Priorities
from bridge.flow.visibility import Decision, decide
from bridge.ledger import Tx, beside, conversations, storms
from bridge.ledger.conversations import Conversation
from bridge.ledger.shapes import Draft
from bridge.model import OURSELVES, AgentComment, Attachment, Visibility
from bridge.text import held, words
from bridge.text.commands import FOR_NOTES, take_command


class As(StrEnum):
    """What is chosen in the ticket's field."""

    AUTO = "auto"
    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Wish:
    """An answer that is being written. `agent_id` and `agent_name` are who says that they write it:
    enough to look forward by, proof of nothing. `language` is what they read."""

    text: str
    choice: As
    language: str
    files: int = 0
    agent_id: str = ""
    agent_name: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    used: int
    most: int


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    says: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Notice:
    """The public line after a private answer: whether it comes, its words, and a sentence."""

    will: bool
    text: str
    says: str


@dataclass(frozen=True, slots=True)
class Window:
    closes_at: datetime | None
    says: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Sentences are "" where there is nothing to say. `answers` is the post, as `p34`."""

    visibility: Visibility
    because: str
    answers: str | None
    why_not: str
    parts: tuple[Part, ...]
    too_long: str
    findings: tuple[Finding, ...]
    held: bool
    needs_second: bool
    notice: Notice
    window: Window


@dataclass(frozen=True, slots=True)
class Plan:
    """An answer as it would be taken up. `says` turns a code into the agent's language."""

    bridge: Bridge
    conversation: Conversation
    decision: Decision
    way: Way | None
    draft: Draft | None
    language: str
    failure: PersonMustAct | None = None

    def says(self, code: str, detail: str = "") -> str:
        account = self.bridge.mapping.accounts.get(self.conversation.account)
        network = account.network if account else self.conversation.account
        return words.ahead(code, network=network, detail=detail, language=self.language)

    @property
    def because(self) -> str:
        return self.says(BECAUSE[self.decision.because, self.decision.overruled])


BECAUSE = {
    ("the agent wrote #dm", False): "beside_because_dm",
    ("the agent wrote #template", False): "beside_because_template",
    ("the agent wrote #public", False): "beside_because_public",
    ("the ticket's field says private message", False): "beside_because_field_private",
    ("the ticket's field says public reply", False): "beside_because_field_public",
    ("the agent chose public reply for this answer", False): "beside_because_field_public",
    ("it answers a private message", True): "beside_because_overruled",
    ("there is nothing on the ticket to answer", False): "beside_because_nothing",
    ("it answers a private message", False): "beside_because_private",
    ("it answers a public post", False): "beside_because_post",
}
NO_NOTICE = {
    "the network shows its own": "beside_notice_own",
    "the mapping says so": "beside_notice_off",
    "the post is gone": "beside_notice_gone",
}


def preview(
    bridge: Bridge, ticket_id: str, wish: Wish, priorities: Priorities | None = None
) -> Preview | None:
    """None for a ticket that is none of ours. Raises as reading a ticket does, where the mapping
    wants its priority known; `priorities` remember it from one preview to the next."""
    made = plan(bridge, ticket_id, wish)
    if made is None:
        return None
    messages, too_long, failure = _messages(made)
    guarded = _guarded(made, ticket_id, wish, priorities or Priorities(bridge))
    network = bridge.mapping.accounts.get(made.conversation.account)
    found = guarded.found if guarded else ()
    says = held.found_says(
        found,
        network=network.network if network else made.conversation.account,
        language=wish.language,
    )
    answers = made.decision.answers
    return Preview(
        visibility=made.decision.visibility,
        because=made.because,
        answers=f"p{answers.id}" if answers else None,
        why_not=why_not(made, failure),
        parts=messages,
        too_long=made.says("beside_too_long", too_long) if too_long else "",
        findings=tuple(
            Finding(each.code, sentence, each.excerpt)
            for each, sentence in zip(found, says, strict=True)
        ),
        held=bool(found),
        needs_second=guarded is not None and guarded.needs_second,
        notice=_notice(made),
        window=window(made),
    )


def plan(bridge: Bridge, ticket_id: str, wish: Wish) -> Plan | None:
    """How an answer would be taken up from this ticket as the ledger knows it. None for a ticket
    that is none of ours."""
    command, text = take_command(wish.text)
    with bridge.ledger.reading() as tx:
        here = beside.on_ticket(tx, bridge.desk, ticket_id)
        here = tuple(each for each in here if each.requester[0] != OURSELVES)
        if not here:
            return None
        conversation = here[0]
        standing = beside.standing(tx, bridge.desk, ticket_id)
        is_incidents = _is_incidents(bridge, tx, ticket_id)
        goes_to_many = is_incidents and not standing.pending
        comment = _comment(bridge, ticket_id, wish)
        here_above = (standing.pending, standing.earlier, standing.last)
        above = merging.Above(*here_above, standing.merged, standing.hides, standing.carried)
        if standing.merged:
            told = merging.told_since(tx, bridge.desk, ticket_id, standing.arrived)
            above = replace(above, told=told)
        asks = not is_incidents and merging.must_be_asked(tx, comment, above)
        whom = merging.whom(comment, above) if asks else ""
        decision = decide(command, comment, *here_above)
        if decision.answers is not None and decision.answers.conversation_id is not None:
            conversation = conversations.one(tx, decision.answers.conversation_id)
        draft = draft_for(tx, conversation, comment, command, text, decision)
    made = Plan(bridge, conversation, decision, None, draft, wish.language)
    if command in FOR_NOTES:
        return replace(made, failure=NotAllowed("only_in_notes", f"#{command}"))
    if asks:
        return replace(made, failure=NotAllowed(merging.NOT_UNASKED, whom))
    if goes_to_many:
        return replace(made, failure=NotAllowed("nothing_to_answer", ""))
    if draft is None or decision.answers is None:
        private = any(each.visibility is Visibility.PRIVATE for each in standing.pending)
        code = "no_public_way" if private or standing.earlier else "nothing_to_answer"
        return replace(made, failure=NotAllowed(code, ""))
    try:
        way, draft = way_of(bridge, conversation, draft, decision.answers.id)
        made = replace(made, way=way, draft=_with_files(way, draft, wish.files))
        draft = filled(bridge, draft, agent=_agent(bridge, wish).name, at=bridge.clock())
        return replace(made, draft=_with_files(way, draft, wish.files))
    except PersonMustAct as failure:
        return replace(made, failure=failure)


def _is_incidents(bridge: Bridge, tx: Tx, ticket_id: str) -> bool:
    """Whether a ticket is a storm's own: a customer's was merged into it."""
    number = conversations.by_ticket(tx, bridge.desk, ticket_id)
    return number is not None and storms.of_conversation(tx, number) is not None


def why_not(made: Plan, failure: PersonMustAct | None) -> str:
    """The sentence that says why it would not go out, "" if nothing is known against it."""
    failure = made.failure or failure
    if failure is None:
        return ""
    code = outcomes.that_helps(made.bridge, made.conversation, failure.code)
    return made.says(code, failure.because)


def refusal(made: Plan, *messages: Draft) -> PersonMustAct | None:
    """What is known against it before the network is asked."""
    if made.failure is not None or made.way is None:
        return made.failure
    try:
        for message in messages:
            check_unasked(made.way, message)
    except PersonMustAct as failure:
        return failure
    return None


def window(made: Plan) -> Window:
    """Until when the network takes it."""
    closes = closes_at(made.way, made.draft) if made.way and made.draft else None
    if closes is None:
        return Window(None, made.says("beside_window_none"))
    is_open = closes >= made.bridge.clock()
    return Window(closes, made.says("beside_window_open" if is_open else "beside_window_closed"))


def _messages(made: Plan) -> tuple[tuple[Part, ...], str, PersonMustAct | None]:
    """The messages it would be; how much too long it is; what is against it."""
    way, draft = made.way, made.draft
    if way is None or draft is None:
        return (), "", made.failure
    whole: tuple[Draft, ...] = (draft,)
    too_long, failure = "", made.failure
    try:
        whole = parts(made.bridge, way.channel, way.limits, draft)
    except TooLong as long:
        too_long = long.because
    except PersonMustAct as refused:
        failure = failure or refused
    most = way.limits.length.most
    shown = tuple(
        Part(each.text, weight_of(made.bridge, way.channel, way.limits, each), most)
        for each in whole
        if each.text
    )
    return shown, too_long, failure or refusal(made, *whole)


def _guarded(made: Plan, ticket_id: str, wish: Wish, priorities: Priorities) -> Held | None:
    draft = made.draft
    if draft is None or made.failure or draft.visibility is not Visibility.PUBLIC:
        return None
    author = _agent(made.bridge, wish) if wish.agent_id else None
    account = made.conversation.account
    return why_held(made.bridge, account, draft.text, author, lambda: priorities.of(ticket_id))


def _notice(made: Plan) -> Notice:
    """It follows a private answer to a public post, once that has arrived."""
    way, draft = made.way, made.draft
    if (
        way is None
        or draft is None
        or draft.visibility is not Visibility.PRIVATE
        or way.answered.visibility is not Visibility.PUBLIC
    ):
        return Notice(False, "", "")
    none = why_no_notice(made.bridge, way.answered, way.post)
    if none:
        return Notice(False, "", made.says(NO_NOTICE.get(none, "beside_notice_cannot")))
    text = wording(made.bridge, way.answered, way.post)
    return Notice(True, text, made.says("beside_notice"))


def _agent(bridge: Bridge, wish: Wish) -> Author:
    if wish.agent_name or not wish.agent_id:
        return Author(wish.agent_id, wish.agent_name)
    with bridge.ledger.reading() as tx:
        return Author(wish.agent_id, beside.agents_name(tx, wish.agent_id))


def _comment(bridge: Bridge, ticket_id: str, wish: Wish) -> AgentComment:
    """What it will be once it is sent: the choice in the field is made for this very answer."""
    return AgentComment(
        id="",
        ticket_id=ticket_id,
        text=wish.text,
        public=True,
        by_agent=True,
        author_id=wish.agent_id,
        author_name="",
        created_at=bridge.clock(),
        reply_as="" if wish.choice is As.AUTO else wish.choice,
        chosen_here=wish.choice is not As.AUTO,
    )


def _with_files(way: Way, draft: Draft, files: int) -> Draft:
    """So many files, of which nothing more is known: of a kind and size that is taken."""
    kind = min(way.limits.file_types, default="")
    return replace(draft, attachments=(Attachment("", "", kind),) * files)
