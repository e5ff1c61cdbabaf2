"""Who will read a reply. The second promise, as one pure function.

A reply takes the visibility of what it answers. Answering privately is always allowed to be
chosen; going from private to public takes an act of the agent for this very reply.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.ledger.posts import Known
from bridge.model import AgentComment, Visibility

PUBLIC, PRIVATE = Visibility.PUBLIC, Visibility.PRIVATE


@dataclass(frozen=True, slots=True)
class Decision:
    """`answers` is the post to reply to, None if there is none that fits. `overruled` means that
    the agent's field said public and the reply goes privately all the same."""

    visibility: Visibility
    answers: Known | None
    because: str
    overruled: bool = False


def decide(
    command: str,
    comment: AgentComment,
    pending: tuple[Known, ...],
    earlier: tuple[Known, ...],
    last: tuple[Known, ...],
) -> Decision:
    """`command` is the agent's first word ("dm", "public", "template" or ""). `pending` are the
    posts on the ticket since the agents' previous reply, `earlier` those before it, and `last`
    those of them that the agents' last reply to any answered; all oldest first.

    Where nothing is pending the agent goes on with that reply: what made it private still does.
    """
    answered = pending or last
    inherited = PRIVATE if any(post.visibility is PRIVATE for post in answered) else PUBLIC
    if command == "dm":
        return _private(answered, "the agent wrote #dm")
    if command == "template":
        return _private(answered, "the agent wrote #template")
    if command == "public":
        return _public(pending, earlier, "the agent wrote #public")
    if comment.reply_as == "private":
        return _private(answered, "the ticket's field says private message")
    if comment.reply_as == "public":
        if inherited is PUBLIC:
            return _public(pending, earlier, "the ticket's field says public reply")
        if comment.chosen_here:
            return _public(pending, earlier, "the agent chose public reply for this answer")
        decision = _private(answered, "it answers a private message")
        return Decision(decision.visibility, decision.answers, decision.because, overruled=True)
    if not answered:
        return Decision(PRIVATE, None, "there is nothing on the ticket to answer")
    if inherited is PRIVATE:
        return _private(answered, "it answers a private message")
    return _public(pending, earlier, "it answers a public post")


def _private(answered: tuple[Known, ...], because: str) -> Decision:
    private = _newest(answered, PRIVATE)
    return Decision(PRIVATE, private or (answered[-1] if answered else None), because)


def _public(pending: tuple[Known, ...], earlier: tuple[Known, ...], because: str) -> Decision:
    return Decision(PUBLIC, _newest((*earlier, *pending), PUBLIC), because)


def _newest(posts: tuple[Known, ...], visibility: Visibility) -> Known | None:
    return next((post for post in reversed(posts) if post.visibility is visibility), None)
