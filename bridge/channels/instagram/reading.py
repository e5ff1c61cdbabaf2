"""Looking again at comments and mentions: their deletion is told by nothing else.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-comment
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from bridge.channels.contract import Raw
from bridge.channels.instagram import mentions, translate
from bridge.channels.instagram.mentions import mention_of
from bridge.channels.meta import envelope
from bridge.channels.meta.calls import Calls, part
from bridge.errors import Gone, Refused

_RICHEST = "id,text,username,timestamp,parent_id,from,media{id,media_product_type}"
_PLAINEST = "id,text,username,timestamp"

Found = tuple[str, Any]
"""The field of a webhook, and its value."""


def reread(
    calls: Calls, node: str, post_ids: tuple[str, ...], reliable: Callable[[], None]
) -> tuple[Raw, ...]:
    """The comments and mentions among these, as they stand.

    "It does not exist" is also what Meta says of all that a token may no longer see. So before any
    post is believed to be gone, `reliable` raises unless the account can be read as ever.
    """
    found = [one for post_id in post_ids for one in _stands(calls, node, post_id)]
    if any(field == translate.GONE for field, _ in found):
        reliable()
    now = int(calls.surroundings.clock().timestamp())
    entries = [{"id": node, "time": now, "field": field, "value": value} for field, value in found]
    body = json.dumps({"object": "instagram", "entry": entries}).encode()
    return envelope.apart(body, frozenset({node}))


def is_there(calls: Calls, node: str, post_id: str) -> bool:
    """Raises `Again` and its kin where Instagram cannot be asked."""
    mention = mention_of(post_id)
    try:
        if mention:
            mentions.look(calls, node, mention)
        else:
            calls.get(f"/{part(post_id)}", (("fields", "id"),))
    except Gone:
        return False
    return True


def _stands(calls: Calls, node: str, post_id: str) -> Iterator[Found]:
    """Nothing for private messages (their ids are no numbers): Instagram tells of those itself."""
    mention = mention_of(post_id)
    try:
        if mention:
            seen = mentions.look(calls, node, mention)
            yield translate.MENTIONS, {**mention.where, "seen": seen}
        elif post_id.isascii() and post_id.isdigit():
            yield translate.COMMENTS, calls.read(f"/{part(post_id)}", _RICHEST, _PLAINEST).data
    except Gone:
        yield translate.GONE, post_id
    except Refused:
        return  # this one is not shown to us; that does not make it gone
