"""A conversation as one line of moments, in the order in which they happened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bridge.ledger import posts, steps
from bridge.ledger.seen import Call, Learnt, SeenPost, Trail, Whole
from bridge.model import Outcome
from bridge.text import words

BAD = frozenset(
    {
        Outcome.REFUSED,
        Outcome.EXPIRED,
        Outcome.NEEDS_SIGN_IN,
        Outcome.UNKNOWN,
        Outcome.REJECTED,
    }
)
WARN = frozenset({Outcome.WILL_RETRY, Outcome.PENDING_MODERATION, Outcome.HELD})
CALLS = {
    "open": "Ticket opened",
    "append": "Comment written on the ticket",
    "note": "Note written on the ticket",
    "fields": "Ticket's fields set",
    "send": "Sent to the network",
    "notice": "Public notice",
    "act": "Done on the network",
}


@dataclass(frozen=True, slots=True)
class Badge:
    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Moment:
    """`tone` colours its dot: them, good, bad, warn or "". `words` is what somebody wrote, `was`
    what it replaced; `facts` are sentences of ours, `links` names with addresses."""

    at: datetime
    title: str
    tone: str = ""
    badges: tuple[Badge, ...] = ()
    words: str = ""
    was: str = ""
    facts: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    minor: bool = False


def timeline(whole: Whole) -> tuple[Moment, ...]:
    """Everything, the oldest first."""
    # In the order of cause, which sorting by time keeps among what happened at one instant.
    moments = [
        *_arrivals(whole),
        *(each for post in whole.posts for each in _post(post)),
        *(_trail(each) for each in whole.trail),
        *_replies(whole),
        *_holds(whole),
        *_acts(whole),
        *(_call(call) for call in whole.calls),
        *(_learnt(each, whole) for each in whole.learnt),
        *_reports(whole),
        *_ratings(whole),
        *_steps(whole),
    ]
    return tuple(sorted(moments, key=lambda each: each.at))


def _arrivals(whole: Whole) -> Iterator[Moment]:
    for each in whole.arrived:
        yield Moment(
            each.received_at,
            f"Delivery {each.id} from {each.source}",
            badges=(Badge(each.state.replace("_", " "), _of_delivery(each.state)),),
            facts=_said(each.because),
            links=(("look at it", f"/console/deliveries/{each.id}"),),
            minor=True,
        )


def _trail(each: Trail) -> Moment:
    brought = _brought(each.delivery_id)
    return Moment(each.at, each.what, facts=_said(each.because), links=brought, minor=True)


def _post(post: SeenPost) -> Iterator[Moment]:
    before = ""
    for number, version in enumerate(post.versions):
        said = version.post
        who = said.author.name or said.author.handle
        what = "wrote" if number == 0 else "changed it to"
        badges = [
            Badge(post.visibility, "" if post.visibility == "public" else "warn"),
            Badge(post.kind),
        ]
        if post.state == posts.GONE:
            badges.append(Badge("removed from the network", "bad"))
        facts: list[str] = [f"p{post.id}, {post.network_id}"]
        if number == 0 and post.because:
            by = f" by rule “{post.rule}”" if post.rule else ""
            facts.append(f"Routed{by}: {post.because} (mapping revision {post.mapping_revision})")
        if number == 0 and post.comment_id:
            facts.append(f"On the ticket as comment {post.comment_id}")
        if said.media:
            facts.append(f"{len(said.media)} files")
        yield Moment(
            said.created_at if number == 0 else version.received_at,
            f"{who}{' (us)' if post.by_us else ''} {what}",
            tone="" if post.by_us else "said-by-them",
            badges=tuple(badges),
            words=said.text or said.subject,
            was=before,
            facts=tuple(facts),
            links=(
                *((("on the network", said.permalink),) if said.permalink else ()),
                *_brought(version.delivery_id),
            ),
        )
        before = said.text or said.subject


def _replies(whole: Whole) -> Iterator[Moment]:
    for reply in whole.replies:
        facts = [f"r{reply.id}, comment {reply.comment_id} on ticket {reply.ticket_id}"]
        if reply.because:
            facts.append(reply.because)
        if reply.answers is not None:
            facts.append(f"Answers p{reply.answers}")
        if reply.overruled:
            facts.append("The ticket's field said public; it goes privately all the same.")
        badges = [Badge(reply.visibility, "" if reply.visibility == "public" else "warn")]
        badges.append(Badge(*outcome_shown(reply.outcome)))
        yield Moment(
            reply.written_at,
            f"{reply.author or 'An agent'} {'answered' if reply.text else 'wrote a note to us'}",
            tone=outcome_shown(reply.outcome)[1],
            badges=tuple(badges) if reply.visibility else (),
            words=reply.text,
            facts=tuple(facts),
        )


def outcome_shown(outcome: str) -> tuple[str, str]:
    """In words, with its colour."""
    if not outcome:
        return "on its way", "warn"
    told = outcome.replace("_", " ")
    if outcome == Outcome.DELIVERED:
        return told, "good"
    return told, "bad" if outcome in BAD else "warn" if outcome in WARN else "plain"


def _call(call: Call) -> Moment:
    what = CALLS.get(call.kind, call.kind.capitalize())
    tone = {"settled": "good", "refused": "bad", "open": "warn"}.get(call.state, "")
    facts = [f"{call.tries} {'try' if call.tries == 1 else 'tries'} at {call.far_side}"]
    if call.reply_id is not None:
        facts.append(f"for r{call.reply_id}")
    if call.remote_id:
        facts.append(f"receipt {call.remote_id}")
    if call.state == "open" and call.tries:
        facts.append("Sent, and no receipt yet: it may have arrived.")
    return Moment(
        call.received_at or call.tried_at or call.made_at,
        what,
        tone=tone,
        badges=(Badge(call.state, tone or "plain"),),
        facts=tuple(facts),
        links=(("on the network", call.permalink),) if call.permalink else (),
    )


def _learnt(each: Learnt, whole: Whole) -> Moment:
    told, tone = outcome_shown(each.outcome)
    facts = [f"code {each.code}"] if each.code else []
    if each.because:
        facts.append(each.because)
    if each.code:
        facts.append(words.ahead(each.code, network=whole.heading.network, language="en"))
    about = f"r{each.reply_id}" if each.reply_id is not None else f"call {each.intent_id}"
    good = each.outcome == Outcome.DELIVERED
    return Moment(each.at, f"{about}: {told}", tone=tone, facts=tuple(facts), minor=good)


def _holds(whole: Whole) -> Iterator[Moment]:
    for hold in whole.holds:
        facts = [f"try {hold.attempt}", *_findings(hold.findings)]
        if hold.needs_second:
            facts.append("A second person must agree.")
        yield Moment(hold.held_at, f"r{hold.reply_id} held back", tone="warn", facts=tuple(facts))
        if hold.settled_at is not None:
            yield Moment(
                hold.settled_at, f"r{hold.reply_id}: {hold.state}, by {hold.settled_by or 'itself'}"
            )


def _findings(text: str) -> tuple[str, ...]:
    """What a guard found: codes and masked excerpts, as they are kept."""
    try:
        found = json.loads(text)
    except ValueError:
        return _said(text)
    found = found if isinstance(found, list) else [found]
    return tuple(
        f"{each.get('code', '')}: {each.get('excerpt', '')}".rstrip(": ")
        for each in found
        if isinstance(each, dict)
    )


def _acts(whole: Whole) -> Iterator[Moment]:
    tones = {"done": "good", "refused": "bad", "held": "warn", "open": "warn", "unknown": "bad"}
    for act in whole.acts:
        facts = [*_said(act.reason), *_said(act.because)]
        if act.approved_by:
            facts.append(f"Agreed to by {act.approved_by}")
        tone = tones.get(act.state, "")
        yield Moment(
            act.asked_at,
            f"{act.asked_by} asked to {act.act} p{act.post_id} (a{act.id})",
            tone=tone,
            badges=(Badge(act.state, tone or "plain"),),
            facts=tuple(facts),
        )


def _ratings(whole: Whole) -> Iterator[Moment]:
    for rating in whole.ratings:
        if rating.asked_at is not None:
            yield Moment(rating.asked_at, f"Asked for a rating of ticket {rating.ticket_id}")
        if rating.answered_at is not None:
            yield Moment(
                rating.answered_at, f"Rated ticket {rating.ticket_id}: {rating.score}", tone="good"
            )


def _reports(whole: Whole) -> Iterator[Moment]:
    for each in whole.reports:
        yield Moment(
            each.at,
            f"The network reports {each.remote_id}: {each.state}",
            tone="bad" if each.state == "failed" else "good",
            facts=(*_said(each.code), *_said(each.because)),
            minor=each.state != "failed",
        )


def _steps(whole: Whole) -> Iterator[Moment]:
    """Steps that are not done say what the lane waits for."""
    for step in whole.steps:
        if step.state in (steps.DONE, steps.BEGUN) and step.kind not in ("removal", "remark"):
            continue
        tone = {steps.SET_ASIDE: "bad", steps.WAITING: "warn"}.get(step.state, "")
        tries = f"{step.tries} {'try' if step.tries == 1 else 'tries'}"
        yield Moment(
            step.settled_at or step.made_at,
            f"Step {step.id}: {step.kind} {step.about}",
            tone=tone,
            badges=(Badge(step.state.replace("_", " "), tone or "plain"),),
            facts=(tries, *_said(step.because)),
            links=(("look at it", f"/console/waiting/steps/{step.id}"),)
            if step.state == steps.SET_ASIDE
            else (),
            minor=not tone,
        )


def _of_delivery(state: str) -> str:
    return {"set_aside": "bad", "waiting": "warn"}.get(state, "plain")


def _said(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _brought(delivery_id: int | None) -> tuple[tuple[str, str], ...]:
    if delivery_id is None:
        return ()
    return ((f"delivery {delivery_id}", f"/console/deliveries/{delivery_id}"),)
