"""What can be known to fail before the network is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bridge.channels.contract import CanDM, Channel, Limits, Reopens
from bridge.errors import Expired, Gone, Refused
from bridge.flow.bridge import Bridge
from bridge.ledger import intents, posts
from bridge.ledger.conversations import Conversation
from bridge.ledger.intents import Intent
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Known
from bridge.ledger.replies import Taken
from bridge.ledger.shapes import Draft
from bridge.model import DAY, HOUR, Post, Visibility


class NotAllowed(Refused):
    """The reply breaks a limit that is known beforehand; `code` names the sentence."""

    def __init__(self, code: str, because: str) -> None:
        super().__init__(because)
        self.code = code


@dataclass(frozen=True, slots=True)
class Trip:
    """Everything that one reply's way to the network needs. `post` is what it answers."""

    bridge: Bridge
    lease: Lease
    channel: Channel
    limits: Limits
    reply: Taken
    conversation: Conversation
    answered: Known
    post: Post
    earlier: tuple[Intent, ...]


def check(trip: Trip, draft: Draft) -> None:
    """Everything that can be known to fail before the network is asked."""
    channel, limits = trip.channel, trip.limits
    if not draft.text.strip() and not draft.attachments and not draft.template:
        raise NotAllowed("empty", "")
    if draft.template and not _template(channel, draft):
        raise NotAllowed("no_template", "")
    if draft.visibility is Visibility.PUBLIC:
        if trip.answered.state == posts.GONE:
            raise Gone("")  # the answer would hang in the air
        if not limits.replies_publicly:
            raise NotAllowed("no_public_way", "")
        if trip.post.unanswerable:
            raise NotAllowed(trip.post.unanswerable, "")
    else:
        if not limits.replies_privately:
            raise NotAllowed("no_private_way", "")
        if trip.answered.visibility is Visibility.PUBLIC:
            _check_handover(trip, draft)
        elif not draft.template:
            _check_window(trip, draft)
        if isinstance(channel, CanDM):
            why_not = channel.why_no_dm(draft.to, draft.in_reply_to)
            if why_not:
                raise NotAllowed("no_private_way", why_not)
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


def _check_window(trip: Trip, draft: Draft) -> None:
    window, said = trip.limits.reply_window, draft.heard_at
    if window is None or said is None or said + window >= trip.bridge.clock():
        return
    because = f"{_hours(window)} after the customer's last private message"
    raise (ClosedButFor if _template(trip.channel, draft) else Expired)(because)


def _check_handover(trip: Trip, draft: Draft) -> None:
    """What is answered privately is public, and the network may allow that for a while, and once
    until they answer (their answer would then be what is answered)."""
    window, limits = trip.limits.private_answer_window, trip.limits
    if window is not None and trip.post.created_at + window < trip.bridge.clock():
        raise Expired(f"{_hours(window)} after the public message")
    if not limits.private_answers_once or draft.answers is None:
        return
    with trip.bridge.ledger.reading() as tx:
        before = intents.private_answers(tx, trip.answered.id, but_for=trip.reply.id)
    if before:
        raise NotAllowed("private_once", "")


def _hours(window: timedelta) -> str:
    return f"{window.days} days" if window > DAY else f"{window / HOUR:.0f} hours"


def _template(channel: Channel, draft: Draft) -> str:
    return channel.template_name(draft.language) if isinstance(channel, Reopens) else ""
