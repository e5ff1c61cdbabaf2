"""A short story, step by step, each step checked against what both sides really hold.

Which steps there are depends on what the network has: where nothing is public, each public step
has its private counterpart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from bridge.sandbox.stage import Check, Expected, Seen, Stage, Told
from bridge.sandbox.zendesk import preset
from bridge.sandbox.zendesk.records import Ticket, User

Scene = tuple[str, tuple[str, ...], tuple[str, ...], tuple[Check, ...]]
Step = Callable[[Stage], Scene]


def play(stage: Stage) -> Iterator[Told]:
    """The steps, one at a time: whoever asks for the next one decides what happens in between."""
    for step in steps(stage.expected):
        began = time.monotonic()
        title, network, helpdesk, checks = step(stage)
        yield Told(title, network, helpdesk, checks, time.monotonic() - began)


def steps(expected: Expected) -> tuple[Step, ...]:
    """The steps that this network has."""
    refusal = _told_beforehand if expected.warned else _refusal
    if expected.public:
        private = (_handover, _answer_to_handover, _direct_message)
        return (_first_post, _plain_answer, *private, refusal, _nothing_twice)
    return (_first_post, _plain_answer, _next_message, _no_public_way, refusal, _nothing_twice)


# -------------------------------------------------------------------- public and private alike


def _first_post(stage: Stage) -> Scene:
    words, public = "my parcel 4711 says delivered, but it is not here.", stage.expected.public
    post, ticket = stage.says("ada", words, private=not public)
    stage.asked["first"] = post
    group = preset.GROUP_SOCIAL if public else preset.GROUP_PRIVATE
    first = stage.desk.comments(ticket.id)[0]
    requester = stage.desk.user(ticket.requester_id)
    network, account = ticket.value(preset.FIELD_NETWORK), ticket.value(preset.FIELD_ACCOUNT)
    checks = [
        Check("one ticket, by the customer", stage.times(words) == 1),
        Check("in the group that the mapping says", ticket.group_id == group),
        Check("the author is the requester", first.author_id == requester.id),
        Check("the subject tells what it is about", words[:20] in ticket.subject),
        Check(
            "network and account are in their fields",
            (network, account) == (stage.expected.network, "acme"),
        ),
    ]
    if public and stage.expected.linked:
        led = bool(post.link) and ticket.value(preset.FIELD_PERMALINK) == post.link
        checks.append(Check("the permalink leads to the post", led))
    what = "A public post" if public else "A private message"
    return (
        f"{what} becomes a ticket",
        (_line("ada", post),),
        (_ticket_line(stage, ticket),),
        tuple(checks),
    )


def _plain_answer(stage: Stage) -> Scene:
    post, public = stage.asked["first"], stage.expected.public
    ticket = stage.ticket_of("my parcel 4711")
    words = "Sorry about that, Ada! We have asked the carrier and will tell you here."
    stage.answers(ticket, words)
    stage.tally.in_public += public
    answer = stage.until("the answer", lambda: _first(stage.by_brand(post), containing=words))
    ours = stage.by_brand(post)
    readers = "everybody can read it" if public else "nobody else can read it"
    where = "appears in the thread" if public else "goes to the customer alone"
    return (
        f"The agent's plain answer {where}",
        (_line("brand", answer),),
        (f"Ines, public reply on #{ticket.id}: {words}",),
        (
            Check("it is in the thread, once", len(ours) == 1),
            Check(readers, answer.private != public and stage.in_public(words) == public),
        ),
    )


# -------------------------------------------------------------------- where something is public


def _handover(stage: Stage) -> Scene:
    words = "I was charged twice for order 4712!"
    post, ticket = stage.says("chloe", words)
    secret = "Please tell us the last four digits of the card you paid with, 0815."  # noqa: S105
    stage.answers(ticket, secret, "private")
    own, hint = stage.expected.own_notice, stage.expected.hint
    # Servers deliver in any order: both must be there before either is judged.
    wanted = {True} if own else {True, False}
    ours = stage.until(
        "what the customer and the public are told", lambda: _of(stage.by_brand(post), wanted)
    )
    stage.tally.in_public += not own
    private = [one for one in ours if one.private]
    public = [one for one in ours if not one.private]
    stage.asked["handover"] = private[0]
    told = stage.customers.own_notice(post)
    checks = [
        Check("the private message arrived, once", len(private) == 1),
        Check("it carries the answer", bool(private) and secret in private[0].text),
        Check("no private word in public", not stage.in_public("0815")),
    ]
    if own:
        checks.append(Check("the network itself tells the public", bool(told)))
        checks.append(Check("and we do not", not public))
    else:
        checks.append(Check("the public notice came once", len(public) == 1))
        checks.append(Check("first the message, then the notice", ours == [*private, *public]))
    if hint:
        said = bool(public) and hint in public[0].text
        checks.append(Check("the notice says where to look for the message", said))
    shown = [_line("brand", one) for one in ours] + [f"the network itself: {told}"] * bool(told)
    then = "the network itself tells the public" if own else "then the public notice, once"
    return (
        f"A second public post is answered privately; {then}",
        tuple(shown),
        (
            f"chloe: {words} -> #{ticket.id}",
            f'Ines, on #{ticket.id}, with "Reply as: Private message": {secret}',
        ),
        tuple(checks),
    )


def _answer_to_handover(stage: Stage) -> Scene:
    ticket = stage.ticket_of("I was charged twice")
    words = "the digits are 9921, thank you"
    return _goes_on(stage, "chloe", words, ticket, stage.asked["handover"])


def _direct_message(stage: Stage) -> Scene:
    words = "please change my address to 12 Rose Lane"
    post, ticket = stage.says("ada", words, private=True)
    answer = "Done: 12 Rose Lane it is."
    stage.answers(ticket, answer)
    stage.until("the private answer", lambda: _first(stage.by_brand(post), answer))
    ours = stage.by_brand(post)
    return (
        "A private message becomes a ticket, and its answer stays private",
        (_line("ada", post), *(_line("brand", one) for one in ours)),
        (_ticket_line(stage, ticket), f"Ines, plain answer on #{ticket.id}: {answer}"),
        (
            Check("a ticket of its own, in its group", ticket.group_id == preset.GROUP_PRIVATE),
            Check("answered once", len(ours) == 1),
            Check("privately", all(one.private for one in ours)),
            Check("nothing of it in public", not stage.in_public("Rose Lane")),
        ),
    )


# -------------------------------------------------------------------- where nothing is


def _next_message(stage: Stage) -> Scene:
    ticket = stage.ticket_of("my parcel 4711")
    words = "my neighbour has it, thank you"
    return _goes_on(stage, "ada", words, ticket, stage.by_brand(stage.asked["first"])[-1])


def _no_public_way(stage: Stage) -> Scene:
    words, answer = "is my invoice 4713 paid?", "It is paid, thank you!"
    post, ticket = stage.says("chloe", words, private=True)
    stage.answers(ticket, f"#public {answer}")
    note = stage.note(ticket, "takes no public answer here")
    return (
        "A public answer is asked for where nothing is public: the ticket says so",
        (_line("chloe", post),),
        (
            f"Ines, on #{ticket.id}: #public {answer}",
            f"internal note on #{ticket.id}: {note.plain_body.strip()}",
        ),
        (
            Check("nothing was sent", not stage.by_brand(post) and not stage.in_public(answer)),
            Check("the note says what to do", "Answer privately with #dm" in note.plain_body),
        ),
    )


# -------------------------------------------------------------------- refused


def _refusal(stage: Stage) -> Scene:
    words = "are you open on Sunday?"
    post = stage.customers.unanswerable(words)
    ticket = stage.opened(words)
    stage.customers.refuse(post)
    network, helpdesk, checks = _not_sent(stage, post, ticket)
    return (
        "A reply that the network refuses leaves a plain note on the ticket",
        (*network, "the network refuses the answer"),
        helpdesk,
        checks,
    )


def _told_beforehand(stage: Stage) -> Scene:
    words = "are you open on Sunday?"
    post = stage.customers.unanswerable(words)
    ticket = stage.opened(words)
    said = stage.desk.comments(ticket.id)
    warned = any(stage.expected.warned in one.plain_body for one in said)
    network, helpdesk, checks = _not_sent(stage, post, ticket)
    return (
        "What cannot be answered in public is told beforehand, and an answer is not even tried",
        network,
        (f"on #{ticket.id} from the beginning: {stage.expected.warned}", *helpdesk),
        (Check("the ticket said so before anybody answered", warned), *checks),
    )


def _not_sent(
    stage: Stage, post: Seen, ticket: Ticket
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Check, ...]]:
    """An agent answers, and reads that it did not go out."""
    answer, before = "Yes, from ten to four!", stage.by_brand(post)
    stage.answers(ticket, answer)
    note = stage.note(ticket, stage.expected.not_sent)
    return (
        (_line("somebody", post),),
        (f"internal note on #{ticket.id}: {note.plain_body.strip()}",),
        (
            Check("nothing was posted", stage.by_brand(post) == before),
            Check("the note says what to do", stage.expected.to_do in note.plain_body),
            Check(
                "the ticket is tagged",
                "bridge_delivery_failed" in stage.desk.ticket(ticket.id).tags,
            ),
        ),
    )


# -------------------------------------------------------------------- in the end


def _goes_on(stage: Stage, who: str, words: str, ticket: Ticket, answered: Seen) -> Scene:
    """What somebody writes privately, after the brand did, comes to the same ticket."""
    post = stage.customers.says(who, words, private=True, answering=answered)
    found, said = stage.comment(words)
    stage.tally.posts += 1
    tickets = len(stage.desk.all_tickets())
    author, requester = stage.desk.user(said.author_id), stage.desk.user(ticket.requester_id)
    return (
        "What the customer answers privately comes to the same ticket",
        (_line(who, post),),
        (f"on #{found.id}: {words}",),
        (
            Check("on the ticket of what was answered", found.id == ticket.id),
            Check("once", stage.times(words) == 1),
            Check("as the customer's words", said.public and _name(author) == _name(requester)),
            Check("no other ticket was opened", tickets == stage.tally.tickets),
        ),
    )


def _nothing_twice(stage: Stage) -> Scene:
    """After everything has come to rest: all of it once, and the sum is right."""
    tally = stage.tally
    tickets, public = stage.desk.all_tickets(), stage.customers.public()
    comments = [one for ticket in tickets for one in stage.desk.comments(ticket.id) if one.public]
    return (
        "In the end everything is there once",
        (f"{len(public)} public posts by the brand",),
        (f"{len(tickets)} tickets with {len(comments)} public comments",),
        (
            Check(
                f"{tally.posts} posts made {tally.tickets} tickets", len(tickets) == tally.tickets
            ),
            Check(
                f"{tally.posts} posts and {tally.answers} answers stand on them",
                len(comments) == tally.posts + tally.answers,
            ),
            Check(
                f"the brand has said {tally.in_public} things in public",
                len(public) == tally.in_public,
            ),
        ),
    )


def _first(posts: list[Seen], containing: str) -> Seen | None:
    return next((one for one in posts if containing in one.text), None)


def _of(posts: list[Seen], kinds: set[bool]) -> list[Seen] | None:
    """Once there is a post of each kind that is waited for (True: a private one)."""
    return posts if kinds <= {one.private for one in posts} else None


def _name(user: User) -> str:
    """Without the handle: on Facebook somebody has one id in public and another in Messenger."""
    return user.name.partition(" (@")[0]


def _line(who: str, post: Seen) -> str:
    lock = "private message" if post.private else "public"
    return f"{who}, {lock}: {post.text}"


def _ticket_line(stage: Stage, ticket: Ticket) -> str:
    group = stage.desk.groups[ticket.group_id].name if ticket.group_id else "no group"
    return f'#{ticket.id} in {group}: "{ticket.subject}" [{", ".join(ticket.tags)}]'
