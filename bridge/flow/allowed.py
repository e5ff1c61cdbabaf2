"""What can be known to fail before the network is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.channels.contract import CanDM, Channel, Limits, Reopens
from bridge.errors import Expired, Gone, Refused
from bridge.flow.bridge import Bridge
from bridge.ledger import intents, posts
from bridge.ledger.conversations import Conversation
from bridge.ledger.posts import Known
from bridge.ledger.shapes import Draft
from bridge.model import DAY, HOUR, Post, Visibility


class NotAllowed(Refused):
    """The reply breaks a limit that is known beforehand; `code` names the sentence."""

    def __init__(self, code: str, because: str) -> None:
        super().__init__(because)
        self.code = code


@dataclass(frozen=True, slots=True)
class Way:
    """What a message answers, and how it gets there. `post` is what is answered, as last heard of;
    `reply_id` is 0 for what is no agent's reply (yet)."""

    bridge: Bridge
    channel: Channel
    limits: Limits
    conversation: Conversation
    answered: Known
    post: Post
    reply_id: int = 0


def way_of(
    bridge: Bridge, conversation: Conversation, draft: Draft, answers: int, *, reply_id: int = 0
) -> tuple[Way, Draft]:
    """The way of a message, and the message as it stands now. Raises `Misconfigured` for an
    account that the mapping no longer has."""
    channel = bridge.channel(conversation.account)
    with bridge.ledger.reading() as tx:
        answered = posts.one(tx, answers)
        post = posts.newest_revision(tx, answered.id)
        heard_at = posts.last_private_at(tx, conversation.id)
    draft = replace(draft, heard_at=heard_at)
    if answered.state == posts.GONE and draft.visibility is Visibility.PRIVATE:
        draft = replace(draft, in_reply_to="", answers=None)  # it still reaches the person
    limits = channel.limits().of(draft.visibility)
    return Way(bridge, channel, limits, conversation, answered, post, reply_id), draft


def check(way: Way, draft: Draft) -> None:
    """Everything that can be known to fail before it is sent; a network that can tell whether a
    person takes private messages is asked."""
    check_unasked(way, draft)
    channel = way.channel
    if draft.visibility is Visibility.PRIVATE and isinstance(channel, CanDM):
        why_not = channel.why_no_dm(draft.to, draft.in_reply_to)
        if why_not:
            raise NotAllowed("no_private_way", why_not)


def check_unasked(way: Way, draft: Draft) -> None:
    """Everything of it that can be known without asking the network."""
    channel, limits = way.channel, way.limits
    if not draft.text.strip() and not draft.attachments and not draft.template:
        raise NotAllowed("empty", "")
    if draft.template and not _template(channel, draft):
        raise NotAllowed("no_template", "")
    if draft.visibility is Visibility.PUBLIC:
        if way.answered.state == posts.GONE:
            raise Gone("")  # the answer would hang in the air
        if not limits.replies_publicly:
            raise NotAllowed("no_public_way", "")
        if way.post.unanswerable:
            raise NotAllowed(way.post.unanswerable, "")
    else:
        if not limits.replies_privately:
            raise NotAllowed("no_private_way", "")
        if way.answered.visibility is Visibility.PUBLIC:
            _check_handover(way, draft)
        elif not draft.template:
            _check_window(way, draft)
    if len(draft.attachments) > limits.files:
        raise NotAllowed(
            "attachment_refused", f"{len(draft.attachments)} files, it takes {limits.files}"
        )
    for attachment in draft.attachments:
        kind = attachment.content_type.partition(";")[0].strip().lower()
        if limits.file_types and kind not in limits.file_types:
            raise NotAllowed("attachment_refused", f"{attachment.filename} is {kind}")
        if attachment.size is not None and limits.file_bytes < attachment.size:
            raise NotAllowed(
                "attachment_refused",
                f"{attachment.filename} has {attachment.size} bytes, it takes {limits.file_bytes}",
            )


class ClosedButFor(Expired):
    """The window has closed, and the network has one way left to write to the customer."""

    code = "expired_template"


def closes_at(way: Way, draft: Draft) -> datetime | None:
    """Until when the network takes this message, None where it sets no limit."""
    if draft.visibility is Visibility.PUBLIC:
        return None
    window, since = way.limits.reply_window, draft.heard_at
    if way.answered.visibility is Visibility.PUBLIC:
        window, since = way.limits.private_answer_window, way.post.created_at
    return None if window is None or since is None else since + window


def _check_window(way: Way, draft: Draft) -> None:
    closes, window = closes_at(way, draft), way.limits.reply_window
    if closes is None or window is None or closes >= way.bridge.clock():
        return
    because = f"{_hours(window)} after the customer's last private message"
    raise (ClosedButFor if _template(way.channel, draft) else Expired)(because)


def _check_handover(way: Way, draft: Draft) -> None:
    """What is answered privately is public, and the network may allow that for a while, and once
    until they answer (their answer would then be what is answered)."""
    closes, window = closes_at(way, draft), way.limits.private_answer_window
    if closes is not None and window is not None and closes < way.bridge.clock():
        raise Expired(f"{_hours(window)} after the public message")
    if not way.limits.private_answers_once or draft.answers is None:
        return
    with way.bridge.ledger.reading() as tx:
        before = intents.private_answers(tx, way.answered.id, but_for=way.reply_id)
    if before:
        raise NotAllowed("private_once", "")


def _hours(window: timedelta) -> str:
    return f"{window.days} days" if window > DAY else f"{window / HOUR:.0f} hours"


def _template(channel: Channel, draft: Draft) -> str:
    return channel.template_name(draft.language) if isinstance(channel, Reopens) else ""
