"""What X refuses to post or to send, in its own words where they are known.

The sentences are those that X's API gives; where the documentation does not quote them they were
published by others (https://github.com/gptme/gptme-contrib/pull/811 for replies,
https://github.com/nminaya/grammar-nazi-bot/issues/221 for restricted ones,
https://github.com/akrherz/iembot/issues/163 for doubles).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bridge.sandbox.x import words
from bridge.sandbox.x.people import Person, Refusal, invalid
from bridge.sandbox.x.posts import Post, Rules, Upload

DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
NOT_SUMMONED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise "
    "engaged by the author of the post you are replying to."
)
RESTRICTED = "The original Tweet author restricted who can reply to this Tweet."
GONE = "You attempted to reply to a Tweet that is deleted or not visible to you."
NOT_PERMITTED = "You are not permitted to perform this action."
NO_MESSAGES = "You do not have permission to DM one or more participants."
TOO_LONG = (
    "Your Tweet text is too long. For more information on how Twitter determines text length "
    "see https://github.com/twitter/twitter-text."
)
BAD_MEDIA = "Your media IDs are invalid."


def check_text(text: str, media: tuple[str, ...], rules: Rules) -> None:
    if not text.strip() and not media:
        raise invalid("text: must not be empty when there is no media", {"text": [text]})
    if words.weight(text) > rules.weight:
        raise invalid(TOO_LONG, {"text": [text]})
    if len(words.cashtags(text)) > 1:
        raise Refusal(403, "Posts are limited to a maximum of 1 cashtag.")


def check_media(
    wanted: tuple[str, ...],
    mine: Mapping[str, Upload],
    rules: Rules,
    now: datetime,
    *,
    private: bool = False,
) -> None:
    """`mine` are all uploads of the author."""
    found = [mine[one] for one in wanted if one in mine and mine[one].until > now]
    fits = [one for one in found if one.category.startswith("dm_") == private]
    films = [one for one in fits if one.kind != "photo"]
    if len(fits) != len(wanted) or len(fits) > (1 if private else rules.pictures):
        raise invalid(BAD_MEDIA, {"media.media_ids": list(wanted)})
    if films and len(fits) > 1:
        raise invalid(BAD_MEDIA, {"media.media_ids": list(wanted)})


def summons(post: Post, whom: Person, quoted: Post | None, rules: Rules) -> bool:
    """Whether the author of `post` has called for an answer by `whom`."""
    if quoted is not None and quoted.author == whom.id:
        return True
    return any(
        one.value.lower() == whom.username.lower()
        and (rules.implicit_mention_summons or is_explicit(post, one))
        for one in words.mentions(post.text)
    )


def is_explicit(post: Post, mention: words.Span) -> bool:
    """Whether the author typed it: X itself puts the people a reply is for before its text."""
    return post.shown[0] <= mention.start < post.shown[1]
