"""What Mastodon refuses to post, in its own words, all of it 422.

https://docs.joinmastodon.org/methods/statuses/#422-unprocessable-entity; the limits are those of
https://docs.joinmastodon.org/entities/Instance/#statuses
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bridge.sandbox.mastodon import words
from bridge.sandbox.mastodon.people import Refusal
from bridge.sandbox.mastodon.posts import Draft, Limits, Upload


def check_words(draft: Draft, limits: Limits) -> None:
    """Neither empty nor too long; the content warning counts. Raises `Refusal`."""
    if not draft.text.strip() and not draft.spoiler.strip() and not draft.media:
        raise Refusal(422, "Validation failed: Text can't be blank")
    if words.length(draft.spoiler + draft.text) > limits.characters:
        raise Refusal(
            422, f"Validation failed: Text character limit of {limits.characters} exceeded"
        )


def check_media(
    wanted: tuple[str, ...], mine: Mapping[str, Upload], limits: Limits, now: datetime
) -> None:
    """`mine` are the author's uploads that no other post has. Raises `Refusal`."""
    if len(wanted) > limits.media:
        raise Refusal(422, f"Cannot attach more than {limits.media} files")
    missing = [one for one in wanted if one not in mine]
    if missing:
        raise Refusal(
            422, f"Media {', '.join(missing)} not found or already attached to another post"
        )
    found = [mine[one] for one in wanted]
    if len(found) > 1 and any(not one.content_type.startswith("image/") for one in found):
        raise Refusal(422, "Cannot attach a video to a post that already contains images")
    if any(one.ready_at > now for one in found):
        raise Refusal(
            422, "Cannot attach files that have not finished processing. Try again in a moment!"
        )
