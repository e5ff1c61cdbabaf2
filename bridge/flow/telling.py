"""Telling the ticket what happened on the network: posts, edits, removals, our own posts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bridge.channels.contract import FetchesMedia
from bridge.errors import Again, Closed, Gone, PersonMustAct, Refused, TooLong
from bridge.flow import promises
from bridge.flow.acting import was_ours
from bridge.flow.answers import look
from bridge.flow.bridge import Bridge
from bridge.flow.names import with_name
from bridge.flow.outcomes import trail
from bridge.flow.promises import recount
from bridge.flow.taking_off import take_off
from bridge.flow.tickets import Content, Opening, Saying, Then, only_said, plain, room, say
from bridge.flow.turns import Ended, end
from bridge.ledger import Tx, acts, conversations, intents, lanes, posts, steps, written
from bridge.ledger.conversations import Conversation
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Known
from bridge.ledger.steps import Step
from bridge.mapping import Removed, Route
from bridge.model import Act, Media, Post, What
from bridge.text import comments, words

CROWDED = 10
"""With so few updates left in the ticket's window, what waits goes as one comment."""

HAS_WAITED = timedelta(seconds=10)
"""What has waited for so long goes with what has come behind it: the helpdesk has been short."""

MOST_TOGETHER = 10_000
"""Characters of several posts in one comment; Zendesk takes 65,535 of its own."""

EDITED = "bridge_edited"

LINK_ONLY_AFTER = 3
"""After so many tries a picture that cannot be fetched is only linked: the words cannot wait."""


def tell_post(bridge: Bridge, lease: Lease, step: Step) -> Ended | None:
    """A post becomes a ticket, or a comment on its conversation's ticket."""
    with bridge.ledger.reading() as tx:
        known, post, conversation = _load(tx, step)
        before = promises.seen(tx, conversation)
        is_over = _is_over(tx, known, conversation, f"post:{step.about}")
    if known.comment_id or is_over:
        return None
    post = with_name(bridge, step, post)
    crowded = bridge.room().is_short or bridge.clock() - step.made_at >= HAS_WAITED
    if conversation.ticket_id and room(bridge, conversation.ticket_id) <= CROWDED:
        crowded = True
    showing = promises.counted(bridge, lease, conversation, before)
    ended: list[Ended] = []

    def content() -> Content:
        # Which posts go together is decided when the body is frozen, and kept with it: what
        # arrives later is not in it.
        following = _following(bridge, lease, step, post) if crowded else []
        return _content(bridge, step, [(step, post), *following])

    saying = _as_said(bridge, known, post, f"post:{step.about}", content)
    saying = replace(saying, fields=(*saying.fields, *showing.fields))

    def told(tx: Tx, comment_id: str, covers: tuple[int, ...]) -> None:
        showing.told(tx)
        posts.told(tx, known.id, comment_id)
        for each in (steps.one(tx, step_id) for step_id in covers if step_id != step.id):
            post_id, _, _ = posts.revision(tx, int(each.about))
            posts.told(tx, post_id, comment_id)
            steps.settle(tx, each.id, steps.DONE, "told together with the one before")
        ended.append(end(tx, lease, step))

    say(bridge, lease, conversation, saying, told)
    return ended[-1] if ended else None  # none: an earlier try had come as far as the receipt


def tell_edit(bridge: Bridge, lease: Lease, step: Step) -> Ended | None:
    """An edited post: both versions stand on the ticket. Where that takes no more, other words open
    the one where the conversation goes on."""
    with bridge.ledger.reading() as tx:
        known, post, conversation = _load(tx, step)
        before = posts.revision_before(tx, int(step.about))
        is_over = _is_over(tx, known, conversation, f"edit:{step.about}")
    if is_over or not conversation.ticket_id:
        return None
    old = before.text if before else ""
    text = comments.edited(post, old, bridge.mapping.agents_language)
    note = Saying(f"edit:{step.about}", plain(text), public=False, reopen=True, tags=(EDITED,))
    if post.text == old:
        _note(bridge, lease, conversation, note)
        return None
    try:
        say(bridge, lease, conversation, note)
    except (Closed, Gone):
        # What agents still wrote there answers what stands there now.
        look(bridge, lease, replace(step, about=conversation.ticket_id))
        return _go_on(bridge, lease, step, conversation, known, post, note.content)
    return None


def _go_on(
    bridge: Bridge,
    lease: Lease,
    step: Step,
    conversation: Conversation,
    known: Known,
    post: Post,
    content: Callable[[], Content],
) -> Ended | None:
    """With changed words, in the name of whoever changed them: what agents answer there answers
    them."""
    saying = _as_said(bridge, known, post, f"edit:{step.about}", content)
    ended: list[Ended] = []

    def told(tx: Tx, comment_id: str, _covers: tuple[int, ...]) -> None:
        posts.told(tx, known.id, comment_id)
        ended.append(end(tx, lease, step))

    say(bridge, lease, conversation, replace(saying, tags=(*saying.tags, EDITED)), told)
    return ended[-1] if ended else None


def tell_removal(bridge: Bridge, lease: Lease, step: Step) -> None:
    """A removed post: the ticket says so, and (where the mapping says nothing else) its words are
    taken off wherever the bridge wrote them."""
    with bridge.ledger.reading() as tx:
        known = posts.one(tx, int(step.about))
        assert known.conversation_id is not None
        conversation = conversations.one(tx, known.conversation_id)
        post = posts.newest_revision(tx, known.id)
    if not known.comment_id or not conversation.ticket_id or was_ours(bridge, lease, known):
        return
    if bridge.mapping.removed(known.account) is Removed.REDACT:
        take_off(bridge, known, conversation)
    showing = recount(bridge, lease, conversation)
    text = comments.removed(post, bridge.mapping.agents_language)
    saying = Saying(
        f"removal:{step.about}",
        plain(text),
        public=False,
        tags=("bridge_removed",),
        fields=showing.fields,
    )
    _note(bridge, lease, conversation, saying, lambda tx, _comment_id, _covers: showing.told(tx))


def tell_remark(bridge: Bridge, lease: Lease, step: Step) -> None:
    """A post was hidden from the public, or shown again."""
    post_id, what, at = step.about.split(":", 2)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        act = Act.HIDE if what == What.HIDDEN else Act.UNHIDE
        if acts.take_echo(tx, int(post_id), act, datetime.fromisoformat(at)):
            return  # the ticket has been told who did it
    with bridge.ledger.reading() as tx:
        known = posts.one(tx, int(post_id))
        assert known.conversation_id is not None
        conversation = conversations.one(tx, known.conversation_id)
        post = posts.newest_revision(tx, known.id)
    if not known.comment_id or not conversation.ticket_id:
        return
    text = comments.remarked(post, What(what), bridge.mapping.agents_language)
    saying = Saying(f"remark:{step.about}", plain(text), public=False, tags=(f"bridge_{what}",))
    _note(bridge, lease, conversation, saying)


def tell_ours(bridge: Bridge, lease: Lease, step: Step) -> None:
    """A post of the account's own that we did not send: answered in the network's own app."""
    with bridge.ledger.reading() as tx:
        known, post, conversation = _load(tx, step)
        ours = written.is_known(tx, known.account, known.network_id) or (
            post.mark != "" and intents.find(tx, post.mark) is not None
        )
    if ours or not conversation.ticket_id:
        return
    showing = recount(bridge, lease, conversation)
    text = comments.answered_elsewhere(post, bridge.mapping.agents_language)
    saying = Saying(
        f"ours:{step.about}",
        plain(text),
        public=False,
        tags=("bridge_answered_elsewhere",),
        fields=showing.fields,
    )
    _note(bridge, lease, conversation, saying, lambda tx, _comment_id, _covers: showing.told(tx))


def _note(
    bridge: Bridge,
    lease: Lease,
    conversation: Conversation,
    saying: Saying,
    then: Then = only_said,
) -> None:
    """What opens no ticket: where there is none left that takes it, the trail says it."""
    try:
        say(bridge, lease, conversation, saying, then)
    except (Closed, Gone) as stop:
        kind = saying.key.partition(":")[0]
        trail(bridge, lease, conversation, f"{kind} not told on the ticket", stop.because)


def _as_said(
    bridge: Bridge, known: Known, post: Post, key: str, content: Callable[[], Content]
) -> Saying:
    """A post's words in the name of whoever said them. They open a ticket where there is none that
    takes comments."""
    route = known.route or Route("", known.because)
    return Saying(
        key=key,
        content=content,
        public=True,
        author=post.author,
        reopen=True,
        tags=(
            "bridge",
            f"bridge_{post.network}",
            f"bridge_{post.visibility}",
            *(f"bridge_{label}" for label in post.labels),
        ),
        fields=_fields(bridge, post),
        opens=Opening(words.subject(post, bridge.mapping.agents_language), post.kind, route),
    )


def _is_over(tx: Tx, known: Known, conversation: Conversation, key: str) -> bool:
    """Whether it was removed before it was told. What may stand on a ticket already, with others'
    words or as the ticket itself, is found first: only then can it be taken off."""
    stem = f"{conversation.external_id}:{key}@"
    return known.state == posts.GONE and not intents.may_stand(tx, conversation.id, stem)


def _load(tx: Tx, step: Step) -> tuple[Known, Post, Conversation]:
    known, post = posts.with_revision(tx, int(step.about))
    assert known.conversation_id is not None
    return known, post, conversations.one(tx, known.conversation_id)


def _following(bridge: Bridge, lease: Lease, step: Step, post: Post) -> list[tuple[Step, Post]]:
    """The posts right behind this one in the lane, by the same person and as visible."""
    found: list[tuple[Step, Post]] = []
    size = len(post.text)
    with bridge.ledger.reading() as tx:
        for waiting in steps.waiting(tx, lease.lane):
            if waiting.id <= step.id:
                continue
            if waiting.kind != "post":
                break
            known, following, _ = _load(tx, waiting)
            if (following.author.id, following.visibility) != (post.author.id, post.visibility):
                break
            size += len(following.text)
            if size > MOST_TOGETHER:
                break
            if known.state != posts.GONE:
                found.append((waiting, following))
    return found


def _content(bridge: Bridge, head: Step, told: list[tuple[Step, Post]]) -> Content:
    parts: list[str] = []
    uploads: list[str] = []
    for _, post in told:
        linked: list[tuple[Media, str]] = []
        for media in post.media:
            token, because = _copy(bridge, head, post, media)
            if token:
                uploads.append(token)
            else:
                linked.append((media, because))
        parts.append(comments.comment(post, tuple(linked), bridge.mapping.agents_language))
    return Content("\n\n".join(parts), tuple(uploads), tuple(step.id for step, _ in told))


def _copy(bridge: Bridge, step: Step, post: Post, media: Media) -> tuple[str, str]:
    """(upload token, "") or ("", why it is only linked)."""
    if not media.keep:
        return "", ""
    channel = bridge.channel(post.account)
    if not isinstance(channel, FetchesMedia) or not bridge.mapping.media(post.account).copy:
        return "", ""
    try:
        file = channel.fetch(media, bridge.settings.max_file)
    except PersonMustAct as failure:
        return "", failure.because
    except Again as later:
        if step.tries < LINK_ONLY_AFTER:
            raise
        return "", later.because
    try:
        return bridge.helpdesk.upload(file), ""
    except (Refused, Gone, TooLong) as failure:
        return "", failure.because


def _fields(bridge: Bridge, post: Post) -> tuple[tuple[str, str], ...]:
    """What the ticket says about the post, in those of the mapping's words that have a field.

    `reply_as` is put back on every message: a choice made for an earlier answer must never
    decide who reads the next one.
    """
    says = (
        ("network", post.network),
        ("account", post.account),
        ("author", comments.author(post.author)),
        ("followers", "" if post.author.followers is None else str(post.author.followers)),
        ("profile", post.author.profile_url),
        ("permalink", post.permalink),
        ("language", post.language),
        ("reply_as", "auto"),
    )
    have = {word for word, _ in bridge.mapping.fields}
    return tuple((word, value) for word, value in says if word in have)
