"""What a post shows, fetched from Meta's delivery network.

The links are signed and run out after a while, then they answer 403; nobody renews them:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
"""

from __future__ import annotations

from bridge.addresses import door_of
from bridge.channels.contract import Surroundings
from bridge.errors import Gone, Refused
from bridge.model import File, Media
from bridge.outside import Withheld, download

EXPIRED = "the link has run out: Meta's links to pictures and files last only for a while"


def fetch(media: Media, most: int, surroundings: Surroundings, url: str) -> File:
    """At most `most` bytes; no credentials go. `url` is the Graph API's own, whose door is
    trusted. Raises `Refused`, `Gone` (also for a link that has run out), `Again`."""
    if not media.keep:
        raise Refused("Meta allows no copies of this: it is shown by its link only")
    try:
        return download(
            media.url,
            most=most,
            timeout=surroundings.timeout,
            trusted_hosts=surroundings.trusted_hosts | {door_of(url)},
            clock=surroundings.clock,
        )
    except Withheld as withheld:
        raise Gone(EXPIRED) from withheld
    except Gone as gone:
        raise Gone(EXPIRED) from gone
