"""Where would last week's posts have gone? Real posts, by the live rules and by a draft of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.ledger import Ledger, lately
from bridge.ledger.lately import Heard
from bridge.mapping import Mapping, Skip
from bridge.mapping.plain import AS_THE_HELPDESK_DECIDES, where
from bridge.model import Post

WITHIN = timedelta(days=7)
MOST_POSTS = 5_000
MOST_SAMPLES = 3
_EXCERPT = 90


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a post. `told` is where its ticket goes, or why there is none; `rule` is ""
    where no rule takes it."""

    ticket: bool
    told: str
    rule: str = ""

    @property
    def is_lost(self) -> bool:
        """No ticket, and nobody said so."""
        return not self.ticket and not self.rule


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the posts. `excerpt` are a customer's words."""

    post_id: int
    conversation_id: int | None
    account: str
    author: str
    kind: str
    at: datetime
    excerpt: str


@dataclass(frozen=True, slots=True)
class Change:
    """Posts that go from one place to another."""

    before: Fate
    after: Fate
    count: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`posts` were tried, `unchanged` of them go where they went; `cut` tells that there are more
    posts than were tried. `lost` posts got a ticket, or a rule's word, and would get none."""

    since: datetime
    posts: int
    unchanged: int
    cut: bool
    changes: tuple[Change, ...]

    @property
    def changed(self) -> int:
        return self.posts - self.unchanged

    @property
    def lost(self) -> int:
        return sum(each.count for each in self.changes if each.after.is_lost)


@dataclass
class _Group:
    count: int = 0
    samples: list[Sample] = field(default_factory=list)


def foresee(
    ledger: Ledger,
    draft: Mapping,
    live: Mapping,
    *,
    within: timedelta = WITHIN,
    most: int = MOST_POSTS,
) -> Foreseen:
    """Every post as it is now, at the instant at which it came: rules that ask for hours answer
    as they would have. What goes on in a conversation that has a ticket stays there whatever the
    rules say, so for those posts this is what would happen if they had been the first."""
    with ledger.reading() as tx:
        since = tx.now - within
        found = lately.heard(tx, live.accounts, since, most + 1)
    cut, found = len(found) > most, found[:most]
    groups: dict[tuple[Fate, Fate], _Group] = {}
    unchanged = 0
    for heard in found:
        before, after = _fate(live, heard), _fate(draft, heard)
        if (before.ticket, before.told, before.is_lost) == (
            after.ticket,
            after.told,
            after.is_lost,
        ):
            unchanged += 1
            continue
        group = groups.setdefault((before, after), _Group())
        group.count += 1
        if len(group.samples) < MOST_SAMPLES:
            group.samples.append(_sample(heard))
    changes = [
        Change(before, after, group.count, tuple(group.samples))
        for (before, after), group in groups.items()
    ]
    changes.sort(key=lambda each: (not each.after.is_lost, -each.count))
    return Foreseen(since, len(found), unchanged, cut, tuple(changes))


def _fate(mapping: Mapping, heard: Heard) -> Fate:
    if heard.post.account not in mapping.accounts:
        return Fate(ticket=False, told="not heard: the account is not in the mapping", rule="-")
    decision = mapping.route(heard.post, heard.at)
    if isinstance(decision, Skip):
        told = f"no ticket: {decision.because}"
        return Fate(ticket=False, told=told, rule=decision.rule)
    told = where(decision) or AS_THE_HELPDESK_DECIDES
    return Fate(ticket=True, told=told, rule=decision.rule)


def _sample(heard: Heard) -> Sample:
    post: Post = heard.post
    words = " ".join(post.text.split())
    excerpt = words if len(words) <= _EXCERPT else f"{words[: _EXCERPT - 1]}…"
    return Sample(
        heard.id,
        heard.conversation_id,
        post.account,
        post.author.handle,
        str(post.kind),
        heard.at,
        excerpt,
    )
