"""Fetching pictures. Those of direct messages are shown to the two people only: their address
wants a signature of OAuth 1.0a, or, with OAuth 2.0, another address
(https://docs.x.com/x-api/direct-messages/download-dm-media)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bridge.addresses import door_of
from bridge.channels.x.calls import Calls
from bridge.channels.x.signin import Keys
from bridge.model import File, Media
from bridge.outside import download

_HOSTS = ("ton.x.com", "ton.twitter.com")
_PRIVATE = re.compile(r"/dm/([0-9]{1,19})/([0-9]{1,19})/([\w.-]+)$")


def fetch(calls: Calls, media: Media, most: int) -> File:
    """At most `most` bytes. Raises `Refused`, `Gone` or `Again`, `NeedsSignIn`."""
    url, door = media.url, door_of(calls.url)
    parts = urlsplit(url)
    credentials = {}
    private = _PRIVATE.search(parts.path)
    if private and (parts.hostname in _HOSTS or door_of(url) == door):
        if not isinstance(calls.sign_in, Keys):
            url = f"{calls.url}/2/dm_conversations/media/{private[1]}/{private[2]}/{private[3]}"
        credentials = {urlsplit(url).netloc: calls.signed_header(url)}
    return download(
        url,
        most=most,
        timeout=calls.surroundings.timeout,
        trusted_hosts=calls.surroundings.trusted_hosts | {door},
        credentials=credentials,
    )
