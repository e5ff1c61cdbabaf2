"""Which conversation a post belongs to. Always by the network's own ids, never by a guess."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.ledger import Tx, conversations, posts
from bridge.ledger.conversations import Conversation
from bridge.ledger.shapes import draft_from_json
from bridge.mapping.model import Per, ThreadPolicy
from bridge.model import Post, Visibility


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post belongs: an existing conversation, or a new one under `key`."""

    conversation: Conversation | None
    key: str
    thread_id: str
    because: str


def place(tx: Tx, post: Post, policy: ThreadPolicy) -> Place:
    """Find the post's conversation.

    A private answer to a message of ours goes on in the conversation that message belongs to, if
    it was addressed to the same person: that is how an answer to a handover finds its ticket.
    """
    root, answered = _root(tx, post)
    key = _key(policy.per, post, root)
    if answered is not None and _goes_on_in(post, answered):
        return Place(answered, key, root, "it answers a message of ours")
    found = _led(tx, post, key)
    handed = _handed_over(tx, post, policy, found)
    if handed is not None:
        return Place(handed, key, root, "it goes on from what we answered privately")
    if found is None:
        return Place(None, key, root, f"first of its {policy.per}")
    if post.visibility is Visibility.PRIVATE and not _is_requester(found, post):
        own = _key(Per.PERSON, post, root)
        found = _led(tx, post, own)
        return Place(found, own, root, "private, and the ticket is another person's")
    window = policy.reopen_within
    if window is not None and found.last_word_at + window < post.created_at:
        return Place(None, key, root, f"the last word is older than {window}")
    return Place(found, key, root, f"same {policy.per}")


def handover_key(person_id: str) -> str:
    """Leads to the conversation in which somebody was last answered privately to a public post,
    on networks whose private messages name nothing that they answer."""
    return f"handover:{person_id}"


def _led(tx: Tx, post: Post, key: str) -> Conversation | None:
    """Where a key leads. Never to the incident of a storm, in which many were answered at once: it
    is of the helpdesk's account, and who writes again has a ticket of their own."""
    found = conversations.by_key(tx, post.account, key)
    return found if found is not None and found.account == post.account else None


def _handed_over(
    tx: Tx, post: Post, policy: ThreadPolicy, found: Conversation | None
) -> Conversation | None:
    """The conversation of a handover to this very person, if that is where we last spoke."""
    if post.visibility is not Visibility.PRIVATE:
        return None
    handed = _led(tx, post, handover_key(post.author.id))
    if handed is None or (found is not None and found.last_word_at > handed.last_word_at):
        return None
    window = policy.reopen_within
    if window is not None and handed.last_word_at + window < post.created_at:
        return None
    return handed


def of_ours(tx: Tx, post: Post) -> tuple[int | None, str]:
    """The conversation that the account's own post belongs to (that of what it answers, else the
    thread's), and the thread's first post."""
    root, _ = _root(tx, post)
    for network_id in _above(post):
        ours = posts.sent_by_us(tx, post.account, network_id)
        if ours is not None:
            return ours.conversation_id, root
        known = posts.find(tx, post.account, network_id)
        if known is not None and known.conversation_id is not None:
            return known.conversation_id, root
    return posts.newest_in_thread(tx, post.account, root), root


def _above(post: Post) -> tuple[str, ...]:
    """The ids of what stands above a post, nearest first."""
    above = [post.parent_id, *(earlier.id for earlier in reversed(post.history))]
    return tuple(dict.fromkeys(filter(None, above)))


def _root(tx: Tx, post: Post) -> tuple[str, Conversation | None]:
    """The thread's first post as the ledger knows it, and the conversation of a message of ours
    that this post answers.

    Servers show a thread's ancestors incompletely (deleted, hidden), so a root that the ledger
    already knows wins over the one that this delivery shows.
    """
    answered: Conversation | None = None
    for network_id in _above(post):
        ours = posts.sent_by_us(tx, post.account, network_id)
        if ours is not None:
            draft = draft_from_json(ours.draft)
            if answered is None and network_id == post.parent_id and draft.to.id == post.author.id:
                answered = conversations.one(tx, ours.conversation_id)
            return draft.thread_id or post.thread_id, answered
        known = posts.find(tx, post.account, network_id)
        if known is not None and known.thread_id:
            return known.thread_id, answered
    return post.thread_id, None


def _goes_on_in(post: Post, conversation: Conversation) -> bool:
    return post.visibility is Visibility.PRIVATE and _is_requester(conversation, post)


def _is_requester(conversation: Conversation, post: Post) -> bool:
    return conversation.requester == (post.author.network, post.author.id)


def _key(per: Per, post: Post, root: str) -> str:
    if per is Per.THREAD:
        return f"thread:{root}"
    if per is Per.AUTHOR:
        return f"thread:{root}:by:{post.author.id}"
    return f"person:{post.visibility}:{post.author.id}"
