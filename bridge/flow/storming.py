"""Many posts about one thing: what is alike is folded into one incident, with a ticket of its own.

Only what somebody says in public, and what begins a conversation of its own, is folded. A private
message never is, nor what belongs to a conversation that has a ticket, nor what answers us, nor
what names something of its own (a number, a code, an address). In doubt a post gets its own ticket.

Nothing here calls anybody. The lanes of several accounts come here at once: a post that joins a
storm takes no lock that another one waits for, and who cannot begin a storm at once does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

from bridge.flow import lanes as names
from bridge.flow.bridge import Bridge
from bridge.flow.ops import BRIDGE
from bridge.ledger import (
    Tx,
    audit,
    conversations,
    lanes,
    people,
    posts,
    steps,
    storm_lately,
    storms,
)
from bridge.ledger.conversations import lane_of
from bridge.ledger.deliveries import Delivery
from bridge.ledger.posts import Because
from bridge.ledger.storm_lately import Lately
from bridge.ledger.storms import Storm
from bridge.mapping import Storm as StormPolicy
from bridge.model import Kind, Post, Visibility
from bridge.text import alike, beyond
from bridge.text.alike import Sketch

STEP = "storm"
PACKED = 4 * alike.SIZE
CANDIDATES = 100
"""With so many at least a post is compared, of those that share most with it."""

FIRST = 5
"""Whoever begins a storm says no more than most of so many who said it first."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a post says, as it is compared: `keys` find what may be alike, `named` are digests of
    what it names. Of a text too short to be judged `sketch` is empty: it is alike to the same.
    `text` is not kept."""

    sketch: Sketch
    keys: tuple[str, ...]
    named: frozenset[str]
    text: str = ""

    @property
    def own_keys(self) -> tuple[str, ...]:
        """Those that are shared only by posts that name the same."""
        if not self.named:
            return self.keys
        salt = " ".join(sorted(self.named))
        return tuple(_digest(f"{key} {salt}") for key in self.keys)

    @property
    def packed(self) -> bytes:
        """As it is kept: a text too short to be judged by its only key."""
        return alike.packed(self.sketch) or "".join(self.keys).encode()

    def likeness(self, packed: bytes) -> float:
        """To what is kept of another."""
        if packed == self.packed:
            return 1.0
        if not self.sketch or len(packed) != PACKED:
            return 0.0
        return alike.likeness(self.sketch, alike.unpacked(packed))


@dataclass(frozen=True, slots=True)
class Seen:
    """A post that may be folded, and the storm that it is folded into, None for none."""

    said: Said
    said_at: datetime
    storm: Storm | None = None
    likeness: float = 0.0


# ------------------------------------------------------------------ a post that arrives


def look(bridge: Bridge, tx: Tx, post: Post, thread_id: str) -> Seen | None:
    """Whether a post that begins a conversation joins a storm, or makes one of what was said
    lately. None for what is never folded."""
    policy = bridge.mapping.storm
    if policy is None or post.visibility is not Visibility.PUBLIC or post.by_us:
        return None
    if _goes_on(tx, post, thread_id):
        return None
    said = read(bridge, post)
    seen = Seen(said, min(post.created_at, tx.now))
    repeated = _repeated(tx, bridge, post)
    if repeated is not None and said.named <= repeated.named:
        return replace(seen, storm=repeated, likeness=1.0)
    if not said.keys:
        return None
    found = _joined(bridge, tx, seen, policy)
    return found or _begun(bridge, tx, post, seen, policy)


def _joined(bridge: Bridge, tx: Tx, seen: Seen, policy: StormPolicy) -> Seen | None:
    """With the open storm that is most like it. With none, and no part of another to come, where
    it has a need of its own behind a storm's words: not even many of those make one."""
    near = [
        (likeness, storm)
        for storm in storms.like(tx, bridge.desk, seen.said.keys)
        if seen.said.named <= storm.named
        and (likeness := seen.said.likeness(storm.sketch)) >= policy.alike
    ]
    first = {storm.id: _words(tx, storm.post_id) for _, storm in near}
    fits = [each for each in near if not _more(seen.said, first[each[1].id])]
    if not fits:
        said = seen.said.text
        is_own = any(words is not None and beyond.is_own(said, words) for words in first.values())
        return replace(seen, said=replace(seen.said, keys=())) if is_own else None
    likeness, storm = max(fits, key=lambda each: (each[0], -each[1].id))
    return replace(seen, storm=storm, likeness=likeness)


def says_more(tx: Tx, said: Said, other_id: int | None) -> bool:
    """Whether something is said that is not in another post's words, by which it is known."""
    return _more(said, _words(tx, other_id))


def _more(said: Said, words: str | None) -> bool:
    return words is None or beyond.says_more(said.text, words)


def _words(tx: Tx, post_id: int | None) -> str | None:
    """What a post said first; None for one that is not there any more."""
    return None if post_id is None else _text(posts.first_revision(tx, post_id))


def fold(
    bridge: Bridge, tx: Tx, delivery: Delivery, post: Post, seen: Seen, because: Because
) -> str:
    """The post is kept like any other, and counts on the incident's ticket, which is told at its
    own pace. `because` is why it would have had a ticket of its own."""
    storm = seen.storm
    assert storm is not None
    reason = f"folded into storm {storm.name} (likeness {seen.likeness:.2f})"
    person_id = people.remember(tx, post.author)
    post_id = posts.store(
        tx,
        post,
        person_id=person_id,
        conversation_id=storm.conversation_id,
        because=replace(because, because=reason),
    )
    posts.add_revision(tx, post_id, post, delivery.id)
    if storm.post_id is None:
        storms.centre(tx, storm.id, post_id)
    storms.join(tx, storm.id, post_id, person_id, storms.FOLDED, seen.likeness, seen.said_at)
    audit.add(
        tx,
        "folded",
        f"{reason}; mapping revision {bridge.mapping.number}",
        conversation_id=storm.conversation_id,
        delivery_id=delivery.id,
    )
    return reason


def remember(tx: Tx, seen: Seen, post_id: int) -> None:
    """A post with a ticket of its own may be one of those of which a storm is made."""
    if seen.said.keys:
        storm_lately.remember(tx, post_id, seen.said.packed, seen.said.own_keys, seen.said_at)


def _begun(bridge: Bridge, tx: Tx, post: Post, seen: Seen, policy: StormPolicy) -> Seen:
    """With the storm that this post makes of what was said lately, if it does: people are counted,
    so that nobody makes one alone."""
    of_each = _near(tx, seen, policy, of_each=True)
    others = {each.person_id for each in of_each}
    if len(others) + 1 < policy.after:
        return seen
    others.discard(people.id_of(tx, post.author.network, post.author.id) or 0)
    if len(others) + 1 < policy.after:
        return seen
    first = tuple(of_each)[:FIRST]
    more = sum(says_more(tx, seen.said, each.post_id) for each in first)
    if 2 * more > len(first) or not storms.may_begin(tx):
        return seen  # whoever says it next begins it
    quicker = _joined(bridge, tx, seen, policy)
    if quicker is not None:
        return quicker
    # However often one of them said it: of everybody else at least one is named.
    found = of_each | _near(tx, seen, policy)
    near = {each.post_id: likeness for each, likeness in found.items()}
    said, conversation_id = seen.said, _incident(bridge, tx)
    storm = storms.begin(tx, bridge.desk, conversation_id, said.packed, said.named, said.keys)
    storms.beside(tx, storm.id, near)
    storm_lately.forget_lately(tx, near)
    audit.add(
        tx,
        f"storm {storm.name} begins",
        f"{len(others) + 1} people said the same within {policy.within}",
        conversation_id=conversation_id,
    )
    queue(bridge, tx, storm, "open")
    lanes.wake(tx, names.storms(bridge.desk))
    return replace(seen, storm=storm, likeness=1.0)


def _near(tx: Tx, seen: Seen, policy: StormPolicy, *, of_each: bool = False) -> dict[Lately, float]:
    """What is alike among what was said lately, with its likeness; `of_each` person one post."""
    found = storm_lately.lately(
        tx,
        seen.said.own_keys,
        seen.said_at - policy.within,
        seen.said_at + policy.within,
        max(CANDIDATES, 2 * policy.after),
        of_each=of_each,
    )
    return {
        each: likeness
        for each in found
        if (likeness := seen.said.likeness(each.sketch)) >= policy.alike
    }


def with_history(bridge: Bridge, tx: Tx, post: Post, thread_id: str) -> Post:
    """With what its author said when it was folded, where this goes on from that: privately, or in
    the same thread."""
    if bridge.mapping.storm is None:
        return post
    if post.visibility is Visibility.PRIVATE:
        before = storms.newest_of(tx, post.account, post.author)
    elif post.parent_id:
        before = storms.newest_in_thread(tx, post.account, post.author, thread_id)
    else:
        return post
    if before is None:
        return post
    folded = replace(posts.newest_revision(tx, before), history=())
    if any(above.id == folded.id for above in post.history):
        return post
    return replace(post, history=(folded, *post.history))


# ------------------------------------------------------------------ what is queued


def is_incident(bridge: Bridge, tx: Tx, conversation_id: int) -> bool:
    """Whether a conversation is nobody's: there is one for all who are folded into a storm."""
    return conversations.one(tx, conversation_id).account == bridge.desk


def queue(bridge: Bridge, tx: Tx, storm: Storm, what: str) -> None:
    """Something for the incident's ticket to be told."""
    lane = lane_of(storm.conversation_id)
    about = f"{storm.id}:{what}"
    steps.add(tx, lane, STEP, about, account=bridge.desk, opens=what == "open")


# ------------------------------------------------------------------ what a post says


def read(bridge: Bridge, post: Post) -> Said:
    """What is compared of a post. A picture without words says nothing that could be."""
    text = _text(post)
    orders = bridge.mapping.guard(post.account).order_numbers
    named = frozenset(_digest(each) for each in alike.particulars(text, orders))
    sketch = alike.sketch(text)
    if sketch:
        return Said(sketch, alike.bands(sketch), named, text)
    words = alike.bare(text)
    if not words or post.media:
        return Said((), (), named, text)
    return Said((), (_digest(f"only {words}"),), named, text)


def _text(post: Post) -> str:
    return "\n".join(filter(None, (post.subject, post.text)))


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _goes_on(tx: Tx, post: Post, thread_id: str) -> bool:
    """Whether it answers a message of ours, or somebody who was folded writes again below that."""
    if not post.parent_id:
        return False
    if posts.sent_by_us(tx, post.account, post.parent_id) is not None:
        return True
    return storms.newest_in_thread(tx, post.account, post.author, thread_id) is not None


def _repeated(tx: Tx, bridge: Bridge, post: Post) -> Storm | None:
    """The open storm in which stands what a repost repeats."""
    if post.kind is not Kind.REPOST or not post.parent_id:
        return None
    original = posts.find(tx, post.account, post.parent_id)
    where = storms.member(tx, original.id) if original is not None else None
    if where is None or where.state == storms.LEFT:
        return None
    return storms.if_open(tx, where.storm_id)


def _incident(bridge: Bridge, tx: Tx) -> int:
    person_id = people.remember(tx, BRIDGE)
    key = f"storm:{tx.now.isoformat()}:{bridge.mapping.number}"
    return conversations.begin(tx, bridge.desk, person_id, key, tx.now)
